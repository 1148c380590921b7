// Package health judges what carries messages – a bind, an operator – by what
// became of them: good, degraded or bad by error ratio and latency trend, never by
// merely being connected; and says in a sentence what holds a bind's throughput
// down. It is pure: counts and the time come in, an opinion comes out.
package health

import "time"

// What an opinion rests on. A verdict falls at once and rises only after calmFor
// of better news, past a mark that lies well below the one it fell at: so it does
// not flap.
const (
	span      = 30                     // seconds looked back
	fewest    = 40                     // messages that make a share of a few percent worth something
	some      = 5                      // messages without which nothing is said
	degradeAt = 0.03                   // of messages failed, at least twoFailed of them
	twoFailed = 2                      //
	quick     = 10                     // seconds looked back for what began just now: a bind that stops
	quickAt   = 0.045                  // answering sends little, so that what was before would hide it
	manyAt    = 0.10                   // also of few messages, at least threeOf of them
	threeOf   = 3                      //
	badAt     = 0.25                   // at least some of them
	mendedAt  = 0.01                   // below it degraded may become good,
	betterAt  = 0.10                   // and bad degraded
	calmFor   = span * time.Second     // of it
	slowBy    = 3                      // times the usual round trip,
	slowLeast = 100 * time.Millisecond // and by so much
	fineBy    = 2                      // times, and it is not slow any more
	lateTrip  = 2 * time.Second        // slow and above it, no screen is in time
	learnt    = 30                     // seconds with traffic until there is a usual round trip
	usualOver = 300                    // seconds with traffic that it is the mean of, about
	usualSlow = 3600                   // and while it is slow: what stays slow is usual one day
	proofLife = 10 * time.Minute       // after so long without a message good is unproven again
	downGrace = 3 * time.Second        // a link may be away without being bad
)

// Verdict is what to think of a bind or an operator.
type Verdict uint8

// The verdicts. Unproven is what carried nothing yet: being connected proves
// nothing.
const (
	Unproven Verdict = iota
	Good
	Degraded
	Bad
)

// String is the verdict in a word.
func (v Verdict) String() string {
	return [...]string{"unproven", "good", "degraded", "bad"}[min(v, Bad)]
}

// Counts are what became of messages so far; they only rise.
type Counts struct {
	Done   uint64        // answered or given up
	Failed uint64        // of those: refused, throttled or unanswered
	Trips  uint64        // answers,
	Took   time.Duration // and how long all of them together took
}

// Add is the sum of two counts.
func (c Counts) Add(d Counts) Counts {
	return Counts{c.Done + d.Done, c.Failed + d.Failed, c.Trips + d.Trips, c.Took + d.Took}
}

// Since is what came to d; all of it when counting began anew.
func (c Counts) Since(d Counts) Counts {
	if c.Done < d.Done || c.Failed < d.Failed || c.Trips < d.Trips || c.Took < d.Took {
		return c // it began anew
	}
	return Counts{c.Done - d.Done, c.Failed - d.Failed, c.Trips - d.Trips, c.Took - d.Took}
}

func (c Counts) share() float64 { return float64(c.Failed) / float64(max(c.Done, 1)) }

func (c Counts) trip() time.Duration { return c.Took / time.Duration(max(c.Trips, 1)) }

// Opinion is a verdict with its reason.
type Opinion struct {
	Verdict Verdict
	Why     string        // in words, for people
	Since   time.Time     // of the verdict
	Failed  float64       // share of the messages looked at, 0 to 1
	Trip    time.Duration // mean round trip of the answers looked at
	Usual   time.Duration // what it usually is; zero while not known
}
