package ledger

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A payment tells both sides, each in its own lane and language, with the
// balance right after.
func TestNotices(t *testing.T) {
	s := runScript(t, `
		tariff send 1,000.00:10.00
		open jane wallet 100.00
		open paul wallet
		send p1 jane paul 20.00       → ok
		airtime t1 jane paul 5.00     → ok
		airtime t2 jane jane 5.00     → ok
		send p2 jane paul 900.00      → not_enough_funds
		send p3 jane paul 30.00 pin wrong → pin_wrong
	`)
	jane, paul := s.names["jane"], s.names["paul"]
	s.apply(SetLanguage{Account: paul, Language: Language{'s', 'w'}})
	s.do("send p4 jane paul 40.00 → ok")

	want := []Notice{
		{Seq: 1, Side: SidePayer, Kind: KindSend, Account: jane, Other: paul, Amount: 2000, Fee: 1000, Balance: 7000},
		{Seq: 2, Side: SidePayer, Kind: KindAirtime, Account: jane, Other: paul, Amount: 500, Balance: 6500},
		{Seq: 3, Side: SidePayer, Kind: KindAirtime, Account: jane, Other: jane, Amount: 500, Balance: 6000},
		{Seq: 4, Side: SidePayer, Kind: KindSend, Account: jane, Other: paul, Amount: 4000, Fee: 1000, Balance: 1000},
	}
	compareNotices(t, s.book.Notices(ConsumerSMS, LaneOf(1, jane), 0, 100), want, "en")
	want = []Notice{
		{Seq: 1, Side: SidePayee, Kind: KindSend, Account: paul, Other: jane, Amount: 2000, Balance: 2000},
		{Seq: 2, Side: SidePayee, Kind: KindAirtime, Account: paul, Other: jane, Amount: 500, NoBalance: true},
		{Seq: 3, Side: SidePayee, Kind: KindSend, Account: paul, Other: jane, Amount: 4000, Balance: 6000},
	}
	got := s.book.Notices(ConsumerSMS, LaneOf(1, paul), 0, 100)
	compareNotices(t, got[:2], want[:2], "en")
	compareNotices(t, got[2:], want[2:], "sw")
}

// TestANewPINTellsItsHolder once, whether it was the first or a change, and nothing of
// what was refused; the rest of a question tells nobody.
func TestANewPINTellsItsHolder(t *testing.T) {
	s := runScript(t, `
		open jane wallet 100.00 nopin
		first f1 jane easy  → pin_too_easy
		first f2 jane       → ok
		first f2 jane       → ok
		first f3 jane       → pin_set
		balance b1 jane     → ok
	`)
	jane := s.names["jane"]
	change := func(id string, verdict PINVerdict) Reject {
		_, _, epoch, _, _ := s.book.PIN(jane)
		res, _ := s.apply(&ChangePIN{Check: Check{ID: s.id(id), Account: jane, Query: QueryChange, Expires: s.now + second},
			PayerToken: token("jane"), Verdict: verdict, Epoch: epoch})
		return res.Reject
	}
	s.book.outbox.limit = 1
	if why := change("c1", VerdictRight); why != Overloaded {
		t.Errorf("with nobody to tell it, a PIN was changed: %s", why)
	}
	s.book.outbox.limit = 2
	for id, v := range map[string]PINVerdict{"c2": VerdictWrong, "c3": VerdictRight} {
		if why := change(id, v); (why == OK) != (v == VerdictRight) {
			t.Error(id, why)
		}
	}
	got := s.book.Notices(ConsumerSMS, LaneOf(1, jane), 0, 100)
	if len(got) != 2 {
		t.Fatalf("%+v", got)
	}
	for i, n := range got {
		if n.Act != ActCheck || n.Side != SidePayer || n.Account != jane || n.Seq != uint64(i+1) || n.Amount|n.Fee|n.Balance != 0 || n.Receipt != (Receipt{}) || n.At == 0 || n.Language.String() != "en" {
			t.Errorf("%+v", n)
		}
	}
}

// What the house makes tells the sides that are somebody's; what comes back comes with
// its fee.
func TestNoticesOfTheHouse(t *testing.T) {
	s := runScript(t, `
		tariff send 1,000.00:10.00
		open jane wallet 100.00
		open paul wallet
		issue i1 trust fees 1.00
		payout o1 fees jane 1.00           → ok
		send h1 jane paul 30.00 until 1000 → ok
		post e1 h1 20.00                   → ok
		reverse r1 e1 5.00 fee             → ok
		redeem x1 jane trust 2.00          → ok
	`)
	jane, paul, h1 := s.names["jane"], s.names["paul"], s.now+1000
	compareNotices(t, s.book.Notices(ConsumerSMS, LaneOf(1, jane), 0, 100), []Notice{
		{Seq: 1, Side: SidePayee, Kind: KindPayout, Account: jane, Other: s.names["fees"], Amount: 100, Balance: 10100},
		{Seq: 2, Side: SidePayer, Kind: KindSend, Account: jane, Other: paul, Amount: 3000, Fee: 1000, Balance: 10100, Until: h1, Available: 6100},
		{Seq: 3, Side: SidePayer, Kind: KindSend, Act: ActPost, Account: jane, Other: paul, Amount: 2000, Fee: 1000, Balance: 7100, Released: 1000},
		{Seq: 4, Side: SidePayee, Kind: KindReversal, Act: ActReverse, Account: jane, Other: paul, Amount: 1500, Balance: 8600},
		{Seq: 5, Side: SidePayer, Kind: KindRedeem, Account: jane, Other: s.names["trust"], Amount: 200, Balance: 8400},
	}, "en")
	compareNotices(t, s.book.Notices(ConsumerSMS, LaneOf(1, paul), 0, 100), []Notice{
		{Seq: 1, Side: SidePayee, Kind: KindSend, Act: ActPost, Account: paul, Other: jane, Amount: 2000, Balance: 2000},
		{Seq: 2, Side: SidePayer, Kind: KindReversal, Act: ActReverse, Account: paul, Other: jane, Amount: 500, Balance: 1500},
	}, "en")
}

// A payer hears of a hold, and how it ended: posted, as a payment; voided and expired,
// with all of it free again. The payee hears of what came only, and nobody of what was
// refused. Its receipt is on each, and the available balance is the one right after.
func TestNoticesOfHolds(t *testing.T) {
	s := runScript(t, `
		tariff send 1,000.00:10.00
		open jane wallet 100.00
		open paul wallet
		send h1 jane paul 20.00 until 60000  → ok
		send h2 jane paul 30.00 until 60000  → ok
		send h3 jane paul 25.00 until 60000  → not_enough_funds
		void v1 h1                           → ok
		void v2 h1                           → hold_ended ended voided first v1
		post e1 h2                           → ok
		post e2 h2                           → hold_ended ended posted first e1
		send h4 jane paul 5.00 until 1000    → ok
		09:01 tick                           → ok
		post e3 h4                           → hold_ended ended expired
		airtime h5 jane paul 1.00 until 1000 → ok
		post e4 h5                           → ok
	`)
	jane, paul := s.names["jane"], s.names["paul"]
	begin := scriptDay + 9*60*minute
	jane0 := Notice{Side: SidePayer, Kind: KindSend, Account: jane, Other: paul, Balance: 10000}
	want := []Notice{jane0, jane0, jane0, jane0, jane0, jane0, jane0, jane0}
	for i, n := range []Notice{
		{Amount: 2000, Fee: 1000, Until: begin + 60_000, Available: 7000},
		{Amount: 3000, Fee: 1000, Until: begin + 60_000, Available: 3000},
		{Amount: 2000, Act: ActVoid, Available: 6000, Released: 3000},
		{Amount: 3000, Fee: 1000, Act: ActPost, Balance: 6000},
		{Amount: 500, Fee: 1000, Until: begin + 1000, Available: 4500, Balance: 6000},
		{Amount: 500, Act: ActExpire, Available: 6000, Released: 1500, Balance: 6000},
		{Amount: 100, Until: begin + 61_000, Available: 5900, Balance: 6000, Kind: KindAirtime},
		{Amount: 100, Act: ActPost, Balance: 5900, Kind: KindAirtime},
	} {
		w := &want[i]
		w.Seq, w.Amount, w.Fee, w.Act, w.Until, w.Available, w.Released = uint64(i+1), n.Amount, n.Fee, n.Act, n.Until, n.Available, n.Released
		if n.Balance != 0 {
			w.Balance = n.Balance
		}
		if n.Kind != 0 {
			w.Kind = n.Kind
		}
	}
	got := s.book.Notices(ConsumerSMS, LaneOf(1, jane), 0, 100)
	for at, hold := range map[int]int{2: 0, 5: 4} {
		if got[at].Receipt != got[hold].Receipt {
			t.Errorf("notice %d has the receipt %s, its hold %s", at+1, got[at].Receipt, got[hold].Receipt)
		}
	}
	compareNotices(t, got, want, "en")
	compareNotices(t, s.book.Notices(ConsumerSMS, LaneOf(1, paul), 0, 100), []Notice{
		{Seq: 1, Side: SidePayee, Kind: KindSend, Act: ActPost, Account: paul, Other: jane, Amount: 3000, Balance: 3000},
		{Seq: 2, Side: SidePayee, Kind: KindAirtime, Act: ActPost, Account: paul, Other: jane, Amount: 100, NoBalance: true},
	}, "en")
	if shown, _ := s.book.Show(s.ids["v1"]); len(shown.Told) != 1 || shown.Told[0].Seq != 3 {
		t.Errorf("the void is shown as %+v", shown)
	}
}

// Grants of single lanes, one after the other, do not shut out who takes them all.
func TestLanesCannotBeLocked(t *testing.T) {
	b := New(Options{})
	for i := range Lane(maxGrants) {
		if r := b.outbox.grant(Grant{Consumer: ConsumerSMS, Owner: "g1", From: 2 * i, To: 2 * i}); r != OK {
			t.Fatalf("grant %d: %s", i, r)
		}
	}
	for _, row := range []struct {
		from, to Lane
		want     Reject
	}{{1, 1, CommandForbidden}, {0, 2, OK}, {1, 1, CommandForbidden}, {0, 2 * maxGrants, OK}, {1, 1, OK}} {
		if r := b.outbox.grant(Grant{Consumer: ConsumerSMS, Owner: "g2", From: row.from, To: row.to}); r != row.want {
			t.Errorf("lanes %d to %d: %s, want %s", row.from, row.to, r, row.want)
		}
	}
	if c, _ := b.Cursor(ConsumerSMS, 1); c.Epoch != maxGrants+3 || c.Owner != "g2" {
		t.Errorf("the last grant is %+v", c)
	}
}

// compareNotices compares the figures, and that the rest is the commit's.
func compareNotices(t *testing.T, got, want []Notice, language string) {
	t.Helper()
	for i, n := range got {
		if n.ID.IsZero() || n.Receipt == (Receipt{}) || n.At == 0 || n.Place.Index == 0 || n.Language.String() != language {
			t.Errorf("notice %d is not whole: %+v", i, n)
		}
		got[i] = Notice{Seq: n.Seq, Side: n.Side, Kind: n.Kind, Act: n.Act, Account: n.Account, Other: n.Other, Amount: n.Amount,
			Fee: n.Fee, Balance: n.Balance, NoBalance: n.NoBalance, Until: n.Until, Available: n.Available, Released: n.Released}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("notices\n got %+v\nwant %+v", got, want)
	}
}

// chatty is a book in which one account has been told of n payments.
func chatty(t *testing.T, n int) (b *Book, at Lane) {
	s := runScript(t, "open jane wallet 1,000,000.00\nopen paul wallet")
	for i := range n {
		m := s.transfer("send", []string{"p" + string(rune('a'+i)), "jane", "paul", figure(Amount(100 + i))})
		if res, _ := s.apply(m); res.Reject != OK {
			t.Fatal(res.Reject)
		}
	}
	return s.book, LaneOf(1, s.names["paul"])
}

func seqs(b *Book, at Lane) (list []uint64) {
	for _, n := range b.Notices(ConsumerSMS, at, 0, 1000) {
		list = append(list, n.Seq)
	}
	return list
}

func TestAck(t *testing.T) {
	b, at := chatty(t, 10)
	grant := func(owner string) Command {
		return Grant{Consumer: ConsumerSMS, Owner: owner, From: at, To: at}
	}
	ack := func(epoch, upto uint64, except ...uint64) Command {
		return Ack{Consumer: ConsumerSMS, Lane: at, Epoch: epoch, Upto: upto, Except: except}
	}
	for _, row := range []struct {
		what string
		said Command
		want Reject
		open []uint64
	}{
		{"nobody owns the lane", ack(0, 3), CommandForbidden, []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		{"an owner", grant("g1"), OK, []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		{"up to three", ack(1, 3), OK, []uint64{4, 5, 6, 7, 8, 9, 10}},
		{"again", ack(1, 3), OK, []uint64{4, 5, 6, 7, 8, 9, 10}},
		{"but for two", ack(1, 8, 5, 6), OK, []uint64{5, 6, 9, 10}},
		{"one of them later, from behind", ack(1, 5), OK, []uint64{6, 9, 10}},
		{"what was acknowledged cannot be taken back", ack(1, 8, 2, 6), OK, []uint64{6, 9, 10}},
		{"more than there is", ack(1, 11), CommandForbidden, []uint64{6, 9, 10}},
		{"another owner", grant("g2"), OK, []uint64{6, 9, 10}},
		{"the former one", ack(1, 10), CommandForbidden, []uint64{6, 9, 10}},
		{"an epoch to come", ack(3, 10), CommandForbidden, []uint64{6, 9, 10}},
		{"the owner", ack(2, 10), OK, nil},
	} {
		res, _ := b.Apply(row.said, Place{}, 0)
		if got := seqs(b, at); res.Reject != row.want || !slices.Equal(got, row.open) {
			t.Errorf("%s: %v, open %v", row.what, res.Reject, got)
		}
	}
	if n := b.Counts().Open; n != 10 { // the payer's are open
		t.Errorf("%d left open", n)
	}
	if c, _ := b.Cursor(ConsumerSMS, at); c != (Cursor{Owner: "g2", Epoch: 2, Upto: 10, Next: 11}) {
		t.Errorf("cursor %+v", c)
	}
}

func TestAckRefused(t *testing.T) {
	b, at := chatty(t, 1)
	for what, cmd := range map[string]Command{
		"no such consumer":    Grant{Consumer: "pigeons", Owner: "g1"},
		"lanes the wrong way": Grant{Consumer: ConsumerSMS, Owner: "g1", From: 2, To: 1},
		"owner without name":  Grant{Consumer: ConsumerSMS},
		"too many exceptions": Ack{Consumer: ConsumerSMS, Lane: at, Epoch: 1, Upto: 1, Except: make([]uint64, MaxExceptions+1)},
		"lane never used":     Ack{Consumer: ConsumerSMS, Lane: 1 << 30, Epoch: 1},
		"unknown consumer":    Ack{Consumer: "pigeons", Lane: at, Epoch: 1},
	} {
		b.Apply(Grant{Consumer: ConsumerSMS, Owner: "g1", To: 1 << 31}, Place{}, 0)
		if res, _ := b.Apply(cmd, Place{}, 0); res.Reject != CommandForbidden {
			t.Errorf("%s: %v", what, res.Reject)
		}
	}
	if n := b.Notices("pigeons", at, 0, 1); n != nil {
		t.Error("a notice for nobody")
	}
	if _, ok := b.Cursor("pigeons", at); ok {
		t.Error("a cursor for nobody")
	}
}

// A later grant takes its lanes and leaves the rest.
func TestGrants(t *testing.T) {
	b := New(Options{})
	for _, g := range []Grant{
		{Owner: "a", From: 0, To: 99}, {Owner: "b", From: 40, To: 59}, {Owner: "c", From: 90, To: 120}, {Owner: "d", From: 0, To: 9},
	} {
		g.Consumer = ConsumerSMS
		b.Apply(g, Place{}, 0)
	}
	for lane, want := range map[Lane]string{0: "d", 9: "d", 10: "a", 39: "a", 40: "b", 59: "b", 60: "a", 89: "a", 90: "c", 120: "c", 121: ""} {
		if c, _ := b.Cursor(ConsumerSMS, lane); c.Owner != want {
			t.Errorf("lane %d: %q, not %q", lane, c.Owner, want)
		}
	}
}

// Whatever is put and acknowledged, the open notices are those of a plain set.
func TestOutboxModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := newOutbox()
		jane := &account{number: 7, home: 3}
		at := LaneOf(3, 7)
		o.grant(Grant{Consumer: ConsumerSMS, Owner: "g1", To: at})
		open := map[uint64]bool{}
		count := uint64(0)
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				count++
				if o.put(jane, told{count, SidePayer}) != count {
					t.Fatal("a gap")
				}
				open[count] = true
			},
			"ack": func(t *rapid.T) {
				upto := rapid.Uint64Range(0, count).Draw(t, "upto")
				except := rapid.SliceOfN(rapid.Uint64Range(0, count+1), 0, 5).Draw(t, "except")
				if o.ack(Ack{Consumer: ConsumerSMS, Lane: at, Epoch: 1, Upto: upto, Except: except}) != OK {
					return
				}
				for seq := range upto + 1 {
					if !slices.Contains(except, seq) {
						delete(open, seq)
					}
				}
			},
			"": func(t *rapid.T) {
				l := o.lane(at)
				kept := 0
				if l != nil {
					kept = l.open(0)
					for seq := range count {
						if o.acked(l, seq+1) == open[seq+1] {
							t.Fatalf("notice %d", seq+1)
						}
					}
				}
				if kept != len(open) || l != nil && o.homes[3].open != kept {
					t.Fatalf("%d open, not %d", kept, len(open))
				}
			},
		})
	})
}

// Lanes that got something are named once, and cost nothing to ask again.
func TestFreshLanes(t *testing.T) {
	b, at := chatty(t, 3)
	fresh := b.FreshLanes(nil)
	if len(fresh) != 2 || !slices.Contains(fresh, at) || len(b.FreshLanes(nil)) != 0 {
		t.Errorf("fresh lanes %v", fresh)
	}
	slices.Sort(fresh)
	if open := b.OpenLanes(ConsumerSMS, 0, 1<<30); !slices.Equal(open, fresh) {
		t.Errorf("open lanes %v, not %v", open, fresh)
	}
	if open := b.OpenLanes(ConsumerSMS, at+1, at); open != nil {
		t.Errorf("open lanes in no range: %v", open)
	}
}
