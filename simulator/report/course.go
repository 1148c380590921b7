package report

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// What a stretch must have to be left out of the charts, and what stands in its place.
const (
	leastFold = 10 // slices
	foldPart  = 8  // one of so many slices of the run, at least
	foldEdge  = 2  // slices that stay at both ends of it
	foldWide  = 30 // its place has one of so many columns
)

// course is the time along the charts, in columns: the slices of a run, but for long
// stretches in which nothing happened and nothing waited. A run that waits two minutes
// for one answer would otherwise press its minute of dials into a corner.
type course struct {
	slice time.Duration
	cols  []int // the slice of each column; -1: left out there
	folds []fold
}

// fold is a stretch that is left out, by its columns and its slices.
type fold struct{ col, wide, from, to int }

// newCourse is a time of so many slices, of which some are quiet.
func newCourse(slice time.Duration, length int, quiet func(i int) bool) *course {
	c := &course{slice: slice}
	least := max(leastFold, length/foldPart) + 2*foldEdge
	for i, n := 0, 0; i < length; i = n {
		for n = i; n < length && quiet(n); n++ {
		}
		if n-i < least || i == 0 { // the charts begin with the run
			n = max(n, i+1)
			c.keep(i, n)
			continue
		}
		to := n - foldEdge
		if n == length {
			to = n
		}
		c.keep(i, i+foldEdge)
		c.folds = append(c.folds, fold{from: i + foldEdge, to: to})
		c.cols = append(c.cols, -1)
		c.keep(to, n)
	}
	c.widen()
	return c
}

// course is the run's.
func (r *Report) course() *course { return newCourse(r.Series.Slice(), r.Series.Len(), r.quietAt) }

func (c *course) keep(from, to int) {
	for i := from; i < to; i++ {
		c.cols = append(c.cols, i)
	}
}

// widen gives each fold a place that is seen.
func (c *course) widen() {
	wide, cols, n := max(1, len(c.cols)/foldWide), []int(nil), 0
	for _, at := range c.cols {
		if at >= 0 {
			cols = append(cols, at)
			continue
		}
		c.folds[n].col, c.folds[n].wide = len(cols), wide
		for range wide {
			cols = append(cols, -1)
		}
		n++
	}
	c.cols = cols
}

// quietAt tells whether nothing happened in a slice, nothing waited and nothing was broken.
func (r *Report) quietAt(i int) bool {
	s := r.Series
	for _, list := range [][]int{s.Offered, s.Started, s.Broken, s.Screens, s.Silent, s.Committed, s.Rejected, s.SMS, s.Anomalies} {
		if i < len(list) && list[i] != 0 {
			return false
		}
	}
	for _, list := range [][]Figure{s.Alive, s.Orders, s.Texts, s.TextsOldest, s.Breaker} {
		if i < len(list) && list[i].Known() && list[i] != 0 {
			return false
		}
	}
	from, to := int64(i)*s.SliceMS, int64(i+1)*s.SliceMS
	for _, h := range r.Faults[:min(len(r.Faults), maxMarks)] {
		if h.FromMS < to && max(h.ToMS, h.FromMS) >= from {
			return false
		}
	}
	for _, t := range r.Turned[:min(len(r.Turned), maxMarks)] {
		if t.AtMS >= from && t.AtMS < to {
			return false
		}
	}
	return true
}

// along are figures by slice as figures by column.
func (c *course) along(list []Figure) []Figure {
	out := make([]Figure, len(c.cols))
	for i, at := range c.cols {
		if out[i] = Unknown(); at >= 0 && at < len(list) {
			out[i] = list[at]
		}
	}
	return out
}

// at is where an instant of the run, in ms, stands, 0 on the left and 1 on the right,
// and whether it is not one that is left out.
func (c *course) at(ms int64) (part float64, shown bool) {
	return c.place(float64(ms) / float64(c.slice.Milliseconds()))
}

// place is at, in slices.
func (c *course) place(slice float64) (part float64, shown bool) {
	col, n := slice, float64(len(c.cols))
	for _, f := range c.folds {
		switch {
		case slice >= float64(f.to):
			col = slice - float64(f.to) + float64(f.col+f.wide)
		case slice > float64(f.from):
			return float64(f.col) / n, false
		}
	}
	return min(max(col/n, 0), 1), true
}

// ticks are round instants along it.
func (c *course) ticks() (list []tick) {
	shown, last := len(c.cols), c.cols[len(c.cols)-1]+1
	for _, f := range c.folds {
		shown, last = shown-f.wide, max(last, f.to)
	}
	slice := c.slice.Seconds()
	step := niceTime(slice * float64(shown) / xTicks)
	for s := 0.0; s <= slice*float64(last)*1.0001; s += step {
		if part, ok := c.place(s / slice); ok {
			list = append(list, newTick(part, clock(int64(s*1000)), len(list)%2 == 1))
		}
	}
	return list
}

// gaps are where stretches are left out.
func (c *course) gaps() (list []mark) {
	n := float64(len(c.cols))
	for _, f := range c.folds {
		list = append(list, mark{From: at(float64(f.col) / n), Wide: at(float64(f.wide) / n), Says: "nothing happened " + c.span(f)})
	}
	return list
}

// span is the time of a fold in words.
func (c *course) span(f fold) string {
	return "from " + clock(int64(f.from)*c.slice.Milliseconds()) + " to " + clock(int64(f.to)*c.slice.Milliseconds())
}

// says tells what is left out; empty when nothing is.
func (c *course) says() string {
	var spans []string
	for _, f := range c.folds {
		spans = append(spans, c.span(f))
	}
	if len(spans) == 0 {
		return ""
	}
	return fmt.Sprintf("Nothing happened and nothing waited %s: the charts leave that out, where they are hatched.", strings.Join(spans, ", and "))
}

// niceTime is the next round number of seconds, minutes or hours.
func niceTime(seconds float64) float64 {
	for _, n := range []float64{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800} {
		if seconds <= n {
			return n
		}
	}
	return 86400 * math.Ceil(seconds/86400)
}
