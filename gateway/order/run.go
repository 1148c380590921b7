package order

import (
	"context"
	"time"

	"mlango/ledgerd/ledger"
)

// lookEach is how often the table is looked through for outcomes that no session
// took.
const lookEach = time.Second

// Run takes over what an earlier process and dead gateways left, until ctx ends.
func (d *Dispatcher) Run(ctx context.Context) error {
	started := d.take(ctx, d.store.Left)
	look, claim := time.NewTicker(lookEach), time.NewTicker(ClaimEach)
	defer look.Stop()
	defer claim.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
			d.unseen()
		case <-claim.C:
			if !started {
				started = d.take(ctx, d.store.Left)
				continue
			}
			d.take(ctx, d.store.Claim)
		}
	}
}

// take adopts what a store gives out; it may give something and an error.
func (d *Dispatcher) take(ctx context.Context, from func(context.Context) (Left, error)) bool {
	left, err := from(ctx)
	if err != nil && ctx.Err() == nil {
		d.cfg.Log.Warn("what was left in the queue could not be read whole", "err", err)
	}
	d.adopt(left)
	return err == nil
}

// adopt carries on with orders and promises that have no waiting session.
func (d *Dispatcher) adopt(left Left) {
	promised := make(map[ledger.ID]*Promise, len(left.Promises))
	for i := range left.Promises {
		promised[left.Promises[i].ID] = &left.Promises[i]
	}
	for i := range left.Orders {
		o := &left.Orders[i]
		id := o.Request.ID()
		d.adoptOne(&item{id: id, order: o, promise: promised[id], since: o.Arrived})
		delete(promised, id)
	}
	for id, p := range promised {
		d.adoptOne(&item{id: id, promise: p, since: d.cfg.Now()})
	}
}

// adoptOne puts what was left on the table. Where only a promise stood, adopted by
// a hop that came before, the order takes its place: whoever holds the whole order
// sends it.
func (d *Dispatcher) adoptOne(it *item) {
	d.mu.Lock()
	defer d.mu.Unlock()
	old := d.items[it.id]
	if d.closed || old != nil && (it.order == nil || old.order != nil || old.result != nil) {
		return
	}
	if old != nil {
		it.promise, it.waiters = old.promise, old.waiters
	}
	d.items[it.id] = it
	if it.order != nil {
		d.open++
	}
	d.carryLocked(it)
}

// unseen has the outcomes told that a session waited for and never took.
func (d *Dispatcher) unseen() {
	d.mu.Lock()
	defer d.mu.Unlock()
	limit := d.cfg.Now().Add(-Unseen)
	for _, it := range d.items {
		if it.result != nil && it.promise == nil && it.since.Before(limit) {
			d.finish(it)
		}
	}
}

// Drain waits until every order has its answer and every outcome is told, or ctx
// ends. Whatever is open then stays in the store.
func (d *Dispatcher) Drain(ctx context.Context) error {
	tick := time.NewTicker(RetryLeast)
	defer tick.Stop()
	for {
		d.mu.Lock()
		n := len(d.items)
		d.mu.Unlock()
		if n == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
