package main

import (
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"mlango/gateway/binds"
	"mlango/internal/cli"
	"mlango/internal/msisdn"
)

type routesCmd struct {
	configFlag
	Home   string `placeholder:"NAME" help:"The home operator of the number's account, where the ledger says another than its prefix."`
	MSISDN string `arg:"" name:"msisdn" help:"A subscriber's number, as people write it."`
}

// Run says how an SMS to a number goes, and why.
func (c *routesCmd) Run(w *world) error {
	cfg, err := c.load(false)
	if err != nil {
		return err
	}
	number, err := msisdn.Parse(cfg.Region, c.MSISDN)
	if err != nil {
		return cli.Fail(cli.Usage, err)
	}
	if o := cfg.operator(c.Home); c.Home != "" && (o == nil || o.carrier()) {
		return cli.Fail(cli.Usage, fmt.Errorf("nobody is at home at %q – known: %s", c.Home, strings.Join(cfg.names(), ", ")))
	}
	routes := cfg.routes()
	route, why := routes.Find(c.Home, number)
	if route == nil {
		return cli.Fail(cli.Check, fmt.Errorf("no route is for %s – add its prefix to an operator's `prefixes:`, or a fallback to `routes:`", msisdn.Mask(number)))
	}
	cfg.explain(w.out, number, routes, route, why)
	return nil
}

// explain says all of a route in words.
func (c *Config) explain(out io.Writer, number string, routes binds.Routes, route *binds.Route, why string) {
	fmt.Fprintf(out, "%s goes by %s\n", msisdn.Mask(number), strings.Join(route.Via, ", then "))
	line := func(what, format string, args ...any) {
		fmt.Fprintf(out, "  %-9s %s\n", what, fmt.Sprintf(format, args...))
	}
	line("why", "%s", why)
	line("sender", "%s, %s", route.Sender, inTypes(route))
	line("validity", "%s", orElse(route.Validity > 0, spanned(route.Validity), "the SMSC's own"))
	line("receipts", "%s", inReceipts(route.Receipts))
	for i, name := range route.Via {
		line("via", "%s%s", name, orElse(i == 0, "", ", while none before it has a bind up"))
		for _, b := range c.operator(name).Binds {
			if b.Set != "ussd" {
				fmt.Fprintf(out, "              %s\n", b.inWords())
			}
		}
	}
	switch fallback := routes.Fallback(); {
	case fallback == nil:
		line("fallback", "none: a number that no route is for would not be told")
	case fallback == route:
		line("fallback", "this is it")
	default:
		line("fallback", "%s, for numbers that no route is for", strings.Join(fallback.Via, ", then "))
	}
	fmt.Fprintln(out, "A confirmation goes by the home operator of the recipient's account, a promised refusal by the operator that was dialled on;\nask for those with --home.")
}

// inTypes is how the sender goes over SMPP.
func inTypes(route *binds.Route) string {
	a := route.Source()
	kind := map[uint8]string{5: "alphanumeric", 1: "an international number"}[a.TON]
	return fmt.Sprintf("%s (TON %d, NPI %d)", orElse(kind != "", kind, "a short code"), a.TON, a.NPI)
}

func inReceipts(r binds.Receipts) string {
	for name, kind := range tableReceipts {
		if kind == r {
			return fmt.Sprintf("%s (registered_delivery %d)", name, r)
		}
	}
	return "none"
}

// spanned is a time as files write it: 24h, not 24h0m0s.
func spanned(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}

func orElse(yes bool, then, other string) string {
	if yes {
		return then
	}
	return other
}

// inWords is a bind in one line.
func (b *Bind) inWords() string {
	if b.HTTP != "" {
		return fmt.Sprintf("the SMS API of %s at %s, a window of %d%s", b.HTTP, b.URL, b.Window, orElse(b.Standby, ", standby", ""))
	}
	words := fmt.Sprintf("%s, %s as %s at %s, %d with a window of %d", b.Set, b.Mode, b.SystemID, net.JoinHostPort(b.Host, strconv.Itoa(b.Port)), b.Binds, b.Window)
	if b.PerSecond > 0 {
		words += fmt.Sprintf(", %d a second", b.PerSecond)
	}
	if b.Mode == "rx" {
		words += ", receives only"
	}
	if b.Standby {
		words += ", standby"
	}
	return words
}
