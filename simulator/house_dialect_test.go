//go:build house

package main

import (
	"path/filepath"
	"testing"

	"mlango/internal/dialect"
	"mlango/simulator/operator"
	"mlango/simulator/stack"
)

// TestEveryDialectPays sends money in each dialect of USSD over SMPP, and in two
// that are a file and nothing else; we bind to the USSD centre, or it binds to us.
func TestEveryDialectPays(t *testing.T) {
	for _, name := range append(dialect.Names("smpp"), filepath.Join("testdata", "acme.yaml"), filepath.Join("testdata", "packed.yaml")) {
		for role, theirs := range map[string]bool{"esme": false, "smsc": true} {
			t.Run(filepath.Base(name)+" "+role, func(t *testing.T) {
				t.Parallel()
				r := newRig(t, parts{dialect: name, theirs: theirs}).demoWorld()
				s := r.last(1, append(pays(2, "500"), "4826")...)
				shows(t, s, false, receiptIn(s.Text))
				r.paid(1, 2, "500.00", "", "", "")
				r.dial(3, "*334#", "1")
				if err := r.op.Hangup(t.Context(), person(3).MSISDN); err != nil {
					t.Errorf("hang up: %v", err)
				}
				shows(t, r.last(3, "1"), true, "")
				r.repeats(4)
			})
		}
	}
}

// repeats pays with each hop sent three times: the copies are answered with the stored
// screen byte for byte, the last one too, and one payment is made.
func (r *rig) repeats(from int) {
	r.t.Helper()
	before := r.op.Counts()
	r.op.SetFaults(operator.Faults{Duplicate: 2})
	defer r.op.SetFaults(operator.Faults{})
	copies := uint64(0)
	each := func(s operator.Screen, err error) operator.Screen {
		r.t.Helper()
		if err != nil {
			r.t.Fatal(err)
		}
		copies += 2
		until(r.t, "the screens of the copies", func() bool { return r.op.Counts().Late-before.Late == copies })
		return s
	}
	number := person(from).MSISDN
	s := each(r.op.Dial(r.t.Context(), number, "*334#"))
	for _, in := range append(pays(2, "700"), stack.PIN) {
		if !s.Open {
			r.t.Fatalf("it ended with %q", s.Text)
		}
		s = each(r.op.Press(r.t.Context(), number, in))
	}
	shows(r.t, s, false, receiptIn(s.Text))
	if c := r.op.Counts(); c.Repeated-before.Repeated != copies || c.Contradicting != before.Contradicting {
		r.t.Errorf("of %d copies %d were answered with the screen, %d with another", copies, c.Repeated-before.Repeated, c.Contradicting-before.Contradicting)
	}
	r.paid(from, 2, "700.00", "", "", "")
	r.settled()
	paid := 0
	for _, p := range r.books() {
		if p.Account == int64(from) {
			paid++
		}
	}
	if paid != 1 {
		r.t.Errorf("%d payments were made", paid)
	}
}
