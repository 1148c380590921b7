// Package edge is the doors: USSD over SMPP and USSD over HTTP. A door turns
// what an operator sends into a hop that owns its bytes, gives it an absolute
// deadline, and brings the answer back the way the hop came.
package edge

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"mlango/gateway/binds"
	"mlango/gateway/dialog"
	"mlango/gateway/wiretap"
	"mlango/internal/dialect"
	"mlango/internal/msisdn"
	"mlango/internal/trace"
	"mlango/smpp"
)

// Limits of the doors.
const (
	maxHops      = 16384 // hops under way or waiting for their session's turn, over both doors
	maxBegins    = 12288 // with so many under way no session begins: the rest is for those that run
	calmHops     = 512   // with fewer under way sessions begin however late the answers are
	lateShare    = 8     // when hops take an eighth of the deadline no session begins
	forgets      = 256   // of how many last hops that is the mean, about
	maxQueued    = 8     // hops of one session that wait for their turn
	reserve      = 16    // a sixteenth of the deadline is kept for sending the screen
	retryPause   = 50 * time.Millisecond
	maxBody      = dialect.MaxBody
	maxHeaders   = 4 << 10
	maxConns     = 8192 // over HTTP
	maxPerAddr   = maxConns / 2
	readTimeout  = 5 * time.Second
	writeTimeout = 5 * time.Second
	idleTimeout  = 60 * time.Second
)

// What a door itself says to a subscriber, before any menu. Each is true
// whatever happened behind the door.
const (
	TextUnknownCode = "Unknown service. Check the code and dial again."
	TextBusy        = "Busy now. Nothing was taken. Please try again in a minute."
	TextLate        = "No answer yet. Check your balance or wait for an SMS before you try again."
)

// Words for metrics of what a door refuses by itself.
const (
	RefusedCode   = "unknown_code"
	RefusedFull   = "full"
	RefusedLate   = "late"
	RefusedLong   = "too_long"
	RefusedFormat = "format"
	RefusedSource = "source"
	RefusedSend   = "unsent"
	RefusedGone   = "gone" // the subscriber hung up before the screen left
)

// Handler is the room behind the doors.
type Handler interface {
	Handle(ctx context.Context, h dialog.Hop) dialog.Reply
	// Shown hears of each of its replies whether it left for the handset.
	Shown(r dialog.Reply, shown bool)
}

// Operator is one network as its door sees it: one of SMPP and HTTP is set, or
// neither where it only carries SMS.
type Operator struct {
	Name  string
	SMPP  *dialect.SMPP
	HTTP  *dialect.HTTP
	Allow []netip.Prefix // HTTP: where it calls from; none is this machine only, unless Guard names it
	Push  *Push          // HTTP: where what we open is posted; nil: nowhere
	Guard Guard          // HTTP: how it shows who it is, beside its address
	Doors []Door         // SMPP: where its USSD centre binds to us; none: we bind to it

	Reports     bool           // its aggregator posts delivery reports
	ReportsFrom []netip.Prefix // where from; none is this machine only
}

// Seen is one hop's end, for metrics. Refused is empty when a menu answered.
type Seen struct {
	Operator, Door, Refused string
	Bind                    string     // by which it came; over HTTP none
	Op                      dialect.Op // zero when it never became a hop
	Took                    time.Duration
}

// Config is what the doors need.
type Config struct {
	Handler    Handler
	Sender     binds.Sender // SMPP door
	Operators  []Operator
	ShortCodes []string
	Deadline   time.Duration // from a hop's arrival to its screen
	Trace      *trace.Recorder
	Wire       *wiretap.Wiretap // nil keeps nothing
	Reports    Reports          // nil takes none
	Nonces     Nonces           // nil: this gateway knows only its own
	Seen       func(Seen)       // nil counts nothing
	Log        *slog.Logger
}

// Edge is both doors and what they share: the limits.
type Edge struct {
	cfg       Config
	table     atomic.Pointer[table]
	replacing sync.Mutex // one Replace at a time
	lanes     *lanes
	calls     calls
	pushes    *http.Client
	patience  time.Duration // for a whole request over HTTP; a moment in tests
	perAddr   int           // connections of one address over HTTP; few in tests
}

// New makes the doors.
func New(cfg Config) *Edge {
	if cfg.Seen == nil {
		cfg.Seen = func(Seen) {}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	e := &Edge{cfg: cfg, pushes: pushClient(), patience: readTimeout, perAddr: maxPerAddr, lanes: newLanes(lanesLimits{
		hops: maxHops, begins: maxBegins, calm: calmHops, late: cfg.Deadline / lateShare, waiting: maxQueued,
	})}
	e.table.Store(newTable(cfg.Operators, nil, nil))
	return e
}

// Attach sets the rooms behind the doors, which themselves need the doors to be
// made. It is called before the first hop, when Config did not name them.
func (e *Edge) Attach(h Handler, s binds.Sender) { e.cfg.Handler, e.cfg.Sender = h, s }

// Running is how many hops are under way.
func (e *Edge) Running() int { return e.lanes.running() }

// Drain refuses new sessions from now on and returns when the hops under way
// have their screens, or ctx ends.
func (e *Edge) Drain(ctx context.Context) error { return e.lanes.drain(ctx) }

// hop completes a decoded hop with what the door knows.
func (e *Edge) hop(o *Operator, d dialect.Hop, u dialect.Units, arrived time.Time) dialog.Hop {
	deadline, op := arrived.Add(e.cfg.Deadline), dialog.Op(d.Op)
	if d.Op == dialect.Notified {
		op = dialog.Abort // nobody looks any more
	}
	return dialog.Hop{
		Operator: o.Name, Session: d.Session, MSISDN: d.MSISDN, Op: op, Code: d.Code, Text: d.Text,
		Position: d.Position, Arrived: arrived, Deadline: deadline.Add(-e.cfg.Deadline / reserve),
		Units: dialog.Units{Septets: u.Septets, UCS2: u.UCS2},
	}
}

// answers tells whether a dialled string is one of our short codes, alone or
// with a shortcut behind it.
func (e *Edge) answers(code string) bool { return e.shortCode(code) != "" }

// shortCode is the one of ours that a dialled string begins with; empty when
// none does.
func (e *Edge) shortCode(code string) string {
	code = strings.Trim(code, "*#")
	for _, ours := range e.cfg.ShortCodes {
		if rest, ok := strings.CutPrefix(code, ours); ok && (rest == "" || rest[0] == '*') {
			return ours
		}
	}
	return ""
}

// fits replaces a screen that no handset of the operator can show. Bundles are
// proved to fit, so this is a wall, not a habit.
func (e *Edge) fits(h *dialog.Hop, r dialog.Reply) dialog.Reply {
	if fitting(h, r.Text) {
		return r
	}
	e.cfg.Handler.Shown(r, false)
	e.cfg.Log.Error("a screen does not fit and was not sent", "operator", h.Operator, "msisdn", msisdn.Logged(h.MSISDN), "bytes", len(r.Text))
	return dialog.Reply{Text: TextLate, End: true, Refused: RefusedLong}
}

func fitting(h *dialog.Hop, text string) bool {
	n, gsm := smpp.Septets(text)
	return gsm && n <= h.Units.Septets || !gsm && smpp.Units(text) <= h.Units.UCS2
}

// late is the screen when nothing came back in time.
func late() dialog.Reply { return dialog.Reply{Text: TextLate, End: true, Refused: RefusedLate} }

// full is the screen of a house without room. An input may repeat one that
// confirmed a payment, so only a dial is told that nothing was taken.
func full(op dialog.Op) dialog.Reply {
	r := late()
	if op == dialog.Begin {
		r.Text = TextBusy
	}
	r.Refused = RefusedFull
	return r
}

// traceHop notes what crossed the wire. The room behind notes what was said: a
// door does not know which inputs are secret.
func (e *Edge) traceHop(h *dialog.Hop, kind, text string) {
	e.cfg.Trace.Add(trace.Session(h.Operator, h.MSISDN, h.Session), kind, text)
}

func how(end bool) string {
	if end {
		return "end, "
	}
	return "continue, "
}
