package load

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"strings"
	"time"
)

// Profile is a load curve with its mix of what people dial for.
type Profile struct {
	Name string
	Says string // one sentence for `simulator profiles`
	// Hours is how much happens in each hour of the day, relative to the others.
	// Between the middles of two hours the curve is a straight line.
	Hours  [24]float64
	Amount float64 // of a payment, the median in whole units
	Poor   float64 // of the people begin with next to nothing
	Short  float64 // of the wishes end before the PIN for want of money; measured, it keeps --rate a rate of payments
	Mix    Mix
}

// Mix is how often people dial for what; the shares add up to one.
type Mix struct {
	Send, Airtime, Balance, Last float64
	Shortcut                     float64 // of sends dialled as *334*1*number*amount#
	WrongPIN                     float64 // of sessions that ask a PIN: mistyped once
	HangUp                       float64 // of sessions: left on the way
}

// payday is the hourly shape of a mobile-money operator's own log (PaySim's
// published inputs, ordinary days), laid so that its peak is between 8 and 10 as
// on a salary day. Where the quiet point lies on the clock is an assumption.
var payday = [24]float64{0.3, 0.2, 0.5, 2.7, 4.0, 4.5, 7.9, 11.5, 15.3, 15.0, 11.6, 9.1, 6.8, 6.1, 5.0, 4.5, 4.0, 4.5, 5.0, 4.0, 3.1, 1.3, 0.6, 0.4}

// profiles are the known curves. The shares of the mix are assumptions, but for
// the share of airtime among what follows a deposit (40 %, Mattsson and Takes).
var profiles = []Profile{
	{Name: "steady", Says: "the same rate throughout; every session pays, small enough that nobody runs out",
		Hours: flat(), Amount: 150, Mix: Mix{Send: 1, Shortcut: 0}},
	{Name: "salary-day", Says: "salaries arrived overnight: a peak from 8 to 10, people send, top up, look at balances, mistype and give up",
		Hours: payday, Amount: amountMedian, Poor: 0.2, Short: 0.23, Mix: Mix{Send: 0.62, Airtime: 0.18, Balance: 0.15, Last: 0.05, Shortcut: 0.2, WrongPIN: 0.03, HangUp: 0.04}},
}

func flat() (h [24]float64) {
	for i := range h {
		h[i] = 1
	}
	return h
}

// Profiles is the list of the known curves.
func Profiles() []Profile { return profiles }

// FindProfile finds a curve by its name.
func FindProfile(name string) (Profile, error) {
	names := make([]string, 0, len(profiles))
	for _, p := range profiles {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Profile{}, fmt.Errorf("load: no profile %q: choose one of %s", name, strings.Join(names, ", "))
}

// Paying is the share of sessions that come to the last key of a payment.
func (p Profile) Paying() float64 {
	return (p.Mix.Send + p.Mix.Airtime) * (1 - p.Mix.HangUp) * (1 - p.Short)
}

// At is how much happens at a minute of the day (0 to 1440, wrapping).
func (p Profile) At(minute float64) float64 {
	h := math.Mod(minute/60-0.5+48, 24) // the middle of an hour carries its figure
	i := int(h)
	part := h - float64(i)
	return p.Hours[i]*(1-part) + p.Hours[(i+1)%24]*part
}

// Peak is the minute of the day at which most happens.
func (p Profile) Peak() (minute float64) {
	for m := 0.0; m < 1440; m++ {
		if p.At(m) > p.At(minute) {
			minute = m
		}
	}
	return minute
}

// Arrivals is a stream of instants at which sessions begin: a Poisson process
// whose rate follows the curve and whose mean over the span is the wanted rate.
// It is pure: the same seed gives the same instants.
type Arrivals struct {
	curve   Profile
	from    float64 // minute of the day
	speed   float64
	span    float64 // real seconds
	perUnit float64 // sessions a second per unit of the curve
	most    float64 // the highest rate in the span
	rng     *rand.Rand
	at      float64 // real seconds
}

// NewArrivals makes a stream of rate sessions a real second, on average over
// span, along the curve from a minute of the day; speed real times as fast.
func NewArrivals(p Profile, rate float64, span time.Duration, from, speed float64, rng *rand.Rand) *Arrivals {
	a := &Arrivals{curve: p, from: from, speed: speed, span: span.Seconds(), rng: rng}
	const steps = 1000
	sum, most := 0.0, 0.0
	for i := range steps {
		v := p.At(a.minute(a.span * (float64(i) + 0.5) / steps))
		sum, most = sum+v, max(most, v)
	}
	if sum > 0 {
		a.perUnit = rate * steps / sum
	}
	a.most = a.perUnit * most * 1.01 // the steps may have missed the very top
	return a
}

// minute is the minute of the day after some real seconds.
func (a *Arrivals) minute(seconds float64) float64 { return a.from + seconds*a.speed/60 }

// Next is the next instant, counted from the beginning; ok is false past the
// end. It draws from the fastest rate and drops what the curve does not want
// (thinning), which keeps the process Poisson.
func (a *Arrivals) Next() (at time.Duration, ok bool) {
	if a.most <= 0 {
		return 0, false
	}
	for {
		a.at += a.rng.ExpFloat64() / a.most
		if a.at >= a.span {
			return 0, false
		}
		if a.rng.Float64()*a.most <= a.perUnit*a.curve.At(a.minute(a.at)) {
			return time.Duration(a.at * float64(time.Second)), true
		}
	}
}

// pick chooses an index by weight; r is drawn from [0,1).
func pick(r float64, weights ...float64) int {
	sums := make([]float64, len(weights))
	total := 0.0
	for i, w := range weights {
		total += w
		sums[i] = total
	}
	return min(sort.SearchFloat64s(sums, r*total), len(weights)-1)
}
