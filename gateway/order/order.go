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
	Arrived time.Time       // of the hop that carried the PIN
}

// Outcome is how an order ended: always a journaled answer.
type Outcome struct {
	Order  Order
	Result ledger.Result
}

// Promise is an order whose payer was told "in progress, SMS follows". It is
// kept until its end was told. It holds no PIN and no content.
type Promise struct {
	ID      ledger.ID
	Payer   string // MSISDN
	Bundle  [32]byte
	Lang    ledger.Language
	Expires int64  // ms
	Amount  int64  // minor units, for the text
	Payee   string // masked as it will be shown
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
}
