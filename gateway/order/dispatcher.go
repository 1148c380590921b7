package order

import (
	"context"
	"sync"
	"sync/atomic"
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
	slots  chan struct{} // requests at the ledger
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup

	looked  atomic.Int64 // ns: when delayed was found
	delayed atomic.Bool

	mu     sync.Mutex
	items  map[ledger.ID]*item
	open   int // of them orders without an answer
	closed bool
}

var _ Queue = (*Dispatcher)(nil)

// item is one id that is not over: its order has no answer, or its end was
// neither seen nor told.
type item struct {
	id      ledger.ID
	order   *Order         // nil: only a promise is here
	promise *Promise       // nil: nobody was promised an SMS
	result  *ledger.Result // nil: no answer yet
	waiters []chan Outcome // sessions; none after a restart
	since   time.Time      // placed, then answered
}

// expires is the instant, in ms, after which the ledger may resolve the id.
func (it *item) expires() int64 {
	if it.order != nil {
		return it.order.Request.Expires()
	}
	return it.promise.Expires
}

// NewDispatcher makes a dispatcher; Run makes it take over what was left.
func NewDispatcher(store Store, l Ledger, teller Teller, cfg Config) *Dispatcher {
	cfg = cfg.withDefaults()
	d := &Dispatcher{store: store, ledger: l, teller: teller, cfg: cfg, items: map[ledger.ID]*item{}, slots: make(chan struct{}, cfg.Concurrency)}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}

// Place takes an order. Only a refusal that surely kept it out of the store is
// an error: when the store is silent the order goes on from memory, since it is
// the ledger that accepts, and the same id answers the same.
func (d *Dispatcher) Place(ctx context.Context, o Order) (<-chan Outcome, error) {
	ch := make(chan Outcome, 1)
	it := &item{id: o.Request.ID(), order: &o, waiters: []chan Outcome{ch}, since: d.cfg.Now()}
	if known, err := d.enter(it); err != nil || known {
		return ch, err
	}
	err := bounded(ctx, func(ctx context.Context) error { return d.store.Put(ctx, &o) })
	if err != nil && !unsure(err) {
		d.leave(it)
		return nil, err
	}
	d.carry(it)
	return ch, nil
}

// enter puts an item on the table. The same id again only joins its waiters.
func (d *Dispatcher) enter(it *item) (known bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false, ErrFull
	}
	if old := d.items[it.id]; old != nil {
		d.join(old, it)
		return true, nil
	}
	if d.open >= d.cfg.Limit {
		return false, ErrFull
	}
	d.items[it.id] = it
	if it.order != nil {
		d.open++
	}
	return false, nil
}

// join lets the waiters of a second item for the same id hear the first's end.
func (d *Dispatcher) join(old, it *item) {
	for _, ch := range it.waiters {
		if old.result != nil && old.order != nil {
			ch <- Outcome{Order: *old.order, Result: *old.result}
			continue
		}
		old.waiters = append(old.waiters, ch)
	}
}

// leave takes an item off the table that was never kept.
func (d *Dispatcher) leave(it *item) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.remove(it)
}

func (d *Dispatcher) remove(it *item) {
	if d.items[it.id] != it {
		return
	}
	delete(d.items, it.id)
	if it.order != nil && it.result == nil {
		d.open--
	}
}

// Promise records that the payer will be told by SMS. An outcome that came
// before is returned instead. An id that nobody placed here is adopted: its end
// is asked for when it expired.
func (d *Dispatcher) Promise(ctx context.Context, p Promise) (*Outcome, error) {
	early, err := d.promise(&p)
	if early != nil || err != nil {
		return early, err
	}
	err = bounded(ctx, func(ctx context.Context) error { return d.keepPromise(ctx, &p) })
	return nil, err
}

// keepPromise writes the promise, and takes it back when its end was told while
// it was written.
func (d *Dispatcher) keepPromise(ctx context.Context, p *Promise) error {
	err := d.store.Promise(ctx, p)
	d.mu.Lock()
	over := d.items[p.ID] == nil
	d.mu.Unlock()
	if over {
		d.store.Done(p.ID)
	}
	return err
}

func (d *Dispatcher) promise(p *Promise) (early *Outcome, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	it := d.items[p.ID]
	switch {
	case it == nil && (d.closed || len(d.items) >= 2*d.cfg.Limit):
		return nil, ErrFull
	case it == nil:
		it = &item{id: p.ID, promise: p, since: d.cfg.Now()}
		d.items[p.ID] = it
		d.carryLocked(it)
	case it.result != nil && it.promise == nil:
		return &Outcome{Order: *it.order, Result: *it.result}, nil
	case it.promise == nil:
		it.promise = p
	}
	return nil, nil
}

// Forget says that the waiting session saw the outcome.
func (d *Dispatcher) Forget(id ledger.ID) {
	d.mu.Lock()
	it := d.items[id]
	over := it != nil && it.result != nil && it.promise == nil
	if over {
		d.remove(it)
	}
	d.mu.Unlock()
	if over {
		d.store.Done(id)
	}
}

// Tell says that the waiting session cannot show the outcome any more: a reject
// is told by SMS.
func (d *Dispatcher) Tell(p Promise) {
	d.mu.Lock()
	defer d.mu.Unlock()
	it := d.items[p.ID]
	if it == nil || it.promise != nil {
		return
	}
	it.promise = &p
	if it.result != nil {
		d.finish(it)
	}
}

// Depth is how many orders have no answer yet.
func (d *Dispatcher) Depth() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open
}

// Oldest is how long the oldest of them has waited.
func (d *Dispatcher) Oldest() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	now, oldest := d.cfg.Now(), time.Duration(0)
	for _, it := range d.items {
		if it.order != nil && it.result == nil {
			oldest = max(oldest, now.Sub(it.since))
		}
	}
	return oldest
}

// Promised is how many promises are not kept yet.
func (d *Dispatcher) Promised() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, it := range d.items {
		if it.promise != nil {
			n++
		}
	}
	return n
}

// Close stops sending. What is open stays in the store for the next start.
func (d *Dispatcher) Close() error {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.cancel()
	d.work.Wait()
	return nil
}
