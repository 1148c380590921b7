package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"mlango/gateway/binds"
)

// states are all binds: those we make and those that are made to us.
func (g *gateway) states() []binds.BindState {
	return append(g.pool.State(), g.edge.Inbound()...)
}

// watch looks at binds, orders and SMS until ctx ends: it judges, makes metrics of
// what is only a state, and takes down what changed.
func (g *gateway) watch(ctx context.Context) error {
	m := g.newBindMetrics()
	glance, look := time.NewTicker(glanceEach), time.NewTicker(lookEach)
	defer glance.Stop()
	defer look.Stop()
	g.note("gateway", fmt.Sprintf("%s starts, operators version %d", g.cfg.Name, g.operators.number()), false)
	for {
		select {
		case <-ctx.Done():
			g.note("gateway", "it stops", false)
			return nil
		case <-glance.C:
			g.observer.glance(g.states())
		case now := <-look.C:
			was := g.observer.board()
			next := g.look(now)
			m.set(was, next)
			g.changes(was, next)
		}
	}
}

// look makes the next board.
func (g *gateway) look(now time.Time) board {
	b := board{
		Gateway: g.cfg.Name, At: now, Started: g.started, Version: g.operators.number(), Hops: g.edge.Running(), Orders: g.orders.Depth(),
		OldestMS: g.orders.Oldest().Milliseconds(), SMS: g.confirm.Waiting(), Dead: g.confirm.DeadLetters(),
	}
	b.Binds, b.Operators = g.observer.look(now, g.config(), g.states())
	b.Degraded = []string{}
	if g.ledger.Open() {
		b.Degraded = append(b.Degraded, ledgerAway)
	}
	if g.degraded != nil {
		b.Degraded = append(b.Degraded, g.degraded()...)
	}
	g.observer.keep(&b)
	return b
}

// keep makes a board the newest one.
func (v *observer) keep(b *board) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if seconds := b.At.Sub(v.last.At).Seconds(); !v.last.At.IsZero() && seconds > 0 {
		b.HopRate = float64(v.hops-v.hopsWas) / seconds
	}
	v.hopsWas = v.hops
	v.last = *b
}

// board is the newest one.
func (v *observer) board() board {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.last
}

func (b *bindView) name() string { return b.Operator + "/" + b.Bind }

func (b *board) bind(name string) *bindView {
	if i := slices.IndexFunc(b.Binds, func(it bindView) bool { return it.name() == name }); i >= 0 {
		return &b.Binds[i]
	}
	return nil
}

func (b *board) operator(name string) *operatorView {
	if i := slices.IndexFunc(b.Operators, func(it operatorView) bool { return it.Operator == name }); i >= 0 {
		return &b.Operators[i]
	}
	return nil
}
