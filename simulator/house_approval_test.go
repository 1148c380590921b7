//go:build house

package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"mlango/simulator/operator"
	"mlango/simulator/stack"
)

// heard is what the partner is answered.
type heard struct {
	Status                                int
	Request, State, Receipt, Reason, Mend string
}

// partner calls the door of a gateway, signed as partners sign.
func (r *rig) partner(door int, method, path string, body []byte) (h heard) {
	r.t.Helper()
	secret, err := os.ReadFile(r.stack.PartnerKey())
	if err != nil {
		r.t.Fatal(err)
	}
	at, nonce := fmt.Sprint(time.Now().Unix()), rand.Text()
	mac := hmac.New(sha256.New, bytes.TrimSpace(secret))
	mac.Write([]byte(strings.Join([]string{at, nonce, method, path, ""}, "\n")))
	mac.Write(body)
	req, err := http.NewRequestWithContext(r.t.Context(), method, "http://"+r.doors[door]+path, bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("X-Mlango-Signature", "t="+at+",n="+nonce+",s="+hex.EncodeToString(mac.Sum(nil)))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Errorf("the partner's call: %v", err)
		return heard{}
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&h); err != nil {
		r.t.Errorf("the partner is answered %s: %v", resp.Status, err)
	}
	h.Status = resp.StatusCode
	return h
}

// wants is the body of a request of the till for money of the n-th person.
func wants(id string, n int, cents int64) []byte {
	return fmt.Appendf(nil, `{"request":%q,"at":%q,"msisdn":%q,"amount":%d,"currency":"KES"}`, id, time.Now().UTC().Format(time.RFC3339), person(n).MSISDN, cents)
}

func (r *rig) asks(door int, body []byte) heard {
	return r.partner(door, "POST", "/approvals/"+stack.Partner, body)
}

// stands is how a request stands.
func (r *rig) stands(door int, id string) heard {
	return r.partner(door, "GET", "/approvals/"+stack.Partner+"/"+id, nil)
}

// old waits until a request that is made now is surely younger than the gateway's store: of
// an older one the store may have forgotten that it was shown, and its end is settled first.
func (r *rig) old() *rig {
	r.t.Helper()
	until(r.t, "the store is older than a request", func() bool { return time.Now().Truncate(time.Second).Sub(r.began) > clockAhead })
	return r
}

// clockAhead is how far ahead a partner's clock may be.
const clockAhead = 2 * time.Second

// pushes gathers the screens that come without a dial.
type pushes chan operator.Screen

func (p pushes) next(t *testing.T) operator.Screen {
	t.Helper()
	select {
	case s := <-p:
		return s
	case <-time.After(rigPatience):
		t.Fatal("no screen came")
		return operator.Screen{}
	}
}

const approvePay = `^Pay Ksh500\.00 to MAMA MBOGA\?\nFee Ksh0\.00\nEnter PIN\n0 Decline$`

// approves pays what inv-1 asks of the first person, after a wrong PIN, and asks for it once more.
func approves(t *testing.T, r *rig, screens pushes, body []byte) (receipt string) {
	t.Helper()
	s := screens.next(t)
	shows(t, s, true, approvePay)
	if !s.Secret {
		t.Error("the PIN would be shown as it is typed")
	}
	shows(t, r.press(1, "9999"), true, `^Wrong PIN\. Tries left: 2\.\nPay Ksh500\.00`)
	done := r.press(1, "4826")
	shows(t, done, false, `Confirmed\. Ksh500\.00 paid to MAMA MBOGA`)
	receipt = receiptIn(done.Text)
	if h := r.stands(0, "inv-1"); h.State != "approved" || h.Receipt != receipt {
		t.Errorf("%+v", h)
	}
	if h := r.asks(0, body); h.State != "approved" || len(screens) != 0 {
		t.Errorf("asked again: %+v, %d screens", h, len(screens))
	}
	return receipt
}

// TestApproval: a till asks, the phone shows it without a dial, the PIN pays it, and the
// till hears of it; and every other end.
func TestApproval(t *testing.T) {
	screens := make(pushes, 16)
	r := newRig(t, parts{redis: true, onPush: func(_ string, s operator.Screen) { screens <- s }}).demoWorld().old()
	body := wants("inv-1", 1, 50000)
	if h := r.asks(0, body); h.Status != http.StatusAccepted || h.State != "waiting" {
		t.Fatalf("%+v", h)
	}
	approves(t, r, screens, body)
	if h := r.asks(0, bytes.Replace(body, []byte("50000"), []byte("60000"), 1)); h.Status != http.StatusConflict {
		t.Errorf("another request under the number: %+v", h)
	}
	r.asks(0, wants("inv-2", 3, 50000))
	shows(t, screens.next(t), true, approvePay)
	shows(t, r.press(3, "0"), false, `^Declined\. Nothing was taken\.$`)
	if h := r.stands(0, "inv-2"); h.State != "declined" {
		t.Errorf("%+v", h)
	}
	r.asks(0, wants("inv-3", 3, 50000))
	screens.next(t)
	if err := r.op.Hangup(t.Context(), person(3).MSISDN); err != nil {
		t.Fatal(err)
	}
	until(t, "the till hears that nobody answered", func() bool { return r.stands(0, "inv-3").State == "unanswered" })
	shows(t, r.last(4), true, `M-Wallet`) // a phone in a dialogue is busy
	if h := r.asks(0, wants("inv-4", 4, 50000)); h.State != "unreachable" || h.Reason != "busy_or_absent" {
		t.Errorf("%+v", h)
	}
	shows(t, r.press(4, "3"), true, `Balance`)
	if h := r.asks(0, wants("inv-5", 9, 50000)); h.State != "failed" || h.Reason != "not_possible" {
		t.Errorf("an empty wallet: %+v", h)
	}
	if h := r.stands(0, "inv-9"); h.Status != http.StatusNotFound || h.State != "unknown" {
		t.Errorf("%+v", h)
	}
}

// TestApprovalOutlivesItsGateway: the gateway is killed while the phone thinks, and
// started again: the same request calls nobody twice, the PIN pays, once, and the till
// hears it.
func TestApprovalOutlivesItsGateway(t *testing.T) {
	screens := make(pushes, 16)
	r := newRig(t, parts{redis: true, onPush: func(_ string, s operator.Screen) { screens <- s }}).demoWorld()
	body := wants("inv-1", 1, 50000)
	r.asks(0, body)
	shows(t, screens.next(t), true, approvePay)
	r.kill(stack.Gateway)
	r.restart(stack.Gateway)
	if h := r.asks(0, body); h.State != "waiting" || len(screens) != 0 {
		t.Fatalf("asked again after a restart: %+v, %d screens", h, len(screens))
	}
	done := r.press(1, "4826")
	shows(t, done, false, `Confirmed`)
	if h := r.stands(0, "inv-1"); h.State != "approved" || h.Receipt != receiptIn(done.Text) {
		t.Errorf("%+v", h)
	}
}

// TestApprovalOfTwoGateways: both get the same request at once, many times: one screen,
// one payment, and both say the same.
func TestApprovalOfTwoGateways(t *testing.T) {
	screens := make(pushes, 16)
	r := newRig(t, parts{redis: true, second: true, onPush: func(_ string, s operator.Screen) { screens <- s }}).demoWorld()
	body := wants("inv-1", 1, 50000)
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			if h := r.asks(n%2, body); h.State != "waiting" {
				t.Errorf("%+v", h)
			}
		})
	}
	all.Wait()
	shows(t, screens.next(t), true, approvePay)
	done := r.press(1, "4826")
	shows(t, done, false, `Confirmed`)
	for door := range 2 {
		if h := r.asks(door, body); h.State != "approved" || h.Receipt != receiptIn(done.Text) {
			t.Errorf("gateway %d: %+v", door+1, h)
		}
	}
	if len(screens) != 0 {
		t.Errorf("%d screens more", len(screens))
	}
}

// agent is the demo world's first, by the number of the handset behind the counter.
const agent = "254700100001"

// TestAgentHandsOutCash: the agent asks, the customer's phone approves with its PIN, both
// have their SMS, and the agent's next look says the same; a customer who declines is told
// to the agent too.
func TestAgentHandsOutCash(t *testing.T) {
	screens := make(pushes, 16)
	r := newRig(t, parts{onPush: func(_ string, s operator.Screen) { screens <- s }}).demoWorld().old()
	dials := func(inputs ...string) (s operator.Screen) {
		t.Helper()
		s, err := r.op.Dial(t.Context(), agent, "*334#")
		for _, in := range inputs {
			if err == nil {
				s, err = r.op.Press(t.Context(), agent, in)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	asks := func(n int, amount string) {
		t.Helper()
		shows(t, dials("7", "2", local(n), amount, "1"), false, `^`+local(n)+` is asked to approve Ksh`)
	}
	asks(1, "2000")
	shows(t, screens.next(t), true, `^Withdraw Ksh2,000\.00 at MWANGI AGENCIES 0700100001\?`)
	done := r.press(1, "4826")
	shows(t, done, false, `Confirmed\. Take Ksh2,000\.00 in cash from MWANGI AGENCIES`)
	receipt := receiptIn(done.Text)
	for _, number := range []string{agent, person(1).MSISDN} {
		until(t, "the SMS of "+receipt, func() bool {
			for _, s := range r.op.Inbox(number) {
				if strings.HasPrefix(s.Text, receipt) {
					return true
				}
			}
			return false
		})
	}
	shows(t, dials("7", "4"), false, `^`+local(1)+` approved Ksh2,000\.00: `+receipt)
	asks(3, "500")
	shows(t, screens.next(t), true, `^Withdraw Ksh500\.00`)
	shows(t, dials("7", "4"), false, `has not answered for Ksh500\.00 yet`)
	shows(t, r.press(3, "0"), false, `^Declined`)
	shows(t, dials("7", "4"), false, `declined Ksh500\.00\. Nothing was taken`)
	shows(t, r.last(4), true, `M-Wallet`)
	shows(t, dials("7", "2", local(4), "500", "1"), true, `^That phone is busy or off`)
}
