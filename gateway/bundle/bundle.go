// Package bundle keeps the menu bundles of a fleet: compiled, immutable, named by
// their content's hash, signed by two approvers. A gateway runs what the store asks
// for and nothing else; who began under a bundle finishes under it.
package bundle

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"mlango/menus"
)

// Limits of what a gateway holds.
const (
	MinKeep   = 10 * time.Minute       // a replaced bundle stays compiled at least this long: longer than any session and any order
	MaxOld    = 32                     // replaced bundles at once; the one replaced first goes, and is compiled again when it is asked for
	missWait  = 300 * time.Millisecond // for a bundle that a session is pinned to and that is not here
	missAgain = time.Second            // between two tries for one that is not to be had
	maxMissed = 64
)

// Config is what a gateway's bundles work with.
type Config struct {
	Gateway   string // its name
	Fleet     *Fleet
	Catalogue menus.Catalogue
	Keep      time.Duration // of a replaced bundle; at least MinKeep
	// Note hears what changed, and what is wrong, in a sentence; nil tells nobody.
	Note func(text string, bad bool)
}

// Live is what one gateway runs, for any number of readers at once.
type Live struct {
	cfg    Config
	mu     sync.Mutex // one look at the store at a time
	view   atomic.Pointer[view]
	counts counts
	missed map[Hash]time.Time // under mu
}

// view is what is held; it is replaced, never changed.
type view struct {
	state   State
	active  *menus.Bundle
	canary  *menus.Bundle
	all     map[Hash]entry
	trouble string
}

type entry struct {
	bundle   *menus.Bundle
	replaced time.Time       // zero: it runs
	off      map[string]bool // its screens that are switched off
}

// Open makes a gateway that runs nothing yet; Look or Run bring in what it should.
func Open(cfg Config) *Live {
	cfg.Keep = max(cfg.Keep, MinKeep)
	if cfg.Note == nil {
		cfg.Note = func(string, bool) {}
	}
	l := &Live{cfg: cfg, missed: map[Hash]time.Time{}}
	l.view.Store(&view{all: map[Hash]entry{}})
	return l
}

// Active is the running bundle; nil when there is none.
func (l *Live) Active() *menus.Bundle { return l.view.Load().active }

// For is the bundle that a new session of this subscriber begins with.
func (l *Live) For(msisdn string) *menus.Bundle {
	v := l.view.Load()
	if v.canary != nil && v.state.Canary.takes(msisdn) {
		return v.canary
	}
	return v.active
}

// State is what the fleet was asked to run when this gateway looked last, and why it
// does not run that, if so.
func (l *Live) State() (s State, trouble string) {
	v := l.view.Load()
	return v.state, v.trouble
}

// Off tells whether a screen of a bundle is switched off.
func (l *Live) Off(hash [32]byte, screen string) bool { return l.view.Load().all[hash].off[screen] }

// Get finds the bundle that a session is pinned to. One that another gateway began
// to run a moment ago is fetched. nil: it was withdrawn, or is not to be had.
func (l *Live) Get(hash [32]byte) *menus.Bundle {
	if b := l.view.Load().all[hash].bundle; b != nil {
		return b
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if b := l.view.Load().all[hash].bundle; b != nil {
		return b
	}
	now := l.cfg.Fleet.now()
	if at, ok := l.missed[hash]; ok && now.Sub(at) < missAgain {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), missWait)
	defer cancel()
	b, err := l.fetch(ctx, hash)
	if err != nil {
		if len(l.missed) >= maxMissed {
			clear(l.missed)
		}
		l.missed[hash] = now
		return nil
	}
	delete(l.missed, hash)
	old := l.view.Load()
	next := *old
	next.all = maps.Clone(old.all)
	next.all[hash] = entry{bundle: b, replaced: now, off: next.state.offIn(b)}
	l.forget(&next, now)
	l.view.Store(&next)
	return b
}

// fetch compiles a bundle of the store that may run.
func (l *Live) fetch(ctx context.Context, h Hash) (*menus.Bundle, error) {
	s, err := l.cfg.Fleet.State(ctx)
	if err != nil {
		return nil, err
	}
	return l.load(ctx, &s, h)
}

// load compiles a bundle, if two approvers this gateway knows signed it and nobody
// withdrew it.
func (l *Live) load(ctx context.Context, s *State, h Hash) (*menus.Bundle, error) {
	if err := s.may(h, l.cfg.Fleet.Approvers); err != nil {
		return nil, err
	}
	if e, ok := l.view.Load().all[h]; ok {
		return e.bundle, nil
	}
	return l.cfg.Fleet.Load(ctx, h, l.cfg.Catalogue)
}

// Look reads what the fleet is asked to run and runs that. What cannot be run leaves
// what runs as it is: the error says why, and the next Look tries again.
func (l *Live) Look(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.view.Load()
	s, err := l.cfg.Fleet.State(ctx)
	if err != nil {
		return l.troubled(old, err)
	}
	if s.Serial == old.state.Serial && old.trouble == "" {
		return nil
	}
	now := l.cfg.Fleet.now()
	next := &view{state: s, active: old.active, all: maps.Clone(old.all)}
	var wrong []error
	if s.Active != (Hash{}) {
		b, err := l.load(ctx, &s, s.Active)
		if err == nil {
			next.active = b
		}
		wrong = append(wrong, err)
	}
	if s.Canary != nil {
		b, err := l.load(ctx, &s, s.Canary.Hash)
		if err == nil {
			next.canary = b
			l.counts.begin(s.Canary.Serial, s.Canary.Since)
		}
		wrong = append(wrong, err)
	}
	l.shelve(next, now)
	if err := errors.Join(wrong...); err != nil {
		next.trouble = inWords(err)
	}
	l.view.Store(next)
	l.tell(old, next)
	return errors.Join(wrong...)
}

// troubled keeps what runs and says what is wrong.
func (l *Live) troubled(old *view, err error) error {
	next := *old
	next.trouble = inWords(err)
	l.view.Store(&next)
	l.tell(old, &next)
	return err
}

// shelve puts what runs on the shelf and takes off what was withdrawn or is old.
func (l *Live) shelve(v *view, now time.Time) {
	for h, e := range v.all {
		if e.replaced.IsZero() {
			e.replaced = now
		}
		e.off = v.state.offIn(e.bundle)
		v.all[h] = e
	}
	for _, b := range []*menus.Bundle{v.active, v.canary} {
		if b != nil {
			v.all[b.Hash()] = entry{bundle: b, off: v.state.offIn(b)}
		}
	}
	for _, h := range v.state.Withdrawn {
		delete(v.all, h)
		if v.active != nil && h == v.active.Hash() {
			v.active = nil
		}
	}
	l.forget(v, now)
}

// forget drops what was replaced long ago, and the oldest of too many.
func (l *Live) forget(v *view, now time.Time) {
	maps.DeleteFunc(v.all, func(_ Hash, e entry) bool { return !e.replaced.IsZero() && now.Sub(e.replaced) > l.cfg.Keep })
	for len(v.all) > MaxOld {
		oldest, at := Hash{}, time.Time{}
		for h, e := range v.all {
			if !e.replaced.IsZero() && (at.IsZero() || e.replaced.Before(at)) {
				oldest, at = h, e.replaced
			}
		}
		delete(v.all, oldest)
	}
}

// tell says what changed from one view to the next.
func (l *Live) tell(old, next *view) {
	if next.trouble != "" && next.trouble != old.trouble {
		l.cfg.Note("does not run what it is asked to: "+next.trouble, true)
	}
	if next.trouble == "" && old.trouble != "" {
		l.cfg.Note("runs what it is asked to again", false)
	}
	if next.active != nil && next.active != old.active {
		l.cfg.Note(fmt.Sprintf("%s (%s) runs", next.active.Name(), Hash(next.active.Hash()).Short()), false)
	}
	last := old.state.Serial
	for _, c := range next.state.Changes {
		if c.Serial > last && last > 0 && c.What != didRun {
			l.cfg.Note(strings.TrimSpace(fmt.Sprintf("%s %s %s", c.Hash.Short(), c.What, c.Why)), c.What == didTrip || c.What == didWithdraw || c.What == didOff)
		}
	}
}

// offIn are the screens of a bundle that are switched off.
func (s *State) offIn(b *menus.Bundle) map[string]bool {
	if len(s.Off) == 0 {
		return nil
	}
	off := map[string]bool{}
	for _, o := range s.Off {
		for _, screen := range b.Subtree(o.Screen) {
			off[screen] = true
		}
	}
	return off
}

// Visit counts for a trial: that a session came upon a step, or that it ended well.
// began is the session's first instant, at when it came upon the step. What is later
// than now, by another gateway's clock, is now.
func (l *Live) Visit(hash [32]byte, began, at time.Time, step string, good bool) {
	v := l.view.Load()
	if v.canary == nil || v.active == nil {
		return
	}
	if now := l.cfg.Fleet.now(); at.After(now) {
		at = now
	}
	c := Count{Visits: 1}
	if good {
		c = Count{Good: 1}
	}
	switch hash {
	case v.canary.Hash():
		l.counts.add(v.state.Canary.Serial, began, at, stepOf(step), Arms{Canary: c})
	case v.active.Hash():
		l.counts.add(v.state.Canary.Serial, began, at, stepOf(step), Arms{Running: c})
	}
}
