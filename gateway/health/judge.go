package health

import (
	"fmt"
	"time"
)

// Judge holds what one bind or operator is judged by. The zero value knows
// nothing yet.
type Judge struct {
	last    Counts
	seconds [span]Counts
	at      int64 // second of the newest place in seconds
	begun   bool

	usual  float64 // round trip in nanoseconds
	known  int     // seconds with traffic that usual was learnt from
	slow   bool
	proof  time.Time // of the last message
	downAt time.Time // since when nothing can be sent
	cut    bool      // it is bad because of that
	before Opinion   // what was thought until then
	told   bool      // that nothing was sent since
	calmAt time.Time // since when the news is better than the verdict
	now    Opinion
}

// Look takes the counts at an instant, once a second or so, and says what to
// think. down is why nothing can be sent, empty while something can.
func (j *Judge) Look(now time.Time, c Counts, down string) Opinion {
	j.take(now, c)
	seen := j.seen()
	j.trend(seen)
	j.now.Failed, j.now.Trip, j.now.Usual = seen.share(), seen.trip(), 0
	if j.known >= learnt {
		j.now.Usual = time.Duration(j.usual)
	}
	want, why := j.want(seen, j.sum(quick))
	switch {
	case j.away(now, down):
		if !j.cut {
			j.before = j.now
		}
		j.set(now, Bad, "down: "+down)
		j.cut = true
	case j.cut && down == "":
		j.back(now, seen, max(want, Good), why)
	case want > max(j.now.Verdict, Good):
		j.set(now, want, why)
	case want == j.now.Verdict && want != Unproven:
		j.set(now, want, why)
		j.calmAt = time.Time{}
	case seen.Done == 0:
		j.idle(now)
	default:
		j.rise(now, seen)
	}
	return j.now
}

// away tells whether nothing could be sent for longer than a link may be away.
func (j *Judge) away(now time.Time, down string) bool {
	if down == "" {
		j.downAt = time.Time{}
		return false
	}
	if j.downAt.IsZero() {
		j.downAt = now
	}
	return now.Sub(j.downAt) >= downGrace
}

func (j *Judge) set(now time.Time, v Verdict, why string) {
	if v != j.now.Verdict || j.now.Since.IsZero() {
		j.now.Since, j.calmAt = now, time.Time{}
	}
	j.now.Verdict, j.now.Why, j.cut = v, why, false
	j.told = false
}

// take puts what came since the last look into its second.
func (j *Judge) take(now time.Time, c Counts) {
	second := now.Unix()
	if !j.begun {
		j.begun, j.at, j.proof = true, second, now
		j.now.Since, j.now.Why = now, "nothing was sent yet, so nothing is proven"
	}
	j.at = max(j.at, second-span)
	for ; j.at < second; j.at++ {
		j.learn(j.seconds[(j.at+1)%span])
		j.seconds[(j.at+1)%span] = Counts{}
	}
	fresh := c.Since(j.last)
	if j.last = c; fresh.Done > 0 {
		j.proof = now
	}
	at := &j.seconds[j.at%span]
	*at = at.Add(fresh)
}

func (j *Judge) seen() Counts { return j.sum(span) }

// sum is what the last n seconds brought.
func (j *Judge) sum(n int) (sum Counts) {
	for i := range n {
		sum = sum.Add(j.seconds[(j.at-int64(i)+span)%span])
	}
	return sum
}

// learn makes a second that leaves the span part of the usual round trip: what is
// judged is not its own measure.
func (j *Judge) learn(s Counts) {
	if s.Trips == 0 {
		return
	}
	j.known++
	over := min(j.known, usualOver)
	if j.slow {
		over = usualSlow
	}
	j.usual += (float64(s.trip()) - j.usual) / float64(over)
}

// trend compares the round trip with the usual one.
func (j *Judge) trend(seen Counts) {
	usual, trip := time.Duration(j.usual), seen.trip()
	switch {
	case j.known < learnt || seen.Trips < some:
	case trip > slowBy*usual && trip-usual > slowLeast:
		j.slow = true
	case trip < fineBy*usual || trip-usual < slowLeast/2:
		j.slow = false
	}
}

// want is the verdict that the messages of the span call for, by the marks at
// which one falls.
func (j *Judge) want(seen, lately Counts) (Verdict, string) {
	share, slow := seen.share(), j.slow && seen.Trips >= some
	late := fmt.Sprintf("round trip %s, usually %s", Millis(seen.trip()), Millis(time.Duration(j.usual)))
	switch {
	case seen.Failed >= some && share >= badAt:
		return Bad, seen.words()
	case slow && seen.trip() >= lateTrip:
		return Bad, late
	case seen.Failed >= twoFailed && seen.Done >= fewest && share >= degradeAt, seen.Failed >= threeOf && share >= manyAt:
		return Degraded, seen.words()
	case lately.Failed >= threeOf && lately.Done >= fewest && lately.share() >= quickAt:
		return Degraded, lately.words()
	case slow:
		return Degraded, late
	case seen.Done < some:
		return Unproven, ""
	}
	return Good, seen.words()
}

// back is what to think of a link that is up again: no better than before it went,
// and of one that was good as its messages say.
func (j *Judge) back(now time.Time, seen Counts, want Verdict, why string) {
	switch {
	case j.before.Verdict >= max(want, Degraded):
		j.set(now, j.before.Verdict, j.before.Why)
	case seen.Done >= some:
		j.set(now, want, why)
	default:
		j.set(now, Unproven, "connected again, nothing was sent since")
	}
}

// rise lets a verdict become better after calmFor of better news. What is new is as
// good as its messages at once.
func (j *Judge) rise(now time.Time, seen Counts) {
	if j.now.Verdict == Unproven {
		if seen.Done >= some {
			j.set(now, Good, seen.words())
		} else {
			j.now.Why = fmt.Sprintf("%d messages are too few to judge by", seen.Done)
		}
		return
	}
	mark, next := mendedAt, Good
	if j.now.Verdict == Bad {
		mark, next = betterAt, Degraded
	}
	if j.now.Verdict == Good || seen.Done < some || seen.share() >= mark || j.slow && next == Good {
		j.calmAt = time.Time{}
		return
	}
	if j.calmAt.IsZero() {
		j.calmAt = now
	}
	j.now.Why = fmt.Sprintf("%s; %s in %s if it stays so", seen.words(), next, Age(j.calmAt.Add(calmFor).Sub(now)))
	if now.Sub(j.calmAt) >= calmFor {
		j.set(now, next, seen.words())
	}
}

// idle is what becomes of a verdict while nothing is sent: good fades, anything else
// waits for proof.
func (j *Judge) idle(now time.Time) {
	j.calmAt = time.Time{}
	switch {
	case !j.downAt.IsZero():
	case j.now.Verdict == Good && now.Sub(j.proof) >= proofLife:
		j.set(now, Unproven, "nothing was sent for "+Age(now.Sub(j.proof)))
	case j.now.Verdict >= Degraded && !j.told:
		j.now.Why, j.told = j.now.Why+"; nothing was sent since", true
	}
}
