package load

import (
	"slices"
	"time"

	"mlango/simulator/report"
)

// repeatWindow is how long a ledger takes the same payment again for a repeated one,
// unless it is told otherwise.
const repeatWindow = 10 * time.Minute

// second counts what became of a wish that was asked for several times, and finds second
// payments that nobody said yes to. Prevented is what was asked for after a payment that was
// made, and was told to look repeated: a try that got lost prevents nothing.
func (m *matcher) second(w *wish) {
	asked, made, last := w.asked, 0, int64(0)
	slices.SortFunc(asked, func(a, b ask) int { return a.due.Compare(b.due) })
	for _, one := range asked {
		if made > 0 && len(one.made) == 0 && one.no {
			m.report.Retries.Prevented++
		}
		for _, at := range one.made {
			if made++; made > 1 && !one.yes && at-last < repeatWindow.Milliseconds() {
				m.find(one.who, "a payment was made a second time, %d ms after the first, and nobody said that it is meant", at-last)
			}
			last = max(last, at)
		}
	}
	m.report.Retries.Made += max(made-1, 0)
}

// stairStat is what happened on one stair of a run in steps.
type stairStat struct {
	offered, failed, committed int
	waits                      times
}

// capacity finds the last good stair.
func (r *run) capacity() *report.Capacity {
	steps := r.cfg.Profile.Steps
	if steps == 0 {
		return nil
	}
	good := r.cfg.Profile.Good
	out := &report.Capacity{LastGood: report.Unknown(), Rule: good.String()}
	each := r.cfg.Duration / time.Duration(steps)
	fine := true
	for i, s := range r.stairs() {
		if s.offered == 0 {
			break
		}
		one := report.CapacityStep{
			FromMS: (each * time.Duration(i)).Milliseconds(), ToMS: (each * time.Duration(i+1)).Milliseconds(),
			Offered: float64(s.offered) * r.cfg.Profile.Paying() / each.Seconds(), Committed: float64(s.committed) / each.Seconds(),
			FailShare: float64(s.failed) / float64(s.offered), P99MS: s.waits.ms(99), Good: good.holds(&s),
		}
		if fine = fine && one.Good; fine {
			out.LastGood = Figure(one.Offered)
		}
		out.Steps = append(out.Steps, one)
	}
	return out
}

// stairs are the stairs so far.
func (r *run) stairs() []stairStat {
	list := make([]stairStat, r.cfg.Profile.Steps)
	r.clock.mu.Lock()
	for i := range r.clock.stairs {
		list[i].waits.merge(&r.clock.stairs[i])
	}
	r.clock.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, one := range r.steps {
		list[i].offered, list[i].failed, list[i].committed = one.offered, one.failed, one.committed
	}
	return list
}

// dialled counts a session of the stair.
func (s *stairStat) dialled(v *visit) {
	s.offered++
	switch v.ending {
	case EndNotBegun, EndFailed, EndSilent:
		s.failed++
	case EndRefused:
		if waits(v.screen) {
			s.failed++
		}
	}
}

// holds tells whether a stair was good.
func (g Good) holds(s *stairStat) bool {
	p99 := s.waits.ms(99)
	return float64(s.failed) <= g.FailShare*float64(s.offered) && (!p99.Known() || float64(p99) <= g.P99MS)
}

// enough tells whether a run in steps has seen a bad one: those that are over by an
// instant, but the last, whose sessions go on.
func (r *run) enough(part float64) bool {
	at := StepAt(r.cfg.Profile.Steps, part)
	if at <= r.climbed {
		return false
	}
	r.climbed = at
	list := r.stairs()
	for i := range at - 1 {
		if !r.cfg.Profile.Good.holds(&list[i]) {
			return true
		}
	}
	return false
}
