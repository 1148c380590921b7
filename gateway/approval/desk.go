package approval

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"mlango/gateway/session"
	"mlango/internal/msisdn"
	"mlango/ledgerd/ledger"
)

// The names of slips begin with what they are for.
const (
	slipOf      = "approval/"
	slipOfPayer = "approval of/"   // a subscriber is asked for one thing at a time
	slipLast    = "approval last/" // the latest request of an asker who looks for it
)

// Opener puts a request on a handset.
type Opener interface {
	// Approve begins a dialogue with a subscriber about the request of that name. nil: the
	// operator took its first screen. On an error no such dialogue is left.
	Approve(ctx context.Context, operator, msisdn, name string) error
}

// Ledger tells what became of an order.
type Ledger interface {
	Lookup(ctx context.Context, id ledger.ID) (res ledger.Result, known bool, err error)
	Resolve(ctx context.Context, id ledger.ID, expires int64) (ledger.Result, error)
	// EndAsk ends a request that the ledger made, or answers with what paid it.
	EndAsk(ctx context.Context, id ledger.ID, how ledger.AskState) (ledger.Result, error)
}

// Config is what a desk works with; Now and Log may be missing.
type Config struct {
	Slips    session.Slips
	Opener   Opener
	Ledger   Ledger
	Operator func(msisdn string) string // at which operator a number is reached; empty: at none
	// Next is the id of a request's next order. The ledger is asked for it before it is said
	// that none was placed: a store may have lost who placed it.
	Next func(ctx context.Context, r *Record) (ledger.ID, error)
	Now  func() time.Time
	Log  *slog.Logger
}

// Desk takes requests, puts them on handsets, and knows what became of them. Any number
// of desks work on the same slips.
type Desk struct{ cfg Config }

// NewDesk makes a desk.
func NewDesk(cfg Config) *Desk {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Desk{cfg}
}

func (d *Desk) now() int64 { return d.cfg.Now().UnixMilli() }

// Ask takes a request and puts it on the handset, once: a request that is known already
// is only looked at. The error is one of ours, or the store's: then nobody was asked, or
// the same request may be sent again to learn what became of it.
func (d *Desk) Ask(ctx context.Context, q Request) (*Record, error) {
	if err := q.valid(); err != nil {
		return nil, err
	}
	if known, err := d.Look(ctx, q.Name()); err == nil || !errors.Is(err, ErrUnknown) {
		return same(known, &q, err)
	}
	if age := time.Duration(d.now()-q.At) * time.Millisecond; age > MaxBehind || age < -MaxAhead {
		return nil, fmt.Errorf("%w: it says %v", ErrOld, time.UnixMilli(q.At).UTC().Format(time.RFC3339))
	}
	if err := d.welcome(ctx, &q); err != nil {
		return nil, err
	}
	r := &Record{Request: q, State: Waiting, Until: d.now() + Life.Milliseconds()}
	there, err := d.put(ctx, r)
	if errors.Is(err, session.ErrConflict) {
		return same(there, &q, nil)
	}
	if err != nil {
		return nil, err
	}
	if err := d.show(ctx, r); err != nil {
		return nil, err
	}
	return d.Look(ctx, q.Name())
}

// AskFor is Ask of somebody who looks for the latest request, not for one by its number.
func (d *Desk) AskFor(ctx context.Context, q Request) (*Record, error) {
	latest := &Record{Request: Request{Asker: q.Asker, ID: q.ID}, State: Waiting}
	there, err := d.putAs(ctx, slipLast+q.Asker, latest, Kept)
	for errors.Is(err, session.ErrConflict) && there.Name() != q.Name() {
		latest.Version = there.Version
		there, err = d.putAs(ctx, slipLast+q.Asker, latest, Kept)
	}
	if err = ignore(err, session.ErrConflict); err != nil {
		return nil, err // whoever looks would be told of the one before as if it were this
	}
	return d.Ask(ctx, q)
}

// Latest is the latest request of an asker. ErrUnknown: there was none lately.
func (d *Desk) Latest(ctx context.Context, asker string) (*Record, error) {
	b, err := d.cfg.Slips.Get(ctx, slipLast+asker)
	if errors.Is(err, session.ErrNone) {
		return nil, ErrUnknown
	}
	if err != nil {
		return nil, fmt.Errorf("approval: %w", err)
	}
	latest, err := decode(b)
	if err != nil {
		return nil, err
	}
	r, err := d.Look(ctx, latest.Name())
	if errors.Is(err, ErrUnknown) {
		return nil, errLost
	}
	return r, err
}

// same refuses another request under the number of one that is known.
func same(known *Record, q *Request, err error) (*Record, error) {
	if err == nil && known.Request != *q {
		return nil, ErrOther
	}
	return known, err
}

// show puts a new request on the handset, or ends it.
func (d *Desk) show(ctx context.Context, r *Record) error {
	why, err := d.open(ctx, r)
	switch {
	case err != nil:
		return err
	case why == "":
		return d.markShown(ctx, r.Name())
	}
	_, err = d.end(ctx, r, Unreachable, why)
	return err
}

// markShown notes that a request came to the handset; one that was left there meanwhile ends.
func (d *Desk) markShown(ctx context.Context, name string) error {
	r, err := d.change(ctx, name, func(r *Record) bool {
		fresh := !r.Shown && !r.Final()
		r.Shown = r.Shown || fresh
		return fresh
	})
	if err == nil && r.Left {
		_, err = d.Leave(ctx, name, Unanswered, "")
	}
	return ignore(err, ErrUnknown)
}

// open puts a request on the handset; why says in a word why it is not there.
func (d *Desk) open(ctx context.Context, r *Record) (why string, err error) {
	operator := d.cfg.Operator(r.Payer)
	mine, err := d.alone(ctx, r)
	switch {
	case err != nil:
		return "", err
	case !mine:
		return whyBusy, nil
	case operator == "":
		return whyNoHome, nil
	}
	err = d.cfg.Opener.Approve(ctx, operator, r.Payer, r.Name())
	if err == nil {
		return "", nil
	}
	d.cfg.Log.Info("a request did not reach its subscriber", "asker", r.Asker, "msisdn", msisdn.Logged(r.Payer), "err", err)
	switch {
	case errors.Is(err, ErrNoRoom):
		return whyNoRoom, nil
	case errors.Is(err, ErrNotNow):
		return whyNotNow, nil
	}
	return whyAway, nil
}

// alone lets a subscriber be asked for one thing at a time.
func (d *Desk) alone(ctx context.Context, r *Record) (bool, error) {
	name, turn := slipOfPayer+r.Payer, &Record{Request: Request{Asker: r.Asker, ID: r.ID}, State: Waiting}
	there, err := d.putAs(ctx, name, turn, Life)
	for tries := 0; errors.Is(err, session.ErrConflict) && tries < 3; tries++ {
		other, known := d.get(ctx, there.Name())
		if known == nil && !other.Final() && !other.Settling() && other.Until > d.now() {
			return other.Name() == r.Name(), nil
		}
		turn.Version = there.Version
		there, err = d.putAs(ctx, name, turn, Life)
	}
	return err == nil, ignore(err, session.ErrConflict)
}

func ignore(err, one error) error {
	if errors.Is(err, one) {
		return nil
	}
	return err
}

// Look tells how a request stands. What its time or the ledger decided meanwhile is
// settled with that. ErrUnknown: no such request is kept.
func (d *Desk) Look(ctx context.Context, name string) (*Record, error) {
	r, err := d.get(ctx, name)
	switch {
	case err != nil:
		return nil, err
	case r.State == Waiting && d.now() > r.Until:
		return d.expire(ctx, r)
	case r.State == Confirmed:
		return d.settle(ctx, r)
	case r.Settling():
		return d.look(ctx, r)
	}
	return r, nil
}

// expire ends a request that nobody answered in time. The ledger says so: from then on
// it takes no order of it.
func (d *Desk) expire(ctx context.Context, r *Record) (*Record, error) {
	if r.Asker == Books {
		return d.end(ctx, r, Expired, "")
	}
	how, why := Expired, ""
	if r.Settling() {
		how, why = r.Ends, r.Why
	}
	early := false // its clock is behind ours
	paid, err := d.paid(ctx, r, func(id ledger.ID) (ledger.Result, bool, error) {
		res, err := d.cfg.Ledger.Resolve(ctx, id, r.Until)
		early = early || res.Reject.Transient()
		return res, !early, err
	})
	switch {
	case err != nil:
		return nil, err
	case early:
		return r, nil
	}
	return d.over(ctx, r, paid, how, why)
}

// lookup is what the ledger knows of an order now.
func (d *Desk) lookup(ctx context.Context) func(ledger.ID) (ledger.Result, bool, error) {
	return func(id ledger.ID) (ledger.Result, bool, error) { return d.cfg.Ledger.Lookup(ctx, id) }
}

// paid is the answer to an order that paid a request which waits, nil without one: a
// store that lost its last writes, or all, does not know who placed it. Each reject may
// have had another order behind it.
func (d *Desk) paid(ctx context.Context, r *Record, ask func(ledger.ID) (ledger.Result, bool, error)) (*ledger.Result, error) {
	for ahead := *r; ahead.Tries < MaxTries; ahead.Tries++ {
		id, err := d.cfg.Next(ctx, &ahead)
		if err != nil {
			return nil, fmt.Errorf("approval: %w", err)
		}
		res, known, err := ask(id)
		switch {
		case err != nil:
			return nil, fmt.Errorf("approval: %w", err)
		case !known || res.Reject == ledger.Expired:
			return nil, nil
		case res.Reject == ledger.OK:
			return &res, nil
		}
	}
	return nil, nil
}

// over ends a request that waits as it waited: as paid when it was, else as how and why.
func (d *Desk) over(ctx context.Context, was *Record, paid *ledger.Result, how State, why string) (*Record, error) {
	tries := was.Tries
	return d.change(ctx, was.Name(), func(r *Record) bool {
		if r.Tries != tries || r.State != Waiting {
			return false
		}
		if r.State, r.Why = how, why; paid != nil {
			r.State, r.Why, r.Order, r.Receipt = Approved, "", paid.ID, paid.Receipt.String()
		}
		return true
	})
}

// settle asks the ledger for the end of an order whose dialogue may be gone. Until the
// ledger can say, the request stays as it is.
func (d *Desk) settle(ctx context.Context, r *Record) (*Record, error) {
	res, known, err := d.cfg.Ledger.Lookup(ctx, r.Order)
	if err == nil && !known && d.now() > r.Expires+settleAfter.Milliseconds() {
		res, err = d.cfg.Ledger.Resolve(ctx, r.Order, r.Expires)
		known = err == nil && !res.Reject.Transient()
	}
	if err != nil || !known || res.Reject != ledger.OK && d.now() <= r.Until {
		return r, nil // its dialogue may go on with another PIN
	}
	return d.Answered(ctx, r.Name(), res, true)
}

// Claim notes that an order is about to be placed for a request; nobody may place it
// otherwise. The latest one may be placed again, while its answer may be lost: the ledger
// gives the same. ErrOver: it is not waiting any more.
func (d *Desk) Claim(ctx context.Context, name string, order ledger.ID, expires int64) error {
	claimed := false
	_, err := d.change(ctx, name, func(r *Record) bool {
		fresh := r.State == Waiting && !r.Settling() && d.now() <= r.Until && r.Tries < MaxTries
		claimed = fresh || r.Order == order && (r.State == Confirmed || r.State == Approved)
		if fresh {
			r.State, r.Order, r.Expires, r.Tries = Confirmed, order, expires, r.Tries+1
		}
		return fresh
	})
	if err == nil && !claimed {
		return ErrOver
	}
	return err
}

// Answered takes the ledger's answer to a request's latest order. over: the dialogue does
// not go on with another.
func (d *Desk) Answered(ctx context.Context, name string, res ledger.Result, over bool) (*Record, error) {
	r, err := d.answered(ctx, name, res, over)
	if err == nil && r.Asker == Books && r.State == Failed {
		_, err = d.endAsk(ctx, r, Failed, r.Why) // else its time ends it there
	}
	return r, err
}

func (d *Desk) answered(ctx context.Context, name string, res ledger.Result, over bool) (*Record, error) {
	return d.change(ctx, name, func(r *Record) bool {
		switch {
		case r.State != Confirmed || r.Order != res.ID || res.Reject == ledger.OtherContent:
			return false // the id had an answer before: whoever looks asks the ledger for that
		case res.Reject == ledger.OK:
			r.State, r.Receipt = Approved, res.Receipt.String()
		case res.Reject == ledger.Expired:
			r.State = Expired
		case over:
			r.State, r.Why = Failed, told(res.Reject)
		default:
			r.State = Waiting
		}
		return true
	})
}

// told is what an asker hears of a reject: nothing of the subscriber's money or PIN.
func told(r ledger.Reject) string {
	switch r {
	case ledger.PayeeFrozen, ledger.PayeeClosed, ledger.PayeeDaily, ledger.PayeeMaxBalance, ledger.UnknownPayee, ledger.BelowMinimum, ledger.AboveMaximum, ledger.WrongCurrency:
		return r.String()
	case ledger.Busy, ledger.Overloaded:
		return whyNoRoom
	}
	return whyNo
}

// Leave ends a request that waits, and that nobody will answer any more. A dialogue that
// broke off while its first screen was on its way says nothing of the subscriber yet.
func (d *Desk) Leave(ctx context.Context, name string, how State, why string) (*Record, error) {
	r, err := d.change(ctx, name, func(r *Record) bool {
		early := how == Unanswered && r.State == Waiting && !r.Shown && !r.Left
		r.Left = r.Left || early
		return early
	})
	if err != nil || r.State != Waiting || r.Settling() || how == Unanswered && !r.Shown {
		return r, err
	}
	if r, err = d.end(ctx, r, how, why); err == nil && (r.State == how || r.Settling()) && (how == Declined || how == Unanswered) {
		d.saidNo(ctx, &r.Request)
	}
	return r, err
}

// end ends a request that waits, once no payment can come of it.
func (d *Desk) end(ctx context.Context, r *Record, how State, why string) (*Record, error) {
	paid, err := d.unpaid(ctx, r, how, why)
	if err != nil {
		return nil, err
	}
	lost, err := d.forgot(ctx, r)
	switch {
	case err != nil:
		return nil, err
	case lost && paid == nil:
		return d.doubt(ctx, r, how, why)
	}
	return d.over(ctx, r, paid, how, why)
}

// unpaid is the payment of a request that is to end, nil without one. The ledger is told of
// the end of its own, and takes no order of it from then on.
func (d *Desk) unpaid(ctx context.Context, r *Record, how State, why string) (*ledger.Result, error) {
	if r.Asker == Books {
		return d.endAsk(ctx, r, how, why)
	}
	return d.paid(ctx, r, d.lookup(ctx))
}

// change puts a record anew as fn leaves it; fn says whether it changed anything.
func (d *Desk) change(ctx context.Context, name string, fn func(*Record) bool) (*Record, error) {
	for {
		r, err := d.get(ctx, name)
		if err != nil || !fn(r) {
			return r, err
		}
		_, err = d.put(ctx, r)
		switch {
		case err == nil:
			return r, nil
		case errors.Is(err, session.ErrNone):
			return nil, ErrUnknown
		case !errors.Is(err, session.ErrConflict):
			return nil, err
		}
	}
}

func (d *Desk) get(ctx context.Context, name string) (*Record, error) {
	b, err := d.cfg.Slips.Get(ctx, slipOf+name)
	if errors.Is(err, session.ErrNone) {
		return nil, ErrUnknown
	}
	if err != nil {
		return nil, fmt.Errorf("approval: %w", err)
	}
	return decode(b)
}

// put saves a record as its next version.
func (d *Desk) put(ctx context.Context, r *Record) (there *Record, err error) {
	return d.putAs(ctx, slipOf+r.Name(), r, Kept)
}

// putAs saves it under the name of a slip.
func (d *Desk) putAs(ctx context.Context, name string, r *Record, keep time.Duration) (there *Record, err error) {
	expect := r.Version
	r.Version, r.Writer = r.Version+1, rand.Uint64()
	b, err := r.encode()
	if err != nil {
		return nil, err
	}
	old, err := d.cfg.Slips.Put(ctx, name, expect, b, keep)
	if err == nil {
		return nil, nil
	}
	r.Version = expect
	if errors.Is(err, session.ErrConflict) {
		if there, decoding := decode(old); decoding == nil {
			return there, err
		}
	}
	return nil, fmt.Errorf("approval: %w", err)
}
