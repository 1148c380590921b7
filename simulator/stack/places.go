package stack

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"mlango/ledgerd/ledger"
)

// The counters of a load: their accounts, the numbers on their signs, and the handsets of
// those who stand behind them.
const (
	placesAccount  = 8_000_000
	placesMSISDN   = "25479%07d"
	firstAgent     = 110_000
	firstTill      = 510_000
	firstPaybill   = 410_000
	peoplePerAgent = 200
	peoplePerTill  = 100
	businesses     = 8
	maxPlaces      = 2_000 // of each kind
	agentFloat     = 2_000_000 * shilling
	leastPlaces    = 3
)

// placeMSISDN is the handset behind a counter of the demo world.
const placeMSISDN = "254700%06d"

// Places are the counters of the demo world: those of agents and tills have a handset,
// with the demo's PIN.
func Places() []User {
	places := slices.Clone(tablePlaces)
	for i := range places {
		p := &places[i]
		p.Sign, p.Language = fmt.Sprint(p.Account), "en"
		if p.Kind == ledger.AccountAgent || p.Kind == ledger.AccountTill {
			p.MSISDN, p.PIN = fmt.Sprintf(placeMSISDN, p.Account), PIN
		}
	}
	return places
}

// Counters are the first agent and the first till of the demo world.
func Counters() (agent, till User) {
	for _, p := range Places() {
		switch {
		case p.Kind == ledger.AccountAgent && agent.Account == 0:
			agent = p
		case p.Kind == ledger.AccountTill && till.Account == 0:
			till = p
		}
	}
	return agent, till
}

// CrowdPlaces are the counters at which a crowd of people pays, draws cash and brings it:
// agents and tills with a handset, businesses without. From a seed they are the same
// every time.
func CrowdPlaces(seed uint64, people int) (places []User) {
	rng := rand.New(rand.NewPCG(seed, placesAccount))
	add := func(kind ledger.AccountKind, first, n int, handset bool, name string, balance ledger.Amount) {
		for i := range n {
			u := User{Account: ledger.Account(placesAccount + len(places)), Kind: kind, Sign: fmt.Sprint(first + i), Name: fmt.Sprintf("%s %d", name, i+1), Language: "en", Balance: balance}
			if handset {
				u.MSISDN = fmt.Sprintf(placesMSISDN, len(places))
				u.PIN = crowdPIN(rng, u.MSISDN)
			}
			places = append(places, u)
		}
	}
	add(ledger.AccountAgent, firstAgent, min(people/peoplePerAgent+leastPlaces, maxPlaces), true, "AGENT", agentFloat)
	add(ledger.AccountTill, firstTill, min(people/peoplePerTill+leastPlaces, maxPlaces), true, "SHOP", 0)
	add(ledger.AccountPaybill, firstPaybill, businesses, false, "BILLER", 0)
	return places
}
