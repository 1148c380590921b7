package load

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"mlango/ledgerd/ledger"
)

// arrival is something due in a run: a dial, or the wages of a batch.
type arrival struct {
	at    time.Duration
	who   int // whom a payment woke; below zero: whoever is drawn
	wages []Wage
}

// inflow is all that is due in a run, in its order: people by the curve, and those that
// employers' batches wake. It is pure.
type inflow struct {
	curve *Arrivals
	woken []arrival
	ahead arrival // of the curve
	more  bool
}

func newInflow(c *Config, people int) *inflow {
	rng := rand.New(rand.NewPCG(c.Seed, 6))
	rate := c.Rate / c.Profile.Paying()
	in := &inflow{}
	part := 0.0
	for _, b := range c.Profile.Batches {
		at, falls := b.within(c)
		if !falls {
			continue
		}
		part += b.Part
		in.wake(c, &b, at, rate*c.Duration.Seconds()*b.Part, people, rng)
	}
	slices.SortStableFunc(in.woken, func(a, b arrival) int { return int(a.at - b.at) })
	in.curve = NewArrivals(&c.Profile, rate*(1-part), c.Duration, c.From, c.Speed, rand.New(rand.NewPCG(c.Seed, 2)))
	in.curve.ramp = c.Ramp
	in.advance()
	return in
}

// within is when a batch falls into a run.
func (b *Batch) within(c *Config) (at time.Duration, falls bool) {
	minutes := math.Mod(b.Minute-c.From+2*1440, 1440)
	at = time.Duration(minutes * 60 / c.Speed * float64(time.Second))
	return at, at < c.Duration
}

// wake draws whom a batch pays, and when they dial.
func (in *inflow) wake(c *Config, b *Batch, at time.Duration, dials float64, people int, rng *rand.Rand) {
	paid := min(int(math.Round(dials/b.Wake)), people)
	wages := make([]Wage, 0, paid)
	from := rng.IntN(people)
	for n := range paid {
		i := (from + n*coprime(people)) % people
		who := &c.People[i]
		sum := math.Round(min(b.Amount.Median*math.Exp(b.Amount.Sigma*rng.NormFloat64()), b.Amount.Most))
		wakes, after := rng.Float64() < b.Wake, b.From+time.Duration(rng.Float64()*float64(b.To-b.From))
		if kindOf(who) != ledger.AccountWallet {
			continue
		}
		wages = append(wages, Wage{Account: who.Account, Amount: ledger.Amount(sum) * 100})
		if dial := at + time.Duration(float64(after)/c.Speed); wakes && dial < c.Duration {
			in.woken = append(in.woken, arrival{at: dial, who: i})
		}
	}
	in.woken = append(in.woken, arrival{at: at, who: -1, wages: wages})
}

// advance looks at the curve's next.
func (in *inflow) advance() {
	at, ok := in.curve.Next()
	in.ahead, in.more = arrival{at: at, who: -1}, ok
}

// next is what is due next; ok is false past the end.
func (in *inflow) next() (a arrival, ok bool) {
	if len(in.woken) > 0 && (!in.more || in.woken[0].at <= in.ahead.at) {
		a, in.woken = in.woken[0], in.woken[1:]
		return a, true
	}
	a, ok = in.ahead, in.more
	if ok {
		in.advance()
	}
	return a, ok
}
