package load

import (
	"cmp"
	"slices"
	"strings"

	"mlango/simulator/report"
)

// funnel is how far people came who wanted one thing.
type funnel struct {
	dialled, whole, unseen int // of them, a whole string with its answers, and without any screen
	steps                  map[string]*step
}

// step is a screen of a funnel.
type step struct {
	report.Step
	places [2]int // added up of those who walked to it, and of those who dialled a shortcut
	seen   [2]int // how many these are
}

// place is where a screen stands: at the mean of those who walked there. Who dials the
// whole way to a late screen says nothing of what comes before it.
func (s *step) place() float64 {
	way := 0
	if s.seen[0] == 0 {
		way = 1
	}
	return float64(s.places[way]) / float64(max(s.seen[way], 1))
}

// pour adds a session to the funnel of its wish; the lock is held.
func (r *recorder) pour(s *story) {
	f := r.funnels[s.wish]
	if f == nil {
		wish := s.wish
		if len(r.funnels) >= maxFunnels {
			wish = overflow
		}
		if f = r.funnels[wish]; f == nil {
			f = &funnel{steps: map[string]*step{}}
			r.funnels[wish] = f
		}
	}
	f.dialled++
	var last *step
	seen := map[string]bool{}
	way := 0
	if len(s.hops) > 0 && strings.Count(s.hops[0].input, "*") > 1 {
		way = 1
		f.whole++
	}
	for i, h := range s.hops {
		if h.silent {
			continue
		}
		if last = f.step(h.name); last != nil && !seen[h.name] {
			seen[h.name] = true
			last.Reached++
			last.places[way] += i
			last.seen[way]++
		}
	}
	switch {
	case last == nil:
		f.unseen++
	case s.ending == EndAbandoned || s.lost:
		last.Left++
	case s.ending == EndSilent || s.ending == EndFailed:
		last.Broken++
	}
}

// step is the one of a screen; nil when there are too many.
func (f *funnel) step(name string) *step {
	s := f.steps[name]
	if s == nil && len(f.steps) < maxNamed {
		s = &step{Step: report.Step{Screen: name}}
		f.steps[name] = s
	}
	return s
}

// told are the funnels, the most used first, each in the order in which people see it.
func (r *recorder) told() (list []report.Funnel) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for wish, f := range r.funnels {
		steps := make([]*step, 0, len(f.steps))
		for _, s := range f.steps {
			steps = append(steps, s)
		}
		slices.SortFunc(steps, func(a, b *step) int {
			if ends := a.Screen == nameEnd; ends != (b.Screen == nameEnd) { // who is refused at the dial sees the end first
				return map[bool]int{true: 1, false: -1}[ends]
			}
			return cmp.Or(cmp.Compare(a.place(), b.place()), cmp.Compare(b.Reached, a.Reached), cmp.Compare(a.Screen, b.Screen))
		})
		one := report.Funnel{Wish: wish, Dialled: f.dialled, Whole: f.whole, Unseen: f.unseen}
		for _, s := range steps {
			one.Steps = append(one.Steps, s.Step)
		}
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b report.Funnel) int {
		return cmp.Or(cmp.Compare(b.Dialled, a.Dialled), cmp.Compare(a.Wish, b.Wish))
	})
	return list
}
