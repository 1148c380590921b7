// Package session is what a USSD session remembers between two hops, in Redis or
// in memory. It holds no PIN, nor anything one could be guessed from: what was typed
// for an order that asks for several secrets stands in it sealed, for two minutes.
package session

import (
	"context"
	"errors"
	"time"

	"mlango/menus"
)

// Limits of a session.
const (
	MaxBytes  = 1024              // encoded size
	TTL       = 180 * time.Second // after the last hop
	AfterEnd  = 20 * time.Second  // the last screen stays this long after END
	Resumable = 10 * time.Minute  // a dialogue that broke off can be gone on with this long after its last hop
	MaxKey    = 48                // bytes of the operator's session key
	MaxScreen = 400               // bytes of the last screen
	MaxAsked  = 64                // bytes of a request's name
	MaxPayee  = 15                // digits of a quote's MSISDN
	MaxRef    = 20                // bytes of a quote's reference
)

// Key names a session: operator, MSISDN, the operator's own session key.
type Key struct {
	Operator, MSISDN, Session string
}

// Session is the whole memory of a dialogue. Hop is the version that
// compare-and-set goes by: it rises by one with every save.
type Session struct {
	Hop      uint64
	Position uint32   // where the operator's dialogue stands (Hop.Position of the last hop)
	Repeat   [16]byte // keyed MAC of the last hop's input
	Started  int64    // ms since the Unix epoch
	Saved    int64    // ms since the Unix epoch: when the last screen was
	Dial     uint32   // random: two copies of a dial in one millisecond never write the same bytes
	Bundle   [32]byte // the menu is pinned
	State    menus.State
	Screen   string // the last screen, byte for byte
	End      bool   // the last screen closed the dialogue
	Secret   bool   // the last screen asked for a secret
	Account  uint64 // the dialling subscriber's; 0 is unknown
	Kind     uint8  // what that account is for, by the ledger's number
	Locked   bool   // its PIN was locked when the dialogue began
	NoPIN    bool   // it had no PIN when the dialogue began
	Frozen   bool   // it was frozen when the dialogue began
	Lost     bool   // the subscriber hung up: no hop goes on, the next dial may
	Unseen   bool   // it ended, and on no screen how its order did
	Resumes  Resumes
	Quote    Quote
	Pending  Pending
	Kept     Kept
	Approval string // the request that the subscriber was asked to approve, by its name; empty: none
}

// Resumes is the broken dialogue that this one offers to go on with, as it stood then;
// no key is none.
type Resumes struct {
	Session string // the operator's key of it
	Hop     uint64
}

// Before is the dialogue of the same subscriber at the same operator that a dial
// follows.
type Before struct {
	Key     string // the operator's
	Session *Session
}

// Quote is what the ledger said before the confirmation and the order must repeat.
type Quote struct {
	Kind     uint8
	To       uint64
	Amount   int64
	Fee      int64
	Payee    string // MSISDN
	Currency [3]byte
	First    [16]byte // looks repeated: the earlier transfer; of a reversal what comes back
	Ref      string   // of a bill: what names the payer at the payee
}

// Pending marks a claimed hop: its effect may be under way.
type Pending struct {
	Token   [8]byte // the writer's; zero means nothing is pending
	Order   [16]byte
	Expires int64 // ms, the order's
	Check   bool  // a PIN-checked question: no SMS will follow
}

// None tells that nothing is pending.
func (p Pending) None() bool { return p.Token == [8]byte{} }

// ErrNone says that the store knows no such session.
var ErrNone = errors.New("session: none")

// ErrDown wraps what kept the store from answering.
var ErrDown = errors.New("session: the store does not answer")

// ErrFull says that the store holds as many sessions as it may.
var ErrFull = errors.New("session: the store is full")

// Store keeps sessions. Implementations: Redis and memory, one test suite.
type Store interface {
	// Load returns the session, or ErrNone. It may be a copy kept in this process
	// and so be behind what another gateway saved: Save finds that out.
	Load(ctx context.Context, key Key) (*Session, error)
	// Reload is Load past every copy.
	Reload(ctx context.Context, key Key) (*Session, error)
	// Save puts s if the stored Hop is expect (0: nothing is stored; with fresh:
	// whatever is stored), in one round trip. When another session stands there it
	// returns that one and ErrConflict; when none does, though expect is not 0,
	// ErrNone. Saving the very bytes that are stored is a success, so a save whose
	// answer was lost may be sent again.
	Save(ctx context.Context, key Key, expect uint64, fresh bool, s *Session, ttl time.Duration) (stored *Session, err error)
	// Begin is Save of a dial's first screen where nothing is stored. It notes that this
	// is the subscriber's newest dialogue at the operator, and returns the one before it,
	// nil when that is not stored any more; all of it in one round trip.
	Begin(ctx context.Context, key Key, s *Session, ttl time.Duration) (stored *Session, before *Before, err error)
	// Drop forgets a session.
	Drop(ctx context.Context, key Key) error
	Close() error
}

// ErrConflict says that another writer saved first.
var ErrConflict = errors.New("session: saved by another hop")
