package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// rates are counts a slice as figures a second.
func (s *Series) rates(counts []int) []Figure {
	out := make([]Figure, len(counts))
	for i, n := range counts {
		out[i] = Figure(float64(n) / s.Slice().Seconds())
	}
	return out
}

// charts are what happened over time, and in words what there is no chart of.
func (r *Report) charts() (list []*chart, quiet []string) {
	s := r.Series
	if s.Len() < 2 || s.SliceMS <= 0 {
		return nil, nil
	}
	add := func(id, title, note string, u unit, log bool, otherwise string, lines ...line) {
		for i := range lines {
			lines[i].values = fit(lines[i].values, s.Len())
		}
		if c, seen := newChart(id, title, note, u, log, s.Slice(), lines...); seen {
			c.Marks = r.marks(id == "rate")
			list = append(list, c)
		} else if otherwise != "" && highest(lines[0].values).Known() { // of what nobody knows nothing is said
			quiet = append(quiet, otherwise)
		}
	}
	add("rate", "Dials and payments", "each second", unitRate, false, "",
		line{Name: "dials offered", Class: "quiet", values: s.rates(s.Offered)},
		line{Name: "payments committed", Class: "main", Area: "yes", values: s.rates(s.Committed)})
	add("screens", "Waiting for a screen", "from the instant a key was due; log scale", unitMS, true, "no screen came",
		line{Name: "longest", Class: "faint", values: s.ScreenMax},
		line{Name: "p99", Class: "main", values: s.ScreenP99},
		line{Name: "median", Class: "quiet", values: s.ScreenP50})
	add("silent", "Screens that did not come", "each second, by the instant they were due", unitRate, false, "every screen came",
		line{Name: "no screen", Class: "bad", Area: "yes", values: s.rates(s.Silent)})
	add("sms", "From the commit to the SMS", "by the instant of the commit; log scale", unitMS, true, "no SMS was timed",
		line{Name: "p99", Class: "main", values: s.SMSP99},
		line{Name: "median", Class: "quiet", values: s.SMSP50})
	add("alive", "Sessions at once", "dialogues that are open", unitCount, false, "",
		line{Name: "sessions", Class: "main", Area: "yes", values: s.Alive})
	add("queues", "Waiting at the gateway", "at most in each slice", unitCount, false, "nothing waited at the gateway",
		line{Name: "orders for the ledger", Class: "main", values: s.Orders},
		line{Name: "SMS for the SMSC", Class: "quiet", values: s.Texts})
	add("oldest", "Oldest notice without an SMS", "as the ledger says; log scale", unitMS, true, "no notice waited for its SMS",
		line{Name: "age", Class: "main", values: s.TextsOldest})
	add("breaker", "Breaker to the ledger open", "share of the time", unitShare, false, "the breaker stayed shut",
		line{Name: "open", Class: "bad", Area: "yes", values: s.Breaker})
	add("anomalies", "Anomalies", "by the instant of what they are about", unitCount, false, "no anomaly",
		line{Name: "anomalies", Class: "bad", Area: "yes", values: figures(s.Anomalies)})
	add("late", "Lateness of the generator itself", "at worst; log scale", unitMS, true, "",
		line{Name: "late", Class: "quiet", values: s.Late})
	return list, quiet
}

// What a chart can mean: a file that says more says nothing, and less is none.
const (
	mostFigure  = 1e15
	leastFigure = 1e-6
)

// fit makes a list as long as the others; what an older program did not write is
// unknown, and what no run can have as well.
func fit(list []Figure, n int) []Figure {
	out := make([]Figure, n)
	for i := range out {
		if out[i] = Unknown(); i < len(list) && list[i] >= 0 && list[i] <= mostFigure {
			out[i] = list[i]
			if out[i] < leastFigure {
				out[i] = 0
			}
		}
	}
	return out
}

func figures(counts []int) []Figure {
	out := make([]Figure, len(counts))
	for i, n := range counts {
		out[i] = Figure(n)
	}
	return out
}

// marks are the faults on a chart, and with turns also the turns of the rate.
func (r *Report) marks(turns bool) (list []mark) {
	span := float64(r.Series.SliceMS) * float64(r.Series.Len())
	place := func(ms int64) float64 { return min(max(float64(ms)/span, 0), 1) }
	first, begun := -1, 0.0 // the mark that bears the number, and its place
	for i := range r.Faults {
		h := &r.Faults[i]
		from, to := place(h.FromMS), place(max(h.ToMS, h.FromMS))
		m := mark{From: at(from), Wide: at(to - from), Number: strconv.Itoa(i + 1), Says: h.Says()}
		if first >= 0 && math.Abs(from-begun) < besideMark { // one number would hide the other
			list[first].Number, list[first].Says, m.Number = list[first].Number+" "+m.Number, list[first].Says+"; "+m.Says, ""
		} else {
			first, begun = len(list), from
		}
		list = append(list, m)
		if len(list) == maxMarks {
			break
		}
	}
	if !turns {
		return list
	}
	for i, t := range r.Turned {
		if i == maxMarks {
			break
		}
		list = append(list, mark{From: at(place(t.AtMS)), Wide: "0", Number: trim(t.Percent, 0) + " %", Says: "the rate was turned by hand", Turn: true})
	}
	return list
}

// besideMark is how near two marks may stand, as a part of the chart.
const besideMark = 0.015

// maxMarks bounds the faults that a chart shows.
const maxMarks = 60

// Says is a fault in words.
func (h *Harm) Says() string {
	s := strings.ReplaceAll(h.Kind, "_", " ")
	if h.Target != "" {
		s += " " + h.Target
	}
	if h.N > 0 {
		s += fmt.Sprintf(", n %d", h.N)
	}
	if h.MS > 0 {
		s += ", by " + millis(Figure(h.MS))
	}
	return s
}

// When is the time of a fault in words.
func (h *Harm) When() string {
	if h.ToMS-h.FromMS < 100 {
		return "at " + clock(h.FromMS)
	}
	return clock(h.FromMS) + " to " + clock(h.ToMS)
}
