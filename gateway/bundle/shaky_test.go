package bundle

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"mlango/menus"
)

var errShaky = errors.New("the store broke")

// shaky is a store whose writes are lost, or whose answers to them are: as a writer is
// left that was killed before or after them.
type shaky struct {
	Store
	rnd  *rand.Rand
	rate float64
}

func (s *shaky) breaks() bool { return s.rnd.Float64() < s.rate }

func (s *shaky) Get(ctx context.Context, key string) ([]byte, error) {
	if s.breaks() {
		return nil, errShaky
	}
	return s.Store.Get(ctx, key)
}

func (s *shaky) Swap(ctx context.Context, key string, was, now []byte) error {
	if s.breaks() {
		return errShaky
	}
	err := s.Store.Swap(ctx, key, was, now)
	if err == nil && s.breaks() {
		return errShaky
	}
	return err
}

func (s *shaky) Announce(ctx context.Context, key string, value []byte, lease time.Duration) error {
	if s.breaks() {
		return errShaky
	}
	return s.Store.Announce(ctx, key, value, lease)
}

// TestWhateverBreaksOnlySignedBundlesRun: random commands on a store that breaks, two
// gateways that look when they can and are started anew, and what holds all the time.
func TestWhateverBreaksOnlySignedBundlesRun(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { (&chaos{rig: newRig(t), rnd: rand.New(rand.NewPCG(seed, 7))}).run(150) })
	}
}

type chaos struct {
	*rig
	rnd   *rand.Rand
	store *shaky
	all   []*Live
	known []Hash
}

func (c *chaos) run(steps int) {
	c.store = &shaky{Store: c.fleet.Store, rnd: c.rnd, rate: 0.2}
	c.fleet.Store = c.store
	c.all = []*Live{c.live("gw1"), c.live("gw2")}
	for range steps {
		c.now = c.now.Add(time.Second)
		_ = c.command() // whatever it says
		for i, l := range c.all {
			switch c.rnd.IntN(8) {
			case 0:
				c.all[i] = c.live(l.cfg.Gateway) // killed, and started anew
			case 1, 2, 3:
				if l.Look(c.t.Context()) == nil {
					c.follows(l)
				}
				_ = l.Tell(c.t.Context())
			}
			c.holds(c.all[i])
		}
	}
	c.store.rate = 0
	c.look(c.all...)
	st, err := c.fleet.Status(c.t.Context())
	if err != nil || st.State.Active != (Hash{}) && len(st.Wrong) > 0 {
		c.t.Fatalf("it does not settle: %v, %v", st.Wrong, err)
	}
}

func (c *chaos) command() error {
	ctx := c.t.Context()
	h := Hash{byte(c.rnd.IntN(3))}
	if len(c.known) > 0 && c.rnd.IntN(10) > 0 {
		h = c.known[c.rnd.IntN(len(c.known))]
	}
	var err error
	switch c.rnd.IntN(8) {
	case 0:
		var r Report
		r, err = c.fleet.Publish(ctx, "menu.yaml", []byte(saying(fmt.Sprint("Hi", c.rnd.IntN(6)))), menus.Catalogue{})
		if r.Hash != (Hash{}) {
			c.known = append(c.known, r.Hash)
		}
	case 1, 2:
		_, err = c.fleet.Approve(ctx, h, c.keys[c.rnd.IntN(len(c.keys))].Sign(h, c.now))
	case 3:
		_, err = c.fleet.Canary(ctx, h, 100, nil)
	case 4:
		_, err = c.fleet.Canary(ctx, h, float64(c.rnd.IntN(100)), nil)
	case 5:
		_, err = c.fleet.Rollback(ctx, h, "")
	case 6:
		if c.rnd.IntN(4) == 0 {
			_, err = c.fleet.Withdraw(ctx, h, "")
		}
	case 7:
		_, err = c.fleet.Disable(ctx, "airtime", "", c.rnd.IntN(2) == 0)
	}
	return err
}

// follows: who looked runs what is asked for.
func (c *chaos) follows(l *Live) {
	c.t.Helper()
	s, trouble := l.State()
	if trouble != "" || s.Active != (Hash{}) && (l.Active() == nil || Hash(l.Active().Hash()) != s.Active) {
		c.t.Fatalf("it looked and does not follow: %s", trouble)
	}
}

// holds: what runs was signed by two, and nobody withdrew it before this gateway looked.
func (c *chaos) holds(l *Live) {
	c.t.Helper()
	s, _ := l.State()
	for _, b := range []*menus.Bundle{l.Active(), l.For(fmt.Sprintf("2547%08d", c.rnd.IntN(1e8)))} {
		if b == nil {
			continue
		}
		if err := s.may(b.Hash(), c.fleet.Approvers); err != nil {
			c.t.Fatalf("it runs what may not: %v", err)
		}
	}
}
