package dialog

import (
	"context"
	"log/slog"
	"time"

	"mlango/gateway/approval"
	"mlango/gateway/order"
	"mlango/gateway/session"
	"mlango/internal/msisdn"
	"mlango/internal/trace"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// Limits of a hop.
const (
	DefaultDeadline  = 4 * time.Second // after the arrival of a hop that has none
	Reserve          = 300 * time.Millisecond
	SaveReserve      = 200 * time.Millisecond // kept for the last save
	PromiseReserve   = 300 * time.Millisecond // kept for a promise's way to the disk
	DefaultOrderLife = ledger.MaxHop * time.Second
	PollEach         = 100 * time.Millisecond // a repeat that meets a pending hop looks this often
	RedialLeast      = 5 * time.Second        // a dial sooner after another under the same key is its late copy
	RepeatLeast      = time.Second            // nobody reads a screen and types sooner after it: see Hop.Modulo
	SecretLeast      = 8 * time.Second        // the same after a screen that asks for a PIN: a copy would count as a wrong one
	KeepSecret       = DefaultOrderLife       // from the first secret of an order that takes several to the order
	MaxRounds        = 3                      // lost compare-and-sets of one hop
	MaxText          = 1024                   // bytes of a hop's text or code
)

// Ledger is what a dialogue asks of ledgerclient.
type Ledger interface {
	Profile(ctx context.Context, msisdn string) (ledger.Profile, error)
	Quote(ctx context.Context, ask ledger.Ask) (ledger.Quote, error)
	SetLanguage(ctx context.Context, account ledger.Account, lang ledger.Language) error
	Do(ctx context.Context, r *ledger.Request) (ledger.Result, error)
	Keys(ctx context.Context) (ledgerclient.Keys, error)
	Open() bool
}

// Bundles are the menus that a gateway knows.
type Bundles interface {
	// For is the bundle that a new session of this subscriber begins with; nil when
	// there is none.
	For(msisdn string) *menus.Bundle
	// Get finds the bundle that a session is pinned to; nil when it is gone.
	Get(hash [32]byte) *menus.Bundle
	// Off tells whether a screen of a bundle is switched off.
	Off(hash [32]byte, screen string) bool
}

// Config is what a Dialog works with. Sessions, Bundles, Ledger and Orders must
// be there; the rest has defaults.
type Config struct {
	Gateway   string // this gateway's name, at most ledger.MaxGateway bytes
	Sessions  session.Store
	Bundles   Bundles
	Ledger    Ledger
	Orders    order.Queue
	Approvals *approval.Desk // what others ask subscribers to approve; nil: nothing
	Zone      int            // minutes east of UTC, for the times on screens
	OrderLife time.Duration  // from the hop that carried the PIN to the order's end
	Now       func() time.Time
	Visits    func(Visit)     // hears of every step that a session comes upon; nil is nobody
	Record    *menus.Recorder // of sessions, masked, to try new menus with; nil keeps none
	Trace     *trace.Recorder
	Log       *slog.Logger
}

// Dialog handles hops, any number at once.
type Dialog struct {
	cfg     Config
	keys    *keyring
	flights *flights
}

// New makes a Dialog.
func New(cfg Config) *Dialog {
	if cfg.OrderLife <= 0 || cfg.OrderLife > DefaultOrderLife {
		cfg.OrderLife = DefaultOrderLife
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Dialog{cfg: cfg, keys: newKeyring(cfg.Ledger), flights: newFlights()}
}

// Handle answers one hop before its deadline, whatever happens behind it. Hops
// of one dialogue are handled one after the other.
func (d *Dialog) Handle(ctx context.Context, hop Hop) Reply {
	if !valid(&hop) {
		return refuse(RefusedBad, "")
	}
	d.time(&hop)
	ctx, cancel := context.WithDeadline(ctx, hop.Deadline.Add(-Reserve))
	defer cancel()
	t := &turn{d: d, ctx: ctx, hop: &hop, due: hop.Deadline.Add(-Reserve),
		key: session.Key{Operator: hop.Operator, MSISDN: hop.MSISDN, Session: hop.Session}}
	if d.cfg.Trace != nil {
		t.note("hop", inWords(&hop))
	}
	if hop.Op == Abort {
		return t.abort()
	}
	r := t.inTurn()
	if d.cfg.Trace != nil {
		t.note("screen", outWords(&r))
	}
	return r
}

// time gives a hop the instants its door did not.
func (d *Dialog) time(hop *Hop) {
	if hop.Arrived.IsZero() {
		hop.Arrived = d.cfg.Now()
	}
	if hop.Deadline.IsZero() {
		hop.Deadline = hop.Arrived.Add(DefaultDeadline)
	}
}

// valid keeps out what no door should have let in.
func valid(hop *Hop) bool {
	switch hop.Op {
	case Begin, Input, Abort:
	default:
		return false
	}
	return msisdn.Valid(hop.MSISDN) && hop.Session != "" && len(hop.Session) <= session.MaxKey &&
		hop.Operator != "" && len(hop.Operator) <= ledger.MaxOperator &&
		len(hop.Text) <= MaxText && len(hop.Code) <= MaxText
}
