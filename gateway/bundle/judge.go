package bundle

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// What a canary is judged by.
const (
	LeastVisits = 200  // of a step on each arm; with fewer nothing is said of it
	LeastDrop   = 5    // points of the success rate, that a canary is put back for
	MaxChance   = 1e-6 // that an equal bundle looks so bad by luck, for one step at one look
	rounding    = 1e-9 // points, of a difference of two rates
)

// Count is how often a step was begun and how often it ended well.
type Count struct {
	Visits uint64 `json:"visits"`
	Good   uint64 `json:"good"`
}

// Arms are the counts of one step under the running bundle and under the canary,
// of sessions that began since the canary did.
type Arms struct {
	Running Count `json:"running"`
	Canary  Count `json:"canary"`
}

// Verdict is what is known of one step.
type Verdict struct {
	Step   string    `json:"step"`
	Arms             // the numbers that decided
	Drop   float64   `json:"drop"`   // points that the canary is below the running bundle
	Chance float64   `json:"chance"` // of so few good ends or fewer, were the two bundles equal; 1 where it does no worse
	Broken bool      `json:"broken"`
	At     time.Time `json:"at"`
}

// Judge says of every step how the canary does, the worst first: by counts and an
// instant alone. The first tells whether the canary is to be put back.
//
// The test is Fisher's, one-sided: given the visits of both arms and all good ends,
// how likely are so few of them on the canary's. It is exact at any rate and any
// number. The normal test of two proportions is not: success rates are near 1 here,
// where few failures make its tail wrong by orders, and at a rate of 1 it divides
// by nothing. Every step is looked at every second, and each look is another
// chance to be wrong, so a look may be wrong once in a million only: with a
// hundred steps and a hundred looks that are not repeats of each other, one equal
// canary in a hundred is put back at most. That costs little: a step that nobody
// finishes any more is found at LeastVisits, one that falls from 95 to 80 in 100
// at 270 visits an arm, one that falls by 5 points at about 1,300. Below LeastDrop
// nothing is put back, however sure it is.
func Judge(counts map[string]Arms, at time.Time) []Verdict {
	out := make([]Verdict, 0, len(counts))
	for _, step := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, judge(step, counts[step], at))
	}
	slices.SortStableFunc(out, func(a, b Verdict) int {
		if a.Broken != b.Broken {
			return cmp.Compare(number(b.Broken), number(a.Broken))
		}
		return cmp.Compare(a.Chance, b.Chance)
	})
	return out
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

func judge(step string, a Arms, at time.Time) Verdict {
	a.Running, a.Canary = a.Running.sane(), a.Canary.sane()
	v := Verdict{Step: step, Arms: a, Chance: 1, At: at}
	if a.Running.Visits == 0 || a.Canary.Visits == 0 {
		return v
	}
	v.Drop = 100 * (a.Running.rate() - a.Canary.rate())
	if v.Drop > 0 {
		v.Chance = chance(a)
	}
	enough := a.Running.Visits >= LeastVisits && a.Canary.Visits >= LeastVisits
	v.Broken = enough && v.Drop >= LeastDrop-rounding && v.Chance <= MaxChance
	return v
}

// sane is the count without good ends whose beginning another gateway has not told yet.
func (c Count) sane() Count { return Count{c.Visits, min(c.Good, c.Visits)} }

func (c Count) rate() float64 { return float64(c.Good) / float64(c.Visits) }

// plus is the sum of two counts.
func (c Count) plus(d Count) Count { return Count{c.Visits + d.Visits, c.Good + d.Good} }

func (a Arms) plus(b Arms) Arms { return Arms{a.Running.plus(b.Running), a.Canary.plus(b.Canary)} }

// chance is the lower tail of the hypergeometric distribution: of all good ends, so
// many or fewer fall to the canary. From the observed number down each term is the
// one before times a ratio that only falls.
func chance(a Arms) float64 {
	n, m := float64(a.Canary.Visits), float64(a.Running.Visits)
	all, k := float64(a.Canary.Good+a.Running.Good), float64(a.Canary.Good)
	term := math.Exp(choose(n, k) + choose(m, all-k) - choose(n+m, all))
	sum := term
	for ; k > 0 && m-all+k > 0 && term > sum*1e-12; k-- {
		term *= k * (m - all + k) / ((n - k + 1) * (all - k + 1))
		sum += term
	}
	return min(sum, 1)
}

// choose is the logarithm of n over k.
func choose(n, k float64) float64 { return lgamma(n+1) - lgamma(k+1) - lgamma(n-k+1) }

func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

// String is the verdict in a line.
func (v Verdict) String() string {
	return fmt.Sprintf("%s: %.1f %% of %d visits end well, %.1f %% of %d under the running bundle; %.1f points less, chance %.1g",
		v.Step, v.Canary.percent(), v.Canary.Visits, v.Running.percent(), v.Running.Visits, v.Drop, v.Chance)
}

func (c Count) percent() float64 {
	if c.Visits == 0 {
		return 0
	}
	return 100 * c.rate()
}
