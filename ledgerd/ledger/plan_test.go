package ledger

import "testing"

// planned is books with an employer who has 100.00 and two people, one of whom may have
// no more than 50.00.
func planned(t *testing.T) *Book {
	t.Helper()
	b := New(Options{})
	at := Place{Index: 1}
	for _, cmd := range []Command{
		OpenAccount{Account: 9, Kind: AccountTrust, Currency: kes}, OpenAccount{Account: 8, Kind: AccountFees, Currency: kes},
		OpenAccount{Account: 1, Kind: AccountPaybill, Currency: kes}, OpenAccount{Account: 2, Kind: AccountWallet, Currency: kes},
		OpenAccount{Account: 3, Kind: AccountWallet, Currency: kes, Maximum: 5000},
		SetTariff{Kind: KindPayout, Bands: []Band{{Upto: 100_000, Fee: 100}}},
		&Move{Transfer: Transfer{ID: NewID(0, [10]byte{1}), Kind: KindIssue, From: 9, To: 1, Amount: 10_000, Currency: kes, Expires: 1000}},
	} {
		if res, _ := b.Apply(cmd, at, 0); res.Reject != OK {
			t.Fatalf("%T: %s", cmd, res.Reject)
		}
		at.Offset++
	}
	return b
}

// TestAPlanIsWhatWouldHappen: each payment as if those before it had been made; asked
// in earnest, the books say the same, and the plan itself changed nothing.
func TestAPlanIsWhatWouldHappen(t *testing.T) {
	b := planned(t)
	before := b.Digest()
	list := []Transfer{
		{To: 2, Amount: 1000}, {To: 3, Amount: 4000}, {To: 3, Amount: 2000}, {To: 7, Amount: 1}, {To: 2, Amount: 4000},
		{To: 2, Amount: 4000}, {To: 2, Amount: 100, Fee: 99}, {To: 2, Amount: 600}, {To: 2, Amount: 1},
	}
	want := []Reject{OK, OK, PayeeMaxBalance, UnknownPayee, OK, NotEnoughFunds, FeeAboveQuote, OK, NotEnoughFunds}
	var plan Plan
	for i := range list {
		m := &list[i]
		m.ID, m.Kind, m.From, m.Currency, m.Expires = NewID(0, [10]byte{2, byte(i)}), KindPayout, 1, kes, 1000
		if m.Fee == 0 {
			m.Fee = 100
		}
		if q := plan.Quote(b, m, 0); q.Reject != want[i] || q.Fee != 100 {
			t.Errorf("line %d: %s, fee %d; want %s", i, q.Reject, q.Fee, want[i])
		}
	}
	if b.Digest() != before {
		t.Fatal("a plan changed the books")
	}
	for i := range list {
		if res, _ := b.Apply(&Move{Transfer: list[i]}, Place{Index: 2, Offset: uint32(i)}, 0); res.Reject != want[i] {
			t.Errorf("in earnest, line %d: %s; planned %s", i, res.Reject, want[i])
		}
	}
}

// TestRulesTellWhoSaidWhatWhen: former versions, the one in force, those to come, and
// one that never held.
func TestRulesTellWhoSaidWhatWhen(t *testing.T) {
	b := New(Options{})
	set := func(now, from int64, fee Amount, signed bool) {
		var cmd Command = SetTariff{Kind: KindWithdraw, From: from, Bands: []Band{{Upto: 1000, Fee: fee}}}
		if signed {
			cmd = Approved{Cmd: cmd, First: "jane", Second: "paul", At: now}
		}
		if res, _ := b.Apply(cmd, Place{Index: uint64(now)}, now); res.Reject != OK {
			t.Fatal(res.Reject)
		}
	}
	set(10, 0, 1, false)
	set(20, 0, 2, true)
	set(30, 500, 3, false)
	set(40, 500, 4, false)
	list := b.Tariffs(KindWithdraw)
	if len(list) != 4 || b.Tariffs(KindReversal) != nil || len(b.Limits(KindSend, 0)) != 0 {
		t.Fatalf("%+v", list)
	}
	for i, want := range []struct {
		until int64
		holds int64 // an instant at which it does
		never bool
		first string
	}{{20, 15, false, ""}, {500, 499, false, "jane"}, {500, 0, true, ""}, {0, 500, false, ""}} {
		r := &list[i]
		if r.Version != uint32(i+1) || r.Until != want.until || r.Never() != want.never || r.First != want.first || r.Set != int64(10*(i+1)) || r.At.Index != uint64(r.Set) ||
			want.holds != 0 && (!r.Holds(want.holds) || b.Fee(KindWithdraw, 1, want.holds) != Amount(i+1) && want.holds > 40) {
			t.Errorf("%+v, want %+v", r, want)
		}
	}
	for n := range int64(maxFormer + 20) { // the oldest are let go of
		set(600+n, 0, 9, false)
	}
	if list = b.Tariffs(KindWithdraw); len(list) != maxFormer+1 || list[maxFormer].Until != 0 {
		t.Fatalf("%d versions", len(list))
	}
}

// TestReversalsAreFoundFromWhatTheyBroughtBack, the oldest first.
func TestReversalsAreFoundFromWhatTheyBroughtBack(t *testing.T) {
	b := planned(t)
	paid := NewID(0, [10]byte{3})
	b.Apply(&Move{Transfer: Transfer{ID: paid, Kind: KindPayout, From: 1, To: 2, Amount: 1000, Fee: 100, Currency: kes, Expires: 1000}}, Place{Index: 2}, 1)
	for i, amount := range []Amount{300, 200} {
		res, _ := b.Apply(Reverse{ID: NewID(0, [10]byte{4, byte(i)}), Of: paid, Amount: amount, Fee: i == 1, Expires: 1000}, Place{Index: uint64(3 + i)}, int64(3+i))
		if res.Reject != OK {
			t.Fatal(res.Reject)
		}
	}
	s, _ := b.Show(paid)
	if s.Reversed != 500 || len(s.Backs) != 2 || s.Backs[0].Amount != 300 || s.Backs[1].Fee != 100 || s.Backs[1].At != 4 || s.Backs[1].Place.Index != 4 {
		t.Fatalf("%+v", s.Backs)
	}
	back, _ := b.Show(s.Backs[1].ID)
	if back.Of != paid || back.First == nil || back.First.Receipt != s.Result.Receipt || back.First.Amount != 1000 || back.Backs != nil {
		t.Fatalf("%+v", back)
	}
}
