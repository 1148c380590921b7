package load

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// auditAge is how long a session must be over before it is audited beside the run: what
// the ledger says of it comes by another way.
const auditAge = 3 * time.Second

// drain waits until nothing is open – sessions, placed orders, texts – or until
// the drain's time is over.
func (r *run) drain(ctx context.Context) {
	r.open.Wait()
	deadline := time.Now().Add(r.cfg.Drain)
	quiet := 0
	for quiet < 3 && time.Now().Before(deadline) && ctx.Err() == nil {
		rest(ctx, settleEvery)
		if quiet++; !r.settled() {
			quiet = 0
		}
	}
}

// settled tells whether every placed payment has its end and every committed one
// its texts. A visit that has both is not looked at again.
func (r *run) settled() bool {
	if r.cfg.Feed == nil {
		return true
	}
	return r.sweep(0) == 0 && r.awaited() == 0 && r.audit.following() && (r.cfg.Notices == nil || r.audit.heard())
}

// awaited is of how many transfers that nobody dialled for – wages – a text has not come.
func (r *run) awaited() int {
	r.sweeping.Lock()
	defer r.sweeping.Unlock()
	r.audit.mu.Lock()
	r.untold = append(r.untold, r.audit.undialled...)
	r.audit.undialled = nil
	r.audit.mu.Unlock()
	r.untold = slices.DeleteFunc(r.untold, r.match.arrived)
	return len(r.untold)
}

// attend audits sessions beside the run, and tells what it finds at once.
func (r *run) attend(ctx context.Context) {
	for told := 0; rest(ctx, time.Second); {
		if r.cfg.Feed != nil && r.audit.following() {
			r.sweep(auditAge)
		}
		told = r.cry(told)
	}
}

// sweep looks at the visits that are not through yet, audits those that are and were
// over for a while, and returns how many are not.
func (r *run) sweep(age time.Duration) (open int) {
	r.sweeping.Lock()
	defer r.sweeping.Unlock()
	r.mu.Lock()
	r.waiting = append(r.waiting, r.visits[r.swept:]...)
	r.swept = len(r.visits)
	r.mu.Unlock()
	now := time.Now()
	list := r.waiting[:0]
	for _, v := range r.waiting {
		switch {
		case !r.match.through(v, now):
			open++
		case now.Sub(v.ended) > auditAge && r.match.closed(v, now):
			r.match.visit(v, now)
			continue
		case age == 0:
			continue // the end's
		}
		list = append(list, v)
	}
	clear(r.waiting[len(list):])
	r.waiting = list
	return open
}

// closed tells whether nothing but a lie can still be added to a visit.
func (m *matcher) closed(v *visit, now time.Time) bool {
	if v.session == "" || !v.placed {
		return v.session != "" && v.pins == 0
	}
	f, deeds := fateOf(m.cfg, m.audit, v, now)
	return f == fateCommitted && len(deeds) == v.pins && v.ending == EndDone
}

// cry tells of findings that nobody was told of yet, and returns how many there are.
func (r *run) cry(told int) int {
	count, latest := r.found()
	if count > told && r.cfg.Progress != nil {
		fmt.Fprintf(r.cfg.Progress, "AUDIT  %d anomalies so far; the latest: %s\n", count, latest)
	}
	return count
}

// found is how much was found wrong so far, and what last.
func (r *run) found() (count int, latest string) {
	r.sweeping.Lock()
	count, latest = r.match.findings.count, r.match.findings.latest
	r.sweeping.Unlock()
	r.audit.mu.Lock()
	defer r.audit.mu.Unlock()
	if r.audit.findings.latest != "" {
		latest = r.audit.findings.latest
	}
	return count + r.audit.findings.count, latest
}

// through tells whether nothing more is to come of a visit.
func (m *matcher) through(v *visit, now time.Time) bool {
	f, deeds := fateOf(m.cfg, m.audit, v, now)
	if v.placed && f == fateUnresolved {
		return false
	}
	if v.placed && f != fateCommitted && v.ending == EndPromised && !m.mail.told(m.cfg.People[v.plan.Payer].MSISDN) {
		return false
	}
	for _, d := range deeds {
		if (d.made() || d.newPIN()) && !m.arrived(d) {
			return false
		}
	}
	return true
}

// arrived tells whether all texts of a transfer, or of a new PIN, are there.
func (m *matcher) arrived(d *deed) bool {
	if m.cfg.Bundle == nil {
		return true
	}
	receipt := m.audit.receiptOf(d)
	for _, s := range m.sidesOf(d) {
		if receipt == "" && !d.newPIN() && m.cfg.Notices != nil {
			return false // the ledger has not told it yet
		}
		if plain, err := m.expected(d, s); err == nil && !m.mail.has(s.to.MSISDN, plain, receipt) {
			return false
		}
	}
	return true
}
