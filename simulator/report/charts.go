package report

// rates are counts a slice as figures a second.
func (s *Series) rates(counts []int) []Figure {
	out := make([]Figure, len(counts))
	for i, n := range counts {
		out[i] = Figure(float64(n) / s.Slice().Seconds())
	}
	return out
}

// charts are what happened over time, in words what there is no chart of, and what the
// charts leave out.
func (r *Report) charts() (list []*chart, quiet []string, left string) {
	s := r.Series
	if s.Len() < 2 || s.SliceMS <= 0 {
		return nil, nil, ""
	}
	course := r.course()
	add := func(id, title, note string, u unit, log bool, otherwise string, lines ...line) {
		for i := range lines {
			lines[i].values = course.along(fit(lines[i].values, s.Len()))
		}
		if c, seen := newChart(id, title, note, u, log, course, lines...); seen {
			r.mark(c, id == "rate")
			list = append(list, c)
		} else if otherwise != "" && highest(lines[0].values).Known() { // of what nobody knows nothing is said
			quiet = append(quiet, otherwise)
		}
	}
	if r.booked() {
		add("rate", "Dials and payments", "each second", unitRate, false, "",
			line{Name: "dials offered", Class: "quiet", values: s.rates(s.Offered)},
			line{Name: "payments committed", Class: "main", Area: "yes", values: s.rates(s.Committed)})
	} else {
		add("rate", "Dials", "each second", unitRate, false, "", line{Name: "dials offered", Class: "main", Area: "yes", values: s.rates(s.Offered)})
	}
	add("screens", "Waiting for a screen", "from the instant a key was due; log scale", unitMS, true, "no screen came",
		line{Name: "longest", Class: "faint", values: s.ScreenMax},
		line{Name: "p99", Class: "main", values: s.ScreenP99},
		line{Name: "median", Class: "quiet", values: s.ScreenP50})
	add("silent", "Screens that did not come", "each second, by the instant they were due", unitRate, false, "every screen came",
		line{Name: "no screen", Class: "bad", Area: "yes", values: s.rates(s.Silent)})
	add("sms", "From the "+r.since()+" to the SMS", "by the instant of the "+r.since()+"; log scale", unitMS, true, "no SMS was timed",
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
	return list, quiet, course.says()
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
