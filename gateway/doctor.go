package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"mlango/gateway/binds"
	"mlango/gateway/session"
	"mlango/internal/cli"
	"mlango/ledgerclient"
)

// probeTimeout is how long one probe may take.
const probeTimeout = 3 * time.Second

var errSick = errors.New("something is to mend")

type doctorCmd struct{ configFlag }

// probe is one thing the doctor looks at; mend stands beside its error.
type probe struct {
	what, mend string
	look       func(ctx context.Context) error
}

// Run looks at everything and says what to mend; 1 when anything is. Of a gateway
// that runs from this file it asks how it does, and finds its ports taken rightly.
func (c *doctorCmd) Run(ctx context.Context, w *world) error {
	cfg, err := c.load(false)
	if err != nil {
		return err
	}
	running := cfg.running(ctx)
	probes := append(cfg.probes(running), machine(cfg.Data)...)
	if running != nil {
		fmt.Fprintf(w.out, "ok    gateway %s runs at %s since %s\n", running.Gateway, cfg.Admin, running.Started.Local().Format("2 Jan 15:04:05"))
		probes = append(probes, cfg.symptoms(running)...)
	}
	sick := 0
	for _, p := range probes {
		look, cancel := context.WithTimeout(ctx, probeTimeout)
		err := p.look(look)
		cancel()
		if err == nil {
			fmt.Fprintf(w.out, "ok    %s\n", p.what)
			continue
		}
		sick++
		fmt.Fprintf(w.out, "mend  %s: %v – %s\n", p.what, err, p.mend)
	}
	if sick > 0 {
		return cli.Fail(cli.Check, fmt.Errorf("%w: %d of %d", errSick, sick, len(probes)))
	}
	return nil
}

// running is how the gateway of this file does; nil when it does not run.
func (c *Config) running(ctx context.Context) *board {
	var b board
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	at := adminFlag{Admin: c.Admin}
	if at.call(ctx, "GET", "/view", nil, &b) != nil || b.Gateway != c.Name {
		return nil
	}
	return &b
}

// symptoms are what a running gateway says of itself.
func (c *Config) symptoms(b *board) (out []probe) {
	say := func(what, mend string, sick bool, why string) {
		out = append(out, probe{what, mend, func(context.Context) error {
			if sick {
				return errors.New(why)
			}
			return nil
		}})
	}
	for _, d := range b.Degraded {
		say("the running gateway", "see below what of it does not answer", true, d)
	}
	say("orders without an answer", "see the ledger: they are asked again until it answers", step(b.OldestMS) > 0, fmt.Sprintf("%d wait, the oldest for %s", b.Orders, inMillis(float64(b.OldestMS))))
	for i := range b.Operators {
		o := &b.Operators[i]
		sick := o.Health == "degraded" || o.Health == "bad"
		say("operator "+o.Operator+" is "+o.Health, "gateway top shows its binds, gateway incident since when", sick, o.Why)
	}
	for i := range b.Binds {
		if it := &b.Binds[i]; it.Limits && it.State == string(binds.Bound) {
			say("throughput of "+it.name(), "gateway top shows it live", true, it.Throughput)
		}
	}
	out = append(out, probe{"operators in force are the file's", "gateway operator diff shows how, gateway operator reload brings the file into force", func(ctx context.Context) error {
		var d compared
		at := adminFlag{Admin: c.Admin}
		if err := at.call(ctx, "GET", "/operators/diff?from=active&to=file", nil, &d); err != nil {
			return err
		}
		if d.Diff != "" {
			return errors.New("they differ")
		}
		return nil
	}})
	return out
}

// probes look at what a gateway of this file needs; the ports of one that runs are
// its own.
func (c *Config) probes(running *board) []probe {
	out := []probe{
		{"menu", "gateway menus lint says more", func(context.Context) error { _, err := proveMenu(c); return err }},
		{"data folder " + c.Data, "make it writable for this user", func(context.Context) error { return writable(c.Data) }},
		{"ledger at " + c.Ledger.Node, "start ledgerd, or mend `ledger:`", c.probeLedger},
		{"dates as the ledger's", "set `zone:` to the ledger's, or texts tell other days than its receipts", c.probeZone},
	}
	port := func(what, addr, mend string) {
		if running == nil {
			out = append(out, probe{what + " " + addr, mend, free(addr)})
		}
	}
	port("admin address", c.Admin, "stop what holds it, or set another `admin:`")
	if c.overHTTP() {
		port("HTTP edge", c.Listen, "stop what holds it, or set another `listen:`")
	}
	if c.Redis != nil {
		out = append(out, probe{"Redis", "start it, or mend `redis:`", c.probeRedis},
			probe{"Redis keeps what it is given", "set its maxmemory-policy to noeviction", c.probeEviction},
			probe{"Redis's clock", "start chrony or systemd-timesyncd on both machines", c.probeRedisClock})
	}
	out = append(out, c.probeCerts()...)
	for _, o := range c.Operators {
		for _, b := range o.Binds {
			addr := b.addr()
			if o.isDoor(&b) {
				port("the port for the USSD centre of "+o.Name+" at", addr, "stop what holds it, or set another port of the bind")
				continue
			}
			if what := "operator " + o.Name + " at " + addr; !slices.ContainsFunc(out, func(p probe) bool { return p.what == what }) {
				out = append(out, probe{what, "see the route and the firewall, then: gateway operator test " + o.Name, reach(addr)})
			}
		}
	}
	return out
}

// free tells whether an address can be taken.
func free(addr string) func(context.Context) error {
	return func(context.Context) error {
		ln, err := net.Listen("tcp", addr)
		if err != nil {
			return fmt.Errorf("it is taken by another program: %w", err)
		}
		return ln.Close()
	}
}

func reach(addr string) func(context.Context) error {
	return func(ctx context.Context) error {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", addr)
		if err != nil {
			return err
		}
		return conn.Close()
	}
}

func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	name := filepath.Join(dir, ".doctor")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		return err
	}
	return os.Remove(name)
}

func (c *Config) probeLedger(ctx context.Context) error {
	tls, err := c.Ledger.TLS.load()
	if err != nil {
		return err
	}
	l, err := ledgerclient.Dial(ledgerclient.Config{Node: c.Ledger.Node, Gateway: c.Name, TLS: tls})
	if err != nil {
		return err
	}
	_, err = l.Keys(ctx)
	return errors.Join(err, l.Close())
}

func (c *Config) probeRedis(ctx context.Context) error {
	client := session.NewClient(c.Redis.client())
	return errors.Join(client.Ping(ctx).Err(), client.Close())
}
