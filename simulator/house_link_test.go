//go:build house

package main

import (
	"fmt"
	"regexp"
	"sync"
	"testing"
	"time"

	"mlango/simulator/stack"
)

// TestHouseLinksDie cuts every bind between two hops, and again while the PIN is under
// way. A dialogue goes on over the binds that come back; what was confirmed is paid
// once, or was never taken in; and whoever paid hears of it.
func TestHouseLinksDie(t *testing.T) {
	t.Parallel()
	r := newRig(t, parts{binds: 2}).demoWorld()
	r.dial(1, "*334#", pays(2, "600")...)
	r.op.DropBinds()
	r.bound()
	s, err := r.op.Press(t.Context(), person(1).MSISDN, stack.PIN)
	if err != nil {
		t.Fatal(err)
	}
	shows(t, s, false, receiptIn(s.Text))
	r.paid(1, 2, "600.00", "", "", "")

	var shown []bool
	amount := func(i int) string { return fmt.Sprint(100 * (i + 1)) }
	const rounds = 6
	for i := range rounds {
		if s := r.dial(3, "*334#"); tableOffer.MatchString(s[0].Text) { // the last payment broke off before its PIN
			r.dial(3, "*334#", append([]string{"2"}, pays(2, amount(i))...)...)
		} else {
			r.dial(3, "*334#", pays(2, amount(i))...)
		}
		var cut sync.WaitGroup
		cut.Go(func() {
			time.Sleep(time.Duration(i) * time.Millisecond) // before, in the middle of and behind the payment
			r.op.DropBinds()
		})
		s, err := r.op.Press(t.Context(), person(3).MSISDN, stack.PIN)
		shown = append(shown, err == nil && receiptIn(s.Text) != "")
		cut.Wait()
		r.bound()
	}
	r.settled()
	paid := map[int64]int{}
	for _, p := range r.books() {
		if p.Account == 3 {
			paid[p.Debit/10_000*100]++ // a fee is below a hundred
		}
	}
	for i := range rounds {
		receipts := map[string]bool{} // the same SMS may come twice: its answer was lost with a link
		for _, sms := range r.matches(person(3).MSISDN, regexp.MustCompile(`^\w{10} Confirmed\. Ksh`+amount(i)+`\.00 sent`)) {
			receipts[receiptIn(sms)] = true
		}
		times := paid[int64(100*(i+1))]
		if times > 1 || times != len(receipts) || shown[i] && times == 0 {
			t.Errorf("Ksh%s: paid %d times, told with %d receipts, on the last screen: %v", amount(i), times, len(receipts), shown[i])
		}
	}
}
