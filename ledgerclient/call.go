package ledgerclient

import (
	"context"
	"fmt"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
)

// Do sends a wish and waits for its answer; a reject is an answer. After a lost
// connection, Busy or Overloaded it is sent again under the same id while ctx
// and the retry budget last. Transient rejects may still come back. Each try reads r: it
// stays as it is until Do returns.
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
