package bundle

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits of what a gateway counts.
const (
	MaxSteps = 512             // of a trial; more are left out
	keptCuts = 4               // that a gateway tells
	cutEach  = 2               // seconds from one to the next
	grace    = 3 * time.Second // sessions that begin sooner after the trial: a gateway may not have seen it
	ripe     = 6 * time.Second // a visit counts from this age on
)

// counts is what this gateway saw of a trial.
//
// A visit that nobody has answered yet looks like a bad one, and the longer ago it
// was, the less so. So both arms are held to the same ages: visits and their good ends
// are kept by the second of the visit and count when that second is ripe, and sessions
// count that began when every gateway knew of the trial.
type counts struct {
	mu     sync.Mutex
	serial uint64    // of the trial
	since  time.Time // sessions that began then count, the same ones on every gateway
	known  bool      // what this gateway counted before its start was read
	steps  map[string]Arms
	green  map[int64]map[string]Arms // by the second of the visit, of steps that are in steps
	done   int64                     // the seconds up to it are ripe
	cuts   []cut                     // the newest last
}

// begin counts for a trial, from nothing when it is another than before.
func (c *counts) begin(serial uint64, since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.serial != serial {
		c.serial, c.known, c.since, c.done = serial, false, since.Add(grace), 0
		c.steps, c.green, c.cuts = map[string]Arms{}, map[int64]map[string]Arms{}, nil
	}
}

// add counts one visit, or its good end, of a session that began in time. at is when
// the visit was.
func (c *counts) add(serial uint64, began, at time.Time, step string, a Arms) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was, there := c.steps[step]
	if c.serial != serial || began.Before(c.since) || !there && len(c.steps) >= MaxSteps {
		return
	}
	second := at.Unix()
	if second <= c.done {
		c.steps[step] = was.plus(a)
		return
	}
	if !there {
		c.steps[step] = Arms{}
	}
	if c.green[second] == nil {
		c.green[second] = map[string]Arms{}
	}
	c.green[second][step] = c.green[second][step].plus(a)
}

// cut is what was counted at an instant that is the same for all gateways: of the
// visits that were ripe then, so that good ends which another gateway saw belong to
// visits that count too.
type cut struct {
	At    int64           `json:"at"` // seconds since the Unix epoch
	Steps map[string]Arms `json:"steps"`
}

// ripen takes in what is old enough, and makes the cut of this instant.
func (c *counts) ripen(now time.Time) []cut {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := now.Unix() / cutEach * cutEach
	if n := len(c.cuts); n > 0 && c.cuts[n-1].At >= at {
		return slices.Clone(c.cuts)
	}
	c.done = at - int64(ripe/time.Second)
	for second, steps := range c.green {
		if second > c.done {
			continue
		}
		for step, a := range steps {
			c.steps[step] = c.steps[step].plus(a)
		}
		delete(c.green, second)
	}
	c.cuts = append(c.cuts, cut{at, maps.Clone(c.steps)})
	c.cuts = c.cuts[max(0, len(c.cuts)-keptCuts):]
	return slices.Clone(c.cuts)
}

// knows tells whether there is nothing to learn of a trial any more.
func (c *counts) knows(serial uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known || c.serial != serial
}

// learn adds what this gateway counted before its start, once.
func (c *counts) learn(serial uint64, before []cut) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known || c.serial != serial {
		return
	}
	c.known = true
	if len(before) == 0 {
		return
	}
	for step, a := range before[len(before)-1].Steps {
		if _, there := c.steps[step]; there || len(c.steps) < MaxSteps {
			c.steps[step] = c.steps[step].plus(a)
		}
	}
}

func keyCounts(serial uint64) string { return fmt.Sprintf("counts/%d/", serial) }

// tell puts what this gateway counted into the store, on top of what it counted before
// it was started anew.
func (c *counts) tell(ctx context.Context, store Store, serial uint64, gateway string, now time.Time) error {
	key := keyCounts(serial) + gateway
	if !c.knows(serial) {
		before, err := store.Announced(ctx, key)
		if err != nil {
			return err
		}
		c.learn(serial, parseCounts(before[key]))
	}
	raw, err := json.Marshal(c.ripen(now))
	if err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	return store.Announce(ctx, key, raw, countsLease)
}

// Counts are what all gateways counted of a trial.
func (f *Fleet) Counts(ctx context.Context, serial uint64) (map[string]Arms, error) {
	all, err := f.Store.Announced(ctx, keyCounts(serial))
	if err != nil {
		return nil, err
	}
	var told [][]cut
	newest := int64(0)
	for _, raw := range all {
		if cuts := parseCounts(raw); len(cuts) > 0 {
			told = append(told, cuts)
			newest = max(newest, cuts[len(cuts)-1].At)
		}
	}
	common := newest // the newest cut that every gateway has which still tells
	for _, cuts := range told {
		if last := cuts[len(cuts)-1].At; newest-last <= keptCuts*cutEach {
			common = min(common, last)
		}
	}
	sum := map[string]Arms{}
	for _, cuts := range told {
		for step, a := range upTo(cuts, common).Steps {
			sum[step] = sum[step].plus(a)
		}
	}
	return sum, nil
}

// upTo is the newest cut that is no newer, else the oldest.
func upTo(cuts []cut, at int64) cut {
	for _, c := range slices.Backward(cuts) {
		if c.At <= at {
			return c
		}
	}
	return cuts[0]
}

// parseCounts reads one gateway's; what cannot be read, or is beyond its limits,
// counts for nothing.
func parseCounts(raw []byte) (out []cut) {
	if json.Unmarshal(raw, &out) != nil || len(out) > keptCuts {
		return nil
	}
	for _, c := range out {
		if len(c.Steps) > MaxSteps {
			return nil
		}
	}
	return out
}

// Trip puts a trial back when its numbers say so. Any gateway may ask: the first wins.
func (f *Fleet) Trip(ctx context.Context, s *State) (bool, error) {
	if s.Canary == nil {
		return false, nil
	}
	counts, err := f.Counts(ctx, s.Canary.Serial)
	if err != nil {
		return false, err
	}
	var broken []Verdict
	for _, v := range Judge(counts, f.now()) {
		if v.Broken && len(broken) < maxNumbers {
			broken = append(broken, v)
		}
	}
	if len(broken) == 0 {
		return false, nil
	}
	done := false
	_, err = f.change(ctx, func(s2 *State) error {
		done = s2.trip(s.Canary.Serial, broken, f.now())
		return nil
	})
	return done && err == nil, err
}

// maxNumbers is how many verdicts are kept with a decision.
const maxNumbers = 8

// stepOf is a step's name as it is counted: short, whatever the menu calls it.
func stepOf(name string) string { return strings.ToValidUTF8(name[:min(len(name), MaxKey)], "") }
