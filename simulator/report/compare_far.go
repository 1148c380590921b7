package report

import "fmt"

// What is far out. The middle of a run's seconds does not tell that some of them stood
// still; these figures do. One stall may be the machine's, so that they ask for much.
const (
	slowTimes = 3.0 // a moment is slow when its p99 is so many times A's middling one
	farTimes  = 5.0 // by so much the waits of a whole run may be longer
)

// stalls compares how often a moment was slow, by what a middling one of A is.
func (c *Comparison) stalls(name string, a, b []Figure) {
	x, y := blocks(a, len(a)), blocks(b, len(b))
	if len(x) < fewBlocks || len(y) < fewBlocks {
		return
	}
	slow := max(slowTimes, 1+c.Worse/100)*middleOf(blocks(a, len(a))) + leastMS
	c.share(name, over(x, slow), len(x), over(y, slow), len(y))
}

// over counts figures above a limit.
func over(list []float64, limit float64) (n int) {
	for _, v := range list {
		if v > limit {
			n++
		}
	}
	return n
}

// far says which of the waits of the whole run are so much longer that no noise explains
// them: a program that stood still for a tenth of the time is worse, however few its
// stalls were.
func (c *Comparison) far() {
	a, b := c.A, c.B
	for _, f := range []struct {
		name  string
		x, y  float64
		least float64 // ms by which it must be longer
		sms   bool
	}{
		{"one screen in 100", a.Screens.P99MS, b.Screens.P99MS, 1_000, false},
		{"one screen in 1,000", a.Screens.P999MS, b.Screens.P999MS, 3_000, false},
		{"the longest wait for a screen", a.Screens.MaxMS, b.Screens.MaxMS, 10_000, false},
		{"one SMS in 100", a.SMS.P99MS, b.SMS.P99MS, 3_000, true},
	} {
		if f.sms && a.blind() || f.y-f.x <= f.least || f.y <= f.x*max(farTimes, 1+c.Worse/100) {
			continue
		}
		c.Broken = append(c.Broken, fmt.Sprintf("%s took %s or more in B, %s in A", f.name, millis(Figure(f.y)), millis(Figure(f.x))))
	}
	if x, y := len(blocks(a.within(a.Series.ScreenP50), len(a.Series.ScreenP50))), len(blocks(b.within(b.Series.ScreenP50), len(b.Series.ScreenP50))); 2*y < x {
		c.Broken = append(c.Broken, fmt.Sprintf("B showed screens in %s only, A in %d", many(y, "moment", "moments"), x))
	}
}
