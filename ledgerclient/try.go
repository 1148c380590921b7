package ledgerclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
)

// again looks at an answer and tells whether the same question may be repeated.
type again func(wire.Record) ledger.Reject

func never(wire.Record) ledger.Reject { return ledger.OK }

// transient finds Busy and Overloaded in an answer.
func transient(r wire.Record) ledger.Reject {
	if reject := r.Reject(); reject.Transient() {
		return reject
	}
	return ledger.OK
}

// try is one exchange: its latest try, and what all have in common.
type try struct {
	q    question
	look again
	// until is when a call is given up that has no deadline of its own; else zero. The
	// link looks after it: a timer for each call would cost as much as the call.
	until time.Time

	begun   time.Time
	answer  wire.Record
	refused ledger.Reject
	err     error
}

// made tells whether there is a lasting answer.
func (t *try) made() bool { return t.err == nil && t.refused == ledger.OK }

// exchange is the one place where anything is tried again: the same words, the
// same id.
func (c *Client) exchange(ctx context.Context, q question, look again) (wire.Record, error) {
	t := try{q: q, look: look, begun: time.Now()}
	if _, ok := ctx.Deadline(); !ok {
		t.until = t.begun.Add(c.cfg.Timeout)
	}
	c.budget.earn()
	if c.once(ctx, &t); t.made() {
		return t.answer, nil
	}
	return c.insist(ctx, &t)
}

// insist goes on after a first try that brought no lasting answer. Once a try may have
// been sent, the end can only be an answer or unknown.
func (c *Client) insist(ctx context.Context, t *try) (wire.Record, error) {
	sent := errors.Is(t.err, ErrUnknown)
	if _, err := t.q.appendTo(nil, 0); err != nil && !sent { // its caller's fault, whatever became of it
		return t.answer, err
	}
	for n := 0; ; n++ {
		if final(t.err) || over(ctx, t.until) || !c.afford() || !pause(ctx, n) || over(ctx, t.until) {
			return t.answer, honest(t.err, t.refused, sent)
		}
		c.retries.Add(1)
		t.begun = time.Now()
		if c.once(ctx, t); t.made() {
			return t.answer, nil
		}
		sent = sent || errors.Is(t.err, ErrUnknown)
	}
}

// final tells whether an error is one that asking again does not mend.
func final(err error) bool {
	return errors.Is(err, errOpen) || errors.Is(err, ErrRefused)
}

// afford takes one retry out of the budget, if there is one.
func (c *Client) afford() bool {
	if c.budget.spend() {
		return true
	}
	c.spent.Add(1)
	return false
}

// over tells whether a call's time is over.
func over(ctx context.Context, until time.Time) bool {
	return ctx.Err() != nil || !until.IsZero() && !time.Now().Before(until)
}

// honest is the end of a call: what was perhaps sent once is unknown, whatever
// the last try says. A refusal without a trace speaks of its own copy only.
func honest(err error, refused ledger.Reject, sent bool) error {
	switch {
	case !sent || errors.Is(err, ErrUnknown):
		return err
	case err == nil:
		return fmt.Errorf("%w: then it was %s", ErrUnknown, refused)
	}
	return fmt.Errorf("%w: %s", ErrUnknown, err)
}

// errOpen says that the breaker refused the try.
var errOpen = fmt.Errorf("%w: the breaker is open", ErrUnavailable)

// once is one try through the breaker.
func (c *Client) once(ctx context.Context, t *try) {
	t.answer, t.refused = wire.Record{}, ledger.OK
	ended, err := c.breaker.allow()
	if err != nil {
		c.shut.Add(1)
		t.err = errOpen
		return
	}
	l := c.alive()
	if l == nil {
		l, t.err = c.live(ctx, t.until)
	}
	if l != nil {
		t.answer, t.err = l.ask(ctx, t.until, t.q)
	}
	if t.err == nil {
		t.refused = t.look(t.answer)
	}
	c.breaker.hear(ended, c.broken(t))
}

// broken is what the breaker hears of a try: a refusal in words is an answer, too.
func (c *Client) broken(t *try) error {
	switch {
	case t.err == nil:
		return c.heavy(t.refused == ledger.Overloaded, t.begun)
	case errors.Is(t.err, ErrRefused):
		return nil
	}
	return t.err
}

// heavy is what the breaker hears of an answer: nothing, but when refusals at the
// ledger's door prevail.
func (c *Client) heavy(refused bool, begun time.Time) error {
	if c.shed.heavy(refused, begun) {
		return errOverloaded
	}
	return nil
}
