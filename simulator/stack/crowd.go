package stack

import (
	"fmt"
	"math"
	"math/rand/v2"

	"mlango/internal/msisdn"
	"mlango/internal/pin"
	"mlango/ledgerd/ledger"
)

// The made-up population of a load: number n has account 1,000,000 + n and
// MSISDN 2547 and eight digits of n. It is for loopback, like everything a stack
// starts.
const (
	crowdAccount = 1_000_000
	crowdMSISDN  = "2547%08d"
	crowdSwahili = 0.2 // of the people read Swahili
)

// The other opening balances are lognormal, in shillings.
const (
	balanceMedian = 5_000.0
	balanceSigma  = 1.1
	balanceMost   = 300_000.0
)

// tableFirstNames are common in Kenya; a person is one of them and an initial.
var tableFirstNames = []string{
	"AMINA", "BRIAN", "CATHERINE", "DANIEL", "ESTHER", "FAITH", "GRACE", "HASSAN", "IRENE", "JANE", "JUMA", "KEVIN",
	"LUCY", "MARY", "NANCY", "OMAR", "PETER", "RUTH", "SAMUEL", "TABITHA", "VICTOR", "WANJIRU", "YUSUF", "ZAINAB",
}

// Crowd is a population from a seed: person i is the same every time. poor of
// them begin with less than a hundred shillings.
func Crowd(seed uint64, poor float64) func(i int) User {
	return func(i int) User {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		u := User{
			Account: ledger.Account(crowdAccount + i), Kind: ledger.AccountWallet, MSISDN: fmt.Sprintf(crowdMSISDN, i),
			Name:     tableFirstNames[rng.IntN(len(tableFirstNames))] + " " + string(rune('A'+rng.IntN(26))),
			Language: "en",
		}
		u.PIN = crowdPIN(rng, u.MSISDN)
		if rng.Float64() < crowdSwahili {
			u.Language = "sw"
		}
		shillings := math.Min(balanceMost, balanceMedian*math.Exp(balanceSigma*rng.NormFloat64()))
		if rng.Float64() < poor {
			shillings = 100 * rng.Float64()
		}
		u.Balance = ledger.Amount(shillings) * shilling
		return u
	}
}

// Local is a number as people type it.
func Local(number string) string { return msisdn.Local(number) }

// crowdPIN is one that an opening takes: not what everybody guesses.
func crowdPIN(rng *rand.Rand, number string) string {
	for {
		typed := fmt.Sprintf("%04d", rng.IntN(10_000))
		p, err := pin.Parse(typed)
		if easy := pin.Easy(p, number); err == nil && !easy {
			p.Wipe()
			return typed
		}
	}
}
