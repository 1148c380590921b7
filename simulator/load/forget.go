package load

import (
	"cmp"
	"slices"
	"time"

	"mlango/internal/msisdn"
	"mlango/ledgerd/ledger"
)

// horizon is how long after its end a session is known.
func (c *Config) horizon() time.Duration { return cmp.Or(c.Horizon, Horizon) }

// pool is what explains somebody's SMS of no transfer, from sessions that are forgotten.
type pool struct {
	nos []no // orders that were not made: they may be told so, or must
}

// forget counts a judged session and lets it go.
func (m *matcher) forget(v *visit, now time.Time) {
	payer := &m.cfg.People[v.plan.Payer]
	deeds := m.audit.take(origin{payer.Account, v.session})
	m.grown(v, deeds)
	m.explain(payer.MSISDN, v, deeds, now)
	m.released(payer.MSISDN, v)
	for _, d := range deeds {
		m.audit.drop(d, m.unsaid)
	}
	if m.remember(v, deeds); m.left != nil {
		m.left(v, m.roll.forget(payer, v))
	} else {
		m.roll.forget(payer, v)
	}
	m.forgotten++
}

// remember notes what came of a session for its wish, and judges a wish of which nothing
// more can come.
func (m *matcher) remember(v *visit, deeds []*deed) {
	w := v.wish
	if w == nil || !v.asks() {
		return
	}
	one := ask{due: v.due, yes: v.yes, no: v.told && !v.yes, who: m.of(v)}
	for _, d := range deeds {
		if d.made() {
			one.made = append(one.made, d.at)
		}
		one.no = one.no || d.reject == ledger.LooksRepeated
	}
	if w.asked = append(w.asked, one); w.open.Add(-1) == 0 {
		m.second(w)
	}
}

// explain notes what a session explains of its person's SMS.
func (m *matcher) explain(number string, v *visit, deeds []*deed, now time.Time) {
	list := m.nos(v, deeds, fateBy(m.cfg, m.audit, v, deeds, now) == fateCommitted)
	if len(list) == 0 {
		return
	}
	p := m.pools[number]
	if p == nil {
		p = &pool{}
		m.pools[number] = p
	}
	p.nos = append(p.nos, list...)
}

// strangers judges the deeds that no session explains, and whose SMS have come; at the
// end all of them.
func (m *matcher) strangers(now time.Time, end bool) {
	before := now.Add(-m.cfg.horizon())
	if end {
		before = now.Add(maxWait)
	}
	for _, key := range m.audit.before(before) {
		if !m.roll.has(key) {
			m.strange = append(m.strange, m.audit.take(key)...)
		}
	}
	spare := len(m.strange) - maxWaiting
	m.strange = slices.DeleteFunc(m.strange, func(d *deed) bool {
		if spare--; !end && spare < 0 && d.told() && !m.arrived(d) {
			return false
		}
		m.stranger(d)
		m.audit.drop(d, m.unsaid)
		return true
	})
}

// unexplained judges the texts that no transfer explains: a promised payer of an order
// that was not made is told so once; anything else is unbacked. Every reject in the
// journal may be told, also when a screen said it: a gateway that was killed does not
// know what its screens said. The first of equal ones takes what backs it; then the
// others do, or are its copies.
func (m *matcher) unexplained(now time.Time, end bool) {
	before := now.Add(-m.cfg.horizon())
	if end {
		before = now.Add(maxWait)
	}
	m.letters = append(m.letters, m.mail.old(before)...)
	var due []*mail
	m.letters = slices.DeleteFunc(m.letters, func(l *mail) bool {
		switch {
		case l.claimed && l.backed:
			m.spent = append(m.spent, l)
		case l.claimed:
			m.report.SMS.Duplicate += m.mail.throw(l)
		case !end && m.open(l):
			return false
		default:
			due = append(due, l)
		}
		return true
	})
	for _, first := range []bool{true, false} {
		for _, l := range due {
			if m.mail.first(l) == first {
				m.stray(l)
			}
		}
	}
	m.spent = append(m.spent, due...)
	m.clear(before.Add(-m.cfg.horizon()))
}

// clear throws away what was judged and came before an instant.
func (m *matcher) clear(before time.Time) {
	n := 0
	for ; n < len(m.spent) && m.spent[n].at.Before(before); n++ {
		m.mail.throw(m.spent[n])
	}
	m.spent = append(m.spent[:0], m.spent[n:]...)
}

// open tells whether what explains a text may still come: a transfer of its receipt or a
// session of its reader is not forgotten.
func (m *matcher) open(l *mail) bool {
	return l.receipt != "" && m.audit.knows(l.receipt) || m.roll.latest(l.number, l.at) != nil
}

// stray judges one text that no transfer explains.
func (m *matcher) stray(l *mail) {
	if one, found := m.pools[l.number].take(l); found {
		if l.backed = true; one.owed {
			m.report.SMS.Expected++
		}
		return
	}
	switch {
	case l.receipt != "" && m.again(l):
		m.report.SMS.Duplicate++
	case l.receipt == "" && m.mail.backed(l):
		m.report.SMS.Duplicate++
	default:
		m.contradicts(l)
	}
}

// again tells whether a text is a transfer's once more, whose session was forgotten since.
func (m *matcher) again(l *mail) bool {
	b, used := m.used.get(l.receipt)
	return used && slices.Contains(b.sms[:], m.hash(l.number, l.plain))
}

// unkept finds the promised SMS that did not come.
func (m *matcher) unkept() {
	for _, p := range m.pools {
		for _, one := range p.nos {
			if !one.owed {
				continue
			}
			m.report.SMS.Expected++
			m.report.SMS.Missing++
			m.find(one.who, "an SMS was promised, and none came")
		}
	}
}

// contradicts notes a text that nothing backs.
func (m *matcher) contradicts(l *mail) {
	m.report.SMS.Contradicting++
	who := m.about(l)
	if l.receipt != "" {
		m.report.Oracle.UnbackedSMS++
		m.find(who, "%s got a confirmation that no transfer backs: %q", msisdn.Mask(l.number), signed(l.plain, l.receipt))
		return
	}
	m.find(who, "%s was told that something was not done, and nothing of the sort was open: %q", msisdn.Mask(l.number), clip(l.plain))
}

// about is whose a text is that nothing backs: the transfer's with its receipt, else
// the session's in which its reader dialled last.
func (m *matcher) about(l *mail) finding {
	if b, used := m.used.get(l.receipt); used && l.receipt != "" {
		return b.who
	}
	if v := m.roll.latest(l.number, l.at); v != nil {
		return m.of(v)
	}
	return nobody(l.at.UnixMilli())
}

// turn lets go of what sessions explained long ago.
func (m *matcher) turn(now time.Time) {
	span := m.cfg.horizon()
	m.used.turn(now, span)
	m.audit.turn(now, span)
	if now.Sub(m.turned) < span {
		return
	}
	m.turned = now
	for number, p := range m.pools {
		p.nos = slices.DeleteFunc(p.nos, func(one no) bool { return !one.owed && now.Sub(one.ended) > 3*span })
		if len(p.nos) == 0 {
			delete(m.pools, number)
		}
	}
}
