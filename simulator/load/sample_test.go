package load

import (
	"slices"
	"testing"

	"mlango/ledgerd/ledger"
	"mlango/simulator/oracle"
)

// TestWhoseBalancesAreCompared: where not all find room, the house's and those that moved come
// first, and whoever the seed draws: no account is out of sight for ever.
func TestWhoseBalancesAreCompared(t *testing.T) {
	const first, moved, still = 100, 3000, 2000
	a := newAuditor(0, 0)
	a.books.Begin(10)
	kes := oracle.Currency{'K', 'E', 'S'}
	a.books.Open(1, oracle.Trust, kes)
	a.books.Mark()
	for i := range moved + still {
		n := oracle.Account(first + i)
		a.books.Open(n, oracle.Wallet, kes)
		if i >= still { // the highest numbers
			a.books.Transfer(oracle.Wish{Transfer: oracle.Transfer{ID: oracle.ID{byte(i), byte(i >> 8), 1}, Kind: oracle.Issue, From: 1, To: n, Amount: 100, Currency: kes}},
				&oracle.Said{Made: true, Lines: []oracle.Line{{Account: 1}, {Account: n}}})
		}
	}
	list, known := a.sample(2000, 1)
	if again, _ := a.sample(2000, 1); len(list) != 2000 || known != 1+moved+still || list[0] != 1 || !slices.Equal(list, again) {
		t.Fatalf("%d of %d, the first is %d; the same once more: %v", len(list), known, list[0], slices.Equal(list, again))
	}
	if other, _ := a.sample(2000, 2); slices.Equal(list, other) {
		t.Error("another seed draws the same")
	}
	if low := slices.Min(list[1:]); low < first+still {
		t.Errorf("account %d has not moved, and is asked for before some that have", low)
	}
	if slices.Max(list) < first+still+moved*9/10 || len(slices.Compact(slices.Sorted(slices.Values(list)))) != len(list) {
		t.Error("the highest are out of sight, or somebody is asked for twice")
	}
	if all, _ := a.sample(10_000, 1); len(all) != known || !slices.Contains(all, ledger.Account(first)) {
		t.Errorf("%d of %d, though all find room", len(all), known)
	}
}
