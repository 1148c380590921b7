package main

import (
	"context"
	"encoding/json"
	"fmt"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// sayAbout tells the second person whom and what it is about, as the books know it:
// the transfer that would come back, and whose the accounts are. Of many the first.
func sayAbout(ctx context.Context, w *world, client *ledgerclient.Client, items []any) error {
	told := map[ledger.Account]bool{}
	for _, item := range items[:min(len(items), maxSaid)] {
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
	who := seen.Masked
	if who == "" {
		who = "no number"
	}
	fmt.Fprintf(w.out, "  account %d: %s, %s, has %s\n", n, server.AccountWord(seen.Kind), who, money(seen.Balance, seen.Currency))
	return nil
}
