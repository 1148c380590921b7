// Package order keeps what is confirmed and not yet answered by the ledger: a
// bounded queue (Redis Streams, or an append-only file), its dispatcher, and the
// promises file.
package order

import (
	"context"
	"errors"
	"time"

	"mlango/ledgerd/ledger"
)

// Order is a confirmed wish on its way to the ledger.
type Order struct {
	Request ledger.Request
	Payer   string          // MSISDN who is told
	Bundle  [32]byte        // the menu bundle that words what the payer is told
	Lang    ledger.Language // in which language
	Shown   string          // the payee as the payer is shown it
	Arrived time.Time       // of the hop that carried the PIN
}

// Promise is what the payer of the order would be promised.
func (o *Order) Promise() Promise {
	p := Promise{ID: o.Request.ID(), Payer: o.Payer, Bundle: o.Bundle, Lang: o.Lang, Expires: o.Request.Expires(), Payee: o.Shown}
	if t := o.Request.Transfer; t != nil {
		p.Kind, p.Amount, p.Operator = t.Kind, int64(t.Amount), t.Origin.Operator
	}
	return p
}

// Outcome is how an order ended: always a journaled answer.
type Outcome struct {
	Order  Order
	Result ledger.Result
}

// Promise is an order whose payer was told "in progress, SMS follows". It is
// kept until its end was told. It holds no PIN and no content.
type Promise struct {
	ID       ledger.ID
	Payer    string // MSISDN
	Operator string // whose subscriber the payer dialled as: its SMSC takes the SMS
	Bundle   [32]byte
	Lang     ledger.Language
	Expires  int64 // ms
	Kind     ledger.Kind
	Amount   int64  // minor units, for the text
	Payee    string // masked as it will be shown
}

// ErrFull says that the queue is at its limit: nothing was taken.
var ErrFull = errors.New("order: the queue is full, nothing was taken")

// Queue is the face dialog places orders through.
type Queue interface {
	// Place takes the order or refuses it whole (ErrFull, or the store's error:
	// then nothing was taken, or the order expires unseen). The channel gives the
	// outcome once, unless the caller promised and left.
	Place(ctx context.Context, o Order) (<-chan Outcome, error)
	// Promise records, before the screen leaves, that the payer will be told by
	// SMS. It returns once the promise is on the disk and in the stream. When the
	// outcome came meanwhile it is returned instead and nothing is promised.
	Promise(ctx context.Context, p Promise) (early *Outcome, err error)
	// Forget says that the waiting session saw the outcome.
	Forget(id ledger.ID)
	// Tell says that the waiting session cannot show the outcome any more: a
	// reject is told by SMS.
	Tell(p Promise)
	// Delayed tells whether orders wait longer than DelayedAfter: who dials should
	// hear of it. It costs next to nothing.
	Delayed() bool
}

// ErrUnknown says that the queue's store did not answer: the order may stand
// there, and be sent by whoever reads it. Promise its end, never deny it.
var ErrUnknown = errors.New("order: the queue did not answer, the order may have been taken")

// Ledger is what the dispatcher needs of ledgerclient.
type Ledger interface {
	Do(ctx context.Context, r *ledger.Request) (ledger.Result, error)
	Resolve(ctx context.Context, id ledger.ID, expires int64) (ledger.Result, error)
}

// Teller sends the SMS that a promise owes when its order was rejected or never
// came. It is called again until it returns nil.
type Teller interface {
	Tell(ctx context.Context, p Promise, r ledger.Result) error
}

// Left is what an earlier process, or a gateway that died, left undone.
type Left struct {
	Orders   []Order
	Promises []Promise
}

// Store keeps orders and promises through a crash: a file, or Redis Streams
// beside a file of promises.
type Store interface {
	// Put keeps an order. ErrFull: it is not kept, and surely nowhere.
	Put(ctx context.Context, o *Order) error
	// Promise keeps a promise; it returns when a crash of this machine, and where
	// there are peers of this process, cannot lose it.
	Promise(ctx context.Context, p *Promise) error
	// Done forgets the order and the promise of an id.
	Done(id ledger.ID)
	// Left is what is kept since an earlier process, read once at the start.
	Left(ctx context.Context) (Left, error)
	// Claim takes over what gateways left whose lease ended.
	Claim(ctx context.Context) (Left, error)
	Close() error
}
