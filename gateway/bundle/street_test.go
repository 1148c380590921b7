package bundle

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// TestBrokenAirtimeIsOffThroughTheStore is the same street through two gateways and
// their store: who is on trial is by MSISDN, a dialogue's hops come to either, counts
// travel as they do, and the gateways look in their own time.
func TestBrokenAirtimeIsOffThroughTheStore(t *testing.T) {
	for seed := range uint64(3) {
		off, base, last := walk(newRig(t), seed, 30, "airtime")
		if off < 0 || last.What != didTrip || last.Verdict[0].Step != "airtime" || !base {
			t.Fatalf("seed %d: off after %d s: %+v", seed, off, last)
		}
		t.Logf("seed %d: off after %d s: %s", seed, off, last.Verdict[0])
	}
}

// TestEqualCanariesAreLeftAloneThroughTheStore: twenty of them, though the gateways see
// the trial, and tell what they counted, at different instants.
func TestEqualCanariesAreLeftAloneThroughTheStore(t *testing.T) {
	for seed := range uint64(20) {
		if off, _, last := walk(newRig(t), 100+seed, 60, ""); off >= 0 {
			t.Errorf("seed %d: put back after %d s: %s", seed, off, last.Why)
		}
	}
}

// walk is a street of two gateways; off is the second at which the trial was put back,
// -1 when it was not, base whether new sessions begin as before then.
func walk(r *rig, seed uint64, seconds int, broken string) (off int, base bool, last Change) {
	rnd := rand.New(rand.NewPCG(seed, 11))
	all := []*Live{r.live("gw1"), r.live("gw2")}
	first, next := r.running(tiny), r.published(saying("Hi"), 2)
	r.look(all...)
	r.must(r.fleet.Canary(r.t.Context(), next, 50, nil))
	due := map[int][]func(){}
	told := make([]time.Time, len(all))
	for second := range seconds {
		for range 100 {
			stroll(r, rnd, all, next, second, due, broken)
		}
		for _, f := range due[second] {
			f()
		}
		for i, l := range all {
			if second != i { // the second gateway sees the trial a second later
				l.once(r.t.Context(), &told[i])
			}
		}
		r.now = r.now.Add(time.Second)
		if s, _ := all[0].State(); s.Canary == nil && second > 2 {
			return second + 1, all[0].Active().Hash() == first, s.Changes[len(s.Changes)-1]
		}
	}
	return -1, true, Change{}
}

// stroll is one dial, and the presses that follow it in later seconds.
func stroll(r *rig, rnd *rand.Rand, all []*Live, trial Hash, second int, due map[int][]func(), breaks string) {
	msisdn := fmt.Sprintf("2547%08d", rnd.IntN(1e8))
	pinned, began := Hash(all[rnd.IntN(2)].For(msisdn).Hash()), r.now
	at := second
	for _, step := range tablePaths[rnd.IntN(2)] {
		rate := tableUsual[step]
		if pinned == trial && step == breaks {
			rate = 0
		}
		good := rnd.Float64() < rate
		came := began.Add(time.Duration(at-second) * time.Second)
		visit := func(good bool) func() {
			l := all[rnd.IntN(2)]
			return func() { l.Visit(pinned, began, came, step, good) }
		}
		due[at] = append(due[at], visit(false))
		at += 1 + rnd.IntN(4)
		if !good {
			return
		}
		due[at] = append(due[at], visit(true))
	}
}
