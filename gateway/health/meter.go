package health

import "time"

// flowSpan is how many seconds a Flow is of.
const flowSpan = 10

// Totals are what a bind counted so far; they only rise.
type Totals struct {
	Sent, Unknown, Throttled uint64        // Sent without an answer are Unknown
	Took                     time.Duration // all answers together
}

// Meter makes a Flow of what is seen of a bind. The zero value has seen nothing.
type Meter struct {
	last    Totals
	begun   bool
	seconds [flowSpan]second
	at      int
	filled  int
}

// second is one of them.
type second struct {
	looks, full int
	used        float64
	Totals
}

// Look notes a glance at the window: whether a message found no place in it, and how
// much of it is in use. Many a second make shares of time out of it.
func (m *Meter) Look(full bool, used float64) {
	s := &m.seconds[m.at]
	s.looks++
	s.used += used
	if full {
		s.full++
	}
}

// Tick ends a second with what the bind counted so far.
func (m *Meter) Tick(t Totals) {
	fresh := t
	if t.Sent >= m.last.Sent && t.Took >= m.last.Took && t.Unknown >= m.last.Unknown && t.Throttled >= m.last.Throttled {
		fresh = Totals{t.Sent - m.last.Sent, t.Unknown - m.last.Unknown, t.Throttled - m.last.Throttled, t.Took - m.last.Took}
	}
	if !m.begun {
		m.begun, fresh = true, Totals{}
	}
	m.last = t
	m.seconds[m.at].Totals = fresh
	m.at = (m.at + 1) % flowSpan
	m.seconds[m.at] = second{}
	m.filled = min(m.filled+1, flowSpan-1)
}

// Flow is what the last seconds come to; the configuration's part and what waits now
// are the caller's to fill in.
func (m *Meter) Flow() (f Flow) {
	var all second
	for i := range m.filled {
		s := &m.seconds[(m.at-1-i+flowSpan)%flowSpan]
		all.looks, all.full, all.used = all.looks+s.looks, all.full+s.full, all.used+s.used
		all.Sent, all.Unknown, all.Throttled, all.Took = all.Sent+s.Sent, all.Unknown+s.Unknown, all.Throttled+s.Throttled, all.Took+s.Took
	}
	if all.looks > 0 {
		f.Full, f.Used = float64(all.full)/float64(all.looks), all.used/float64(all.looks)
	}
	if all.Sent == 0 {
		return f
	}
	f.Rate = float64(all.Sent) / float64(m.filled)
	f.Unknown, f.Throttled = float64(all.Unknown)/float64(all.Sent), float64(all.Throttled)/float64(all.Sent)
	if all.Sent > all.Unknown {
		f.Trip = all.Took / time.Duration(all.Sent-all.Unknown)
	}
	return f
}
