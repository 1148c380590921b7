package ledger

import "testing"

// TestLinkedWithNeighbourIDs: the second's id is the first's second leg's; it is not
// answered with a receipt of what it did not make.
func TestLinkedWithNeighbourIDs(t *testing.T) {
	s := runScript(t, `
		open acme paybill 100.00
		open jane wallet
	`)
	leg := Leg{Kind: KindPayout, From: s.names["acme"], To: s.names["jane"], Amount: 100, Currency: kes}
	first := Linked{ID: s.id("l1"), Legs: []Leg{leg, leg}, Expires: s.now}
	for i, want := range []Reject{OK, OtherContent, OtherContent} {
		c := first
		c.ID = first.ID.Leg(uint8(i))
		if i == 2 {
			c.ID = first.ID.Leg(255) // the first's own is its second leg's
		}
		for range 2 {
			if res, _ := s.apply(c); res.Reject != want {
				t.Errorf("number %d: %s, want %s", i, res.Reject, want)
			}
		}
	}
	if v, _ := s.book.Account(leg.To); v.Balance != 200 {
		t.Errorf("%d moved", v.Balance)
	}
}

// TestEndedHoldsDelayNoExpiry: those that ended before their time cost a tick nothing.
func TestEndedHoldsDelayNoExpiry(t *testing.T) {
	s := runScript(t, `
		open jane wallet 1,000,000.00
		open paul wallet
		window 0
	`)
	for i := range 2 * expirePerTick {
		id := NewID(s.now, [10]byte{1, byte(i), byte(i >> 8)})
		_, _, epoch, _, _ := s.book.PIN(s.names["jane"])
		s.apply(&Move{Transfer: Transfer{ID: id, Kind: KindSend, From: s.names["jane"], To: s.names["paul"], Amount: 1, Currency: kes,
			Expires: s.now, Until: s.now + 1000}, Verdict: VerdictRight, Epoch: epoch})
		s.apply(Void{ID: NewID(s.now, [10]byte{2, byte(i), byte(i >> 8)}), Hold: id, Expires: s.now})
	}
	s.do("send h1 jane paul 5.00 until 1001 → ok jane/held 5.00")
	s.now += 1002
	s.do("tick → ok jane/held 0.00")
}

// TestAnApprovedIDMayBeOlder: it was made when the first person asked.
func TestAnApprovedIDMayBeOlder(t *testing.T) {
	const now = 1_800_000_000_000
	kes := Currency{'K', 'E', 'S'}
	b := New(Options{ZoneMinutes: 180})
	apply := func(cmd Command) Reject {
		t.Helper()
		res, _ := b.Apply(cmd, Place{Index: 1}, now)
		return res.Reject
	}
	apply(OpenAccount{Account: 900001, Kind: AccountTrust, Currency: kes})
	apply(OpenAccount{Account: 900002, Kind: AccountFees, Currency: kes})
	apply(RequireTwo{})
	if got := apply(Approved{Cmd: Freeze{Account: 900002}, First: "jane", At: now}); got != OK {
		t.Errorf("what one may do alone, by one: %s", got)
	}
	if got := apply(Approved{Cmd: &Move{Transfer: Transfer{ID: NewID(now, [10]byte{77}), Kind: KindIssue, From: 900001, To: 900002,
		Amount: 100, Currency: kes, Expires: now}}, First: "jane", At: now}); got != NeedsSecondPerson {
		t.Errorf("money, by one who is named: %s", got)
	}
	for i, c := range []struct {
		age  int64
		two  bool
		want Reject
	}{
		{0, false, NeedsSecondPerson},
		{0, true, OK},
		{idPast + ApproveWithin, true, OK},
		{idPast + ApproveWithin + 1, true, IDTime},
	} {
		var cmd Command = &Move{Transfer: Transfer{ID: NewID(now-c.age, [10]byte{byte(i)}), Kind: KindIssue, From: 900001, To: 900002,
			Amount: 100, Currency: kes, Expires: now}}
		if c.two {
			cmd = Approved{Cmd: cmd, First: "jane", Second: "paul", At: now}
		}
		if got := apply(cmd); got != c.want {
			t.Errorf("%d ms old, two people %v: %s, want %s", c.age, c.two, got, c.want)
		}
	}
	plain := &Move{Transfer: Transfer{ID: NewID(now-idPast-1, [10]byte{9}), Kind: KindSend, Expires: now}}
	if got := apply(plain); got != IDTime {
		t.Errorf("after an approved one, an old id of one person: %s", got)
	}
}
