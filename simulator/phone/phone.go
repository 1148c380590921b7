// Package phone is the phone in the browser: two feature phones on one page, the HTTP
// API behind them, and what breaks the network for show. It knows the network and the
// programs by the interfaces below only, so the page serves a demo as well as anybody's
// own USSD service.
package phone

import (
	"context"
	"net/http"
	"time"

	"mlango/internal/trace"
	"mlango/simulator/operator"
)

// Limits of the page's server. Nothing grows with what a browser sends.
const (
	maxBody       = 4 << 10 // bytes of a request
	maxForMS      = 600_000 // ms a fault may last
	maxStreams    = 32      // pages that listen at once
	maxUnread     = 64      // events a page is behind before it is cut off
	heartbeat     = 15 * time.Second
	startPatience = 60 * time.Second // for a program to start again
	maxTraceBody  = 1 << 20          // bytes of the gateway's trace
	wirePatience  = time.Second      // for the gateway, and for the ledger, to tell what they saw
	maxOrders     = 8                // of one session, looked up in the journal
)

// Network is the mobile network the phones are on; operator.Operator is one.
type Network interface {
	operator.Network
	// Shown is the screen of the open dialogue, or nothing.
	Shown(msisdn string) operator.Screen
	// Signal tells whether the network reaches a phone; SetSignal changes that.
	Signal(msisdn string) bool
	SetSignal(msisdn string, on bool) error
	// SetFaults and SetFaultsFor make it misbehave; DropBinds cuts its links.
	SetFaults(f operator.Faults)
	SetFaultsFor(f operator.Faults, d time.Duration)
	DropBinds()
	// Zone is the network's clock: displays and the dates of SMS have it.
	Zone() *time.Location
	// Units is how long a screen may be: GSM 7-bit septets, and UCS-2 characters.
	Units() (septets, ucs2 int)
	// TraceName is what a dialogue is recorded under, SMSTraceName what an SMS is by
	// itself; Events is the record.
	TraceName(msisdn, session string) string
	SMSTraceName(id string) string
	Events(name string) []trace.Event
}

// Keeper kills and starts the programs behind the network; demo's is its stack of
// children.
type Keeper interface {
	Kill(ctx context.Context, target string) error
	// Restart returns once the program works again.
	Restart(ctx context.Context, target string) error
}

// Journal looks up what a ledger wrote about an order: the JSON that `ledgerd show`
// prints.
type Journal interface {
	Show(ctx context.Context, of string) (json []byte, known bool, err error)
}

// Person is somebody who may hold a phone.
type Person struct {
	MSISDN   string `json:"msisdn"`
	Name     string `json:"name"`
	Language string `json:"language"`
	Note     string `json:"note,omitempty"` // what is special: "empty wallet"
}

// Config says whose phones they are. The zero value of a field means what stands in
// brackets.
type Config struct {
	Network Network
	Hub     *Hub   // told of SMS and pushed screens by the network [a fresh one, which hears nothing]
	Name    string // of the network, as displays show it
	People  []Person
	Code    string // what the page has typed already [*334#]
	PIN     string // everybody's, shown as a hint: only a demo world has one [no hint]
	Service string // URL of somebody's own USSD service behind the phones [a gateway and a ledger of ours]

	Keeper       Keeper    // [nothing can be killed]
	Journal      Journal   // [no journal in the wire view]
	Languages    Languages // [nobody's can be changed]
	GatewayTrace string    // URL of the gateway's own trace [none]
}

// Server is the page and its API.
type Server struct {
	cfg   Config
	http  *http.Client
	world *world
}

// New makes a server; Handler serves it.
func New(cfg Config) *Server {
	if cfg.Hub == nil {
		cfg.Hub = NewHub()
	}
	if cfg.Code == "" {
		cfg.Code = "*334#"
	}
	return &Server{cfg: cfg, http: &http.Client{}, world: newWorld(cfg.Network, cfg.Keeper, cfg.Hub)}
}
