// Package ledgerclient is the ledger as another process sees it: calls that
// leave together when they wait together, retries under the same id, a breaker,
// and two honest errors – surely not sent, and sent but not answered.
package ledgerclient

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"

	"mlango/ledgerd/wire"
)

// The two ways a call can end without an answer.
var (
	// ErrUnavailable says that nothing was sent: no connection, or the breaker is
	// open. The wish surely was not made by this call.
	ErrUnavailable = errors.New("ledgerclient: the ledger is not reachable, nothing was sent")
	// ErrUnknown says that it was sent and no answer came. Only the same id, or
	// Resolve, may settle it.
	ErrUnknown = errors.New("ledgerclient: sent and not answered")
)

// ErrTLS says that both sides did not agree on TLS or on each other's certificate.
// It is also ErrUnavailable.
var ErrTLS = errors.New("no TLS was agreed on")

// ErrRefused says that the ledger refused a call outside the stream in words:
// nothing came of it.
var ErrRefused = errors.New("ledgerclient: the ledger refused")

// ErrNotOwner says that lanes, or an acknowledgement, belong to a newer epoch.
var ErrNotOwner = errors.New("ledgerclient: the lanes were granted to another owner since")

// ErrClosed says that the client was closed. It is also ErrUnavailable.
var ErrClosed = errors.New("ledgerclient: closed")

// Config says which ledger, and as whom.
type Config struct {
	Node    string      // host:port
	Gateway string      // the caller's name, for the ledger's logs
	TLS     *tls.Config // nil on loopback only

	// Dial replaces the network in tests; nil dials Node over TCP.
	Dial func(ctx context.Context, addr string) (net.Conn, error)
	// Timeout bounds a call whose context has no earlier deadline; zero is 5 s.
	Timeout time.Duration
	// InFlight bounds the calls not yet answered; zero is MaxInFlight.
	InFlight int
}

// SealKey seals PINs for the judge. Use the newest whose From has come.
type SealKey struct {
	ID      uint32
	Secret  [32]byte
	From    int64 // ms: from then on it may seal
	Expires int64 // ms: it is destroyed soon after
}

// Keys is what a gateway needs to make ids and seal PINs.
type Keys struct {
	IDKey [32]byte
	Seal  []SealKey
}

// Person is an account to open, with what the vault will seal. The initial PIN
// travels sealed, to MSISDN and OpeningID(Account); without one no PIN is set.
type Person = wire.Person

// MaxBatch bounds the commands or people of one Admin or OpenPeople call on the
// wire; longer lists are sent in several.
const MaxBatch = 1000
