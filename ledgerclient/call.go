package ledgerclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
)

// Do sends a wish and waits for its answer; a reject is an answer. After a lost
// connection, Busy or Overloaded it is sent again under the same id while ctx
// and the retry budget last. Transient rejects may still come back.
func (c *Client) Do(ctx context.Context, r *ledger.Request) (res ledger.Result, err error) {
	answer, err := c.exchange(ctx, (*request)(r), transient)
	if err == nil {
		err = answer.ReadResult(&res)
	}
	return res, err
}

// Profile answers "who is dialling?" from the applied books.
func (c *Client) Profile(ctx context.Context, msisdn string) (ledger.Profile, error) {
	record, err := wire.AppendWho(nil, 0, msisdn)
	if err != nil {
		return ledger.Profile{}, fmt.Errorf("ledgerclient: profile: %w", err)
	}
	answer, err := c.exchange(ctx, said(record), never)
	if err != nil {
		return ledger.Profile{}, err
	}
	return answer.Profile()
}

// Quote answers "to whom, at what fee?" and promises only the fee's ceiling.
func (c *Client) Quote(ctx context.Context, ask ledger.Ask) (ledger.Quote, error) {
	record, err := wire.AppendAsk(nil, 0, &ask)
	if err != nil {
		return ledger.Quote{}, fmt.Errorf("ledgerclient: quote: %w", err)
	}
	answer, err := c.exchange(ctx, said(record), never)
	if err != nil {
		return ledger.Quote{}, err
	}
	return answer.Quote()
}

// SetLanguage journals a subscriber's language.
func (c *Client) SetLanguage(ctx context.Context, account ledger.Account, lang ledger.Language) error {
	res, err := c.command(ctx, ledger.SetLanguage{Account: account, Language: lang})
	if err == nil && res.Reject != ledger.OK {
		err = fmt.Errorf("ledgerclient: set language: %s", res.Reject)
	}
	return err
}

// Resolve settles an id whose promise expired: its answer, or Expired for ever.
// Before expires, by the ledger's time, it answers Busy.
func (c *Client) Resolve(ctx context.Context, id ledger.ID, expires int64) (ledger.Result, error) {
	record, err := wire.AppendCommand(nil, 0, ledger.Resolve{ID: id, Expires: expires})
	if err != nil {
		return ledger.Result{}, fmt.Errorf("ledgerclient: resolve: %w", err)
	}
	answer, err := c.exchange(ctx, said(record), never)
	if err != nil {
		return ledger.Result{}, err
	}
	return answer.Result()
}

// EndAsk says that no payment will come of a request to approve one, and why. The answer is
// the payment's, under its own id, when there is one already; else it has the request's id.
func (c *Client) EndAsk(ctx context.Context, id ledger.ID, how ledger.AskState) (ledger.Result, error) {
	return c.command(ctx, ledger.EndAsk{ID: id, How: how})
}

// Ack acknowledges a lane up to and including upto but for except. It returns
// when the ledger holds it, before it is journaled: after a crash a notice may
// come again. ErrNotOwner: the epoch is no longer the lane's.
func (c *Client) Ack(ctx context.Context, consumer string, lane ledger.Lane, epoch, upto uint64, except []uint64) error {
	res, err := c.command(ctx, ledger.Ack{Consumer: consumer, Lane: lane, Epoch: epoch, Upto: upto, Except: except})
	switch {
	case err == nil && res.Reject.Transient():
		err = fmt.Errorf("ledgerclient: acknowledge: %s", res.Reject)
	case err == nil && res.Reject != ledger.OK:
		err = ErrNotOwner
	}
	return err
}

// command sends one of the commands that a gateway may say.
func (c *Client) command(ctx context.Context, cmd ledger.Command) (ledger.Result, error) {
	record, err := wire.AppendCommand(nil, 0, cmd)
	if err != nil {
		return ledger.Result{}, fmt.Errorf("ledgerclient: command: %w", err)
	}
	return c.result(ctx, record)
}

func (c *Client) result(ctx context.Context, record []byte) (res ledger.Result, err error) {
	answer, err := c.exchange(ctx, said(record), transient)
	if err == nil {
		err = answer.ReadResult(&res)
	}
	return res, err
}

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

// exchange is the one place where anything is tried again: the same words, the
// same id.
func (c *Client) exchange(ctx context.Context, q question, look again) (wire.Record, error) {
	t := try{look: look, begun: time.Now()}
	if _, ok := ctx.Deadline(); !ok {
		t.until = t.begun.Add(c.cfg.Timeout)
	}
	c.budget.earn()
	answer, refused, err := c.once(ctx, q, &t)
	if err == nil && refused == ledger.OK {
		return answer, nil
	}
	return c.insist(ctx, q, &t, answer, refused, err)
}

// try is what the tries of one exchange have in common.
type try struct {
	look  again
	begun time.Time // this try
	until time.Time // when a call is given up that has no deadline of its own; else zero. A timer for each call would cost as much as the call: the link looks after it
}

// insist goes on after a first try that brought no lasting answer. Once a try may have
// been sent, the end can only be an answer or unknown.
func (c *Client) insist(ctx context.Context, q question, t *try, answer wire.Record, refused ledger.Reject, err error) (wire.Record, error) {
	if _, err := q.appendTo(nil, 0); err != nil { // its caller's fault, whatever became of it
		return answer, err
	}
	sent := errors.Is(err, ErrUnknown)
	for n := 0; ; n++ {
		if final(err) || over(ctx, t.until) || !c.afford() || !pause(ctx, n) || over(ctx, t.until) {
			return answer, honest(err, refused, sent)
		}
		c.retries.Add(1)
		t.begun = time.Now()
		answer, refused, err = c.once(ctx, q, t)
		sent = sent || errors.Is(err, ErrUnknown)
		if err == nil && refused == ledger.OK {
			return answer, nil
		}
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
func (c *Client) once(ctx context.Context, q question, t *try) (answer wire.Record, refused ledger.Reject, err error) {
	ended, err := c.breaker.allow()
	if err != nil {
		c.shut.Add(1)
		return answer, ledger.OK, errOpen
	}
	l := c.alive()
	if l == nil {
		l, err = c.live(ctx, t.until)
	}
	if err == nil {
		answer, err = l.ask(ctx, t.until, q)
	}
	if err == nil {
		refused = t.look(answer)
	}
	c.breaker.hear(ended, c.broken(err, refused, t.begun))
	return answer, refused, err
}

// broken is what the breaker hears of a try: a refusal in words is an answer, too.
func (c *Client) broken(err error, refused ledger.Reject, begun time.Time) error {
	switch {
	case err == nil:
		return c.heavy(refused == ledger.Overloaded, begun)
	case errors.Is(err, ErrRefused), errors.Is(err, errUnsayable):
		return nil
	}
	return err
}

// heavy is what the breaker hears of an answer: nothing, but when refusals at the
// ledger's door prevail.
func (c *Client) heavy(refused bool, begun time.Time) error {
	if c.shed.heavy(refused, begun) {
		return errOverloaded
	}
	return nil
}
