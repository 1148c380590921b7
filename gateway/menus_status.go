package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mlango/gateway/bundle"
	"mlango/internal/cli"
)

// How much of a fleet's record a status shows.
const (
	statusEach    = time.Second // while the fleet settles
	statusSteps   = 5
	statusBundles = 10
	statusChanges = 8
)

type menuStatusCmd struct{ adminFlag }

// Run shows what each gateway runs; 1 when two differ unasked, or one is in trouble.
func (c *menuStatusCmd) Run(ctx context.Context, w *world) error {
	var st bundle.Status
	for {
		if err := c.call(ctx, "GET", "/menus", nil, &st); err != nil {
			return err
		}
		if !st.Settling {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(statusEach):
		}
	}
	printStatus(w, &st)
	if len(st.Wrong) > 0 {
		return cli.Fail(cli.Check, errors.New("not healthy: "+strings.Join(st.Wrong, "; ")))
	}
	return nil
}

func printStatus(w *world, st *bundle.Status) {
	s := &st.State
	fmt.Fprintf(w.out, "runs    %-12s  %s\n", s.Active.Short(), nameOf(s, s.Active))
	if c := s.Canary; c != nil {
		fmt.Fprintf(w.out, "trial   %-12s  %s, with %s since %s\n", c.Hash.Short(), nameOf(s, c.Hash), who(c), c.Since.Local().Format("15:04:05"))
		for _, v := range st.Numbers[:min(len(st.Numbers), statusSteps)] {
			fmt.Fprintf(w.out, "          %s\n", v)
		}
	}
	for _, o := range s.Off {
		fmt.Fprintf(w.out, "off     %s since %s%s\n", o.Screen, o.At.Local().Format("15:04:05"), orElse(o.Why == "", "", ": "+o.Why))
	}
	fmt.Fprintln(w.out, "\ngateways")
	for _, a := range st.Gateways {
		fmt.Fprintf(w.out, "  %-16s  %-12s  %s\n", a.Name, a.Active.Short(), gatewayWord(s, &a))
	}
	fmt.Fprintln(w.out, "\nbundles, the newest first")
	for i := range min(len(s.Published), statusBundles) {
		p := s.Published[len(s.Published)-1-i]
		by := st.Approved[p.Hash.String()]
		word := "signed by " + orElse(len(by) > 0, strings.Join(by, ", "), "nobody")
		if s.IsWithdrawn(p.Hash) {
			word = "withdrawn"
		}
		fmt.Fprintf(w.out, "  %-12s  %-16s  %s  %s\n", p.Hash.Short(), p.Name, p.At.Local().Format("2006-01-02 15:04:05"), word)
	}
	fmt.Fprintln(w.out, "\nwhat was done last")
	for i := range min(len(s.Changes), statusChanges) {
		d := s.Changes[len(s.Changes)-1-i]
		fmt.Fprintf(w.out, "  %s  %-12s  %s\n", d.At.Local().Format("2006-01-02 15:04:05"), d.Hash.Short(), strings.TrimSuffix(d.What+": "+d.Why, ": "))
	}
}

func nameOf(s *bundle.State, h bundle.Hash) string {
	if p := s.Find(h); p != nil {
		return p.Name
	}
	return "-"
}

func gatewayWord(s *bundle.State, a *bundle.Announced) string {
	switch {
	case a.Trouble != "":
		return "in trouble: " + a.Trouble
	case a.Active != s.Active:
		return "differs: asked for is " + s.Active.Short()
	case a.Canary != bundle.Hash{}:
		return "as asked, with the trial of " + a.Canary.Short()
	}
	return "as asked"
}
