package operator

import (
	"strings"
	"time"
)

// show puts a screen on a handset. False says that no hop waits for it: the
// screen came late, or twice, and nobody sees it.
func (o *Operator) show(number, session string, unit uint32, modulo uint32, a answer) bool {
	h := o.table.find(number)
	if h == nil {
		o.counts.late.Add(1)
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	d := &h.dial
	if !d.waiting || d.session != session || d.unit%modulo != unit%modulo {
		o.countLate(h, session, unit%modulo, modulo, a)
		return false
	}
	d.waiting, d.open, d.touched = false, !a.end, time.Now()
	h.last = shown{session: session, unit: d.unit, text: a.text, secret: a.secret}
	o.counts.screens.Add(1)
	o.traceScreen(h, a)
	d.answers <- a // last, so that who has the screen finds its trace; it never waits: it is the hop's only one
	return true
}

// expects tells whether a screen for that session has a dialogue here: the
// handset's last one, open or not.
func (o *Operator) expects(number, session string) bool {
	h := o.table.find(number)
	if h == nil {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.dial.session == session
}

// countLate tells a faithful repeat from a screen that says something else.
func (o *Operator) countLate(h *handset, session string, unit, modulo uint32, a answer) {
	defer o.counts.late.Add(1) // last: who sees it counted finds of which kind it was
	if h.last.session != session || h.last.unit%modulo != unit {
		return
	}
	if h.last.text == a.text {
		o.counts.repeated.Add(1)
		return
	}
	o.counts.contradicting.Add(1)
}

// secretive tells whether an input must not be traced: the screen asked for a PIN, or
// the input looks like one, which people type also where none is asked for. The caller
// holds h.mu.
func (h *handset) secretive(input string) bool {
	return h.last.session == h.dial.session && h.last.secret || MaybePIN(input)
}

// MaybePIN tells whether an input is four to six digits, as a PIN is: nothing prints it.
func MaybePIN(input string) bool {
	return len(input) >= 4 && len(input) <= 6 && strings.Trim(input, "0123456789") == ""
}
