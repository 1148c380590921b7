package bundle

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestChanceIsFishers(t *testing.T) {
	for _, c := range []struct {
		running, canary Count
		want            float64
	}{
		{Count{4, 3}, Count{4, 1}, 17.0 / 70}, // the lady tasting tea
		{Count{4, 4}, Count{4, 0}, 1.0 / 70},
		{Count{10, 5}, Count{10, 5}, 0.6718591},
		{Count{5, 0}, Count{5, 0}, 1},
		{Count{5, 5}, Count{5, 5}, 1},
		{Count{1, 0}, Count{3, 3}, 1},
	} {
		if got := chance(Arms{c.running, c.canary}); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("%v %v: %g, want %g", c.running, c.canary, got, c.want)
		}
	}
	if p := chance(Arms{Count{1e9, 95e7}, Count{1e9, 90e7}}); p != 0 && p > 1e-300 {
		t.Errorf("big counts: %g", p)
	}
}

func TestJudgeHoldsItsMarks(t *testing.T) {
	for _, c := range []struct {
		name            string
		running, canary Count
		broken          bool
	}{
		{"nothing yet", Count{}, Count{}, false},
		{"one arm only", Count{5000, 4900}, Count{}, false},
		{"199 visits of the canary, all lost", Count{9000, 9000}, Count{199, 0}, false},
		{"199 visits of the running, all good", Count{199, 199}, Count{9000, 0}, false},
		{"200 visits, all lost", Count{200, 190}, Count{200, 0}, true},
		{"the canary is better", Count{2000, 1000}, Count{2000, 2000}, false},
		{"a fall that may be luck", Count{200, 190}, Count{200, 178}, false},
		{"15 points at 270", Count{270, 257}, Count{270, 215}, true},
		{"5 points at 2000", Count{2000, 1900}, Count{2000, 1800}, true},
		{"5 points at 1300", Count{1300, 1235}, Count{1300, 1170}, true},
		{"5 points at 1000", Count{1000, 950}, Count{1000, 900}, false},
		{"4.9 points, however sure", Count{100000, 95000}, Count{100000, 90100}, false},
		{"good ends that came before their visits", Count{300, 400}, Count{300, 400}, false},
	} {
		v := Judge(map[string]Arms{"x": {c.running, c.canary}}, noon)[0]
		if v.Broken != c.broken || v.At != noon {
			t.Errorf("%s: %s, broken %v", c.name, v, v.Broken)
		}
	}
}

func TestTheWorstStepComesFirst(t *testing.T) {
	got := Judge(map[string]Arms{"a": {Count{500, 500}, Count{500, 495}}, "b": {Count{500, 500}, Count{500, 100}}, "c": {}}, noon)
	if got[0].Step != "b" || !got[0].Broken || got[1].Step != "a" || got[1].Broken || got[2].Step != "c" {
		t.Fatalf("%v", got)
	}
}

// street is a simulated salary day: dials at 100 a second, half of them under a
// canary, every second one for airtime. Its counts reach the judge as a gateway's do,
// up to three seconds late.
type street struct {
	rnd    *rand.Rand
	canary map[string]float64 // how often a step ends well under it
	now    int                // second
	due    map[int][]func(map[string]Arms)
	counts map[string]Arms
	late   [3]map[string]Arms // what the store told before
}

// usual is how often a step of the wallet ends well.
var tableUsual = map[string]float64{
	"home": 0.97, "who": 0.93, "how_much": 0.95, "quote/quote_send": 0.9, "confirm": 0.9, "confirm/send": 0.93,
	"airtime": 0.95, "airtime_amount": 0.94, "airtime_quote/quote_airtime": 0.96, "airtime_confirm": 0.92, "airtime_confirm/airtime": 0.95,
}

var tablePaths = [2][]string{
	{"home", "who", "how_much", "quote/quote_send", "confirm", "confirm/send"},
	{"home", "airtime", "airtime_amount", "airtime_quote/quote_airtime", "airtime_confirm", "airtime_confirm/airtime"},
}

func newStreet(seed uint64, canary map[string]float64) *street {
	return &street{rnd: rand.New(rand.NewPCG(seed, 5)), canary: canary, due: map[int][]func(map[string]Arms){}, counts: map[string]Arms{}}
}

// second passes; what the judge then sees is up to three seconds old.
func (s *street) second() map[string]Arms {
	for range 100 {
		s.dial(s.rnd.IntN(2) == 0, tablePaths[s.rnd.IntN(2)])
	}
	for _, f := range s.due[s.now] {
		f(s.counts)
	}
	delete(s.due, s.now)
	s.now++
	old := s.late[0]
	copied := make(map[string]Arms, len(s.counts))
	for k, v := range s.counts {
		copied[k] = v
	}
	s.late = [3]map[string]Arms{s.late[1], s.late[2], copied}
	return old
}

func (s *street) dial(canary bool, path []string) {
	at := s.now
	for _, step := range path {
		rate := tableUsual[step]
		if worse, ok := s.canary[step]; canary && ok {
			rate = worse
		}
		good := s.rnd.Float64() < rate
		s.add(at, step, canary, Count{Visits: 1})
		at += 1 + s.rnd.IntN(4) // a subscriber reads and types
		if !good {
			return
		}
		s.add(at, step, canary, Count{Good: 1})
	}
}

func (s *street) add(at int, step string, canary bool, c Count) {
	s.due[at] = append(s.due[at], func(counts map[string]Arms) {
		arms := Arms{Running: c}
		if canary {
			arms = Arms{Canary: c}
		}
		counts[step] = counts[step].plus(arms)
	})
}

// off is the second at which the canary is put back, and why; -1 when it is left alone.
func (s *street) off(seconds int) (int, Verdict) {
	for range seconds {
		if v := Judge(s.second(), noon); len(v) > 0 && v[0].Broken {
			return s.now, v[0]
		}
	}
	return -1, Verdict{}
}

func TestBrokenAirtimeIsOffWithinHalfAMinute(t *testing.T) {
	for seed := range uint64(20) {
		at, v := newStreet(seed, map[string]float64{"airtime": 0}).off(30)
		if at < 0 || v.Step != "airtime" {
			t.Errorf("seed %d: second %d, %v", seed, at, v)
		}
		if seed == 0 {
			t.Logf("off after %d s: %s", at, v)
		}
	}
	at, v := newStreet(1, map[string]float64{"airtime_confirm/airtime": 0.5}).off(60)
	if at < 0 || v.Step != "airtime_confirm/airtime" {
		t.Errorf("half of the orders fail: second %d, %v", at, v)
	}
}

func TestTwentyEqualCanariesAreLeftAlone(t *testing.T) {
	for seed := range uint64(20) {
		if at, v := newStreet(1000+seed, nil).off(300); at >= 0 {
			t.Errorf("seed %d: put back after %d s: %s", seed, at, v)
		}
	}
}
