package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"mlango/gateway/binds"
	"mlango/gateway/edge"
	"mlango/internal/cli"
	"mlango/internal/msisdn"
)

// bindPatience is how long a bind may take to come up when it is tried.
const bindPatience = 8 * time.Second

var errBinds = errors.New("not every bind came up")

// operatorCmd tries operators and changes them.
type operatorCmd struct {
	Test     operatorTestCmd `cmd:"" help:"Bind to an operator as the configuration says, dial a probe, and tell in words how it went."`
	Versions versionsCmd     `cmd:"" help:"List the operators' configurations that the running gateway had in force."`
	Show     showCmd         `cmd:"" help:"Print one of them as it was written."`
	Diff     diffCmd         `cmd:"" help:"Compare two of them; without names what is in force with the file."`
	Reload   reloadCmd       `cmd:"" help:"Bring the file's operators into force, whole or not at all; the unchanged ones' binds stay up."`
	Rollback rollbackCmd     `cmd:"" help:"Bring an older version back, into the file and into force."`
}

type operatorTestCmd struct {
	configFlag
	adminFlag
	Name     string        `arg:"" help:"The operator's configured name."`
	MSISDN   string        `name:"msisdn" placeholder:"NUMBER" help:"A handset at hand: it is shown one screen, and the key that is pressed there must come back."`
	Patience time.Duration `default:"45s" help:"How long to wait for that key."`
}

// Run binds, dials a probe, tells in words, unbinds. Its binds stand beside those of
// a running gateway; what comes by them for anybody but the probe is refused for now.
func (c *operatorTestCmd) Run(ctx context.Context, w *world) error {
	cfg, err := c.load(false)
	if err != nil {
		return err
	}
	o := cfg.operator(c.Name)
	if o == nil {
		return cli.Fail(cli.Usage, fmt.Errorf("no operator is named %q – known: %s", c.Name, strings.Join(cfg.names(), ", ")))
	}
	if c.Admin == defaults().Admin {
		c.Admin = cfg.Admin
	}
	t := &trial{cfg: cfg, o: o, out: w.out, admin: &c.adminFlag, patience: c.Patience, handset: &handset{pressed: make(chan struct{})}}
	if c.MSISDN != "" {
		if t.number, err = msisdn.Parse(cfg.Region, c.MSISDN); err != nil {
			return cli.Fail(cli.Usage, err)
		}
		t.handset.number = t.number
	}
	return t.run(ctx)
}

func (c *Config) names() (out []string) {
	for _, o := range c.Operators {
		out = append(out, o.Name)
	}
	return out
}

// trial is one operator on trial.
type trial struct {
	cfg      *Config
	o        *Operator
	out      io.Writer
	admin    *adminFlag
	number   string // of the handset at hand; may be empty
	patience time.Duration
	handset  *handset
	edge     *edge.Edge
	down     bool // a bind did not come up
	sick     bool // something else is to mend
}

func (t *trial) say(word, format string, args ...any) {
	fmt.Fprintf(t.out, "%-5s %s\n", word, fmt.Sprintf(format, args...))
}

func (t *trial) mend(what, how string) {
	t.sick = true
	t.say("mend", "%s – %s", what, how)
}

// run tries the binds, then the dialogue.
func (t *trial) run(ctx context.Context) error {
	door, err := t.o.edge()
	if err != nil {
		return err
	}
	pool, err := binds.New(binds.Config{Operators: []binds.Operator{t.o.bindsConfig()}}, t.handset.receiver(func() *edge.Edge { return t.edge }))
	if err != nil {
		return err
	}
	door.Doors = nil // centres bind to the running gateway, not to us
	t.edge = edge.New(edge.Config{Handler: t.handset, Sender: pool, Operators: []edge.Operator{door}, ShortCodes: t.cfg.ShortCodes, Deadline: t.cfg.Deadline.D()})
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- pool.Run(running) }()
	t.binds(awaitBinds(ctx, pool))
	t.enquire(ctx, pool)
	switch {
	case ctx.Err() != nil:
	case t.o.Role == roleSMSC:
		t.askRunning(ctx)
	case t.o.USSD.HTTP != "":
		t.dialHTTP(ctx)
	case t.o.USSD.SMPP != "" && !t.down:
		t.dialSMPP(ctx)
	}
	stop()
	<-done
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case t.down:
		return cli.Fail(cli.Unreachable, errBinds)
	case t.sick:
		return cli.Fail(cli.Check, errSick)
	}
	return nil
}

// binds says how each bind did.
func (t *trial) binds(states []binds.BindState) {
	for _, b := range states {
		if b.Up {
			t.say("ok", "%s is bound at %s as %s", b.Bind, b.Addr, b.Mode)
			continue
		}
		t.down = true
		t.mend(fmt.Sprintf("%s at %s: %s", b.Bind, b.Addr, orElse(b.LastError != "", b.LastError, fmt.Sprintf("no answer in %s", bindPatience))), bindMend(b.LastError))
	}
}

// tableBindMends are what to do about a bind that does not come up, by words of its
// error.
var tableBindMends = []struct{ words, mend string }{
	{"refused: invalid password", "the password is wrong: see password_env or password_file, and ask the operator"},
	{"refused: invalid system", "the operator does not know this system_id"},
	{"already", "the operator allows no more binds: stop the running gateway's, or ask for more"},
	{"refused: bind failed", "the operator refuses this account: its password, its address, or too many binds"},
	{"bind refused", "ask the operator about this account"},
	{"connection refused", "nothing listens there: see host and port, and whether the operator is up"},
	{"no such host", "the name is not known: see host and DNS"},
	{"certificate", "its certificate is not by ca_file, or not for this name: see tls"},
	{"tls:", "one side speaks TLS and the other does not: see tls and port"},
	{"no bind in time", "it takes connections and does not answer binds: see the port, whether it wants TLS, and the firewall between"},
	{"timeout", "see the route and the firewall"},
}

func bindMend(err string) string {
	for _, it := range tableBindMends {
		if strings.Contains(strings.ToLower(err), it.words) {
			return it.mend
		}
	}
	return "see the route and the firewall, and ask the operator"
}

// awaitBinds waits until every bind is up or patience ends.
func awaitBinds(ctx context.Context, pool *binds.Pool) []binds.BindState {
	ctx, cancel := context.WithTimeout(ctx, bindPatience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		states, up := pool.State(), 0
		for _, b := range states {
			if b.Up {
				up++
			}
		}
		if up == len(states) {
			return states
		}
		select {
		case <-ctx.Done():
			return states
		case <-tick.C:
		}
	}
}
