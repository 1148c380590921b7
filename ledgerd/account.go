package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"mlango/internal/msisdn"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// accountCmd shows one account.
type accountCmd struct {
	Account  uint64 `arg:"" optional:"" help:"The account's number."`
	Of       string `placeholder:"NUMBER" help:"An MSISDN, or an agent's, till's or paybill's number, instead."`
	Lines    int    `default:"10" help:"Lines of the statement, the latest; at most 10000."`
	From     string `placeholder:"TIME" help:"Only from this instant on, as 2026-12-01T00:00:00+03:00."`
	To       string `placeholder:"TIME" help:"Only up to this instant; the balance is the one of then."`
	nodeFlag `embed:""`
}

// Run prints what the books know; numbers are masked, and names are told to
// administrators.
func (c *accountCmd) Run(ctx context.Context, w *world) error {
	if (c.Account == 0) == (c.Of == "") {
		return usage("say an account, or --of a number")
	}
	from, err := instantOf("--from", c.From)
	if err != nil {
		return err
	}
	to, err := instantOf("--to", c.To)
	if err != nil {
		return err
	}
	client, err := c.dial()
	if err != nil {
		return err
	}
	defer client.Close()
	seen, known, err := c.look(ctx, client)
	if err == nil && !known {
		err = fmt.Errorf("there is no such account")
	}
	if err != nil {
		return explain(err)
	}
	zone, err := zoneOf(ctx, client)
	if err != nil {
		return explain(err)
	}
	lines, _, err := client.Statement(ctx, seen.Account, from, to, c.Lines)
	if err != nil {
		return explain(err)
	}
	sayAccount(w, seen)
	if to != 0 {
		fmt.Fprintf(w.out, "balance at %s: %s\n", zone.says(to), money(lines.Balance, seen.Currency))
	}
	return sayLines(w, lines.List, zone)
}

func (c *accountCmd) look(ctx context.Context, client *ledgerclient.Client) (ledgerclient.Seen, bool, error) {
	if c.Of == "" {
		return client.Account(ctx, ledger.Account(c.Account))
	}
	number := c.Of
	if m, err := msisdn.Parse("KE", number); err == nil {
		number = m
	}
	return client.AccountOf(ctx, number)
}

func sayAccount(w *world, v ledgerclient.Seen) {
	words := []string{server.AccountWord(v.Kind), v.Currency.String(), fmt.Sprintf("tier %d", v.Tier)}
	if v.Masked != "" {
		words = append(words, v.Masked)
	}
	if v.Name != "" {
		words = append(words, v.Name)
	}
	fmt.Fprintf(w.out, "account %d: %s\n", v.Account, strings.Join(append(words, flagsOf(v)...), ", "))
	fmt.Fprintf(w.out, "balance %s, of it available %s\n", money(v.Balance, v.Currency), money(v.Available, v.Currency))
	if v.HeldDebits != 0 || v.HeldCredits != 0 {
		fmt.Fprintf(w.out, "held: %s to leave, %s to come\n", money(v.HeldDebits, v.Currency), money(v.HeldCredits, v.Currency))
	}
}

// flagsOf is what keeps an account from moving.
func flagsOf(v ledgerclient.Seen) (words []string) {
	for _, flag := range []struct {
		is   bool
		word string
	}{{v.Frozen, "FROZEN"}, {v.Closed, "CLOSED"}, {v.Locked, "PIN LOCKED"}, {!v.PINSet && v.Kind == ledger.AccountWallet, "no PIN"}} {
		if flag.is {
			words = append(words, flag.word)
		}
	}
	return words
}

// sayLines prints a statement, the latest line first.
func sayLines(w *world, list []ledger.Statement, zone Zone) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w.out, "no movements")
		return err
	}
	t := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "at\treceipt\twhat\taccount\tamount\tfee\tbalance\t")
	for _, s := range list {
		what, amount := server.KindWord(s.Kind), s.Amount
		if s.Part != ledger.PartAmount {
			what += " " + server.PartWord(s.Part)
		}
		if !s.In {
			amount = -amount
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\t%s\t%s\t\n", zone.says(s.At), s.Receipt, what, s.Other,
			figure(amount), figure(s.Fee), figure(s.Balance))
	}
	return t.Flush()
}
