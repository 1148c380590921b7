package load

import (
	"slices"
	"sync"
	"time"

	"mlango/simulator/report"
)

// Limits of what is kept of a run for its page. None grows with the run's length.
const (
	maxSlices  = 1200            // of time; past them two become one
	firstSlice = time.Second     // before any two did
	maxNamed   = 200             // screens with times of their own
	maxFunnels = 24              // goals with a funnel of their own
	maxLatest  = 2048            // sessions whose story is still known when the audit asks
	maxSlow    = 8               // sessions told for a long wait
	maxBroken  = 6               // sessions told for an end without a screen
	maxAudited = 12              // sessions told for what the audit found about them
	maxHops    = 40              // told of one session
	aheadMost  = 5 * time.Second // of our clock: an instant past that is nobody's
)

// overflow gathers what has no name of its own any more.
const overflow = "others"

// slice is what happened in one piece of time.
type slice struct {
	offered, started, broken, screens, silent int
	committed, rejected, texts, anomalies     int
	waits, delays, late                       times
	gauges                                    gauges
}

// recorder keeps what the page of a run draws; it is safe for all sessions at once.
type recorder struct {
	mu      sync.Mutex
	begun   time.Time
	width   time.Duration
	slices  []slice
	screens map[string]*histogram
	funnels map[string]*funnel
	latest  []*story // a ring
	next    int      // place in it
	slow    []*story // the longest wait first
	broken  []*story // the first ones
}

func newRecorder(begun time.Time) *recorder {
	return &recorder{begun: begun, width: firstSlice, screens: map[string]*histogram{}, funnels: map[string]*funnel{}}
}

// at does something to the slice of an instant. What is before the run's begin, or
// far ahead of our clock, is nobody's. A nil recorder keeps nothing.
func (r *recorder) at(when time.Time, do func(s *slice)) {
	if r == nil {
		return
	}
	since := when.Sub(r.begun)
	if since < 0 || time.Until(when) > aheadMost {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	do(r.slice(since))
}

// slice is the one of an instant; the lock is held.
func (r *recorder) slice(since time.Duration) *slice {
	for int(since/r.width) >= maxSlices {
		r.fold()
	}
	for int(since/r.width) >= len(r.slices) {
		r.slices = append(r.slices, slice{})
	}
	return &r.slices[since/r.width]
}

// fold makes one slice of each two.
func (r *recorder) fold() {
	r.width *= 2
	n := 0
	for i := 0; i < len(r.slices); i += 2 {
		one := r.slices[i]
		if i+1 < len(r.slices) {
			one.merge(&r.slices[i+1])
		}
		r.slices[n] = one
		n++
	}
	clear(r.slices[n:])
	r.slices = r.slices[:n]
}

func (s *slice) merge(o *slice) {
	s.offered, s.started, s.broken = s.offered+o.offered, s.started+o.started, s.broken+o.broken
	s.screens, s.silent = s.screens+o.screens, s.silent+o.silent
	s.committed, s.rejected = s.committed+o.committed, s.rejected+o.rejected
	s.texts, s.anomalies = s.texts+o.texts, s.anomalies+o.anomalies
	s.waits.merge(&o.waits)
	s.delays.merge(&o.delays)
	s.late.merge(&o.late)
	s.gauges.merge(&o.gauges)
}

// offered notes a dial that was due.
func (r *recorder) offered(due time.Time) { r.at(due, func(s *slice) { s.offered++ }) }

// late notes how late the generator was at an instant.
func (r *recorder) late(due time.Time, by time.Duration) {
	r.at(due, func(s *slice) { s.late.add(by) })
}

// answered notes an answer of the journal to a wish.
func (r *recorder) answered(when time.Time, made bool) {
	r.at(when, func(s *slice) {
		if made {
			s.committed++
		} else {
			s.rejected++
		}
	})
}

// text notes an SMS that arrived.
func (r *recorder) text(when time.Time) { r.at(when, func(s *slice) { s.texts++ }) }

// delay notes how long after its commit an SMS came.
func (r *recorder) delay(commit time.Time, by time.Duration) {
	r.at(commit, func(s *slice) { s.delays.add(by) })
}

// anomaly notes something the audit found of an instant.
func (r *recorder) anomaly(when time.Time) { r.at(when, func(s *slice) { s.anomalies++ }) }

// gauge notes what the programs say of themselves.
func (r *recorder) gauge(when time.Time, g Gauges) {
	r.at(when, func(s *slice) { s.gauges.add(g) })
}

// waited notes the wait for a screen, or for none.
func (r *recorder) waited(name string, due time.Time, wait time.Duration, came bool) {
	r.at(due, func(s *slice) {
		s.waits.add(wait)
		if !came {
			s.silent++
			return
		}
		s.screens++
		h := r.screens[name]
		if h == nil && len(r.screens) >= maxNamed {
			name = overflow
			h = r.screens[name]
		}
		if h == nil {
			h = newHistogram()
			r.screens[name] = h
		}
		h.add(wait)
	})
}

// byScreen are the waits for each screen, the slowest first.
func (r *recorder) byScreen() (list []report.ScreenTimes) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, h := range r.screens {
		list = append(list, report.ScreenTimes{Screen: name, Count: int(h.h.TotalCount()), P50MS: Figure(h.ms(50)), P90MS: Figure(h.ms(90)),
			P99MS: Figure(h.ms(99)), P999MS: Figure(h.ms(99.9)), MaxMS: Figure(h.maxMS())})
	}
	slices.SortFunc(list, func(a, b report.ScreenTimes) int {
		switch {
		case a.P99MS != b.P99MS && a.P99MS > b.P99MS, a.P99MS == b.P99MS && a.Screen < b.Screen:
			return -1
		}
		return 1
	})
	return list
}

// series is what happened over time.
func (r *recorder) series() *report.Series {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := &report.Series{SliceMS: r.width.Milliseconds()}
	for i := range r.slices {
		r.slices[i].tell(out)
	}
	return out
}

// tell puts a slice behind the others of a series.
func (s *slice) tell(out *report.Series) {
	add := func(list *[]int, n int) { *list = append(*list, n) }
	put := func(list *[]Figure, f Figure) { *list = append(*list, f) }
	add(&out.Offered, s.offered)
	add(&out.Started, s.started)
	add(&out.Broken, s.broken)
	add(&out.Screens, s.screens)
	add(&out.Silent, s.silent)
	put(&out.ScreenP50, s.waits.ms(50))
	put(&out.ScreenP99, s.waits.ms(99))
	put(&out.ScreenMax, s.waits.maxMS())
	add(&out.Committed, s.committed)
	add(&out.Rejected, s.rejected)
	add(&out.SMS, s.texts)
	put(&out.SMSP50, s.delays.ms(50))
	put(&out.SMSP99, s.delays.ms(99))
	put(&out.Alive, s.gauges.alive.most())
	put(&out.Orders, s.gauges.orders.most())
	put(&out.Texts, s.gauges.texts.most())
	put(&out.TextsOldest, s.gauges.oldest.most())
	put(&out.Breaker, s.gauges.breaker.mean())
	put(&out.Late, s.late.maxMS())
	add(&out.Anomalies, s.anomalies)
}
