package bundle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// How often a gateway looks and tells.
const (
	lookEach   = time.Second
	tellEach   = 2 * time.Second // and at each look while a bundle is on trial
	storeWaits = time.Second     // for one answer of the store
)

// Run looks at the store, says what this gateway runs, counts and judges, until ctx
// ends. A store that does not answer changes nothing.
func (l *Live) Run(ctx context.Context) error {
	look := time.NewTicker(lookEach)
	defer look.Stop()
	var told time.Time
	for {
		l.once(ctx, &told)
		select {
		case <-ctx.Done():
			l.leave()
			return nil
		case <-look.C:
		}
	}
}

// leave takes this gateway out of the fleet at once; else its lease ends by itself.
func (l *Live) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), storeWaits)
	defer cancel()
	_ = l.cfg.Fleet.Store.Announce(ctx, "gateway/"+l.cfg.Gateway, []byte("{}"), time.Millisecond)
}

func (l *Live) once(ctx context.Context, told *time.Time) {
	ctx, cancel := context.WithTimeout(ctx, storeWaits)
	defer cancel()
	_ = l.Look(ctx) // its trouble is in the view
	now := l.cfg.Fleet.now()
	if l.view.Load().canary != nil || now.Sub(*told) > tellEach-lookEach/2 { // a trial waits for what all have counted
		if l.Tell(ctx) == nil {
			*told = now
		}
	}
	l.judge(ctx)
}

// Tell says what this gateway runs and offers, and what it counted.
func (l *Live) Tell(ctx context.Context) error {
	v := l.view.Load()
	a := Announced{Name: l.cfg.Gateway, At: l.cfg.Fleet.now(), Serial: v.state.Serial, Trouble: v.trouble, Speaks: Speaks, Catalogue: l.cfg.Catalogue}
	if v.active != nil {
		a.Active = v.active.Hash()
	}
	if v.canary != nil {
		a.Canary = v.canary.Hash()
	}
	raw, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	err = l.cfg.Fleet.Store.Announce(ctx, "gateway/"+l.cfg.Gateway, raw, Lease)
	if v.canary != nil {
		err = errors.Join(err, l.counts.tell(ctx, l.cfg.Fleet.Store, v.state.Canary.Serial, l.cfg.Gateway, l.cfg.Fleet.now()))
	}
	return err
}

// judge puts the trial back when its numbers say so.
func (l *Live) judge(ctx context.Context) {
	v := l.view.Load()
	if v.canary == nil {
		return
	}
	if done, err := l.cfg.Fleet.Trip(ctx, &v.state); done && err == nil {
		_ = l.Look(ctx)
	}
}
