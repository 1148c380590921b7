package load

import (
	"time"

	"mlango/simulator/report"
)

// repeatWindow is how long a ledger takes the same payment again for a repeated one,
// unless it is told otherwise.
const repeatWindow = 10 * time.Minute

// retries counts what became of those who tried again, and finds second payments that
// nobody said yes to.
func (r *run) retries(m *matcher) {
	out := &report.Retries{Redials: int(r.redials.Load()), Looked: int(r.looks.Load())}
	wishes := map[int][]*visit{}
	for _, v := range r.visits {
		switch v.late {
		case lateStray:
			out.Strays++
			fallthrough
		case lateClean:
			out.LateKeys++
		}
		if v.plan.pays() && (v.pins > 0 || v.told) {
			wishes[v.plan.number] = append(wishes[v.plan.number], v)
		}
	}
	for _, asked := range wishes {
		if len(asked) > 1 {
			made := m.second(asked)
			if made > 0 {
				out.Prevented += len(asked) - made
				out.Made += made - 1
			}
		}
	}
	r.report.Retries = out
}

// second is how many payments of one wish were made; a second one that nobody said yes
// to is found.
func (m *matcher) second(asked []*visit) (made int) {
	var first *deed
	for _, v := range asked {
		for _, d := range m.audit.of(m.cfg.People[v.plan.Payer].Account, v.session) {
			if !d.made() {
				continue
			}
			if made++; first != nil && !v.yes && d.at-first.at < repeatWindow.Milliseconds() {
				m.find(m.of(v), "a payment was made a second time, %d ms after the first, and nobody said that it is meant", d.at-first.at)
			}
			if first == nil || d.at > first.at {
				first = d
			}
		}
	}
	return made
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
	for _, v := range r.visits {
		s := &list[r.clock.stair(v.due)]
		s.offered++
		switch v.ending {
		case EndNotBegun, EndFailed, EndSilent:
			s.failed++
		case EndRefused:
			if waits(v.screen) {
				s.failed++
			}
		}
		if f, _ := fateOf(r.cfg, r.audit, v, v.at); v.placed && f == fateCommitted {
			s.committed++
		}
	}
	return list
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
