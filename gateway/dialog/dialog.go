package dialog

import (
	"context"
	"log/slog"
	"time"

	"mlango/gateway/order"
	"mlango/gateway/session"
	"mlango/internal/trace"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
	"mlango/menus"
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
	// Active is the bundle that new sessions begin with; nil when there is none.
	Active() *menus.Bundle
	// Get finds the bundle that a session is pinned to; nil when it is gone.
	Get(hash [32]byte) *menus.Bundle
}

// Config is what a Dialog works with; nothing but Trace and Log may be missing,
// and durations that are zero take their defaults.
type Config struct {
	Gateway   string // this gateway's name, at most ledger.MaxGateway bytes
	Sessions  session.Store
	Bundles   Bundles
	Ledger    Ledger
	Orders    order.Queue
	Zone      int           // minutes east of UTC, for the times on screens
	OrderLife time.Duration // from the hop that carried the PIN to the order's end
	Now       func() time.Time
	Trace     *trace.Recorder
	Log       *slog.Logger
}

// Dialog handles hops, any number at once.
type Dialog struct{ cfg Config }

// New makes a Dialog.
func New(cfg Config) *Dialog { return &Dialog{cfg: cfg} }

// Handle answers one hop before its deadline.
func (d *Dialog) Handle(ctx context.Context, hop Hop) Reply { return Reply{Silent: true} }
