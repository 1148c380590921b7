package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

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

// Run looks at everything and says what to mend; 1 when anything is.
func (c *doctorCmd) Run(ctx context.Context, w *world) error {
	cfg, err := c.load(false)
	if err != nil {
		return err
	}
	sick := false
	for _, p := range append(cfg.probes(), machine()...) {
		look, cancel := context.WithTimeout(ctx, probeTimeout)
		err := p.look(look)
		cancel()
		if err == nil {
			fmt.Fprintf(w.out, "ok    %s\n", p.what)
			continue
		}
		sick = true
		fmt.Fprintf(w.out, "mend  %s: %v – %s\n", p.what, err, p.mend)
	}
	if sick {
		return cli.Fail(cli.Check, errSick)
	}
	return nil
}

func (c *Config) probes() []probe {
	out := []probe{
		{"menu", "gateway menus lint says more", func(context.Context) error { _, err := openBundles(c); return err }},
		{"data folder " + c.Data, "make it writable for this user", func(context.Context) error { return writable(c.Data) }},
		{"admin address " + c.Admin, "stop what holds it, or set another `admin:`", free(c.Admin)},
		{"ledger at " + c.Ledger.Node, "start ledgerd, or mend `ledger:`", c.probeLedger},
	}
	if c.overHTTP() {
		out = append(out, probe{"HTTP edge " + c.Listen, "stop what holds it, or set another `listen:`", free(c.Listen)})
	}
	if c.Redis != nil {
		out = append(out, probe{"Redis", "start it, or mend `redis:`", c.probeRedis})
	}
	for _, o := range c.Operators {
		for _, b := range o.Binds {
			addr := b.addr()
			if o.isDoor(&b) {
				out = append(out, probe{"the port for the USSD centre of " + o.Name + " at " + addr, "stop what holds it, or set another port of the bind", free(addr)})
				continue
			}
			out = append(out, probe{"operator " + o.Name + " at " + addr, "see the route and the firewall, then: gateway operator test " + o.Name, reach(addr)})
		}
	}
	return out
}

// free tells whether an address can be taken; a gateway that runs already holds
// it rightly.
func free(addr string) func(context.Context) error {
	return func(context.Context) error {
		ln, err := net.Listen("tcp", addr)
		if err != nil {
			return fmt.Errorf("it is taken, by a running gateway or by another program: %w", err)
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
