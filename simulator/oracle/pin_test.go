package oracle

import (
	"strings"
	"testing"
)

// TestWrongPINsAreCounted: three lock an account, a right one begins anew, and a ledger
// that counts otherwise is found.
func TestWrongPINsAreCounted(t *testing.T) {
	wrong, right, locked := Said{Reject: "pin_wrong"}, Said{Made: true}, Said{Reject: "pin_locked"}
	for _, row := range []struct {
		name string
		said []Said
		want string
	}{
		{"two, then right, then two", []Said{wrong, wrong, right, wrong, wrong, right}, ""},
		{"three, then locked", []Said{wrong, wrong, wrong, locked, locked}, ""},
		{"a refusal for money begins anew, an expiry does not", []Said{wrong, {Reject: "expired"}, wrong, {Reject: "not_enough_funds"}, wrong, wrong, wrong, locked}, ""},
		{"the lock is ignored", []Said{wrong, wrong, wrong, right}, "3 wrong ones had locked it"},
		{"a fourth is counted", []Said{wrong, wrong, wrong, wrong}, "3 wrong ones had locked it"},
		{"locked after two", []Said{wrong, wrong, locked}, "2 wrong ones were typed"},
	} {
		found := ""
		b := New(func(w Wrong) { found += w.Text })
		b.Open(1, Wallet, Currency{'K', 'E', 'S'})
		for _, s := range row.said {
			b.PIN(&Wish{Transfer: Transfer{From: 1}}, s.Reject != refusedAsWrong, &s)
		}
		if row.want == "" && found != "" || !strings.Contains(found, row.want) {
			t.Errorf("%s: %q, want %q", row.name, found, row.want)
		}
		b.Lock(1, false)
		found = ""
		if b.PIN(&Wish{Transfer: Transfer{From: 1}}, true, &Said{Made: true}); found != "" {
			t.Errorf("%s: after somebody unlocked it: %q", row.name, found)
		}
	}
}
