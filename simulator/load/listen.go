package load

import "time"

// Listen is how long a run listens on after the last payment, notice or SMS, as load has it:
// some seconds longer than the fastest resend of the house, a gateway's second try of an
// order without an answer (5 s, DefaultTry in gateway/order). What is sent once too often
// comes then.
const Listen = 8 * time.Second

// listens is how long this run does: only who reads the journal knows what is too much.
func (r *run) listens() time.Duration {
	if r.cfg.Feed == nil {
		return 0
	}
	return r.cfg.Listen
}

// silence is how long nothing came and nothing was open.
func (r *run) silence(open time.Time) time.Duration {
	last := r.mail.lastAt()
	r.audit.mu.Lock()
	defer r.audit.mu.Unlock()
	for _, at := range []time.Time{r.audit.stirred, open} {
		if at.After(last) {
			last = at
		}
	}
	return max(0, time.Since(last))
}
