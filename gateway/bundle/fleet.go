package bundle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mlango/menus"
)

// Speaks is the version of the menu language that this program reads: it rises with
// everything that an older one would refuse.
const Speaks = 2 // 2: resume, rows, what others ask, secrets over several screens

// Limits of a fleet.
const (
	Lease       = 10 * time.Second // of what a gateway says of itself
	countsLease = time.Hour        // of what it counted: longer than any restart
	maxSwaps    = 16               // lost compare-and-sets of one change
)

// keyState is where a fleet's state stands.
const keyState = "fleet"

// Fleet is every gateway that shares a store.
type Fleet struct {
	Store     Store
	Approvers Approvers
	Now       func() time.Time // nil is the machine's clock
}

func (f *Fleet) now() time.Time {
	if f.Now == nil {
		return time.Now()
	}
	return f.Now()
}

// Announced is what a gateway says of itself.
type Announced struct {
	Name      string          `json:"name"`
	At        time.Time       `json:"at"`
	Serial    uint64          `json:"serial"` // of the state that it read last
	Active    Hash            `json:"active"`
	Canary    Hash            `json:"canary"`
	Trouble   string          `json:"trouble,omitempty"` // why it does not run what it is asked to
	Speaks    int             `json:"speaks"`
	Catalogue menus.Catalogue `json:"catalogue"` // calls and orders, with their parameters
}

// State reads what the fleet is asked to run.
func (f *Fleet) State(ctx context.Context) (State, error) {
	s, _, err := f.read(ctx)
	return s, err
}

func (f *Fleet) read(ctx context.Context) (s State, raw []byte, err error) {
	raw, err = f.Store.Get(ctx, keyState)
	switch {
	case errors.Is(err, ErrNone):
		return State{}, nil, nil
	case err != nil:
		return State{}, nil, fmt.Errorf("bundle: the fleet's state: %w", err)
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return State{}, nil, fmt.Errorf("%w: the fleet's state: %w", ErrDamaged, err)
	}
	return s, raw, nil
}

// change changes the state whole, or not at all. f may run more than once.
func (f *Fleet) change(ctx context.Context, do func(s *State) error) (State, error) {
	for range maxSwaps {
		old, raw, err := f.read(ctx)
		if err != nil {
			return State{}, err
		}
		s := old.clone()
		if err := do(&s); err != nil || s.Serial == old.Serial {
			return old, err
		}
		next, err := json.Marshal(&s)
		if err != nil {
			return old, fmt.Errorf("bundle: %w", err)
		}
		if err = f.Store.Swap(ctx, keyState, raw, next); !errors.Is(err, ErrConflict) {
			return s, err
		}
	}
	return State{}, ErrConflict
}

func keyBundle(h Hash) string { return "bundle/" + h.String() }

// put stores a bundle's source; the same again is a success.
func (f *Fleet) put(ctx context.Context, h Hash, src []byte) error {
	err := f.Store.Swap(ctx, keyBundle(h), nil, src)
	if !errors.Is(err, ErrConflict) {
		return err
	}
	there, err := f.Store.Get(ctx, keyBundle(h))
	if err == nil && !slices.Equal(there, src) {
		err = fmt.Errorf("%w: %s is not what its hash says", ErrDamaged, h.Short())
	}
	return err
}

// Source is a bundle's text.
func (f *Fleet) Source(ctx context.Context, h Hash) ([]byte, error) {
	src, err := f.Store.Get(ctx, keyBundle(h))
	if errors.Is(err, ErrNone) {
		return nil, fmt.Errorf("%w: the store has no text of %s – publish it again", ErrUnknown, h.Short())
	}
	return src, err
}

// Load compiles a bundle and holds it to its name.
func (f *Fleet) Load(ctx context.Context, h Hash, cat menus.Catalogue) (*menus.Bundle, error) {
	src, err := f.Source(ctx, h)
	if err != nil {
		return nil, err
	}
	b, err := menus.Parse(h.Short(), src, cat)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %s:\n%w", ErrCannot, h.Short(), err)
	case b.Hash() != h:
		return nil, fmt.Errorf("%w: %s is not what its hash says", ErrDamaged, h.Short())
	}
	return b, nil
}

// Gateways are those whose lease holds, by name.
func (f *Fleet) Gateways(ctx context.Context) ([]Announced, error) {
	raw, err := f.Store.Announced(ctx, "gateway/")
	if err != nil {
		return nil, err
	}
	var out []Announced
	for key, b := range raw {
		a := Announced{Name: strings.TrimPrefix(key, "gateway/")}
		if err := json.Unmarshal(b, &a); err != nil {
			a.Trouble = "what it says of itself cannot be read"
		}
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b Announced) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// Runs tells why a live gateway could not run a menu; nil when every one can.
func (f *Fleet) Runs(ctx context.Context, name string, src []byte) (gateways []string, err error) {
	all, err := f.Gateways(ctx)
	if err != nil {
		return nil, err
	}
	var wrong []error
	for _, a := range all {
		gateways = append(gateways, a.Name)
		if a.Speaks < Speaks {
			wrong = append(wrong, fmt.Errorf("the gateway %s reads version %d of the menu language, this one writes %d: start it anew with this program", a.Name, a.Speaks, Speaks))
			continue
		}
		if _, err := menus.Parse(name, src, a.Catalogue); err != nil {
			wrong = append(wrong, fmt.Errorf("the gateway %s cannot run it:\n%w", a.Name, err))
		}
	}
	return gateways, errors.Join(wrong...)
}

// Report is what publishing a menu came to.
type Report struct {
	Hash     Hash     `json:"hash"`
	Name     string   `json:"name"`
	Gateways []string `json:"gateways"` // that can run it
	Against  Hash     `json:"against"`  // the running bundle
	Diff     []Diff   `json:"diff"`     // from it, screen by screen
}

// Publish proves a menu on every live gateway and stores it. Nothing runs it yet.
func (f *Fleet) Publish(ctx context.Context, name string, src []byte, cat menus.Catalogue) (r Report, err error) {
	b, err := menus.Parse(name, src, cat)
	if err != nil {
		return r, err
	}
	r.Hash, r.Name = b.Hash(), b.Name()
	if r.Gateways, err = f.Runs(ctx, name, b.Source()); err != nil {
		return r, err
	}
	if err := f.put(ctx, r.Hash, b.Source()); err != nil {
		return r, err
	}
	var gone []Hash
	s, err := f.change(ctx, func(s *State) (err error) {
		gone, err = s.publish(r.Hash, r.Name, f.now())
		return err
	})
	if err != nil {
		return r, err
	}
	f.sweep(ctx, gone)
	r.Against = s.Active
	r.Diff, err = f.Compare(ctx, s.Active, r.Hash)
	return r, err
}

// sweep takes away the texts of bundles that made room. One that stays lies there, and
// nobody asks for it.
func (f *Fleet) sweep(ctx context.Context, gone []Hash) {
	for _, h := range gone {
		if old, err := f.Store.Get(ctx, keyBundle(h)); err == nil {
			_ = f.Store.Swap(ctx, keyBundle(h), old, nil)
		}
	}
}

// Compare shows how one bundle differs from another, screen by screen. No bundle is
// as an empty one.
func (f *Fleet) Compare(ctx context.Context, from, to Hash) ([]Diff, error) {
	var texts [2][]byte
	for i, h := range []Hash{from, to} {
		if h == (Hash{}) {
			continue
		}
		var err error
		if texts[i], err = f.Source(ctx, h); err != nil {
			return nil, err
		}
	}
	return Compare(texts[0], texts[1]), nil
}

// Approve adds a person's word to a bundle.
func (f *Fleet) Approve(ctx context.Context, h Hash, sig Signature) (State, error) {
	return f.change(ctx, func(s *State) error { return s.approve(h, sig, f.Approvers, f.now()) })
}

// Canary puts a bundle on trial with a share of subscribers, or with those of a list;
// 100 percent makes it the running one, 0 ends the trial. Every live gateway must be
// able to run it.
func (f *Fleet) Canary(ctx context.Context, h Hash, percent float64, list []Mark) (State, error) {
	if percent != 0 || len(list) > 0 {
		if err := f.ready(ctx, h); err != nil {
			return State{}, err
		}
	}
	return f.change(ctx, func(s *State) error { return s.canary(h, percent, list, f.Approvers, f.now()) })
}

// Rollback makes an older bundle the running one, whole, and ends every trial.
func (f *Fleet) Rollback(ctx context.Context, h Hash, why string) (State, error) {
	if err := f.ready(ctx, h); err != nil {
		return State{}, err
	}
	return f.change(ctx, func(s *State) error { return s.rollback(h, f.Approvers, why, f.now()) })
}

// ready holds a bundle to the gateways that live now.
func (f *Fleet) ready(ctx context.Context, h Hash) error {
	s, err := f.State(ctx)
	if err != nil {
		return err
	}
	if err := s.may(h, f.Approvers); err != nil {
		return err
	}
	src, err := f.Source(ctx, h)
	if err != nil {
		return err
	}
	_, err = f.Runs(ctx, h.Short(), src)
	return err
}

// Withdraw has a bundle never run again.
func (f *Fleet) Withdraw(ctx context.Context, h Hash, why string) (State, error) {
	return f.change(ctx, func(s *State) error { return s.withdraw(h, why, f.now()) })
}

// Disable switches a screen and what lies behind it off; on, on again.
func (f *Fleet) Disable(ctx context.Context, screen, why string, on bool) (State, error) {
	return f.change(ctx, func(s *State) error { return s.disable(screen, why, on, f.now()) })
}
