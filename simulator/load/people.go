package load

import (
	"math/rand/v2"
	"sync/atomic"

	"mlango/ledgerd/ledger"
)

// Person is a subscriber of the run, as the stack seeded it, or a business.
type Person struct {
	MSISDN   string // empty: reached by no handset
	Name     string // as the ledger shows it
	PIN      string // of a made-up person
	Language string
	Account  ledger.Account
	Kind     ledger.AccountKind // zero: a wallet
	Number   string             // on the sign of an agent, a till or a business: what people type
}

// reached tells whether somebody is known who can get an SMS.
func (p *Person) reached() bool { return p != nil && p.MSISDN != "" }

// crowd is the population and who of it holds a phone right now.
type crowd struct {
	people []Person
	others []Person // whom nobody dials for
	busy   []atomic.Bool
	dials  []atomic.Uint32 // of each
	eldest []atomic.Uint32 // of the dials of each, that is not forgotten
	kinds  map[ledger.AccountKind][]int
	stride int // scrambles ranks over people
	zipf   *rand.Zipf
}

// sessionKeys is how many dialogues of one handset have names of their own over
// SMPP: its_session_info gives them one octet. One more bears the name of an older
// one, and while that is known the audit could not tell their payments apart.
const sessionKeys = 256

// How payments are spread over people: some dial often, most seldom. An assumption,
// held to PaySim's clients, of whom 29 % pay once a month and 5 % ten times and more.
const (
	zipfExponent = 1.15
	zipfFlat     = 20 // the busiest part of so many hardly differ
)

// newCrowd is a population; rng is drawn from when people are.
func newCrowd(people, others []Person, rng *rand.Rand) *crowd {
	c := &crowd{people: people, others: others, busy: make([]atomic.Bool, len(people)), dials: make([]atomic.Uint32, len(people)), eldest: make([]atomic.Uint32, len(people)), kinds: map[ledger.AccountKind][]int{}}
	for i := range people {
		c.kinds[kindOf(&people[i])] = append(c.kinds[kindOf(&people[i])], i)
	}
	for i := range others {
		if others[i].Number == "" {
			continue // nobody can type it
		}
		c.kinds[others[i].Kind] = append(c.kinds[others[i].Kind], -1-i)
	}
	wallets := len(c.kinds[ledger.AccountWallet])
	c.stride = coprime(wallets)
	if rng != nil && wallets > 0 {
		c.zipf = rand.NewZipf(rng, zipfExponent, float64(wallets/zipfFlat+1), uint64(wallets-1))
	}
	return c
}

func kindOf(p *Person) ledger.AccountKind {
	if p.Kind == 0 {
		return ledger.AccountWallet
	}
	return p.Kind
}

// coprime is a number that has no divisor with n: its multiples come to everybody.
func coprime(n int) int {
	gcd := func(a, b int) int {
		for b != 0 {
			a, b = b, a%b
		}
		return a
	}
	for k := 7919; ; k++ {
		if gcd(k, max(n, 1)) == 1 {
			return k
		}
	}
}

// personOf is a person by number: below zero one of the others.
func personOf(people, others []Person, i int) *Person {
	if i < 0 {
		return &others[-1-i]
	}
	return &people[i]
}

// someone draws where among the wallets to look for somebody who dials: by Zipf,
// scrambled.
func (c *crowd) someone() int {
	n := len(c.kinds[ledger.AccountWallet])
	return int(c.zipf.Uint64()) % n * c.stride % n
}

// claim takes somebody of a list who is not in a session and has a name left for one,
// looking on from a drawn place; ok is false when nobody near is free.
func (c *crowd) claim(list []int, from int) (i int, ok bool) {
	const looks = 64
	for n := range min(looks, len(list)) {
		if i = list[(from+n)%len(list)]; i >= 0 && c.take(i) {
			return i, true
		}
	}
	return 0, false
}

// take takes one person.
func (c *crowd) take(i int) bool {
	if !c.named(i) || !c.busy[i].CompareAndSwap(false, true) {
		return false
	}
	c.dials[i].Add(1)
	return true
}

// named tells whether somebody's next session has a name that no other known one has.
func (c *crowd) named(i int) bool { return c.dials[i].Load()-c.eldest[i].Load() < sessionKeys }

// again lets a person who is taken dial once more.
func (c *crowd) again(i int) bool {
	if !c.named(i) {
		return false
	}
	c.dials[i].Add(1)
	return true
}

// forget frees the names of somebody's sessions before one.
func (c *crowd) forget(i int, eldest uint32) { c.eldest[i].Store(eldest) }

func (c *crowd) free(i int) { c.busy[i].Store(false) }

// tablePayers are the kinds of account that dial for a goal; others are dialled for by
// wallets.
var tablePayers = map[string]ledger.AccountKind{"deposit": ledger.AccountAgent}

// tablePayees are the kinds of account that a goal pays; others pay wallets.
var tablePayees = map[string]ledger.AccountKind{
	"withdraw": ledger.AccountAgent, "buy_goods": ledger.AccountTill, "pay_bill": ledger.AccountPaybill,
}

// can tells whether there is anybody to dial for a goal, and to be paid.
func (c *crowd) can(goal string) bool {
	for _, table := range []map[string]ledger.AccountKind{tablePayers, tablePayees} {
		if kind, special := table[goal]; special && len(c.kinds[kind]) == 0 {
			return false
		}
	}
	return true
}

// payer takes somebody for a goal, looking on from a drawn place.
func (c *crowd) payer(goal string, drawn int, rng *rand.Rand) (i int, ok bool) {
	if kind, special := tablePayers[goal]; special {
		return c.claim(c.kinds[kind], rng.IntN(len(c.kinds[kind])))
	}
	return c.claim(c.kinds[ledger.AccountWallet], drawn)
}

// payee draws somebody else for a goal, with a share of it the hot one.
func (c *crowd) payee(goal string, payer int, hot float64, rng *rand.Rand) int {
	kind, special := tablePayees[goal]
	if !special {
		kind = ledger.AccountWallet
	}
	list := c.kinds[kind]
	r, first := rng.Float64(), rng.Float64()
	if special {
		r *= r * r // a few counters have most of the custom: an assumption
	}
	at := int(r * float64(len(list)))
	if first < hot {
		at = 0
	}
	if list[at] == payer {
		at = (at + 1) % len(list)
	}
	return list[at]
}
