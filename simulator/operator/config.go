package operator

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"mlango/internal/trace"
)

// Config is one operator. The zero value of a field means what stands in
// brackets.
type Config struct {
	Name         string // as the gateway's configuration calls it
	USSDSystemID string // who binds to the USSD centre
	SMSSystemID  string // who binds to the SMSC; may be the same
	Password     string
	ShortCode    string // [334]
	Dialect      string // over SMPP [standard]
	Window       int    // our deliver_sm in flight on a bind [smpp's]
	Target       string // host:port where the service lets our USSD centre bind [it binds to us]

	Aggregator  string // URL of the HTTP door, with ?dialect= where it is not HTTPDialect; empty: hops go over SMPP
	HTTPDialect string // [africastalking]

	SMSAPI  string // SMS come by an aggregator's HTTP API: africastalking, infobip [they come over SMPP]
	Reports string // URL where delivery reports of those are posted [nowhere]

	Open *Open // whom it serves instead of the two system_ids [nobody else]

	Reply time.Duration  // the network waits for a screen [10 s]
	Idle  time.Duration  // a dialogue without a press ends [180 s]
	Zone  *time.Location // the operator's clock: of SMS, and of dates in receipts and answers [this machine's]
	Inbox int            // SMS a handset keeps [MaxInbox]; negative: none

	OnSMS     func(SMS)                     // called on the link's goroutine for every whole SMS: it hands on
	OnReceipt func(Reported)                // called for every try of a delivery receipt that may have arrived
	OnPush    func(number string, s Screen) // called for every screen that the service opens; nil: none is taken
	Trace     bool                          // keep what crossed the wire
	Seed      uint64                        // of what faults leave to chance [0: as good as another]
	Log       *slog.Logger
}

func (c Config) withDefaults() Config {
	for _, f := range []struct {
		at       *string
		standard string
	}{{&c.ShortCode, "334"}, {&c.Dialect, "standard"}, {&c.HTTPDialect, "africastalking"}} {
		if *f.at == "" {
			*f.at = f.standard
		}
	}
	if c.Reply <= 0 {
		c.Reply = defaultReply
	}
	if c.Idle <= 0 {
		c.Idle = defaultIdle
	}
	if c.Zone == nil {
		c.Zone = time.Local
	}
	if c.Inbox == 0 || c.Inbox > MaxInbox {
		c.Inbox = MaxInbox
	}
	return c
}

// Operator is one mobile network. It implements Network.
type Operator struct {
	cfg      Config
	table    *table
	centre   *centre
	carrier  carrier
	trace    *trace.Recorder
	http     *http.Client
	fault    atomic.Pointer[Faults]
	throttle throttle
	chance   sync.Mutex // guards random
	random   *rand.Rand
	dropped  unheard
	sessions atomic.Uint64
	texts    atomic.Uint64 // SMS that came, refused ones too
	receipts atomic.Uint64 // delivery receipts that were due
	api      *http.Server  // of the SMS API, while it is served
	counts   struct {
		hops, screens, late, repeated, contradicting, sms, throttled, noAnswer, receipts atomic.Uint64
	}
}

var _ Network = (*Operator)(nil)

// New makes an operator that serves nobody yet.
func New(cfg Config) (*Operator, error) {
	o := &Operator{cfg: cfg.withDefaults(), table: newTable(), http: doorClient(), random: rand.New(rand.NewPCG(cfg.Seed, 11))}
	if _, spoken := tableSMSAPIs[cfg.SMSAPI]; cfg.SMSAPI != "" && !spoken {
		return nil, fmt.Errorf("operator: no SMS API %q", cfg.SMSAPI)
	}
	o.api = &http.Server{Handler: o.smsAPI(), ReadHeaderTimeout: apiPatience}
	if cfg.Trace {
		o.trace = trace.New()
	}
	c, err := newCentre(o)
	if err != nil {
		return nil, err
	}
	o.centre, o.carrier = c, c
	if cfg.Aggregator != "" {
		if o.carrier, err = newAggregator(o); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// Zone is the operator's clock.
func (o *Operator) Zone() *time.Location { return o.cfg.Zone }

// Serve accepts the binds of the other side on ln until Close.
func (o *Operator) Serve(ln net.Listener) error {
	if err := o.centre.serve(ln); err != nil {
		return fmt.Errorf("operator: serve SMPP: %w", err)
	}
	return nil
}

// WaitBound returns once a USSD bind and an SMS bind are up.
func (o *Operator) WaitBound(ctx context.Context) error { return o.centre.wait(ctx) }

// Close unbinds everybody and stops.
func (o *Operator) Close(ctx context.Context) error {
	o.http.CloseIdleConnections()
	o.centre.stop()
	o.closeSMS(ctx)
	if err := o.centre.server.Close(ctx); err != nil {
		return fmt.Errorf("operator: close: %w", err)
	}
	o.centre.reports.Wait()
	return nil
}

// Counts is a snapshot.
func (o *Operator) Counts() Counts {
	c := &o.counts
	return Counts{
		Hops: c.hops.Load(), Screens: c.screens.Load(), Late: c.late.Load(), Repeated: c.repeated.Load(),
		Contradicting: c.contradicting.Load(), SMS: c.sms.Load(), Throttled: c.throttled.Load(), NoAnswer: c.noAnswer.Load(), Receipts: c.receipts.Load(),
	}
}
