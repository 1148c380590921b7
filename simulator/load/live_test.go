package load

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"mlango/simulator/report"
)

// TestATurnedRateIsOffered: twice the rate brings twice the people, and a hand that does
// not turn changes no instant of a seed.
func TestATurnedRateIsOffered(t *testing.T) {
	count := func(turn func() float64) (n int, last time.Duration) {
		p := Profile{Hours: [24]float64{}}
		for i := range p.Hours {
			p.Hours[i] = 1
		}
		a := NewArrivals(&p, 50, time.Minute, 0, 1, rand.New(rand.NewPCG(4, 4)))
		a.turn = turn
		for {
			at, ok := a.Next()
			if !ok {
				return n, last
			}
			n, last = n+1, at
		}
	}
	asked, first := count(nil)
	same, second := count((*Live)(nil).factor)
	if asked != same || first != second {
		t.Errorf("%d to %s, and with a hand that rests %d to %s", asked, first, same, second)
	}
	if twice, _ := count(func() float64 { return 2 }); twice < asked*18/10 || twice > asked*22/10 {
		t.Errorf("%d, and twice as many are %d", asked, twice)
	}
}

// TestAHandOnARun has bounds, is told of, and may break nothing before and after.
func TestAHandOnARun(t *testing.T) {
	l := &Live{}
	l.Turn(50)
	if l.Break(HandFaults()[0]) == nil || l.Now().Begun || l.factor() != 1 {
		t.Error("there is a hand on a run that has not begun")
	}
	r := &run{cfg: &Config{Rate: 40, Duration: time.Minute, Profile: Profile{}, rec: newRecorder(time.Now())}, begun: time.Now(), audit: newAuditor(0, 0), mail: newMailroom(), faults: newTimeline(nil, time.Now()), over: make(chan struct{}), match: &matcher{}, report: &Report{}}
	l.open(r, t.Context())
	for range 500 {
		l.Turn(10)
	}
	l.Turn(-10)
	if now := l.Now(); now.Percent != mostPercent-10 || now.Rate != 396 || !now.Begun || now.Phase != "people dial" {
		t.Errorf("%+v", now)
	}
	for range 500 {
		l.Turn(-10)
	}
	if turns := l.turns(); l.factor() != leastPercent/100.0 || len(turns) != 1 || turns[0].Percent != leastPercent {
		t.Errorf("%v, %d turns", l.factor(), len(turns))
	}
	if l.Break(HandFaults()[0]) == nil {
		t.Error("something breaks that is not ours")
	}
	close(r.over)
	line := l.Now()
	if got := line.Line(); !strings.Contains(got, "? dials/s") || !strings.Contains(got, "at 10 % of the rate") {
		t.Error(got)
	}
}

// TestHandFaultsAreFaults that a timeline would take.
func TestHandFaultsAreFaults(t *testing.T) {
	for _, f := range HandFaults() {
		kind, known := tableFaults[f.Kind]
		if !known || (kind.number != "") != (f.N > 0) || kind.delay != (f.Delay > 0) || (len(kind.targets) > 0) != (f.Target != "") || kind.moment != (f.For == 0) {
			t.Errorf("%+v", f)
		}
	}
	if got := HandFaults()[0].String(); got != "ledgerd killed, for 10s" {
		t.Error(got)
	}
}

// TestTheRecorderIsBounded: hours become few slices and lose nothing, and what is
// nobody's is not in them.
func TestTheRecorderIsBounded(t *testing.T) {
	begun := time.Now().Add(-6 * time.Hour)
	r := newRecorder(begun)
	for s := range 6 * 3600 {
		at := begun.Add(time.Duration(s) * time.Second)
		r.offered(at)
		r.waited("home", at, time.Duration(1+s%10)*time.Millisecond, true)
		r.gauge(at, Gauges{Orders: Figure(s % 7), Texts: report.Unknown(), OldestMS: report.Unknown(), Breaker: 1, alive: 5})
	}
	r.offered(begun.Add(-time.Second))
	r.offered(time.Now().Add(time.Hour))
	r.text(time.Now().Add(100 * 365 * 24 * time.Hour))
	(*recorder)(nil).offered(begun)
	s := r.series()
	sum := 0
	for _, n := range s.Offered {
		sum += n
	}
	if s.Len() > maxSlices || sum != 6*3600 || s.SliceMS != 32_000 || len(s.Late) != s.Len() || s.Orders[3] != 6 || s.Texts[3].Known() || s.Breaker[3] != 1 {
		t.Errorf("%d slices of %d ms, %d dials; %+v", s.Len(), s.SliceMS, sum, s.Orders[3])
	}
	if p := float64(s.ScreenP99[5]); p < 9.5 || p > 10.5 {
		t.Errorf("p99 %v of 1 to 10 ms", p)
	}
	for i := range 2 * maxNamed {
		r.waited(strings.Repeat("x", i), begun, time.Millisecond, true)
	}
	if n := len(r.byScreen()); n > maxNamed+1 {
		t.Errorf("%d screens have times of their own", n)
	}
}

// TestTimes are true to 1.6 % over nine orders of magnitude.
func TestTimes(t *testing.T) {
	for d := time.Microsecond; d < 9*time.Minute; d = d*21/20 + 1 {
		var one times
		one.add(d)
		one.add(10 * time.Minute)
		want := float64(d.Microseconds()) / 1000
		if got := float64(one.ms(50)); got < want*0.98-0.001 || got > want*1.02+0.001 {
			t.Errorf("%s reads back as %v ms", d, got)
		}
	}
	var all times
	if all.ms(99).Known() || all.maxMS().Known() {
		t.Error("something is known of nothing")
	}
	all.add(-time.Second)
	all.add(24 * time.Hour)
	if all.n != 2 || all.maxMS() != Figure(24*time.Hour/time.Millisecond) {
		t.Errorf("%+v", all.most)
	}
}
