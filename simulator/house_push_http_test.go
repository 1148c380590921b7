//go:build house

package main

import (
	"testing"

	"mlango/simulator/operator"
)

// TestApprovalOverHTTP: at an operator that takes pushes over HTTP, as MTN does, a till asks,
// the phone shows it without a dial, the PIN pays it once, and both sides have their SMS; a
// no is told, and a phone in a dialogue is busy. What the ledger asks comes the same way.
func TestApprovalOverHTTP(t *testing.T) {
	screens := make(pushes, 16)
	r := newRig(t, parts{http: true, web: "mtn", redis: true, onPush: func(_ string, s operator.Screen) { screens <- s }}).demoWorld().old()
	body := wants("inv-1", 1, 50000)
	if h := r.asks(0, body); h.State != "waiting" {
		t.Fatalf("%+v", h)
	}
	r.told(approves(t, r, screens, body), 1)
	r.asks(0, wants("inv-2", 3, 50000))
	shows(t, screens.next(t), true, approvePay)
	shows(t, r.press(3, "0"), false, `^Declined\. Nothing was taken\.$`)
	if h := r.stands(0, "inv-2"); h.State != "declined" {
		t.Errorf("%+v", h)
	}
	shows(t, r.last(4), true, `M-Wallet`)
	if h := r.asks(0, wants("inv-3", 4, 50000)); h.State != "unreachable" || h.Reason != "busy_or_absent" {
		t.Errorf("%+v", h)
	}
	r.ledgerAsks("levy-1", 5, "50000")
	shows(t, screens.next(t), true, approvePay)
	done := r.press(5, "4826")
	shows(t, done, false, `Confirmed`)
	until(t, "levy-1 is approved", func() bool { return r.askStands("levy-1").State == "approved" })
	r.told(receiptIn(done.Text), 5)
}
