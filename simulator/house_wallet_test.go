//go:build house

package main

import (
	"testing"

	"mlango/ledgerd/ledger"
	"mlango/simulator/operator"
	"mlango/simulator/stack"
)

// TestHouseWallet walks the wallet by both doors: over SMPP with Redis, over HTTP
// with sessions in memory and orders in a file. The books hold what was paid,
// nothing else.
func TestHouseWallet(t *testing.T) {
	for _, c := range []struct {
		name string
		made parts
	}{
		{"SMPP and Redis", parts{redis: true, binds: 2}},
		{"HTTP and memory", parts{http: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, c.made).demoWorld()
			payOnce(r)
			lockThePIN(r)
			clearTheCount(r)
			refuseForGood(r)
			payAgain(r)
			pressTwice(r)
			readTheAccount(r)
			r.settled()
			r.made("1 50700", "4 100000", "4 151300", "7 30700", "7 30700", "7 41700", "7 42700", "7 12000")
		})
	}
}

// payOnce sends 500 from AMINA to JANE: every screen, both SMS, every figure.
func payOnce(r *rig) {
	s := r.dial(1, "*334#", append(pays(2, "500"), stack.PIN)...)
	shows(r.t, s[0], true, `^M-Wallet\n1 Send money\n`)
	shows(r.t, s[1], true, `^Send money to which number\?`)
	shows(r.t, s[2], true, `^How much\? \(Ksh\)`)
	shows(r.t, s[3], true, `^Send Ksh500\.00 to JANE W 0722000002\nFee Ksh7\.00\nEnter PIN`)
	receipt := r.paid(1, 2, "500.00", "7.00", "24,493.00", "12,500.00")
	shows(r.t, s[4], false, `^`+receipt+` Confirmed\. Ksh500\.00 sent to JANE W\. Fee Ksh7\.00\. Balance Ksh24,493\.00\.$`)
	if a, b := len(r.op.Inbox(person(1).MSISDN)), len(r.op.Inbox(person(2).MSISDN)); a != 1 || b != 1 {
		r.t.Errorf("the payer has %d SMS, the payee %d", a, b)
	}
}

// lockThePIN mistypes PETER's three times; then no PIN is right.
func lockThePIN(r *rig) {
	shows(r.t, r.last(3, append(pays(2, "1000"), "1111")...), true, `(?s)Wrong PIN\. Tries left: 2\..*Enter PIN`)
	s := r.dial(3, "*334*1*0722000002*1000#", "1112", "1113")
	shows(r.t, s[0], true, "Enter PIN")
	shows(r.t, s[1], true, `Tries left: 1\.`)
	shows(r.t, s[2], false, `Your PIN is now locked\. Nothing was taken`)
	for _, code := range []string{"*334#", "*334*1*0722000002*1000#"} {
		for _, s := range r.dial(3, code) {
			shows(r.t, s, false, `Your PIN is locked, no money can move`)
		}
	}
	if n := len(r.op.Inbox(person(3).MSISDN)); n != 0 {
		r.t.Errorf("the one whose PIN is locked has %d SMS", n)
	}
}

// clearTheCount mistypes GRACE's twice before the right one, and does so again:
// the count began anew.
func clearTheCount(r *rig) {
	for _, c := range []struct{ typed, amount, fee string }{{"987", "987.00", "13.00"}, {"1,490", "1,490.00", "23.00"}} {
		shows(r.t, r.last(4, append(pays(2, c.typed), "0000", "0001", stack.PIN)...), false, `Confirmed\. Ksh`+c.amount)
		r.paid(4, 2, c.amount, c.fee, "", "")
	}
}

// refuseForGood asks for what cannot be: the screen says why, nothing is taken.
func refuseForGood(r *rig) {
	results, err := r.stack.Ledger().Admin(r.t.Context(), []ledger.Command{ledger.Freeze{Account: person(5).Account, On: true}})
	if err != nil || results[0].Reject != ledger.OK {
		r.t.Fatalf("freeze: %v %v", results, err)
	}
	shows(r.t, r.last(6, pays(2, "5000")...), false, `You do not have enough money for this and its fee\. Nothing was taken`)
	shows(r.t, r.last(6, pays(2, "144")...), false, `not have enough money`) // enough but for the fee
	shows(r.t, r.last(9, pays(2, "1")...), false, `not have enough money`)
	shows(r.t, r.last(1, "1", "0722999999", "100"), true, `That number has no account`)
	shows(r.t, r.last(1, pays(5, "100")...), true, `That account cannot receive money`)
	shows(r.t, r.last(5), false, `Your account is frozen`)
	shows(r.t, r.last(10), false, `Your PIN is locked`)
	shows(r.t, r.dial(7, "*334#", append(pays(2, "1.2.3"), "00")...)[3], true, `That is not an amount`) // home: else the next dial offers to go on
	shows(r.t, r.last(7, "1", "0722", "x"), true, `not a mobile number`)
}

// payAgain dials the same payment three times: said yes to, it is a second
// transfer; else none.
func payAgain(r *rig) {
	again := append(pays(2, "300"), stack.PIN)
	shows(r.t, r.last(7, again...), false, "Confirmed")
	first := r.paid(7, 2, "300.00", "7.00", "", "")
	repeated := `^You sent Ksh300 to JANE W at \d{1,2}:\d{2} [AP]M \(` + first + `\)\.\n1 Send again\n2 Cancel`
	shows(r.t, r.dial(7, "*334#", append(again[:3:3], "00")...)[3], true, repeated)
	s := r.dial(7, "*334#", append(again[:3:3], "1", stack.PIN)...)
	shows(r.t, s[3], true, repeated)
	shows(r.t, s[5], false, "Confirmed")
	until(r.t, "the second receipt", func() bool { return r.paid(7, 2, "300.00", "7.00", "", "") != first })
	shows(r.t, r.last(7, append(again[:3:3], "2")...), false, `Cancelled\. Nothing more was taken`)
}

// pressTwice has the network bring the last hop twice, then seventeen times at
// once: one transfer each, and every copy is answered with the same bytes.
func pressTwice(r *rig) {
	for _, c := range []struct {
		copies        int
		typed, amount string
	}{{1, "410", "410.00"}, {16, "420", "420.00"}} {
		r.dial(7, "*334#", pays(2, c.typed)...)
		before := r.op.Counts()
		r.op.SetFaults(operator.Faults{Duplicate: c.copies})
		s, err := r.op.Press(r.t.Context(), person(7).MSISDN, stack.PIN)
		r.op.SetFaults(operator.Faults{})
		if err != nil {
			r.t.Fatalf("the last hop, %d times more: %v", c.copies, err)
		}
		shows(r.t, s, false, `Confirmed\. Ksh`+c.amount)
		r.paid(7, 2, c.amount, "7.00", "", "")
		until(r.t, "an answer to a copy", func() bool { return r.op.Counts().Repeated > before.Repeated })
		if now := r.op.Counts(); now.Contradicting != before.Contradicting {
			r.t.Errorf("%d copies of %d were answered otherwise", now.Contradicting-before.Contradicting, c.copies)
		}
	}
}

// readTheAccount buys airtime and looks at it.
func readTheAccount(r *rig) {
	shows(r.t, r.last(7, "2", "2", local(2), "120", stack.PIN), false, `Confirmed\. Ksh120\.00 airtime for 0722\*\*\*002`)
	shows(r.t, r.last(7, "3", "1", stack.PIN), false, `Your balance is Ksh40[0-9],[0-9]{3}\.00`)
	shows(r.t, r.last(7, "3", "2", stack.PIN), false, `Ksh120\.00 airtime for`)
	shows(r.t, r.last(8), true, `Tuma pesa`)
}
