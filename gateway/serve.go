package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"mlango/gateway/approval"
	"mlango/gateway/binds"
	"mlango/gateway/bundle"
	"mlango/gateway/confirm"
	"mlango/gateway/dialog"
	"mlango/gateway/edge"
	"mlango/gateway/incident"
	"mlango/gateway/order"
	"mlango/gateway/session"
	"mlango/gateway/wiretap"
	"mlango/internal/admin"
	"mlango/internal/cli"
	"mlango/internal/dialect"
	"mlango/internal/trace"
	"mlango/ledgerclient"
	"mlango/menus"
	"mlango/smpp"
)

// Limits of the program.
const (
	maxSessions  = 1 << 20         // in the memory store
	drainMore    = time.Second     // hops under way when the program stops have their deadline and this
	drainOrders  = 2 * time.Second // orders under way; the rest stays in the queue for the next start
	drainWorkers = 10 * time.Second
)

type serveCmd struct {
	configFlag
	Log string `enum:"debug,info,warn,error" default:"info" help:"Least level of what is logged to stderr: ${enum}."`
}

// Run serves until SIGINT or SIGTERM.
func (c *serveCmd) Run(ctx context.Context, w *world) error {
	cfg, err := c.load(false)
	if err != nil {
		return err
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log)); err != nil {
		return cli.Fail(cli.Usage, err)
	}
	g, err := build(cfg, slog.New(slog.NewTextHandler(w.err, &slog.HandlerOptions{Level: level})))
	if err != nil {
		return err
	}
	return g.run(ctx)
}

// gateway is every room, wired.
type gateway struct {
	cfg       *Config
	log       *slog.Logger
	admin     *admin.Server
	bundles   *bundle.Live
	fleet     *bundle.Fleet
	draft     *bundle.Draft // nil where approvers decide what runs
	ledger    *ledgerclient.Client
	pool      *binds.Pool
	confirm   *confirm.Confirm
	orders    *order.Dispatcher
	sessions  session.Store
	slips     session.Slips
	relay     *session.Relay // what gateways pass on to each other; nil without Redis
	desk      *approval.Desk // of what others ask subscribers to approve
	edge      *edge.Edge
	trace     *trace.Recorder
	recording *menus.Recorder
	wire      *wiretap.Wiretap
	operators *inForce
	observer  *observer
	incidents *incident.Record
	parts     *parts
	started   time.Time
	httpAt    atomic.Pointer[string] // where the HTTP edge is open; nil: it is not
	degraded  func() []string        // what the store says of itself
	draining  atomic.Bool
	closers   []func() error // in the order of opening
}

// build opens everything and starts nothing. On an error what was opened is
// closed.
func build(cfg *Config, log *slog.Logger) (_ *gateway, err error) {
	g := &gateway{cfg: cfg, log: log, trace: trace.New(), admin: admin.New(admin.Config{Addr: cfg.Admin}),
		wire: &wiretap.Wiretap{}, observer: newObserver(), parts: newParts(), started: time.Now()}
	defer func() {
		if err != nil {
			err = errors.Join(err, g.close())
		}
	}()
	if g.incidents, err = incident.Open(cfg.Data); err != nil {
		return nil, err
	}
	g.closers = append(g.closers, g.incidents.Close)
	if err := g.openMenus(); err != nil {
		return nil, err
	}
	if g.operators, err = openInForce(cfg); err != nil {
		return nil, err
	}
	tls, err := cfg.Ledger.TLS.load()
	if err != nil {
		return nil, err
	}
	if g.ledger, err = ledgerclient.Dial(ledgerclient.Config{Node: cfg.Ledger.Node, Gateway: cfg.Name, TLS: tls}); err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	g.closers = append(g.closers, g.ledger.Close)
	if err := g.buildEdge(); err != nil {
		return nil, err
	}
	if err := g.buildSMS(); err != nil {
		return nil, err
	}
	sessions, err := g.buildStores()
	if err != nil {
		return nil, err
	}
	g.closers = append(g.closers, sessions.Close)
	g.sessions = sessions
	g.desk = g.approvals()
	g.confirm.Asks(g.desk.AskForLedger)
	g.edge.Attach(g.dialog(sessions), g.pool)
	if fleet, ok := sessions.(edge.Nonces); ok {
		g.edge.ShareNonces(fleet)
	}
	return g, nil
}

// buildSMS makes the pool, that hands hops to the doors, and the room that tells
// people.
func (g *gateway) buildSMS() (err error) {
	sms := g.smsMetrics()
	pc := binds.Config{Log: g.log, Tap: func(operator, bind string, s *smpp.Session, in bool, pdu []byte) {
		if !g.wire.Idle() {
			g.wire.PDU(operator, bind, true, s, in, pdu)
		}
	}}
	cc := confirm.Config{Feed: g.ledger, Bundles: g.bundles, Owner: g.cfg.Name, Zone: int(g.cfg.Zone), Data: g.cfg.Data, Seen: sms, Receipt: g.receiptMetrics(), Routes: g.cfg.routes(), Log: g.log}
	if pc.Operators, _, cc.Operators, err = g.cfg.rooms(); err != nil {
		return err
	}
	if g.pool, err = binds.New(pc, g.receive); err != nil {
		return fmt.Errorf("binds: %w", err)
	}
	cc.Sender = g.pool
	if g.confirm, err = confirm.New(cc); err != nil {
		return fmt.Errorf("confirm: %w", err)
	}
	return nil
}

// buildStores opens sessions and orders where the file says.
func (g *gateway) buildStores() (session.Store, error) {
	oc := order.Config{Gateway: g.cfg.Name, Log: g.log}
	if g.cfg.Redis == nil {
		file, err := order.OpenFile(g.cfg.Data, oc)
		if err != nil {
			return nil, fmt.Errorf("orders: %w", err)
		}
		g.closers = append(g.closers, file.Close)
		g.orders = order.NewDispatcher(file, g.ledger, g.confirm, oc)
		slips, err := approval.OpenFile(g.cfg.Data, time.Now)
		if err != nil {
			return nil, err
		}
		g.closers, g.slips = append(g.closers, slips.Close), slips
		return session.NewMemory(maxSessions, time.Now), nil
	}
	client := session.NewClient(g.cfg.Redis.client())
	g.closers = append(g.closers, client.Close)
	sessions, err := session.NewRedis(client, session.RedisConfig{})
	if err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	g.slips = sessions.Slips()
	g.degraded = func() []string {
		if sessions.Open() {
			return []string{"redis: does not answer, dials end politely"}
		}
		return nil
	}
	g.relay = session.NewRelay(client, g.cfg.Name, g.log)
	g.confirm.Share(g.relay.Tell)
	queue, err := order.NewRedis(client, g.cfg.Data, oc)
	if err != nil {
		return nil, fmt.Errorf("orders: %w", err)
	}
	g.closers = append(g.closers, queue.Close)
	g.orders = order.NewDispatcher(queue, g.ledger, g.confirm, oc)
	return sessions, nil
}

func (r *Redis) client() session.ClientConfig {
	return session.ClientConfig{Addrs: r.Addrs, Master: r.Master, DB: r.DB, User: r.User, Password: r.Password}
}

// dialog makes the room behind the doors.
func (g *gateway) dialog(sessions session.Store) *dialog.Dialog {
	g.recording = menus.NewRecorder(dialog.Catalogue())
	g.admin.Handle("GET /recording", http.HandlerFunc(g.recordingPage))
	return dialog.New(dialog.Config{
		Gateway: g.cfg.Name, Sessions: sessions, Bundles: g.bundles, Ledger: g.ledger, Orders: g.orders, Approvals: g.desk,
		Zone: int(g.cfg.Zone), OrderLife: g.cfg.Expires.D(), Visits: g.visit, Record: g.recording, Trace: g.trace, Log: g.log,
	})
}

// buildEdge makes the doors.
func (g *gateway) buildEdge() error {
	ec := edge.Config{ShortCodes: g.cfg.ShortCodes, Deadline: g.cfg.Deadline.D(), Trace: g.trace, Wire: g.wire, Seen: g.hopMetrics(), Reports: g.reports, Log: g.log}
	_, doors, _, err := g.cfg.rooms()
	ec.Operators = doors
	g.edge = edge.New(ec)
	return err
}

// edge is the operator as its door sees it.
func (o *Operator) edge() (out edge.Operator, err error) {
	out.Name = o.Name
	if out.ReportsFrom, out.Reports, err = o.reportsFrom(); err != nil {
		return out, err
	}
	if o.USSD.SMPP != "" {
		if out.SMPP, err = dialect.OverSMPP(o.USSD.SMPP); err == nil {
			out.Doors, err = o.doors()
		}
		return out, err
	}
	if o.carrier() {
		return out, nil
	}
	if out.HTTP, err = dialect.OverHTTP(o.USSD.HTTP); err != nil {
		return out, err
	}
	out.Guard = o.USSD.Proof.guard()
	if p := o.USSD.Push; p != nil {
		out.Push = &edge.Push{URL: p.URL, Key: p.Key}
	}
	for _, a := range o.USSD.Allow {
		var p netip.Prefix
		if p, err = parseNet(a); err != nil {
			return out, err
		}
		out.Allow = append(out.Allow, p)
	}
	return out, nil
}

// drainHops is how long hops under way are waited for: none needs longer.
func (c *Config) drainHops() time.Duration { return c.Deadline.D() + drainMore }

// close closes what was opened, the latest first.
func (g *gateway) close() error {
	var errs []error
	for i := len(g.closers) - 1; i >= 0; i-- {
		errs = append(errs, g.closers[i]())
	}
	return errors.Join(errs...)
}
