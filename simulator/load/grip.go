package load

import (
	"context"
	"sync"
)

// grip is what the faults of a run do to one program. They may overlap: the first one
// breaks it, and it is mended when the last one is over.
type grip struct {
	breaker Breaker
	target  string

	mu    sync.Mutex // one change at a time: who kills while it is started waits
	dead  int        // faults that keep it down
	still int        // that keep it from going on
}

// grip is that on a program.
func (t *timeline) grip(target string) *grip {
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.grips[target]
	if g == nil {
		g = &grip{breaker: t.breaker, target: target}
		t.grips[target] = g
	}
	return g
}

// fell kills the program, unless it is down already.
func (g *grip) fell(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dead == 0 {
		if err := g.breaker.Kill(ctx, g.target); err != nil {
			return err
		}
	}
	g.dead++
	return nil
}

// raise starts it when no other fault keeps it down; what must stand still does.
func (g *grip) raise(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dead--; g.dead > 0 {
		return nil
	}
	if err := g.breaker.Restart(ctx, g.target); err != nil || g.still == 0 {
		return err
	}
	return g.breaker.Freeze(g.target, true)
}

// hold stops it in its tracks.
func (g *grip) hold() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.still == 0 {
		if err := g.breaker.Freeze(g.target, true); err != nil {
			return err
		}
	}
	g.still++
	return nil
}

// let lets it go on when no other fault holds it.
func (g *grip) let() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.still--; g.still > 0 {
		return nil
	}
	return g.breaker.Freeze(g.target, false)
}
