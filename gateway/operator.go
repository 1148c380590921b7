package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mlango/gateway/binds"
	"mlango/internal/cli"
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
	Name string `arg:"" help:"The operator's configured name."`
}

// Run binds, looks, unbinds. It adds binds beside those of a running gateway.
func (c *operatorTestCmd) Run(ctx context.Context, w *world) error {
	cfg, err := c.load(false)
	if err != nil {
		return err
	}
	for i := range cfg.Operators {
		if cfg.Operators[i].Name == c.Name {
			return tryBinds(ctx, w, &cfg.Operators[i])
		}
	}
	return cli.Fail(cli.Usage, fmt.Errorf("no operator is named %q – known: %s", c.Name, strings.Join(cfg.names(), ", ")))
}

func (c *Config) names() (out []string) {
	for _, o := range c.Operators {
		out = append(out, o.Name)
	}
	return out
}

// tryBinds brings an operator's binds up and says how each did.
func tryBinds(ctx context.Context, w *world, o *Operator) error {
	pool, err := binds.New(binds.Config{Operators: []binds.Operator{o.bindsConfig()}}, nil)
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- pool.Run(running) }()
	states := awaitBinds(ctx, pool)
	stop()
	<-done
	for i := range o.Binds {
		if b := &o.Binds[i]; o.isDoor(b) {
			fmt.Fprintf(w.out, "wait  its USSD centre binds to us at %s as %s; GET /readyz of the running gateway says whether it did\n", b.listen(), b.SystemID)
		}
	}
	down := false
	for _, b := range states {
		if b.Up {
			fmt.Fprintf(w.out, "ok    %s/%s is bound at %s\n", b.Operator, b.Bind, b.Addr)
			continue
		}
		down = true
		fmt.Fprintf(w.out, "mend  %s/%s at %s: %s\n", b.Operator, b.Bind, b.Addr, b.LastError)
	}
	if down {
		return cli.Fail(cli.Unreachable, errBinds)
	}
	return nil
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
