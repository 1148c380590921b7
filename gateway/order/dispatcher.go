package order

import (
	"context"
	"time"

	"mlango/ledgerd/ledger"
)

// Dispatcher is the Queue: it keeps what is placed in its store, sends it to the
// ledger under one id until there is a definite answer, and gives the outcome to
// the waiting session or has it told by SMS.
type Dispatcher struct {
	store  Store
	ledger Ledger
	teller Teller
	cfg    Config
}

var _ Queue = (*Dispatcher)(nil)

// NewDispatcher makes a dispatcher; Run makes it take over what was left.
func NewDispatcher(store Store, l Ledger, teller Teller, cfg Config) *Dispatcher {
	return &Dispatcher{store: store, ledger: l, teller: teller, cfg: cfg.withDefaults()}
}

// Run takes over what an earlier process and dead gateways left, until ctx ends.
func (d *Dispatcher) Run(ctx context.Context) error { return nil }

// Drain waits until every order has its answer and every outcome is told, or ctx
// ends. Whatever is open then stays in the store.
func (d *Dispatcher) Drain(ctx context.Context) error { return nil }

// Close stops sending. What is open stays in the store for the next start.
func (d *Dispatcher) Close() error { return nil }

// Place takes an order.
func (d *Dispatcher) Place(ctx context.Context, o Order) (<-chan Outcome, error) { return nil, ErrFull }

// Promise records that the payer will be told by SMS.
func (d *Dispatcher) Promise(ctx context.Context, p Promise) (*Outcome, error) { return nil, nil }

// Forget says that the waiting session saw the outcome.
func (d *Dispatcher) Forget(id ledger.ID) {}

// Tell says that the waiting session cannot show the outcome any more.
func (d *Dispatcher) Tell(p Promise) {}

// Depth is how many orders have no answer yet.
func (d *Dispatcher) Depth() int { return 0 }

// Oldest is how long the oldest of them has waited.
func (d *Dispatcher) Oldest() time.Duration { return 0 }

// Promised is how many promises are not kept yet.
func (d *Dispatcher) Promised() int { return 0 }
