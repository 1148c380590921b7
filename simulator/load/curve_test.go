package load

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func TestCurve(t *testing.T) {
	salary, err := FindProfile("salary-day")
	if err != nil {
		t.Fatal(err)
	}
	if peak := salary.Peak(); peak < 8*60 || peak > 10*60 {
		t.Errorf("the peak is at minute %v, not between 8 and 10", peak)
	}
	for _, row := range []struct{ minute, want float64 }{
		{8*60 + 30, 15.3}, {9 * 60, 15.15}, {9*60 + 30, 15.0}, {24 * 60, 0.35}, {-30, 0.4}, {48*60 + 30, 0.3},
	} {
		if got := salary.At(row.minute); math.Abs(got-row.want) > 1e-9 {
			t.Errorf("At(%v) = %v, want %v", row.minute, got, row.want)
		}
	}
	if _, err := FindProfile("payday"); err == nil {
		t.Error("an unknown profile was found")
	}
}

func TestArrivalsKeepTheMeanAndTheSeed(t *testing.T) {
	all, err := Profiles()
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		p := &all[i]
		for _, speed := range []float64{1, 5, 60} {
			const rate, span = 200, 100 * time.Second
			draw := func() (list []time.Duration) {
				a := NewArrivals(p, rate, span, p.Peak()-30, speed, rand.New(rand.NewPCG(7, 7)))
				for at, ok := a.Next(); ok; at, ok = a.Next() {
					list = append(list, at)
				}
				return list
			}
			list, again := draw(), draw()
			// Five standard deviations of a Poisson count.
			want, slack := rate*span.Seconds(), 5*math.Sqrt(rate*span.Seconds())
			if n := float64(len(list)); math.Abs(n-want) > slack {
				t.Errorf("%s at speed %v: %v arrivals, want %v ± %v", p.Name, speed, n, want, slack)
			}
			for i := range list {
				if i > 0 && list[i] < list[i-1] || list[i] >= span || list[i] != again[i] {
					t.Fatalf("%s: arrival %d is %v, then %v", p.Name, i, list[i], again[i])
				}
			}
		}
	}
}

// The curve must be felt: at sixty times the speed, a run through the morning
// has its busiest part around the peak.
func TestArrivalsFollowTheCurve(t *testing.T) {
	salary, _ := FindProfile("salary-day")
	a := NewArrivals(&salary, 100, 360*time.Second, 3*60, 60, rand.New(rand.NewPCG(1, 1)))
	var hours [6]int
	for at, ok := a.Next(); ok; at, ok = a.Next() {
		hours[int(at.Minutes())]++
	}
	if hours[5] < 4*hours[0] {
		t.Errorf("arrivals by hour from 3: %v; at eight there should be far more than at three", hours)
	}
}

func TestGates(t *testing.T) {
	r := &Report{Screens: Screens{P99MS: 40}}
	for _, row := range []struct {
		expr string
		held bool
	}{{"screens.p99_ms < 50", true}, {"screens.p99_ms < 40", false}, {"screens.p99_ms <= 40", true}, {"oracle.anomalies == 0", true}, {"payments.per_second >= 1", false}} {
		g, err := parseGate(row.expr)
		if err != nil {
			t.Fatal(err)
		}
		if held, err := g.hold(r); err != nil || held != row.held {
			t.Errorf("%s: %v, %v", row.expr, held, err)
		}
	}
	for _, bad := range []string{"", "screens.p99_ms", "screens.p99_ms ~ 5", "screens.p99_ms < x", "screens.p98_ms < 5", "verdict == 1", "screens == 1"} {
		if err := CheckGates([]string{bad}); err == nil {
			t.Errorf("the gate %q was taken", bad)
		}
	}
}

func TestExitCodes(t *testing.T) {
	for _, row := range []struct {
		anomalies int
		partial   bool
		valid     bool
		held      bool
		want      int
	}{{0, false, true, true, 0}, {0, false, true, false, 1}, {0, false, false, false, 4}, {0, true, false, false, 130}, {1, true, false, false, 3}, {1, false, true, true, 3}} {
		r := &Report{Partial: row.partial, Generator: Generator{Valid: row.valid}, Oracle: Oracle{Anomalies: row.anomalies}, Gates: []Gate{{Held: row.held}}}
		if r.Judge(); r.ExitCode() != row.want {
			t.Errorf("%+v: exit %d", row, r.ExitCode())
		}
	}
}

func BenchmarkArrivals(b *testing.B) {
	p, err := FindProfile("salary-day")
	if err != nil {
		b.Fatal(err)
	}
	a := NewArrivals(&p, 1000, time.Duration(math.MaxInt64), 480, 1, rand.New(rand.NewPCG(1, 1)))
	b.ReportAllocs()
	for b.Loop() {
		a.Next()
	}
}

// TestNobodyDialsUnderAnOldName: over SMPP a handset has 256 names for its
// dialogues; whoever has used them up stays at home.
func TestNobodyDialsUnderAnOldName(t *testing.T) {
	c := newCrowd(make([]Person, 2), nil, nil)
	count := [2]int{}
	for {
		i, ok := c.claim([]int{0, 1}, 0)
		if !ok {
			break
		}
		count[i]++
		c.free(i)
	}
	if count != [2]int{sessionKeys, sessionKeys} {
		t.Errorf("they dialled %v times", count)
	}
}
