package load

import (
	"math"
	"math/rand/v2"
	"time"
)

// rampDoubles is in how many seconds a ramp doubles.
const rampDoubles = 10

// At is how much happens at a minute of the day (0 to 1440, wrapping).
func (p *Profile) At(minute float64) float64 {
	h := math.Mod(minute/60-0.5+48, 24) // the middle of an hour carries its figure
	i := int(h)
	part := h - float64(i)
	return p.Hours[i]*(1-part) + p.Hours[(i+1)%24]*part
}

// Peak is the minute of the day at which most happens.
func (p *Profile) Peak() (minute float64) {
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
	curve   *Profile
	from    float64 // minute of the day
	speed   float64
	span    float64 // real seconds
	perUnit float64 // sessions a second per unit of the curve
	most    float64 // the highest rate in the span
	rng     *rand.Rand
	at      float64        // real seconds
	ramp    float64        // sessions a second to begin with; 0: the curve's
	turn    func() float64 // by how much the rate is turned now; nil: not at all
}

// NewArrivals makes a stream of rate sessions a real second, on average over
// span, along the curve from a minute of the day; speed real times as fast.
func NewArrivals(p *Profile, rate float64, span time.Duration, from, speed float64, rng *rand.Rand) *Arrivals {
	a := &Arrivals{curve: p, from: from, speed: speed, span: span.Seconds(), rng: rng}
	const steps = 1000 // a multiple of every usual number of stairs
	sum, most := 0.0, 0.0
	for i := range steps {
		v := a.height(a.span * (float64(i) + 0.5) / steps)
		sum, most = sum+v, max(most, v)
	}
	if sum > 0 {
		a.perUnit = rate * steps / sum
	}
	a.most = a.perUnit * most * 1.01 // the steps may have missed the very top
	return a
}

// wanted is how many sessions a second are wanted after some real seconds: the curve's,
// or what the ramp has come to.
func (a *Arrivals) wanted(seconds float64) float64 {
	rate := a.perUnit * a.height(seconds)
	if a.ramp > 0 {
		rate = min(rate, a.ramp*math.Exp2(seconds/rampDoubles))
	}
	return rate
}

// minute is the minute of the day after some real seconds.
func (a *Arrivals) minute(seconds float64) float64 { return a.from + seconds*a.speed/60 }

// height is how much happens after some real seconds: the curve's figure, or the
// stair's.
func (a *Arrivals) height(seconds float64) float64 {
	if a.curve.Steps > 0 {
		return float64(StepAt(a.curve.Steps, seconds/a.span) + 1)
	}
	return a.curve.At(a.minute(seconds))
}

// StepAt is the stair, from 0, at a part of the span.
func StepAt(steps int, part float64) int {
	return min(max(int(part*float64(steps)), 0), steps-1)
}

// Next is the next instant, counted from the beginning; ok is false past the
// end. It draws from the fastest rate and drops what the curve does not want
// (thinning), which keeps the process Poisson.
func (a *Arrivals) Next() (at time.Duration, ok bool) {
	if a.most <= 0 {
		return 0, false
	}
	for {
		turned := 1.0
		if a.turn != nil {
			turned = a.turn()
		}
		a.at += a.rng.ExpFloat64() / (a.most * turned)
		if a.at >= a.span {
			return 0, false
		}
		if a.rng.Float64()*a.most <= a.wanted(a.at) {
			return time.Duration(a.at * float64(time.Second)), true
		}
	}
}

// pick chooses an index by weight; r is drawn from [0,1).
func pick(r float64, n int, weight func(i int) float64) int {
	total := 0.0
	for i := range n {
		total += weight(i)
	}
	for i := range n {
		if r -= weight(i) / total; r < 0 {
			return i
		}
	}
	return n - 1
}
