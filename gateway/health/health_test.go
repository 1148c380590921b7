package health

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// life drives a judge second by second.
type life struct {
	t     *testing.T
	j     Judge
	now   time.Time
	c     Counts
	turns int // how often the verdict changed
	last  Verdict
}

func newLife(t *testing.T) *life {
	l := &life{t: t, now: time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)}
	l.j.Look(l.now, l.c, "")
	return l
}

// second sends n messages, failed of them in vain, each answered after trip.
func (l *life) second(n, failed int, trip time.Duration, down string) Opinion {
	l.now = l.now.Add(time.Second)
	l.c = l.c.Add(Counts{Done: uint64(n), Failed: uint64(failed), Trips: uint64(n), Took: time.Duration(n) * trip})
	o := l.j.Look(l.now, l.c, down)
	if o.Verdict != l.last {
		l.turns++
	}
	l.last = o.Verdict
	return o
}

func (l *life) seconds(k, n int, trip time.Duration) (o Opinion) {
	for range k {
		o = l.second(n, 0, trip, "")
	}
	return o
}

func (l *life) want(v Verdict, why string) {
	l.t.Helper()
	if got := l.j.now; got.Verdict != v || !strings.Contains(got.Why, why) {
		l.t.Fatalf("at %s: %s, %q; want %s, %q", l.now.Format("15:04:05"), got.Verdict, got.Why, v, why)
	}
}

// TestConnectedIsNotGood: a link that carries nothing proves nothing, however long
// it is up.
func TestConnectedIsNotGood(t *testing.T) {
	l := newLife(t)
	l.seconds(600, 0, 0)
	l.want(Unproven, "nothing was sent yet")
	l.seconds(3, 10, time.Millisecond)
	l.want(Good, "none of 30 messages failed")
	l.seconds(599, 0, 0)
	l.want(Good, "")
	l.seconds(2, 0, 0)
	l.want(Unproven, "nothing was sent for 10m")
}

// TestFivePercentIsDegraded within 30 s, whatever the rate and however the
// failures fall; it stays so, and ends 30 s after the last one left the span.
func TestFivePercentIsDegraded(t *testing.T) {
	for _, rate := range []int{2, 7, 20, 100, 1000} {
		l := newLife(t)
		l.seconds(60, rate, 5*time.Millisecond)
		l.want(Good, "")
		sent, failed, after := 0, 0, 0
		for ; l.last == Good && after < 60; after++ {
			sent += rate
			now := sent/20 - failed
			failed += now
			l.second(rate, now, 5*time.Millisecond, "")
		}
		if l.want(Degraded, "messages failed"); after > 30 {
			t.Errorf("at %d/s it took %d s", rate, after)
		}
		turns := l.turns
		for range 300 {
			sent += rate
			now := sent/20 - failed
			failed += now
			l.second(rate, now, 5*time.Millisecond, "")
		}
		if l.want(Degraded, ""); l.turns != turns {
			t.Errorf("at %d/s it flapped %d times", rate, l.turns-turns)
		}
		l.seconds(span-1, rate, 5*time.Millisecond)
		l.want(Degraded, "")
		l.seconds(span+2, rate, 5*time.Millisecond)
		l.want(Good, "none of")
	}
}

// TestChanceDoesNotFlap: failures by chance, at any share, change the verdict
// seldom: an hour brings a handful of changes at most.
func TestChanceDoesNotFlap(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, share := range []float64{0, .002, .005, .01, .02, .03, .05, .1, .3, .9} {
		l := newLife(t)
		for range 3600 {
			failed := 0
			for range 20 {
				if r.Float64() < share {
					failed++
				}
			}
			l.second(20, failed, time.Duration(4+r.IntN(3))*time.Millisecond, "")
		}
		if l.turns > 6 {
			t.Errorf("%.3f: %d changes in an hour", share, l.turns)
		}
		if share >= .05 && l.last < Degraded || share <= .005 && l.last != Good {
			t.Errorf("%.3f ends %s", share, l.last)
		}
	}
}

// TestSilence: a bind that leaves each twentieth message unanswered fills its window
// with those, so that it sends little and what fails comes late. It is degraded
// within 30 s none the less, the fast messages before notwithstanding.
func TestSilence(t *testing.T) {
	l := newLife(t)
	l.seconds(60, 250, time.Millisecond)
	for range 10 { // until the first response_timeout
		l.second(20, 0, time.Millisecond, "")
	}
	for range 10 {
		l.second(22, 1, time.Millisecond, "")
	}
	l.want(Degraded, "messages failed, 4.5 %")
}

func TestBadAndBack(t *testing.T) {
	l := newLife(t)
	l.seconds(60, 10, 5*time.Millisecond)
	for range 10 {
		l.second(10, 9, 5*time.Millisecond, "")
	}
	l.want(Bad, "90 of 300 messages failed, 30 %")
	l.seconds(span+1, 10, 5*time.Millisecond)
	l.want(Bad, "degraded in")
	l.seconds(span, 10, 5*time.Millisecond)
	l.want(Degraded, "")
	l.seconds(span+1, 10, 5*time.Millisecond)
	l.want(Good, "")
}

// TestDown: a lost link is bad after a grace, and its return proves nothing.
func TestDown(t *testing.T) {
	l := newLife(t)
	l.seconds(60, 10, 5*time.Millisecond)
	l.second(0, 0, 0, "connection refused")
	l.want(Good, "")
	for range 4 {
		l.second(0, 0, 0, "connection refused")
	}
	l.want(Bad, "down: connection refused")
	for range 60 {
		l.second(0, 0, 0, "connection refused")
	}
	l.seconds(1, 0, 0)
	l.want(Unproven, "connected again")
	l.seconds(2, 10, 5*time.Millisecond)
	l.want(Good, "")

	l.seconds(2, 10, 5*time.Millisecond)
	for range 10 {
		l.second(10, 1, 5*time.Millisecond, "")
	}
	l.want(Degraded, "")
	for range 5 {
		l.second(0, 0, 0, "connection refused")
	}
	l.want(Bad, "down")
	l.seconds(1, 1, time.Millisecond)
	l.want(Degraded, "messages failed") // as before, not better for the loss

	failing := newLife(t)
	for range 20 {
		failing.second(10, 1, 5*time.Millisecond, "")
	}
	failing.want(Degraded, "")
	failing.seconds(3600, 0, 0)
	failing.want(Degraded, "10 %; nothing was sent since") // idle is no proof that it mended
}

// TestTrend: three times the usual round trip is degraded, and what is slow and
// too late for any screen is bad; it mends with the round trip.
func TestTrend(t *testing.T) {
	l := newLife(t)
	l.seconds(120, 10, 40*time.Millisecond)
	l.want(Good, "")
	o := l.seconds(span, 10, 200*time.Millisecond)
	l.want(Degraded, "round trip")
	if o.Usual < 35*time.Millisecond || o.Usual > 100*time.Millisecond {
		t.Errorf("usually %v", o.Usual)
	}
	l.seconds(span+1, 10, 3*time.Second)
	l.want(Bad, "round trip 3.0 s")
	l.seconds(2*span, 0, 0)
	l.want(Bad, "round trip 3.0 s, usually 66 ms; nothing was sent since")
	l.seconds(4*span, 10, 40*time.Millisecond)
	l.want(Good, "")
	small := newLife(t)
	small.seconds(120, 10, 300*time.Microsecond)
	small.seconds(120, 10, 30*time.Millisecond) // a hundred times, and nobody feels it
	small.want(Good, "")
}

func TestCountsThatBeginAnew(t *testing.T) {
	l := newLife(t)
	l.seconds(10, 100, time.Millisecond)
	l.c = Counts{}
	l.second(3, 0, time.Millisecond, "")
	l.now = l.now.Add(-time.Hour) // and a clock that is set back
	l.second(3, 0, time.Millisecond, "")
	l.want(Good, "")
}

func TestWhy(t *testing.T) {
	for want, f := range map[string]Flow{
		"window full 80 % of the time at 210 ms round trip: at most 48/s; ask for a larger window, or why it takes so long": {Window: 10, Full: .8, Rate: 46, Trip: 210 * time.Millisecond, Waiting: 7},
		"nothing leaves by it: connection refused":                                       {Down: "connection refused", Waiting: 9},
		"the operator throttles: 20 % of the answers say slower, it takes about 40/s":    {Throttled: .2, Rate: 50, Full: 1, Trip: time.Second},
		"our own per_second holds it at 50/s":                                            {PerSecond: 50, Rate: 49.5, Waiting: 3},
		"10 % of the messages get no answer":                                             {Unknown: .1, Full: 1, Trip: time.Second},
		"nothing waits for it and nothing is sent":                                       {Window: 10},
		"it is not the limit: nothing waits, window used 3 %, 4.5/s at 12 ms round trip": {Window: 10, Rate: 4.5, Used: .03, Trip: 12 * time.Millisecond},
	} {
		if got := f.Why(); !strings.HasPrefix(got, want) {
			t.Errorf("%q\nwant %q", got, want)
		}
	}
}

// TestMeter: eight of ten glances at a full window, 46 answers a second of 210 ms.
func TestMeter(t *testing.T) {
	var m Meter
	var all Totals
	m.Tick(Totals{Sent: 1000, Took: time.Hour}) // what was before is not of now
	all = Totals{Sent: 1000, Took: time.Hour}
	for range 20 {
		for i := range 10 {
			m.Look(i < 8, 1)
		}
		all.Sent += 46
		all.Took += 46 * 210 * time.Millisecond
		m.Tick(all)
	}
	f := m.Flow()
	f.Window, f.Waiting = 10, 30
	if got, want := f.Why(), "window full 80 % of the time at 210 ms round trip: at most 48/s; ask for a larger window, or why it takes so long"; got != want || !f.Limits() {
		t.Errorf("%q", got)
	}
	for range flowSpan {
		m.Tick(Totals{}) // the bind began anew
	}
	if f = m.Flow(); f.Rate != 0 || f.Full != 0 || f.Limits() {
		t.Errorf("%+v", f)
	}
}
