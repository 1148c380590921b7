package load

import (
	"slices"
	"time"
)

// promise is a session whose last screen said that an SMS follows, as long as it is known.
type promise struct {
	v     *visit
	deeds int // of which said was made
	said  *no // the order that it must be told of; nil: none that is not made
}

// promises are those of each number, in the order in which the audit met them.
type promises map[string][]*promise

// took notes what sessions that are over promised.
func (m *matcher) took(list []*visit) []*visit {
	for _, v := range list {
		if v.placed && v.ending == EndPromised {
			number := m.cfg.People[v.plan.Payer].MSISDN
			m.promises[number] = append(m.promises[number], &promise{v: v, deeds: -1})
		}
	}
	return list
}

// released forgets a promise with its session.
func (m *matcher) released(number string, v *visit) {
	list := slices.DeleteFunc(m.promises[number], func(p *promise) bool { return p.v == v })
	if m.promises[number] = list; len(list) == 0 {
		delete(m.promises, number)
	}
}

// kept tells whether the SMS that a session was promised is there, of an order that was not
// made. One text keeps one promise: of those that the same words would keep there must be as
// many texts as there were promises since.
func (m *matcher) kept(v *visit, now time.Time) bool {
	number := m.cfg.People[v.plan.Payer].MSISDN
	own, list := &promise{v: v, deeds: -1}, m.promises[number]
	for _, p := range list {
		if p.v == v {
			own = p
		}
	}
	said := m.owes(own, now)
	if said == nil {
		return true
	}
	must := 1
	for _, p := range list {
		if other := m.owes(p, now); p != own && other != nil && !p.v.at.Before(v.at) && said.alike(other) {
			must++
		}
	}
	return m.mail.alike(number, said.tells) >= must
}

// owes is the order that a promise must be told of; nil when it was made, or is not known
// to be not made.
func (m *matcher) owes(p *promise, now time.Time) *no {
	f, deeds := fateOf(m.cfg, m.audit, p.v, now)
	if f == fateCommitted || f == fateUnresolved {
		return nil
	}
	if p.deeds != len(deeds) {
		p.deeds, p.said = len(deeds), nil
		for _, one := range m.nos(p.v, deeds, false) {
			if one.owed {
				p.said = &one
			}
		}
	}
	return p.said
}

// alike tells whether one text could be of both.
func (n *no) alike(other *no) bool {
	return len(n.texts) == 0 || len(other.texts) == 0 || slices.ContainsFunc(n.texts, func(s string) bool { return slices.Contains(other.texts, s) })
}
