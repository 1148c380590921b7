package bundle

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"
)

// MaxSteps is how many steps of a trial a gateway counts; more are left out.
const MaxSteps = 1024

// counts is what this gateway saw of a trial.
type counts struct {
	mu     sync.Mutex
	serial uint64    // of the trial
	since  time.Time // this gateway's clock, when it saw the trial: others' clocks may differ
	known  bool      // what this gateway counted before its start was read
	steps  map[string]Arms
}

// begin counts for a trial, from nothing when it is another than before.
func (c *counts) begin(serial uint64, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.serial != serial {
		c.serial, c.steps, c.known, c.since = serial, map[string]Arms{}, false, now
	}
}

// add counts one visit or its good end, of a session that began since the trial was seen.
func (c *counts) add(serial uint64, began time.Time, step string, a Arms) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was, there := c.steps[step]
	if c.serial == serial && !began.Before(c.since) && (there || len(c.steps) < MaxSteps) {
		c.steps[step] = was.plus(a)
	}
}

func (c *counts) copy() map[string]Arms {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.steps)
}

// knows tells whether there is nothing to learn of a trial any more.
func (c *counts) knows(serial uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known || c.serial != serial
}

// learn adds what this gateway counted before its start, once.
func (c *counts) learn(serial uint64, before map[string]Arms) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known || c.serial != serial {
		return
	}
	c.known = true
	for step, a := range before {
		if _, there := c.steps[step]; there || len(c.steps) < MaxSteps {
			c.steps[step] = c.steps[step].plus(a)
		}
	}
}

func keyCounts(serial uint64) string { return fmt.Sprintf("counts/%d/", serial) }

// tell puts what this gateway counted into the store, on top of what it counted before
// it was started anew.
func (c *counts) tell(ctx context.Context, store Store, serial uint64, gateway string) error {
	key := keyCounts(serial) + gateway
	if !c.knows(serial) {
		before, err := store.Announced(ctx, key)
		if err != nil {
			return err
		}
		c.learn(serial, parseCounts(before[key]))
	}
	raw, err := json.Marshal(c.copy())
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
	sum := map[string]Arms{}
	for _, raw := range all {
		for step, a := range parseCounts(raw) {
			sum[step] = sum[step].plus(a)
		}
	}
	return sum, nil
}

// parseCounts reads one gateway's; what cannot be read, or is beyond its limits,
// counts for nothing.
func parseCounts(raw []byte) map[string]Arms {
	var out map[string]Arms
	if json.Unmarshal(raw, &out) != nil || len(out) > MaxSteps {
		return nil
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
