package order

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"mlango/ledgerd/ledger"
)

// errLater says that it is not yet time to ask.
var errLater = errors.New("order: not yet expired")

// bounded runs what may hang on a disk or a network, and is silent when ctx ends
// first.
func bounded(ctx context.Context, fn func(context.Context) error) error {
	done := make(chan error, 1)
	go func() { done <- fn(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return errors.Join(ErrUnknown, ctx.Err())
	}
}

func unsure(err error) bool { return errors.Is(err, ErrUnknown) }

// carry brings an item to its end, however long that takes.
func (d *Dispatcher) carry(it *item) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.carryLocked(it)
}

func (d *Dispatcher) carryLocked(it *item) {
	if d.closed {
		return
	}
	d.work.Go(func() {
		for try := 0; ; try++ {
			res, err := d.ask(it)
			if err == nil && !res.Reject.Transient() {
				d.settle(it, res)
				return
			}
			if !d.pause(try, RetryLeast, RetryMost) {
				return
			}
		}
	})
}

// ask sends the order, or once it expired has the ledger settle its id. Only the
// ledger's clock and books say that something was not done.
func (d *Dispatcher) ask(it *item) (ledger.Result, error) {
	due := time.UnixMilli(it.expires()).Add(AfterExpiry)
	if it.order == nil && !d.sleep(due.Sub(d.cfg.Now())) {
		return ledger.Result{}, errLater
	}
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
	case <-d.ctx.Done():
		return ledger.Result{}, d.ctx.Err()
	}
	ctx, cancel := context.WithTimeout(d.ctx, d.cfg.Try)
	defer cancel()
	if it.order == nil || d.cfg.Now().After(due) {
		return d.ledger.Resolve(ctx, it.id, it.expires())
	}
	return d.ledger.Do(ctx, &it.order.Request)
}

// pause waits before try+1, somewhere between nothing and a span that doubles. It
// is false when the dispatcher closes.
func (d *Dispatcher) pause(try int, least, most time.Duration) bool {
	span := min(least<<min(try, 10), most)
	return d.sleep(rand.N(span) + 1)
}

func (d *Dispatcher) sleep(t time.Duration) bool {
	if t <= 0 {
		return d.ctx.Err() == nil
	}
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-d.ctx.Done():
		return false
	}
}

// settle takes the definite answer, unless another item took this one's place: then
// that one has it too.
func (d *Dispatcher) settle(it *item, res ledger.Result) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.items[it.id] != it {
		return
	}
	it.result, it.since = &res, d.cfg.Now()
	if it.order != nil {
		d.open--
		for _, ch := range it.waiters {
			ch <- Outcome{Order: *it.order, Result: res}
		}
	}
	if it.promise != nil || len(it.waiters) == 0 {
		d.finish(it)
	}
}

// finish ends an item that no session will show: a commit is told by its
// notices, a reject by us.
func (d *Dispatcher) finish(it *item) {
	if it.promise == nil {
		p := it.order.Promise()
		it.promise = &p
	}
	question := it.order != nil && it.order.Request.Transfer == nil
	if d.closed { // the store still has it
		return
	}
	if it.result.Reject == ledger.OK || question {
		d.remove(it)
		d.work.Go(func() { d.store.Done(it.id) })
		return
	}
	d.work.Go(func() { d.tell(it) })
}

// tell has the payer told until it is done.
func (d *Dispatcher) tell(it *item) {
	for try := 0; ; try++ {
		err := d.teller.Tell(d.ctx, *it.promise, *it.result)
		if err == nil {
			break
		}
		if try == 0 {
			d.cfg.Log.Warn("a payer could not be told yet", "id", it.id, "err", err)
		}
		if !d.pause(try, TellLeast, TellMost) {
			return
		}
	}
	d.leave(it)
	d.store.Done(it.id)
}
