//go:build house

package main

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mlango/internal/stop"
	"mlango/simulator/operator"
	"mlango/simulator/stack"
)

// ledgerd runs a command line of ledgerd against the rig's.
func (r *rig) ledgerd(args ...string) (string, error) {
	r.t.Helper()
	out, err := exec.CommandContext(r.t.Context(), program(stack.Ledgerd), append(args, "--config", filepath.Join(r.data, "ledgerd.yaml"))...).CombinedOutput()
	return string(out), err
}

// ledgerAsks has the n-th person asked to pay the demo's till, as somebody at a terminal does.
func (r *rig) ledgerAsks(number string, n int, cents string, more ...string) string {
	r.t.Helper()
	out, err := r.ledgerd(append([]string{"admin", "ask", person(n).MSISDN, cents, "--till", "500001", "--number", number}, more...)...)
	if err != nil {
		r.t.Fatalf("ledgerd admin ask: %v\n%s", err, out)
	}
	return out
}

// askedFor is how a request of the ledger stands.
type askedFor struct {
	State   string
	Why     string
	Payment struct{ Receipt string }
}

// askStands asks ledgerd how a request stands.
func (r *rig) askStands(number string) askedFor {
	r.t.Helper()
	out, err := r.ledgerd("show", number, "--json")
	var sheet struct{ Asked askedFor }
	if err == nil {
		err = json.Unmarshal([]byte(out), &sheet)
	}
	if err != nil {
		r.t.Errorf("ledgerd show %s: %v\n%s", number, err, out)
	}
	return sheet.Asked
}

// told waits until both sides of a payment to the demo's till have their SMS.
func (r *rig) told(receipt string, n int) {
	r.t.Helper()
	_, till := stack.Counters()
	for _, number := range []string{till.MSISDN, person(n).MSISDN} {
		until(r.t, "the SMS of "+receipt, func() bool { return r.heardOf(number, receipt) == 1 })
	}
}

// heardOf is how many SMS of a handset begin with a receipt.
func (r *rig) heardOf(number, receipt string) (n int) {
	for _, s := range r.op.Inbox(number) {
		if strings.HasPrefix(s.Text, receipt) {
			n++
		}
	}
	return n
}

// paidTill is how many SMS tell the n-th person of a payment to the demo's till.
func (r *rig) paidTill(n int) (count int) {
	for _, s := range r.op.Inbox(person(n).MSISDN) {
		if strings.Contains(s.Text, "paid to MAMA MBOGA") {
			count++
		}
	}
	return count
}

// TestTheLedgerAsks: somebody has a subscriber asked at ledgerd's command line, the phone
// shows it without a dial, the PIN pays it once, both sides have their SMS and ledgerd tells
// what became of it by the request's number; and every other end.
func TestTheLedgerAsks(t *testing.T) {
	screens := make(pushes, 16)
	r := newRig(t, parts{redis: true, onPush: func(_ string, s operator.Screen) { screens <- s }}).demoWorld()
	first := r.ledgerAsks("levy-1", 1, "50000")
	s := screens.next(t)
	shows(t, s, true, approvePay)
	if !s.Secret {
		t.Error("the PIN would be shown as it is typed")
	}
	if again := r.ledgerAsks("levy-1", 1, "50000"); again != first || len(screens) != 0 {
		t.Errorf("asked again:\n%s\nfirst:\n%s\n%d screens", again, first, len(screens))
	}
	if out, err := r.ledgerd("admin", "ask", person(1).MSISDN, "60000", "--till", "500001", "--number", "levy-1"); err == nil || !strings.Contains(out, "other_content") {
		t.Errorf("another request under the number: %v\n%s", err, out)
	}
	if a := r.askStands("levy-1"); a.State != "waiting" {
		t.Errorf("%+v", a)
	}
	shows(t, r.press(1, "9999"), true, `^Wrong PIN\. Tries left: 2\.\nPay Ksh500\.00`)
	done := r.press(1, "4826")
	shows(t, done, false, `Confirmed\. Ksh500\.00 paid to MAMA MBOGA`)
	if a := r.askStands("levy-1"); a.State != "approved" || a.Payment.Receipt != receiptIn(done.Text) {
		t.Errorf("%+v", a)
	}
	r.told(receiptIn(done.Text), 1)
	r.ledgerAsks("levy-2", 3, "50000")
	shows(t, screens.next(t), true, approvePay)
	shows(t, r.press(3, "0"), false, `^Declined\. Nothing was taken\.$`)
	until(t, "levy-2 is declined", func() bool { return r.askStands("levy-2").State == "declined" })
	r.ledgerAsks("levy-3", 3, "50000")
	screens.next(t)
	if err := r.op.Hangup(t.Context(), person(3).MSISDN); err != nil {
		t.Fatal(err)
	}
	until(t, "levy-3 is unanswered", func() bool { return r.askStands("levy-3").State == "unanswered" })
	shows(t, r.last(4), true, `M-Wallet`) // a phone in a dialogue is busy
	r.ledgerAsks("levy-4", 4, "50000")
	until(t, "levy-4 did not reach its handset", func() bool { return r.askStands("levy-4").State == "busy_or_absent" })
	r.ledgerAsks("levy-5", 9, "50000")
	until(t, "an empty wallet cannot pay", func() bool { return r.askStands("levy-5").State == "refused" })
	r.ledgerAsks("levy-6", 5, "50000", "--within", "2s")
	screens.next(t)
	until(t, "levy-6 expires", func() bool { return r.askStands("levy-6").State == "expired" })
	shows(t, r.press(5, "4826"), false, `Nothing was taken`)
	if out, err := r.ledgerd("admin", "ask", person(8).MSISDN, "125000", "--paybill", "400200", "--reference", "MTR-77/2", "--number", "bill-1"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	shows(t, screens.next(t), true, `^Lipa Ksh1,250\.00 kwa CITY WATER\?\nAkaunti MTR-77/2\nAda Ksh15\.00\nWeka PIN\n0 Kataa$`)
	done = r.press(8, "4826")
	shows(t, done, false, `Ksh1,250\.00 imelipwa kwa CITY WATER, akaunti MTR-77/2`)
	r.reads(person(8).MSISDN, receiptIn(done.Text)+` .* akaunti MTR-77/2`)
	if n := r.paidTill(1) + r.paidTill(3) + r.paidTill(4) + r.paidTill(5) + r.paidTill(9); n != 1 {
		t.Errorf("%d payments were told, not 1", n)
	}
}

// TestTheLedgerAsksOverADeadGateway: the gateway is killed between the ask and the answer, at
// each point of the way: the subscriber pays once at most, and what became of the request is
// certain in the end.
func TestTheLedgerAsksOverADeadGateway(t *testing.T) {
	t.Run("while the phone thinks", func(t *testing.T) {
		screens := make(pushes, 16)
		r := newRig(t, parts{redis: true, onPush: func(_ string, s operator.Screen) { screens <- s }}).demoWorld()
		r.ledgerAsks("levy-1", 1, "50000")
		shows(t, screens.next(t), true, approvePay)
		r.kill(stack.Gateway)
		r.restart(stack.Gateway)
		done := r.press(1, "4826")
		shows(t, done, false, `Confirmed`)
		until(t, "levy-1 is approved", func() bool { return r.askStands("levy-1").State == "approved" })
		r.told(receiptIn(done.Text), 1)
		if len(screens) != 0 || r.paidTill(1) != 1 {
			t.Errorf("%d screens more, paid %d times", len(screens), r.paidTill(1))
		}
	})
	t.Run("before it was asked", func(t *testing.T) {
		screens := make(pushes, 16)
		r := newRig(t, parts{redis: true, onPush: func(_ string, s operator.Screen) { screens <- s }}).demoWorld()
		r.kill(stack.Gateway)
		r.ledgerAsks("levy-1", 1, "50000")
		r.ledgerAsks("late", 3, "50000", "--within", "1s")
		until(t, "late expires", func() bool { return r.askStands("late").State == "expired" })
		r.restart(stack.Gateway)
		shows(t, screens.next(t), true, approvePay)
		shows(t, r.press(1, "4826"), false, `Confirmed`)
		until(t, "levy-1 is approved", func() bool { return r.askStands("levy-1").State == "approved" })
		if len(screens) != 0 {
			t.Error("what had expired was shown")
		}
	})
	for _, point := range []string{stop.AfterClaim, stop.AfterPlace, stop.AfterCommitBeforeReply} {
		t.Run(point, func(t *testing.T) {
			screens := make(pushes, 16)
			r := newRig(t, parts{redis: true, arms: true, onPush: func(_ string, s operator.Screen) { screens <- s }}).demoWorld()
			r.ledgerAsks("levy-1", 1, "50000", "--within", "40s")
			screens.next(t)
			r.pressAndDie(point)
			state := ""
			until(t, "levy-1 ended", func() bool { state = r.askStands("levy-1").State; return state != "waiting" })
			if state != "approved" && state != "expired" || point != stop.AfterClaim && state != "approved" {
				t.Errorf("%s: %s", point, state)
			}
			if state == "approved" {
				until(t, "its SMS", func() bool { return r.paidTill(1) > 0 })
			}
			if r.paidTill(1) > 1 {
				t.Errorf("paid %d times", r.paidTill(1))
			}
		})
	}
}
