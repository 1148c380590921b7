package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"mlango/gateway/bundle"
	"mlango/internal/cli"
)

type canaryCmd struct {
	adminFlag
	Bundle  string  `arg:"" help:"The first digits of its hash."`
	Percent float64 `xor:"who" help:"Of subscribers, by a hash of the number: who is in at 5 is in at 10. 100 makes it the running bundle."`
	List    string  `xor:"who" placeholder:"FILE" help:"Only these subscribers, one number a line."`
	Stop    bool    `xor:"who" help:"End its trial; who began under it finishes under it."`
}

// Run puts a bundle on trial.
func (c *canaryCmd) Run(ctx context.Context, w *world) error {
	o := menuOrder{Bundle: c.Bundle, Percent: c.Percent}
	if c.List != "" {
		raw, err := os.ReadFile(c.List)
		if err != nil {
			return cli.Fail(cli.Usage, err)
		}
		if o.List = strings.Fields(string(raw)); len(o.List) == 0 {
			return cli.Fail(cli.Usage, fmt.Errorf("%s names nobody", c.List))
		}
	}
	if !c.Stop && o.Percent == 0 && len(o.List) == 0 {
		return cli.Fail(cli.Usage, errors.New("say who tries it: --percent P or --list FILE; or --stop"))
	}
	var s bundle.State
	if err := c.call(ctx, "POST", "/menus/canary", o, &s); err != nil {
		return err
	}
	switch {
	case s.Canary != nil:
		fmt.Fprintf(w.out, "%s is on trial with %s.\nIt is put back by itself when a step falls %d points below the running bundle; watch it: gateway menus status\n",
			s.Canary.Hash.Short(), who(s.Canary), bundle.LeastDrop)
	case c.Stop:
		fmt.Fprintf(w.out, "No bundle is on trial; %s runs.\n", s.Active.Short())
	default:
		fmt.Fprintf(w.out, "%s runs for everybody.\n", s.Active.Short())
	}
	return nil
}

// who takes part in a trial.
func who(c *bundle.Canary) string {
	if len(c.List) > 0 {
		return fmt.Sprintf("%d subscribers of a list", len(c.List))
	}
	return fmt.Sprintf("%g %% of subscribers", c.Percent)
}

type backCmd struct {
	adminFlag
	Bundle string `arg:"" optional:"" help:"The first digits of its hash; none is the bundle that ran before."`
	Why    string `help:"For the record."`
}

// Run makes an older bundle the running one, whole.
func (c *backCmd) Run(ctx context.Context, w *world) error {
	var s bundle.State
	if err := c.call(ctx, "POST", "/menus/rollback", menuOrder{Bundle: c.Bundle, Why: c.Why}, &s); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "%s runs for everybody, whole; no bundle is on trial. Who began under another finishes under it, unless it is withdrawn.\n", s.Active.Short())
	return nil
}

type withdrawCmd struct {
	adminFlag
	Bundle string `arg:"" help:"The first digits of its hash."`
	Why    string `help:"For the record."`
}

// Run has a bundle never run again.
func (c *withdrawCmd) Run(ctx context.Context, w *world) error {
	var s bundle.State
	if err := c.call(ctx, "POST", "/menus/withdraw", menuOrder{Bundle: c.Bundle, Why: c.Why}, &s); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "Withdrawn: it never runs again, and its sessions end at their next press. %s runs.\n", s.Active.Short())
	return nil
}

type disableCmd struct {
	adminFlag
	Screen string `arg:"" help:"A screen: it and what can be reached through it only are switched off."`
	Why    string `help:"For the record."`
	On     bool   `help:"Switch it on again."`
}

// Run switches a part of the menu off, or on again.
func (c *disableCmd) Run(ctx context.Context, w *world) error {
	var s bundle.State
	if err := c.call(ctx, "POST", "/menus/disable", menuOrder{Screen: c.Screen, Why: c.Why, On: c.On}, &s); err != nil {
		return err
	}
	if c.On {
		fmt.Fprintf(w.out, "%s is on.\n", c.Screen)
		return nil
	}
	fmt.Fprintf(w.out, "%s and what lies behind it is off, in every bundle, until: gateway menus disable %s --on\n", c.Screen, c.Screen)
	return nil
}
