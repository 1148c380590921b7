package ledger

import (
	"reflect"
	"testing"
)

// Everything that is known of a transfer, by id and by receipt.
func TestShow(t *testing.T) {
	s := runScript(t, `
		tariff send 1,000.00:10.00
		open jane wallet 100.00
		open paul wallet
		send p1 jane paul 20.00           → ok
		send p2 jane paul 20.00 again p1  → ok
		send p3 jane paul 20.00           → looks_repeated first p2
		send p4 jane paul 21.00 pin wrong → pin_wrong
		balance c1 jane                   → ok
		resolve r1 -1                     → expired
	`)
	jane, paul := s.names["jane"], s.names["paul"]
	shown, ok := s.book.Show(s.ids["p2"])
	want := Shown{
		Result: shown.Result, Kind: KindSend, From: jane, To: paul, Amount: 2000, Currency: kes, Quoted: 1000, Again: s.ids["p1"],
		Origin: Origin{Operator: "safari", Session: "s-p2", Gateway: "g1"}, Language: Language{'e', 'n'},
		Postings: []Posting{{Account: jane, Debit: 3000, Balance: 4000}, {Account: paul, Credit: 2000, Balance: 4000},
			{Account: s.names["fees"], Part: PartFee, Credit: 1000, Balance: 2000}},
		Told: []Told{
			{Side: SidePayer, Lane: LaneOf(1, jane), Seq: 2}, {Side: SidePayee, Lane: LaneOf(1, paul), Seq: 2},
		},
	}
	if !ok || !reflect.DeepEqual(shown, want) {
		t.Errorf("shown\n got %+v\nwant %+v", shown, want)
	}
	if again, ok := s.book.ShowReceipt(shown.Result.Receipt); !ok || !reflect.DeepEqual(again, want) {
		t.Errorf("by receipt: %+v", again)
	}
	s.apply(Grant{Consumer: ConsumerSMS, Owner: "g1", To: 1 << 20})
	s.apply(Ack{Consumer: ConsumerSMS, Lane: LaneOf(1, paul), Epoch: 1, Upto: 2, Except: []uint64{1}})
	shown, _ = s.book.Show(s.ids["p2"])
	first, _ := s.book.Show(s.ids["p1"])
	if shown.Told[0].Acked || !shown.Told[1].Acked || first.Told[1].Acked {
		t.Errorf("acknowledged: %+v, %+v", first.Told, shown.Told)
	}
	for id, postings := range map[string]int{"p3": 0, "p4": 0, "c1": 0, "r1": 0, "open-jane": 2} {
		if shown, ok := s.book.Show(s.ids[id]); !ok || len(shown.Postings) != postings || shown.Tombstone != (id == "r1") {
			t.Errorf("%s: %+v", id, shown)
		}
	}
	if _, ok := s.book.Show(ID{1}); ok {
		t.Error("an id that never was is shown")
	}
}

func TestGovernRefused(t *testing.T) {
	for what, cmd := range map[string]Command{
		"account zero":             OpenAccount{Kind: AccountWallet, Currency: kes},
		"no kind":                  OpenAccount{Account: 9, Currency: kes},
		"no such kind":             OpenAccount{Account: 9, Kind: 10, Currency: kes},
		"no currency":              OpenAccount{Account: 9, Kind: AccountWallet},
		"a novel for a name":       OpenAccount{Account: 9, Kind: AccountWallet, Currency: kes, Sealed: make([]byte, MaxSealedPerson+1)},
		"no token":                 SetAlias{Account: 1},
		"tariff of nothing":        SetTariff{},
		"tariff that falls":        SetTariff{Kind: KindSend, Bands: []Band{{Upto: 200, Fee: 1}, {Upto: 100, Fee: 2}}},
		"tariff that pays":         SetTariff{Kind: KindSend, Bands: []Band{{Upto: 200, Fee: -1}}},
		"tariff beyond all money":  SetTariff{Kind: KindSend, Bands: []Band{{Upto: 200, Fee: MaxAmount + 1}}},
		"too many bands":           SetTariff{Kind: KindSend, Bands: make([]Band, maxBands+1)},
		"limits of nothing":        SetLimits{},
		"negative limit":           SetLimits{Kind: KindSend, Min: -1},
		"least above most":         SetLimits{Kind: KindSend, Min: 2, Max: 1},
		"window before now":        SetRepeatWindow{Window: -1},
		"window beyond a day":      SetRepeatWindow{Window: maxRepeatWindow + 1},
		"question nobody can ask":  &Answer{Check: Check{ID: NewID(0, [10]byte{1}), Account: 1, Query: 9}, Verdict: VerdictRight, Epoch: 1},
		"transfer of no kind":      &Move{Transfer: Transfer{ID: NewID(0, [10]byte{2}), From: 1, To: 1}, Verdict: VerdictRight, Epoch: 1},
		"transfer of unknown kind": &Move{Transfer: Transfer{ID: NewID(0, [10]byte{3}), Kind: 11, From: 1, To: 1}, Verdict: VerdictRight, Epoch: 1},
		"command of another world": nil,
	} {
		b := New(Options{})
		b.Apply(OpenAccount{Account: 1, Kind: AccountWallet, Currency: kes}, Place{}, 0)
		b.Apply(SetPIN{Account: 1}, Place{}, 0)
		if res, again := b.Apply(cmd, Place{}, 0); res.Reject != CommandForbidden || again {
			t.Errorf("%s: %v", what, res.Reject)
		}
	}
}

// An opening told twice changes nothing; another one under its number is refused.
func TestOpenTwice(t *testing.T) {
	b := New(Options{})
	o := OpenAccount{Account: 1, Kind: AccountWallet, Currency: kes, Home: 1, Sealed: []byte("one")}
	b.Apply(o, Place{}, 0)
	before := b.Digest()
	o.Sealed = []byte("two") // sealed anew: other bytes, same name
	if res, _ := b.Apply(o, Place{}, 0); res.Reject != OK || b.Digest() != before {
		t.Errorf("again: %v", res.Reject)
	}
	o.Kind = AccountTill
	if res, _ := b.Apply(o, Place{}, 0); res.Reject != OtherContent || b.Digest() != before {
		t.Errorf("as another: %v", res.Reject)
	}
	if v, ok := b.Account(1); !ok || string(v.Sealed) != "one" || v.Kind != AccountWallet {
		t.Errorf("%+v", v)
	}
}

// A number can be given to another, and to nobody.
func TestAliases(t *testing.T) {
	s := runScript(t, "open jane wallet\nopen paul wallet")
	for _, row := range []struct {
		to   Account
		want bool
	}{{s.names["paul"], true}, {0, false}, {s.names["jane"], true}} {
		s.apply(SetAlias{Token: token("jane"), Account: row.to})
		if n, ok := s.book.Find(token("jane")); ok != row.want || n != row.to {
			t.Errorf("%d: %d %v", row.to, n, ok)
		}
	}
	if _, ok := s.book.Find(token("nobody")); ok {
		t.Error("a number nobody has leads somewhere")
	}
}

// It stays known whose a number was, unless that person was erased; saying again what is so adds nothing.
func TestAliasesAreDated(t *testing.T) {
	s := runScript(t, `
		09:00 open jane wallet
		      open paul wallet
		10:00 number jane paul
		10:30 number jane paul
		11:00 erase paul
		12:00 number jane jane
	`)
	jane := s.names["jane"]
	for at, want := range map[string]Account{"08:59": 0, "09:00": jane, "09:59": jane, "10:00": 0, "10:59": 0, "11:00": 0, "11:59": 0, "12:00": jane} {
		ms, _ := clock(at)
		if n, ok := s.book.FindAt(token("jane"), ms); n != want || ok != (want != 0) {
			t.Errorf("%s: %d %v", at, n, ok)
		}
	}
	if _, ok := s.book.FindAt(token("paul"), s.now); ok {
		t.Error("an erased person's number leads somewhere")
	}
	if n := s.book.aliases.Len(); n != 4 { // two openings, one to paul and one to jane
		t.Errorf("%d aliases are kept", n)
	}
}

// The digest sees every kind of change.
func TestDigestSeesAll(t *testing.T) {
	s := runScript(t, `
		open jane wallet 100.00
		open paul wallet
		send p1 jane paul 10.00 → ok
	`)
	jane := s.names["jane"]
	seen := map[[32]byte]string{s.book.Digest(): "nothing"}
	for _, cmd := range []Command{
		OpenAccount{Account: 77, Kind: AccountTill, Currency: kes, Sealed: []byte("x")},
		SetAlias{Token: token("x"), Account: jane}, SetAlias{Token: token("x"), Account: 77}, SetAlias{Token: token("x")},
		SetPIN{Account: jane, Salt: [16]byte{1}}, LockPIN{jane}, UnlockPIN{jane}, Freeze{jane, true}, Freeze{77, true}, Freeze{jane, false}, SetLanguage{jane, Language{'s', 'w'}},
		SetTariff{Kind: KindSend, Bands: []Band{{Upto: 5, Fee: 6}}}, SetLimits{Kind: KindAirtime, Min: 1}, SetRepeatWindow{5},
		s.transfer("issue", []string{"i1", "trust", "jane", "1.00"}), Resolve{ID: s.id("r"), Expires: s.now - 1},
		&Answer{Check: Check{ID: s.id("c"), Account: jane, Query: QueryBalance, Expires: s.now}, Epoch: 4, Verdict: VerdictRight},
		s.refers("b1", "meter-7"), s.refers("b2", "meter-8"), s.recallable("p2"), s.recalled("q1", "p2"),
		SetTier{Account: jane, Tier: 1}, SetTier{Account: jane, Tier: 1, Maximum: 5}, SetTier{Account: jane, Tier: 2}, Close{77},
		SetTariff{Kind: KindSend, Bands: []Band{{Upto: 5, Fee: 6, Tax: 1}}}, SetTariff{Kind: KindSend, From: s.now + 1},
		SetLimits{Kind: KindAirtime, Min: 1, Tier: 1}, SetLimits{Kind: KindPaybill, PayeeDaily: 1},
		s.transfer("send", []string{"h1", "jane", "paul", "1.00", "until", "1000", "epoch", "3", "fee", "1.00"}), s.transfer("send", []string{"h2", "jane", "paul", "2.00", "until", "1000", "epoch", "3", "fee", "1.00"}),
		Post{ID: s.id("e1"), Hold: s.id("h1"), Expires: s.now}, Void{ID: s.id("e2"), Hold: s.id("h2"), Expires: s.now},
		Reverse{ID: s.id("r1"), Of: s.id("e1"), Amount: 1, Expires: s.now}, Reverse{ID: s.id("r2"), Of: s.id("e1"), Fee: true, Expires: s.now},
		s.transfer("issue", []string{"i2", "trust", "fees", "1.00"}),
		Linked{ID: s.id("l1"), Expires: s.now, Legs: []Leg{{Kind: KindPayout, From: 2, To: jane, Amount: 5, Currency: kes}}},
		&ChangePIN{Check: Check{ID: s.id("c2"), Account: jane, Query: QueryChange, Expires: s.now}, Epoch: 4, Verdict: VerdictRight, MAC: [32]byte{3}},
		ErasePerson{jane}, RequireTwo{},
		Grant{Consumer: ConsumerSMS, Owner: "g1", To: 1 << 20},
		Ack{Consumer: ConsumerSMS, Lane: LaneOf(1, jane), Epoch: 1, Upto: 1, Except: []uint64{1}},
		Ack{Consumer: ConsumerSMS, Lane: LaneOf(1, jane), Epoch: 1, Upto: 1},
	} {
		if res, again := s.apply(cmd); again || res.Reject != OK && res.Reject != Expired {
			t.Errorf("%T: %s", cmd, res.Reject)
		}
		d := s.book.Digest()
		if was, ok := seen[d]; ok {
			t.Errorf("%T %+v looks like %s", cmd, cmd, was)
		}
		seen[d] = "an earlier one"
	}
	before := s.book.Digest()
	s.apply(Tick{})
	if s.book.Digest() != before {
		t.Error("a tick changed something")
	}
}

// A day before 1970 is a day too: the rule has no edge at zero.
func TestDays(t *testing.T) {
	b := New(Options{ZoneMinutes: 180})
	for now, want := range map[int64]int32{-180*minute - 1: -1, -180 * minute: 0, 0: 0, day - 180*minute - 1: 0, day - 180*minute: 1, -2 * day: -2} {
		if got := b.dayOf(now); got != want {
			t.Errorf("%d is in day %d, not %d", now, got, want)
		}
	}
}

// Stale repeats are let go of, a few with each commit and many with a tick.
func TestRepeatsAreForgotten(t *testing.T) {
	s := runScript(t, "open jane wallet 1,000.00\nopen paul wallet")
	held := s.book.repeats.Len
	for i := range 20 {
		s.apply(s.transfer("send", []string{string(rune('a' + i)), "jane", "paul", figure(Amount(100 + i))}))
	}
	if held() != 20 {
		t.Fatalf("%d held", held())
	}
	s.do("10:00 send p1 jane paul 9.99 → ok")
	if n := held(); n > 20-forgetPerCommit+2 { // the openings were commits too
		t.Errorf("%d held after a commit", n)
	}
	s.apply(Tick{})
	if n := held(); n != 1 {
		t.Errorf("%d held after a tick", n)
	}
}
