package health

import (
	"fmt"
	"math"
	"time"
)

// From which shares on a flow has its name.
const (
	fullAt      = 0.5  // of the time without a place in the window
	throttledAt = 0.02 // of answers that say "slower"
	unknownAt   = 0.02 // of messages without an answer
	pacedAt     = 0.9  // of per_second
	longTrip    = 100 * time.Millisecond
)

// Flow is what one bind did over a while, as far as it explains how much it
// carries.
type Flow struct {
	Down      string // why nothing can be sent; empty while something can
	Window    int
	PerSecond int           // our own limit; 0 is none
	Full      float64       // share of the time in which no place in the window was free
	Used      float64       // mean share of the window in use
	Rate      float64       // messages answered a second
	Trip      time.Duration // mean round trip
	Throttled float64       // share of answers that say "slower"
	Unknown   float64       // share of messages without an answer in time
	Waiting   int           // messages of ours that wait for the bind now
}

// Why answers "why is throughput low?" in a sentence: what holds the bind down
// first, and what to do about it.
func (f Flow) Why() string {
	switch {
	case f.Down != "":
		return "nothing leaves by it: " + f.Down
	case f.Throttled >= throttledAt:
		return fmt.Sprintf("the operator throttles: %s of the answers say slower, it takes about %s; ask for more, or set per_second to that",
			Percent(f.Throttled), PerSecond(f.Rate*(1-f.Throttled)))
	case f.Unknown >= unknownAt:
		return fmt.Sprintf("%s of the messages get no answer, each holds a place in the window until response_timeout: ask the operator", Percent(f.Unknown))
	case f.Full >= fullAt && f.Trip > 0:
		return f.narrow()
	case f.PerSecond > 0 && f.Rate >= pacedAt*float64(f.PerSecond):
		return fmt.Sprintf("our own per_second holds it at %d/s; raise it if the operator takes more", f.PerSecond)
	case f.Waiting > 0:
		return fmt.Sprintf("%d wait for it, though its window is full only %s of the time: a burst, or SMS that rest after a throttled answer", f.Waiting, Percent(f.Full))
	case f.Rate == 0:
		return "nothing waits for it and nothing is sent"
	}
	return fmt.Sprintf("it is not the limit: nothing waits, window used %s, %s at %s round trip", Percent(f.Used), PerSecond(f.Rate), Millis(f.Trip))
}

// Limits tells whether the bind holds down what goes by it now.
func (f Flow) Limits() bool {
	return f.Down != "" || f.Throttled >= throttledAt || f.Unknown >= unknownAt || f.Full >= fullAt ||
		f.PerSecond > 0 && f.Rate >= pacedAt*float64(f.PerSecond)
}

// narrow says what a full window lets through: the window over the round trip.
func (f Flow) narrow() string {
	most := float64(f.Window) / f.Trip.Seconds()
	do := "ask for a larger window"
	if f.Trip >= longTrip {
		do = "ask for a larger window, or why it takes so long"
	}
	return fmt.Sprintf("window full %s of the time at %s round trip: at most %s; %s", Percent(f.Full), Millis(f.Trip), PerSecond(most), do)
}

// PerSecond is a rate in words: 47/s, 0.2/s.
func PerSecond(rate float64) string {
	if rate > 0 && rate < 9.95 && math.Abs(rate-math.Round(rate)) > 0.05 {
		return fmt.Sprintf("%.1f/s", rate)
	}
	return fmt.Sprintf("%.0f/s", rate)
}

// Worst is what to think of several that stand for each other, such as the binds of
// one set: bad when all of them are, degraded when any is less than good.
func Worst(all []Verdict) Verdict {
	least, most := Bad, Unproven
	for _, v := range all {
		least, most = min(least, v), max(most, v)
	}
	if most == Bad && least < Bad {
		return Degraded
	}
	return most
}
