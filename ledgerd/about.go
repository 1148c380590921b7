package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// sayAbout tells the second person whom and what it is about, as the books know it:
// the transfer that would come back, the tariff of now, whose the accounts are and what
// is in them. Of many the first, unless all were asked for.
func (c *approveCmd) sayAbout(ctx context.Context, w *world, client *ledgerclient.Client, items []any) error {
	told := map[ledger.Account]bool{}
	if !c.All {
		items = items[:min(len(items), maxSaid)]
	}
	fmt.Fprintln(w.out, "as the books are now:")
	for _, item := range items {
		var accounts []ledger.Account
		switch v := item.(type) {
		case ledger.Reverse:
			sheet, err := sayTransfer(ctx, w, client, v.Of)
			if err != nil {
				return err
			}
			accounts = []ledger.Account{ledger.Account(sheet.From), ledger.Account(sheet.To)}
		case *ledger.Move:
			if v.Origin.Session != "" {
				if !told[0] {
					fmt.Fprintf(w.out, "  of the file with the mark %q\n", v.Origin.Session)
				}
				told[0] = true
			}
			accounts = []ledger.Account{v.From, v.To}
		case ledger.SetTariff, ledger.SetLimits, ledger.SetRules:
			if err := sayRulesNow(ctx, w, client, asRules(item)); err != nil {
				return err
			}
		case ledger.Linked:
			for _, l := range v.Legs {
				accounts = append(accounts, l.From, l.To)
			}
		case ledger.Post:
			sheet, err := sayTransfer(ctx, w, client, v.Hold)
			if err != nil {
				return err
			}
			accounts = []ledger.Account{ledger.Account(sheet.From), ledger.Account(sheet.To)}
		case ledger.Void:
			sheet, err := sayTransfer(ctx, w, client, v.Hold)
			if err != nil {
				return err
			}
			accounts = []ledger.Account{ledger.Account(sheet.From), ledger.Account(sheet.To)}
		case ledgerclient.Number:
			if seen, known, err := client.AccountOf(ctx, v.Number); err != nil {
				return err
			} else if known {
				accounts = append(accounts, seen.Account)
			}
			accounts = append(accounts, v.Account)
		}
		for _, n := range accounts {
			if n == 0 || told[n] {
				continue
			}
			told[n] = true
			if err := sayWho(ctx, w, client, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// sayTransfer tells what would come back.
func sayTransfer(ctx context.Context, w *world, client *ledgerclient.Client, of ledger.ID) (s server.Sheet, err error) {
	raw, known, err := client.Show(ctx, of.String())
	if err == nil && known {
		err = json.Unmarshal(raw, &s)
	}
	switch {
	case err != nil:
		return s, err
	case !known:
		fmt.Fprintf(w.out, "  the books know no transfer %s\n", of)
		return s, nil
	}
	fmt.Fprintf(w.out, "  that transfer: receipt %s, %s %s %s from account %d to account %d at %s, fee %s, brought back so far %s\n", s.Receipt, s.What, s.Currency,
		figure(ledger.Amount(s.Amount)), s.From, s.To, s.At, figure(ledger.Amount(s.Fee)), figure(ledger.Amount(s.Reversed)))
	return s, nil
}

// sayWho tells whose an account is, by a masked number.
func sayWho(ctx context.Context, w *world, client *ledgerclient.Client, n ledger.Account) error {
	seen, known, err := client.Account(ctx, n)
	switch {
	case err != nil:
		return err
	case !known:
		fmt.Fprintf(w.out, "  account %d: there is none\n", n)
		return nil
	}
	words := []string{server.AccountWord(seen.Kind), orElse(seen.Masked, "no number")}
	if seen.Name != "" {
		words = append(words, seen.Name)
	}
	words = append(words, "has "+money(seen.Balance, seen.Currency))
	if seen.Available != seen.Balance {
		words = append(words, "of it available "+money(seen.Available, seen.Currency))
	}
	fmt.Fprintf(w.out, "  account %d: %s\n", n, strings.Join(append(words, flagsOf(seen)...), ", "))
	return nil
}

// orElse is a text, or another one in its place when it is empty.
func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
