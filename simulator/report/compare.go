package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// What two runs are held to. A figure is worse when it is so by more than Rules.Worse
// and equal runs would hardly show it.
const (
	WorseBy    = 10.0  // percent, unless told otherwise
	chance     = 1e-4  // the p below which a difference is no accident, of one figure
	mostBlocks = 60    // stretches of each run that are samples
	fewBlocks  = 10    // fewer prove nothing
	leastMS    = 0.2   // a latency that is worse by less is not
	leastShare = 0.001 // of dials: a share of failures that is worse by less is not
	muchShare  = 0.05  // a share that is worse by more asks for less proof
	chanceMuch = 0.01  // the p of it
	hint       = 0.01  // the p below which a difference is told, though it proves nothing
	sameRate   = 0.001 // by so much of it a rate may differ
	sameSpan   = 0.05  // by so much of it the time may
	maxReasons = 12
	manyTimes  = 10 // so many times as much is no percentage any more
)

// Comparison is two runs held against each other; the first is what the second is to be
// no worse than.
type Comparison struct {
	A, B       *Report
	NameA      string
	NameB      string
	Worse      float64  // percent
	Apart      []string // why they cannot be compared; empty: they can
	Notes      []string // what differs and may matter
	Figures    []Compared
	Broken     []string // what B does not hold and A did, whatever the figures
	blocks     int
	blockSlice int64 // ms
}

// Compared is one figure of both runs.
type Compared struct {
	Name   string
	A, B   string
	Change string // of the second against the first
	Says   string
	P      float64
	Worse  bool
	Better bool
}

// Compare holds two runs against each other; worse is in percent, 0 is WorseBy.
func Compare(a, b *Report, worse float64) *Comparison {
	c := &Comparison{A: a, B: b, NameA: "A", NameB: "B", Worse: worse}
	if worse <= 0 {
		c.Worse = WorseBy
	}
	if c.apart(); len(c.Apart) > 0 {
		return c
	}
	c.notes()
	c.held()
	c.figures()
	c.far()
	return c
}

// Regressed tells whether B is worse than A.
func (c *Comparison) Regressed() bool {
	return len(c.Broken) > 0 || slices.ContainsFunc(c.Figures, func(f Compared) bool { return f.Worse })
}

// apart says why two runs cannot be compared.
func (c *Comparison) apart() {
	a, b := c.A, c.B
	differ := func(what, x, y string) {
		if x != y {
			c.Apart = append(c.Apart, fmt.Sprintf("another %s: %s and %s", what, clip(x, 80), clip(y, 80)))
		}
	}
	for _, one := range []struct {
		name string
		r    *Report
	}{{"A", a}, {"B", b}} {
		switch r := one.r; {
		case r.Verdict == "invalid":
			c.Apart = append(c.Apart, fmt.Sprintf("%s proves nothing: %s", one.name, r.whyInvalid()))
		case r.Partial:
			c.Apart = append(c.Apart, one.name+" was stopped by hand")
		case len(r.Turned) > 0:
			c.Apart = append(c.Apart, one.name+"'s rate was turned by hand")
		case r.Series.Len() == 0:
			c.Apart = append(c.Apart, one.name+" says nothing of its seconds: a program from before wrote it")
		case len(r.within(r.Series.ScreenP50)) < fewBlocks:
			c.Apart = append(c.Apart, fmt.Sprintf("%s is too short: fewer than %d seconds after its warm-up", one.name, fewBlocks))
		}
	}
	differ("profile", a.Profile, b.Profile)
	if off(a.Asked.Rate, b.Asked.Rate) > sameRate {
		differ("rate", decimal(Figure(a.Asked.Rate))+"/s", decimal(Figure(b.Asked.Rate))+"/s")
	}
	if off(float64(a.Asked.DurationMS), float64(b.Asked.DurationMS)) > sameSpan {
		differ("duration", lasting(a.Asked.DurationMS), lasting(b.Asked.DurationMS))
	}
	differ("speed", decimal(Figure(a.Asked.Speed)), decimal(Figure(b.Asked.Speed)))
	differ("list of faults", faultsOf(a), faultsOf(b))
	differ("scope of the audit", a.Oracle.Scope, b.Oracle.Scope)
	differ("number of cores", whole(a.Environment.Cores), whole(b.Environment.Cores))
	if len(c.Apart) > maxReasons {
		c.Apart = c.Apart[:maxReasons]
	}
}

// off is by which part of the larger two figures differ.
func off(x, y float64) float64 {
	if x == y {
		return 0
	}
	return math.Abs(x-y) / max(math.Abs(x), math.Abs(y))
}

func faultsOf(r *Report) string {
	var says []string
	for i := range r.Faults {
		says = append(says, r.Faults[i].Says())
	}
	if len(says) == 0 {
		return "none"
	}
	return strings.Join(says, "; ")
}

// notes say what differs and may matter.
func (c *Comparison) notes() {
	note := func(what, x, y string) {
		if x != y {
			c.Notes = append(c.Notes, fmt.Sprintf("%s: %s and %s", what, clip(x, 80), clip(y, 80)))
		}
	}
	a, b := c.A, c.B
	note("people", whole(a.Asked.Users), whole(b.Asked.Users))
	note("menu bundle", a.Environment.Bundle, b.Environment.Bundle)
	note("Go", a.Environment.Go, b.Environment.Go)
	note("Redis", orNone(a.Environment.Redis), orNone(b.Environment.Redis))
	if off(a.Environment.FdataSync, b.Environment.FdataSync) > 0.3 {
		note("durable writes a second", decimal(Figure(a.Environment.FdataSync)), decimal(Figure(b.Environment.FdataSync)))
	}
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// held says what B does not hold that no noise explains.
func (c *Comparison) held() {
	if n := c.B.Oracle.Anomalies; n > 0 {
		c.Broken = append(c.Broken, fmt.Sprintf("B's audit found %s, A's %d", many(n, "anomaly", "anomalies"), c.A.Oracle.Anomalies))
	}
	held := map[string]bool{}
	for _, g := range c.A.Gates {
		held[g.Expr] = g.Held
	}
	for _, g := range c.B.missed() {
		if held[g.Expr] {
			c.Broken = append(c.Broken, fmt.Sprintf("the gate %s held in A and not in B, where it was %s", clip(g.Expr, 80), c.B.value(g)))
		}
	}
}

// within are a series' figures between the warm-up and the last arrival.
func (r *Report) within(list []Figure) []Figure {
	if r.Series.SliceMS <= 0 {
		return nil
	}
	from := (r.Asked.WarmupMS + r.Series.SliceMS - 1) / r.Series.SliceMS
	to := r.Asked.DurationMS / r.Series.SliceMS
	n := int64(len(list))
	return list[min(max(from, 0), n):min(max(to, from, 0), n)]
}

// figures compares what can be counted in stretches of time, and shares of dials.
func (c *Comparison) figures() {
	a, b := c.A, c.B
	for _, f := range []struct {
		name string
		u    unit
		low  bool // less is worse
		of   func(r *Report) []Figure
	}{
		{"screens, median", unitMS, false, func(r *Report) []Figure { return r.Series.ScreenP50 }},
		{"screens, p99", unitMS, false, func(r *Report) []Figure { return r.Series.ScreenP99 }},
		{"SMS, median", unitMS, false, func(r *Report) []Figure { return r.Series.SMSP50 }},
		{"SMS, p99", unitMS, false, func(r *Report) []Figure { return r.Series.SMSP99 }},
		{"payments committed", unitRate, true, func(r *Report) []Figure { return r.Series.rates(r.Series.Committed) }},
	} {
		if f.u == unitRate && !a.booked() || strings.HasPrefix(f.name, "SMS") && a.blind() {
			continue // nobody saw them
		}
		c.ranked(f.name, f.u, f.low, a.within(f.of(a)), b.within(f.of(b)))
	}
	c.stalls("moments of slow screens", a.within(a.Series.ScreenP99), b.within(b.Series.ScreenP99))
	if !a.blind() {
		c.stalls("moments of slow SMS", a.within(a.Series.SMSP99), b.within(b.Series.SMSP99))
	}
	c.share("dials that failed", a.Sessions.Failed+a.Sessions.Refused, a.Sessions.Offered, b.Sessions.Failed+b.Sessions.Refused, b.Sessions.Offered)
	if a.blind() {
		return
	}
	c.share("SMS missing", a.SMS.Missing, a.SMS.Expected, b.SMS.Missing, b.SMS.Expected)
}

// ranked compares a figure that each stretch of time has.
func (c *Comparison) ranked(name string, u unit, low bool, a, b []Figure) {
	x, y := blocks(a, mostBlocks), blocks(b, mostBlocks)
	one := Compared{Name: name, P: 1, A: "–", B: "–", Change: "–", Says: "too few to say"}
	if len(x) >= fewBlocks && len(y) >= fewBlocks {
		if c.blocks == 0 {
			c.blocks, c.blockSlice = min(len(x), len(y)), int64(len(a)+mostBlocks-1)/mostBlocks*c.A.Series.SliceMS
		}
		up, down := rank(x, y), rank(y, x)
		worse, better := up, down
		if low {
			worse, better = down, up
		}
		mid, now := middleOf(x), middleOf(y)
		moved := u != unitMS || math.Abs(mid*(up.ratio-1)) >= leastMS
		one.A, one.B, one.Change = u.says(Figure(mid)), u.says(Figure(now)), signed(up.ratio-1)
		one.Worse = moved && worse.p < chance && worse.ratio > 1+c.Worse/100
		one.Better = moved && better.p < chance && better.ratio > 1+c.Worse/100
		one.P, one.Says = worse.p, words(one, worse.p, better.p, low)
	}
	c.Figures = append(c.Figures, one)
}

// signed is a change in percent, and a factor when it is many times as much.
func signed(part float64) string {
	if part >= manyTimes-1 {
		return "×\u00a0" + trim(part+1, 0)
	}
	s := trim(100*part, 1)
	if !strings.HasPrefix(s, "-") && s != "0" {
		s = "+" + s
	}
	return strings.Replace(s, "-", "−", 1) + "\u00a0%"
}

// words say what a figure's change means.
func words(f Compared, worse, better float64, low bool) string {
	up, down := "slower", "faster"
	if low {
		up, down = "fewer", "more"
	}
	switch {
	case f.Worse:
		return up + ": a regression"
	case f.Better:
		return down
	case worse < chance:
		return "a little " + up + ", within what is allowed"
	case better < chance:
		return "a little " + down
	case worse < hint:
		return "perhaps " + up + ": too little to say"
	case better < hint:
		return "perhaps " + down + ": too little to say"
	}
	return "the same, as far as the noise lets see"
}

// share compares how often something happened.
func (c *Comparison) share(name string, a, of, b, out int) {
	p := moreOften(a, of, b, out)
	x, y := 0.0, 0.0
	if of > 0 {
		x = float64(a) / float64(of)
	}
	if out > 0 {
		y = float64(b) / float64(out)
	}
	one := Compared{Name: name, A: whole(a), B: whole(b), Change: percent(a, of) + " → " + percent(b, out), P: p, Says: "the same, as far as the noise lets see"}
	switch {
	case p < chance && y-x > leastShare, p < chanceMuch && y-x > muchShare:
		one.Worse, one.Says = true, "more often: a regression"
	case p < chance:
		one.Says = "a little more often, within what is allowed"
	case moreOften(b, out, a, of) < chance && x-y > leastShare:
		one.Better, one.Says = true, "less often"
	case p < hint, y-x > muchShare:
		one.Says = "perhaps more often: too few to say"
	case a == b && a == 0:
		one.Says = "none in either"
	}
	c.Figures = append(c.Figures, one)
}
