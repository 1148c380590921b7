//go:build house

package main

import (
	"bytes"
	"regexp"
	"slices"
	"testing"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
	"mlango/simulator/stack"
)

// PINs that people of these tests choose.
const (
	chosenPIN  = "739128"
	anotherPIN = "826407"
)

// TestHousePINs has people change PINs, lose them and set the first one by phone, on real
// programs that are killed between two of the questions, by both doors; then it reads all
// that was written.
func TestHousePINs(t *testing.T) {
	for _, c := range []struct {
		name string
		made parts
	}{
		{"SMPP and Redis", parts{redis: true, binds: 2, loud: true}},
		{"HTTP and memory", parts{http: true, loud: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, c.made).demoWorld()
			changesThePIN(r)
			losesThePIN(r)
			if c.made.redis {
				changesOnTwoGateways(r)
			}
			readsTheLines(r)
			asksAboutReceipts(r)
			r.settled()
			for _, n := range []int{1, 2, 10} { // changed one, or set a first
				told := r.matches(person(n).MSISDN, newPIN)
				if c.made.redis { // a gateway was killed: what it had not acknowledged came again, word for word
					told = slices.Compact(told)
				}
				if len(told) != 1 {
					t.Errorf("person %d was told of the new PIN by %q", n, told)
				}
			}
			if told := r.matches(person(8).MSISDN, newPIN); len(told) != 0 {
				t.Errorf("who mistyped was told of a new PIN: %q", told)
			}
			r.books() // stops and verifies
			for _, dir := range r.folders() {
				eachFile(t, dir, func(path string, b []byte) { tellsNoPIN(t, path, b, stack.PIN, chosenPIN, anotherPIN) })
			}
		})
	}
}

// newPIN is the SMS to whom set a PIN by phone.
var newPIN = regexp.MustCompile(`^(Your new PIN was set on|PIN yako mpya imewekwa tarehe) \d{1,2}/\d{1,2}/\d{2} (at|saa) \d{1,2}:\d{2} [AP]M\. `)

// folders are where the programs and their Redis write.
func (r *rig) folders() []string {
	if r.redis != nil {
		return []string{r.data, r.redis.dir}
	}
	return []string{r.data}
}

func tellsNoPIN(t *testing.T, path string, b []byte, pins ...string) {
	t.Helper()
	for _, typed := range pins {
		for at := 0; ; at++ {
			i := bytes.Index(b[at:], []byte(typed))
			if i < 0 {
				break
			}
			if at += i; !amidDigits(b, at, len(typed)) {
				t.Errorf("%s holds a PIN: …%q…", path, b[max(0, at-20):min(len(b), at+24)])
			}
		}
	}
}

// changesThePIN: slips are asked again, the present PIN once; then the old one is wrong.
func changesThePIN(r *rig) {
	s := r.dial(1, "*334#", "3", "5", stack.PIN, chosenPIN, anotherPIN, "1111", "1111", chosenPIN, chosenPIN)
	shows(r.t, s[2], true, `^Enter your present PIN`)
	shows(r.t, s[5], true, `^The two new PINs differ\.\nEnter a new PIN`)
	shows(r.t, s[7], true, `^That PIN is easy to guess\.\nEnter a new PIN`)
	shows(r.t, s[9], false, `^Your PIN was changed\.`)
	shows(r.t, r.last(1, "3", "1", stack.PIN), true, `Wrong PIN\. Tries left: 2`)
	shows(r.t, r.last(1, "3", "1", chosenPIN), false, `^Your balance is Ksh25,000\.00`)
	shows(r.t, r.last(8, "3", "5", "1111", chosenPIN, chosenPIN), true, `^PIN si sahihi\. Majaribio yaliyobaki: 2\.`)
	shows(r.t, r.last(10), false, `Your PIN is locked`)
}

// losesThePIN: a reset leaves none that anybody knows; the next dial sets one, once.
func losesThePIN(r *rig) {
	for _, n := range []int{2, 10} { // the second one's was locked
		results, err := r.stack.Ledger().ResetPIN(r.t.Context(), ledgerclient.PINReset{Account: person(n).Account, Number: person(n).MSISDN})
		if err != nil || results[0].Reject != ledger.OK {
			r.t.Fatalf("reset: %v %v", results, err)
		}
		s := r.dial(n, "*334#", chosenPIN, anotherPIN, chosenPIN, chosenPIN, "3", "1", chosenPIN)
		shows(r.t, s[0], true, `^Welcome to M-Wallet\. Choose a PIN`)
		shows(r.t, s[2], true, `^The two PINs differ\.`)
		shows(r.t, s[4], true, `^Your PIN is set\.\nM-Wallet\n1 Send money`)
		shows(r.t, s[7], false, `^Your balance is`)
	}
	s := r.dial(2, "*334#", append(pays(4, "150"), stack.PIN, "00")...) // home: else the next dial offers to go on
	shows(r.t, s[4], true, `Wrong PIN\. Tries left: 2`)
}

// changesOnTwoGateways kills the gateway, then the ledger, between two questions: what was
// typed before stands sealed in Redis, and the next process opens it.
func changesOnTwoGateways(r *rig) {
	r.dial(4, "*334#", "3", "5", stack.PIN)
	r.kill(stack.Gateway)
	r.restart(stack.Gateway)
	shows(r.t, r.press(4, anotherPIN), true, `^Enter the new PIN again`)
	r.kill(stack.Ledgerd)
	r.restart(stack.Ledgerd)
	s := r.press(4, anotherPIN)
	if regexp.MustCompile(`not available|busy`).MatchString(s.Text) { // it is not there yet: nothing was changed
		until(r.t, "the ledger answers a dial", func() bool { return r.last(4).Open })
		s = r.last(4, "3", "5", stack.PIN, anotherPIN, anotherPIN)
	}
	shows(r.t, s, false, `^Your PIN was changed\.`)
	shows(r.t, r.last(4, "3", "1", anotherPIN), false, `^Your balance is`)
}

// readsTheLines of what was paid, the latest first.
func readsTheLines(r *rig) {
	shows(r.t, r.last(7, append(pays(2, "300"), stack.PIN)...), false, "Confirmed")
	r.paid(7, 2, "300.00", "7.00", "", "")
	shows(r.t, r.last(7, "3", "4", stack.PIN), false, `^\d{1,2}/\d{1,2} Sent -307\.00, [0-9,]+\.00\n\d{1,2}/\d{1,2} Paid in \+[0-9,]+\.00, [0-9,]+\.00$`)
	shows(r.t, r.last(2, "3", "4", chosenPIN), false, `^\d{1,2}/\d{1,2} Received \+300\.00, `)
	shows(r.t, r.last(8, "3", "4", "1112"), true, `^PIN si sahihi\. Majaribio yaliyobaki: 1\.`)
}

// asksAboutReceipts makes the empty one's number a till's: it is told of what was paid to
// it, of nothing else, and not too often.
func asksAboutReceipts(r *rig) {
	const till = 500001
	results, err := r.stack.Ledger().PointNumber(r.t.Context(), ledgerclient.Number{Account: till, Kind: ledger.AccountWallet, Number: person(9).MSISDN})
	if err != nil || results[0].Reject != ledger.OK {
		r.t.Fatalf("point a number to the till: %v %v", results, err)
	}
	results, err = r.stack.Ledger().ResetPIN(r.t.Context(), ledgerclient.PINReset{Account: till, Number: person(9).MSISDN})
	if err != nil || results[0].Reject != ledger.OK {
		r.t.Fatalf("reset the till's PIN: %v %v", results, err)
	}
	shows(r.t, r.last(9, anotherPIN, anotherPIN), true, `^Your PIN is set\.`)
	receiptOf := func(to int) string {
		s := r.last(7, append(pays(to, "120"), stack.PIN)...)
		if s.Open || receiptIn(s.Text) == "" {
			r.t.Fatalf("a payment ends with %q", s.Text)
		}
		return receiptIn(s.Text)
	}
	to, elsewhere := receiptOf(9), receiptOf(2)
	ask := func(receipt string) string {
		return r.last(9, "8", "2", receipt).Text
	}
	if text := ask(to); !regexp.MustCompile(`^` + to + `: Ksh120\.00 from ` + shown(7) + ` on .* Paid to you\.$`).MatchString(text) {
		r.t.Errorf("of its payment the till is told %q", text)
	}
	unknown := ask("UKM0000000")
	if text := ask(elsewhere); text != unknown || !regexp.MustCompile(`^No payment to you has it`).MatchString(text) {
		r.t.Errorf("of another's payment the till is told %q, of none %q", text, unknown)
	}
	for asked := 3; ; asked++ {
		text := ask(to)
		if regexp.MustCompile(`^You asked too often`).MatchString(text) {
			break
		}
		if asked > 2*ledger.MaxReceiptsAsked { // twice when the clock's ten minutes turn
			r.t.Fatalf("%d questions were answered, the last with %q", asked, text)
		}
	}
}
