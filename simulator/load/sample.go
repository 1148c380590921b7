package load

import (
	"math/rand/v2"

	"mlango/ledgerd/ledger"
	"mlango/simulator/oracle"
)

// sample is whose balances a run asks the ledger for, at most so many, and of how many: the
// house's accounts, then those that the run moved, then those that must not have moved; where
// not all find room, whoever the seed draws.
func (a *auditor) sample(most int, seed uint64) (list []ledger.Account, known int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	rng := rand.New(rand.NewPCG(seed, 7))
	house, moved, still := a.books.Accounts()
	for _, group := range [][]oracle.Account{house, moved, still} {
		known += len(group)
		for i := 0; i < len(group) && len(list) < most; i++ {
			j := i + rng.IntN(len(group)-i)
			group[i], group[j] = group[j], group[i]
			list = append(list, ledger.Account(group[i]))
		}
	}
	return list, known
}
