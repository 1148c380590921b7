//go:build house

package main

import (
	"testing"

	"mlango/simulator/stack"
)

// lost dials up to the PIN and loses the signal there.
func (r *rig) lost(n, to int) {
	r.t.Helper()
	shows(r.t, r.last(n, pays(to, "500")...), true, `Enter PIN`)
	if err := r.op.Hangup(r.t.Context(), person(n).MSISDN); err != nil {
		r.t.Fatal(err)
	}
}

// TestResume: over real links, what was lost is offered to the next dial and paid once,
// in the language that was spoken; also when the gateway was killed in between, which
// keeps sessions in Redis. Whoever begins anew is asked nothing more.
func TestResume(t *testing.T) {
	r := newRig(t, parts{redis: true}).demoWorld()
	const offer = `^Continue: send Ksh500 to JANE W\?\n1 Continue\n2 Start again$`
	r.lost(1, 2)
	shows(t, r.last(1), true, offer)
	if err := r.op.Hangup(t.Context(), person(1).MSISDN); err != nil {
		t.Fatal(err)
	}
	r.kill(stack.Gateway)
	r.restart(stack.Gateway)
	shows(t, r.last(1), true, offer)
	shows(t, r.press(1, "1"), true, `^Send Ksh500\.00 to JANE W `+local(2)+`\nFee Ksh7\.00\nEnter PIN`)
	shows(t, r.press(1, "4826"), false, `Confirmed`)
	r.paid(1, 2, "500.00", "", "", "")
	shows(t, r.last(1), true, `^M-Wallet\n1 Send money`)
	r.lost(3, 2)
	shows(t, r.last(3, "2"), true, `^M-Wallet\n1 Send money`)
	shows(t, r.press(3, "1"), true, `which number`)
	r.lost8()
}

// lost8 is the same in Swahili.
func (r *rig) lost8() {
	r.t.Helper()
	shows(r.t, r.last(8, pays(2, "500")...), true, `Weka PIN`)
	if err := r.op.Hangup(r.t.Context(), person(8).MSISDN); err != nil {
		r.t.Fatal(err)
	}
	shows(r.t, r.last(8), true, `^Endelea: tuma Ksh500 kwa JANE W\?\n1 Endelea\n2 Anza upya$`)
	shows(r.t, r.press(8, "1", "4826"), false, `Imethibitishwa`)
}
