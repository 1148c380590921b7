package report

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// moody is a run on a machine of moods: figures follow each other, some are far out, and
// slower is by so much slower, in its screens and SMS.
func moody(seed uint64, slower float64) *Report {
	r := sample(seed, 120)
	rng := rand.New(rand.NewPCG(seed, 99))
	r.Faults = nil
	mood := 0.0
	s := r.Series
	for i := range s.Len() {
		mood = 0.4*mood + 0.12*rng.NormFloat64()
		out := 1.0
		if rng.IntN(25) == 0 {
			out = 20
		}
		s.ScreenP50[i], s.ScreenP99[i] = Figure(2*slower*math.Exp(mood)), Figure(9*slower*out*math.Exp(mood+0.1*rng.NormFloat64()))
		s.SMSP50[i], s.SMSP99[i] = Figure(5*slower*math.Exp(0.1*rng.NormFloat64())), Figure(14*slower*out*math.Exp(0.2*rng.NormFloat64()))
		s.Committed[i] = max(0, int(60+7.7*rng.NormFloat64()))
	}
	r.Sessions.Failed, r.Sessions.Refused = 2*rng.IntN(13), 0
	return r
}

// TestEqualRunsAreEqual: hundreds of pairs of runs of the same program raise no alarm.
func TestEqualRunsAreEqual(t *testing.T) {
	for seed := range uint64(300) {
		c := Compare(moody(2*seed+1, 1), moody(2*seed+2, 1), 0)
		if len(c.Apart) > 0 || c.Regressed() {
			t.Errorf("seed %d: %v %v %+v", seed, c.Apart, c.Broken, c.Figures)
		}
	}
}

// TestAFifthSlowerIsCaught, every time; and by what is told to be allowed it is not.
func TestAFifthSlowerIsCaught(t *testing.T) {
	for seed := range uint64(60) {
		a, b := moody(2*seed+1, 1), moody(2*seed+2, 1.2)
		c := Compare(a, b, 0)
		if !c.Regressed() || !c.Figures[0].Worse || c.Figures[0].Better {
			t.Errorf("seed %d: not caught: %+v", seed, c.Figures)
		}
		if back := Compare(b, a, 0); back.Regressed() || !back.Figures[0].Better {
			t.Errorf("seed %d: the other way round: %+v", seed, back.Figures)
		}
		if Compare(a, b, 50).Regressed() {
			t.Errorf("seed %d: worse than half is not", seed)
		}
	}
}

// TestWhatElseIsWorse: fewer payments, more dials that fail, an SMS that is missing, a
// gate that does not hold any more, money that is wrong.
func TestWhatElseIsWorse(t *testing.T) {
	for want, spoil := range map[string]func(r *Report){
		"payments committed": func(r *Report) {
			for i := range r.Series.Committed {
				r.Series.Committed[i] = r.Series.Committed[i] * 3 / 4
			}
		},
		"dials that failed":      func(r *Report) { r.Sessions.Failed = r.Sessions.Offered / 50 },
		"SMS missing":            func(r *Report) { r.SMS.Missing = r.SMS.Expected / 200 },
		"held in A and not in B": func(r *Report) { r.Gates[0].Held = false },
		"B's audit found 1":      func(r *Report) { r.Oracle.Anomalies, r.Verdict = 1, "oracle" },
	} {
		b := moody(2, 1)
		spoil(b)
		c := Compare(moody(1, 1), b, 0)
		var out bytes.Buffer
		if err := c.Text(&out); err != nil || !c.Regressed() || !strings.Contains(out.String(), want) || !strings.HasPrefix(out.String(), "B is worse than A.") {
			t.Errorf("%s: %v\n%s", want, err, out.String())
		}
	}
	b := moody(2, 1)
	for i := range b.Series.Committed {
		b.Series.Committed[i] = 0
	}
	if c := Compare(moody(1, 1), b, 0); !c.Regressed() {
		t.Error("nothing committed is no regression")
	}
}

// TestRunsApart cannot be compared, and why is said.
func TestRunsApart(t *testing.T) {
	for want, differ := range map[string]func(r *Report){
		"another profile: salary-day and steady":    func(r *Report) { r.Profile = "steady" },
		"another rate: 60/s and 80/s":               func(r *Report) { r.Asked.Rate = 80 },
		"another speed: 1 and 5":                    func(r *Report) { r.Asked.Speed = 5 },
		"another duration: 2 min and 1 h":           func(r *Report) { r.Asked.DurationMS = 3_600_000 },
		"another list of faults: none and x killed": func(r *Report) { r.Faults = []Harm{{Kind: "kill", Target: "x"}} },
		"another number of cores: 2 and 8":          func(r *Report) { r.Environment.Cores = 8 },
		"another scope of the audit":                func(r *Report) { r.Oracle.Scope = "none" },
		"B proves nothing: the generator was late":  func(r *Report) { r.Verdict, r.Generator.LateP99MS = "invalid", 300 },
		"B was stopped by hand":                     func(r *Report) { r.Partial = true },
		"B's rate was turned by hand":               func(r *Report) { r.Turned = []RateChange{{1, 120}} },
		"B says nothing of its seconds":             func(r *Report) { r.Series = nil },
		"B is too short":                            func(r *Report) { r.Asked.WarmupMS = 115_000 },
	} {
		b := moody(2, 1)
		differ(b)
		c := Compare(moody(1, 1), b, 0)
		var out bytes.Buffer
		if err := c.Text(&out); err != nil || len(c.Apart) == 0 || !strings.Contains(out.String(), want) || c.Regressed() {
			t.Errorf("%s: %v\n%s", want, err, out.String())
		}
	}
}

// TestAComparisonHasAPage that stands alone, whatever the runs are called.
func TestAComparisonHasAPage(t *testing.T) {
	a, b := moody(1, 1), moody(2, 1.3)
	a.Environment.Go, a.Profile, b.Profile = "</script><b>", "<i>", "<i>"
	c := Compare(a, b, 0)
	c.NameA = `"><img src=x>`
	var out bytes.Buffer
	if err := c.HTML(&out); err != nil {
		t.Fatal(err)
	}
	root := parsed(t, out.Bytes())
	holdClean(t, out.String(), root)
	if n := strings.Count(out.String(), "<svg"); n != 3 || !strings.Contains(out.String(), "slower: a regression") {
		t.Errorf("%d charts", n)
	}
}

// TestAtSomebodysOwnService nothing is said of SMS and payments that nobody saw, and few
// dials of which many fail are enough.
func TestAtSomebodysOwnService(t *testing.T) {
	a, b := moody(1, 1), moody(2, 1)
	for _, r := range []*Report{a, b} {
		r.Oracle.Scope, r.Sessions = "none", Sessions{Offered: 254}
	}
	b.Sessions.Failed = 39
	c := Compare(a, b, 0)
	if f := c.Figures[len(c.Figures)-1]; len(c.Figures) != 4 || f.Name != "dials that failed" || !f.Worse || f.Change != "0\u00a0% → 15\u00a0%" {
		t.Errorf("%+v", c.Figures)
	}
	if b.Sessions.Failed = 2; Compare(a, b, 0).Regressed() {
		t.Error("two dials of 254 are no regression")
	}
}

// TestRank against figures worked out by hand and by other programs.
func TestRank(t *testing.T) {
	// U = 25 of 25 is one of the 252 orders.
	if r := rank([]float64{1, 2, 3, 4, 5}, []float64{6, 7, 8, 9, 10}); math.Abs(r.p-1.0/252) > 1e-9 || math.Abs(r.ratio-2.667) > 0.01 {
		t.Errorf("%+v", r)
	}
	// U of two and three: 0 1 2 2 3 3 4 4 5 6 in the ten orders.
	for u, want := range []float64{1, 0.9, 0.8, 0.6, 0.4, 0.2, 0.1} {
		if p := above(2, 3, u); math.Abs(p-want) > 1e-9 {
			t.Errorf("at least %d of 6: %v, want %v", u, p, want)
		}
	}
	// A tie: U = 22.5 of 25, z = (22.5 - 12.5 - 0.5)/sqrt(25/12*(11-6/90)) = 1.9904, p = 0.02327.
	if r := rank([]float64{1, 2, 3, 4, 8}, []float64{4, 7, 8.5, 9, 10}); math.Abs(r.p-0.02327) > 0.0001 {
		t.Errorf("a tie: %+v", r)
	}
	if r := rank([]float64{3, 3, 3}, []float64{3, 3, 3}); r.p < 0.5 || r.ratio != 1 {
		t.Errorf("ties: %+v", r)
	}
	if r := rank(nil, []float64{1}); r.p != 1 || r.ratio != 1 {
		t.Errorf("nothing: %+v", r)
	}
	if got := blocks([]Figure{1, 3, Unknown(), Unknown(), 5, 5}, 3); len(got) != 2 || got[0] != 2 || got[1] != 5 {
		t.Errorf("blocks: %v", got)
	}
	if p := moreOften(10, 1000, 40, 1000); p > 0.03 || p < 0.01 {
		t.Errorf("shares: %v", p)
	}
	if p := moreOften(0, 0, 4, 10); p != 1 {
		t.Errorf("of none: %v", p)
	}
}

// short is a run of so many seconds, each as slow as the next.
func short(seconds int, ms float64) *Report {
	r := sample(1, seconds)
	r.Faults = nil
	for i := range r.Series.Len() {
		f := Figure(ms * (1 + float64(i*7%5)/100))
		r.Series.ScreenP50[i], r.Series.ScreenP99[i], r.Series.SMSP50[i], r.Series.SMSP99[i] = f, 3*f, f, 3*f
	}
	return r
}

// TestShortRunsAreTooShortOrDiffer: there is no length at which a thousand times slower is
// no regression.
func TestShortRunsAreTooShortOrDiffer(t *testing.T) {
	for n := 1; n <= 20; n++ {
		switch c := Compare(short(n, 10), short(n, 10_000), 0); {
		case n < fewBlocks && (len(c.Apart) == 0 || !strings.Contains(c.Apart[0], "too short")):
			t.Errorf("%d seconds are compared: %v", n, c.Figures)
		case n >= fewBlocks && !(c.Regressed() && c.Figures[0].Worse):
			t.Errorf("%d seconds: no regression: %v %+v", n, c.Apart, c.Figures)
		}
	}
}

// TestSecondsThatStandStill: the middling second of both runs is the same, and in B many, or
// few and long ones, are ten seconds.
func TestSecondsThatStandStill(t *testing.T) {
	for name, spoil := range map[string]func(r *Report, i int){
		"four of nine seconds": func(r *Report, i int) {
			if i%9 < 4 {
				r.Series.ScreenP99[i] = 10_000
			}
		},
		"a fifth of them": func(r *Report, i int) {
			if i%5 == 0 {
				r.Series.ScreenP99[i] = 900
			}
		},
		"SMS in a third of them": func(r *Report, i int) {
			if i%3 == 0 {
				r.Series.SMSP99[i] = 2_000
			}
		},
		"ten seconds at a stretch": func(r *Report, _ int) { r.Screens.P99MS, r.Screens.P999MS = 9_000, 10_000 },
		"no screen most of the time": func(r *Report, i int) {
			if i > 40 {
				r.Series.ScreenP50[i], r.Series.ScreenP99[i] = Unknown(), Unknown()
			}
		},
	} {
		b := moody(2, 1)
		for i := range b.Series.Len() {
			spoil(b, i)
		}
		if c := Compare(moody(1, 1), b, 0); !c.Regressed() {
			t.Errorf("%s: no regression: %+v", name, c.Figures)
		}
	}
	b := moody(2, 1) // one stall, as machines have them
	b.Series.ScreenP99[50], b.Screens.P99MS, b.Screens.P999MS, b.Screens.MaxMS = 3_000, 300, 2_500, 3_100
	if c := Compare(moody(1, 1), b, 0); c.Regressed() {
		t.Errorf("one stall: %v %+v", c.Broken, c.Figures)
	}
}
