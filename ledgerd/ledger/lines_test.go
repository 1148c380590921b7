package ledger

import (
	"fmt"
	"reflect"
	"testing"
)

// What an account's holder, an agent and the house read in their statements.
func TestStatementLines(t *testing.T) {
	s := runScript(t, `
		tariff withdraw 1,000.00:10.00:2.00:6.00
		09:00 open jane wallet 200.00
		      open kiosk agent
		      issue f1 trust commission 50.00
		10:00 withdraw w1 jane kiosk 100.00 → ok
		11:00 reverse r1 w1 50.00 fee       → ok
	`)
	jane, kiosk, commission := s.names["jane"], s.names["kiosk"], s.names["commission"]
	for name, want := range map[string][]Statement{
		"jane": {
			{Kind: KindReversal, In: true, Amount: 5000, Fee: 1000, Balance: 15000, Other: kiosk},
			{Kind: KindWithdraw, Amount: 10000, Fee: 1000, Balance: 9000, Other: kiosk},
			{Kind: KindIssue, In: true, Amount: 20000, Balance: 20000, Other: s.names["trust"]},
		},
		"kiosk": {
			{Kind: KindReversal, Amount: 5000, Balance: 5600, Other: jane},
			{Kind: KindWithdraw, Part: PartCommission, In: true, Amount: 600, Balance: 10600, Other: commission},
			{Kind: KindWithdraw, In: true, Amount: 10000, Balance: 10000, Other: jane},
		},
		"fees": {
			{Kind: KindReversal, Part: PartFee, Amount: 800, Other: jane},
			{Kind: KindWithdraw, Part: PartFee, In: true, Amount: 800, Balance: 800, Other: jane},
		},
		"tax": {
			{Kind: KindReversal, Part: PartTax, Amount: 200, Other: jane},
			{Kind: KindWithdraw, Part: PartTax, In: true, Amount: 200, Balance: 200, Other: jane},
		},
		"commission": {
			{Kind: KindWithdraw, Part: PartCommission, Amount: 600, Balance: 4400, Other: kiosk},
			{Kind: KindIssue, In: true, Amount: 5000, Balance: 5000, Other: s.names["trust"]},
		},
	} {
		got := s.book.Statement(s.names[name], 10)
		for i := range got {
			if got[i].At == 0 || got[i].Receipt == (Receipt{}) {
				t.Errorf("%s: %+v", name, got[i])
			}
			got[i].At, got[i].Receipt = 0, Receipt{}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s reads\n%+v\nnot\n%+v", name, got, want)
		}
	}
	ten, _ := clock("10:00")
	if list := s.book.StatementRange(jane, ten, ten, 10); len(list) != 1 || list[0].Kind != KindWithdraw {
		t.Errorf("at ten: %+v", list)
	}
	if list := s.book.StatementRange(jane, 0, ten, 1); len(list) != 1 || list[0].Kind != KindWithdraw {
		t.Errorf("the last until ten: %+v", list)
	}
	if list := s.book.Statement(999, 10); list != nil {
		t.Errorf("nobody's: %+v", list)
	}
}

// A long history is read at any place and instant, and by few steps.
func TestAsOf(t *testing.T) {
	const n = 5_000
	s := runScript(t, "window 0\nopen jane wallet 1,000,000.00\nopen paul wallet")
	paul := s.names["paul"]
	begin, first := s.now, s.index
	for i := range n {
		s.now++
		if res, _ := s.apply(s.transfer("send", []string{fmt.Sprint("p", i), "jane", "paul", "0.01"})); res.Reject != OK {
			t.Fatal(res.Reject)
		}
	}
	for _, i := range []int64{0, 1, 63, 64, 65, 2_000, 4_095, 4_096, n - 1, n} {
		if got, ok := s.book.AsOf(paul, begin+i); !ok || got != Amount(i) {
			t.Errorf("after %d: %d", i, got)
		}
		if got, ok := s.book.AsOfPlace(paul, Place{Index: first + uint64(i)}); !ok || got != Amount(i) {
			t.Errorf("at place %d: %d", i, got)
		}
	}
	looks := 0
	s.book.upTo(s.book.account(paul), func(r *record) bool { looks++; return r.at <= begin+1 })
	if looks > 2*(n/milestone+2*milestone) {
		t.Errorf("%d lines were looked at for one balance", looks)
	}
	if _, ok := s.book.AsOf(999, begin); ok {
		t.Error("nobody has a balance")
	}
}
