package approval

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mlango/gateway/session"
)

// settling is what a partner hears of a request that Settling tells of.
const settling = "settling"

// slipSince stands in the store since it remembers: its record's instant is when.
const slipSince = "approval since"

// doubtLife is how long an order that nobody knows of may take to be answered: as long as
// one lives unless configured. Then the ledger takes it no more.
const doubtLife = 2 * time.Minute

// sinceKept is so long that the slip goes only with everything else.
const sinceKept = 10 * 365 * 24 * time.Hour

// Remember notes since when the store remembers, unless it says so itself. A gateway does
// when it starts, so that already the first request can be held against it.
func (d *Desk) Remember(ctx context.Context, since time.Time) error {
	_, err := d.remembers(ctx, since)
	return err
}

// remembers is since when the store does, in ms; one that does not say so does from now on.
func (d *Desk) remembers(ctx context.Context, now time.Time) (int64, error) {
	b, err := d.cfg.Slips.Get(ctx, slipSince)
	if errors.Is(err, session.ErrNone) {
		r := &Record{Request: Request{At: now.UnixMilli()}}
		there, err := d.putAs(ctx, slipSince, r, sinceKept)
		if there != nil { // another gateway was quicker
			return there.At, nil
		}
		return r.At, err
	}
	if err != nil {
		return 0, fmt.Errorf("approval: %w", err)
	}
	r, err := decode(b)
	if err != nil {
		return 0, err
	}
	return r.At, nil
}

// forgot tells whether the store may have forgotten that this very request was shown
// before, and a PIN typed: it remembers only since after the request was made. What comes
// of its own requests the ledger itself says.
func (d *Desk) forgot(ctx context.Context, r *Record) (bool, error) {
	if r.Asker == Books {
		return false, nil
	}
	since, err := d.remembers(ctx, d.cfg.Now())
	return err == nil && r.At-MaxAhead.Milliseconds() <= since, err
}

// doubt leaves a request open that nobody will answer any more, and that an order may pay
// which waits in a queue, since only a lost slip told of it. No other order is placed; once
// its time is over the ledger takes none, and it ends as is noted here.
func (d *Desk) doubt(ctx context.Context, was *Record, how State, why string) (*Record, error) {
	return d.change(ctx, was.Name(), func(r *Record) bool {
		if r.State != Waiting || r.Ends != "" || r.Tries != was.Tries {
			return false
		}
		r.Ends, r.Why, r.Until = how, why, d.now()+doubtLife.Milliseconds()
		return true
	})
}

// Settling tells whether nobody will answer a request any more, and whether it was paid is
// not known yet.
func (r *Record) Settling() bool { return r.State == Waiting && r.Ends != "" }

// look asks the ledger whether a request in doubt is paid meanwhile.
func (d *Desk) look(ctx context.Context, r *Record) (*Record, error) {
	paid, err := d.paid(ctx, r, d.lookup(ctx))
	if err != nil || paid == nil {
		return r, ignore(err, err) // as it was: whoever looks again learns it
	}
	return d.over(ctx, r, paid, Approved, "")
}
