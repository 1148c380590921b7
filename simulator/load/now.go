package load

import (
	"fmt"
	"math"
	"strings"
	"time"

	"mlango/simulator/report"
)

// lately is the time that a board's rates and waits are of; trend is how many slices it
// looks back.
const (
	lately = 5 * time.Second
	trend  = 60
)

// Now is a run at an instant.
type Now struct {
	Begun     bool
	At, Span  time.Duration // since the first dial, and of the arrivals
	Phase     string        // what goes on
	Clock     string        // of the curve, as 08:42; empty: it is no curve of a day
	Percent   float64       // of the asked rate
	Rate      float64       // payments a second that this is
	Offered   int           // dials
	Redials   int           // of them
	Alive     int
	Ended     int
	SMS       int
	Anomalies int
	Latest    string // of them, in words
	Faults    string // that are going on
	ToldNo    string // to how many payments, and why to most; empty: to none
	Stair     int    // from 1; 0: it is no run in steps
	Stairs    int

	Dials, Paid, Screens, Texts, Silent Figure // each second, lately
	P50MS, P99MS, LateMS                Figure // of screens, and of the generator, lately
	Gauges                              Gauges
	TrendPaid, TrendP99                 []Figure // by slices, the oldest first
	Slice                               time.Duration
}

// Now looks at the run.
func (l *Live) Now() (n Now) {
	l.mu.Lock()
	r := l.run
	n.Percent = l.at()
	l.mu.Unlock()
	if r == nil {
		return n
	}
	return r.now(n, time.Now())
}

// now is the run at an instant.
func (r *run) now(n Now, now time.Time) Now {
	c := r.cfg
	n.Begun, n.At, n.Span, n.Rate = true, now.Sub(r.begun), c.Duration, c.Rate*n.Percent/100
	n.Offered, n.Redials, n.Alive, n.SMS = int(r.offered.Load()), int(r.redials.Load()), int(r.alive.Load()), r.mail.received()
	r.mu.Lock()
	n.Ended, n.ToldNo = r.ended, r.report.Payments.No(1)
	r.mu.Unlock()
	n.Anomalies, n.Latest = r.found()
	n.Faults = strings.TrimPrefix(r.faults.says(), ", ")
	n.Phase = "people dial"
	select {
	case <-r.over:
		if n.Phase = "what was begun goes on to its end"; n.Alive == 0 {
			n.Phase = "the audit waits for the last answers and SMS"
		}
	default:
		if steps := c.Profile.Steps; steps > 0 {
			n.Stair, n.Stairs = StepAt(steps, n.At.Seconds()/c.Duration.Seconds())+1, steps
			break
		}
		minute := int(math.Mod(c.From+n.At.Minutes()*c.Speed, 24*60))
		n.Clock = fmt.Sprintf("%02d:%02d", minute/60, minute%60)
	}
	c.rec.look(&n)
	return n
}

// look fills in what the slices tell.
func (r *recorder) look(n *Now) {
	r.mu.Lock()
	defer r.mu.Unlock()
	full := min(int(n.At/r.width), len(r.slices)) // the running one is not over
	back := min(int((lately+r.width-1)/r.width), full)
	var last slice
	for i := full - back; i < full; i++ {
		last.merge(&r.slices[i])
	}
	each := func(count int) Figure {
		if back == 0 {
			return report.Unknown()
		}
		return Figure(float64(count) / (time.Duration(back) * r.width).Seconds())
	}
	n.Dials, n.Paid, n.Screens, n.Texts, n.Silent = each(last.offered), each(last.committed), each(last.screens), each(last.texts), each(last.silent)
	n.P50MS, n.P99MS, n.LateMS, n.Slice = last.waits.ms(50), last.waits.ms(99), last.late.maxMS(), r.width
	n.Gauges = unknownGauges()
	if k := len(r.slices); k > 0 {
		g := &r.slices[k-1].gauges
		if g.orders.n+g.texts.n+g.oldest.n == 0 && k > 1 {
			g = &r.slices[k-2].gauges
		}
		n.Gauges = Gauges{Orders: g.orders.most(), Texts: g.texts.most(), OldestMS: g.oldest.most(), Breaker: g.breaker.most()}
	}
	for i := max(full-trend, 0); i < full; i++ {
		n.TrendPaid = append(n.TrendPaid, Figure(float64(r.slices[i].committed)/r.width.Seconds()))
		n.TrendP99 = append(n.TrendP99, r.slices[i].waits.ms(99))
	}
}

// Line is a run at an instant in one line, for logs.
func (n *Now) Line() string {
	screens := "no screens"
	if n.P50MS.Known() {
		screens = fmt.Sprintf("screens p50 %s p99 %s ms", tell(n.P50MS), tell(n.P99MS))
	}
	s := fmt.Sprintf("%4ds  %s dials/s, %s paid/s, %s, %d alive, %d ended, %d SMS, %d anomalies", int(n.At.Seconds()),
		tell(n.Dials), tell(n.Paid), screens, n.Alive, n.Ended, n.SMS, n.Anomalies)
	if n.ToldNo != "" {
		s += ", told no: " + n.ToldNo
	}
	if n.Gauges.Orders > 0 || n.Gauges.Texts > 0 {
		s += fmt.Sprintf(", waiting: %s orders, %s SMS", whole(n.Gauges.Orders), whole(n.Gauges.Texts))
	}
	if !n.P50MS.Known() && n.Alive == 0 && n.Ended > 0 {
		s += ", everybody has left: listening for answers and SMS that come late"
	}
	if n.Gauges.Breaker > 0 {
		s += ", the breaker is open"
	}
	if n.Percent != 100 {
		s += fmt.Sprintf(", at %.0f %% of the rate", n.Percent)
	}
	if n.Faults != "" {
		s += "; " + n.Faults
	}
	return s
}

// tell is a figure in a line of a log.
func tell(f Figure) string {
	switch {
	case !f.Known():
		return "?"
	case math.Abs(float64(f)) < 10:
		return fmt.Sprintf("%.1f", float64(f))
	}
	return fmt.Sprintf("%.0f", float64(f))
}

// whole is a count in a line of a log.
func whole(f Figure) string {
	if !f.Known() {
		return "?"
	}
	return fmt.Sprintf("%.0f", float64(f))
}
