package ledger

import "testing"

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
