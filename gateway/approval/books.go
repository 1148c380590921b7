package approval

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"mlango/ledgerd/ledger"
)

// Books is the name under which the ledger asks. No partner's has a dot.
const Books = "the.ledger"

// agents tells whether an agent asks.
func (r *Request) agents() bool { return strings.HasPrefix(r.Asker, "agent.") }

// LedgerOrder is the id of the n-th order of a request that the ledger made; the ledger
// takes it under no other. Of other requests there is none.
func (r *Request) LedgerOrder(n uint8) (id ledger.ID, ok bool) {
	ask, err := ledger.ParseID(r.ID)
	if err != nil || r.Asker != Books {
		return ledger.ID{}, false
	}
	return ledger.AskOrder(ask, n), true
}

// AskForLedger puts a request that came in the ledger's notices on the handset. nil: it is
// there, or was, or ended in the ledger, and the notice needs nobody any more. One whose
// time is over is never shown: the ledger ends it. One that was taken before, and of which
// it is not known whether it came to the handset, is shown once more: its orders' ids are
// the same, so that it is paid once.
func (d *Desk) AskForLedger(ctx context.Context, n *ledger.Notice) error {
	if d.now() > n.Until {
		return nil
	}
	q := Request{Asker: Books, ID: n.ID.String(), At: n.ID.Time(), Kind: n.Kind, Payer: n.Addr, Payee: n.OtherAddr,
		Amount: int64(n.Amount), Reference: n.Ref, From: uint64(n.Account), To: uint64(n.Other)}
	if err := q.valid(); err != nil {
		d.cfg.Log.Error("the ledger asks for what cannot be asked", "request", q.ID, "err", err)
		how := ledger.AskNotNow
		if q.Payer == "" { // somebody who was forgotten
			how = ledger.AskNowhere
		}
		return d.refuse(ctx, &q, how)
	}
	known, err := d.Look(ctx, q.Name())
	switch {
	case err == nil:
		return d.showAgain(ctx, known)
	case !errors.Is(err, ErrUnknown):
		return err
	}
	if err := d.welcome(ctx, &q); errors.Is(err, ErrOften) {
		return d.refuse(ctx, &q, ledger.AskOften)
	} else if err != nil {
		return err
	}
	r := &Record{Request: q, State: Waiting, Until: min(n.Until, d.now()+Life.Milliseconds())}
	if there, err := d.put(ctx, r); err != nil {
		if there != nil {
			return nil // another gateway has it
		}
		return err
	}
	return d.show(ctx, r)
}

// showAgain shows a request that waits, and that perhaps nobody saw. A handset that is busy
// then may be so with this very request: it waits on.
func (d *Desk) showAgain(ctx context.Context, r *Record) error {
	if r.State != Waiting || r.Shown {
		return nil
	}
	r, err := d.change(ctx, r.Name(), func(r *Record) (left bool) {
		left, r.Left = r.Left, false // an earlier dialogue
		return left
	})
	if err != nil {
		return err
	}
	why, err := d.open(ctx, r)
	if err != nil || why != "" {
		return err
	}
	return d.markShown(ctx, r.Name())
}

// refuse ends a request that nobody is asked.
func (d *Desk) refuse(ctx context.Context, q *Request, how ledger.AskState) error {
	id, err := ledger.ParseID(q.ID)
	if err == nil {
		_, err = d.cfg.Ledger.EndAsk(ctx, id, how)
	}
	if err != nil {
		return fmt.Errorf("approval: end: %w", err)
	}
	return nil
}

// endAsk tells the ledger how a request of its own ended. The answer is what paid it; nil
// without.
func (d *Desk) endAsk(ctx context.Context, r *Record, how State, why string) (*ledger.Result, error) {
	id, err := ledger.ParseID(r.ID)
	if err != nil {
		return nil, fmt.Errorf("approval: %w", err)
	}
	res, err := d.cfg.Ledger.EndAsk(ctx, id, askState(how, why))
	switch {
	case err != nil:
		return nil, fmt.Errorf("approval: end: %w", err)
	case res.Reject.Transient():
		return nil, fmt.Errorf("approval: end: %s", res.Reject)
	case res.Reject == ledger.OK && res.ID != id:
		return &res, nil
	}
	return nil, nil
}

// askState is how a request ended, as the ledger keeps it.
func askState(how State, why string) ledger.AskState {
	switch how {
	case Declined:
		return ledger.AskDeclined
	case Expired:
		return ledger.AskExpired
	case Unanswered:
		return ledger.AskUnanswered
	case Failed:
		return ledger.AskRefused
	}
	switch why {
	case whyBusy:
		return ledger.AskBusy
	case whyNoHome:
		return ledger.AskNowhere
	case whyNoRoom:
		return ledger.AskNoRoom
	case whyNotNow:
		return ledger.AskNotNow
	}
	return ledger.AskAway
}
