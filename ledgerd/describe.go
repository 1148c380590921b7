package main

import (
	"fmt"
	"strings"

	"mlango/internal/msisdn"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// money is an amount as people write it, from minor units.
func money(a ledger.Amount, c ledger.Currency) string { return c.String() + " " + figure(a) }

// figure is an amount without its currency.
func figure(a ledger.Amount) string {
	sign := ""
	if a < 0 {
		sign, a = "-", -a
	}
	return fmt.Sprintf("%s%s.%02d", sign, thousands(int64(a/100)), a%100)
}

// thousands writes a whole number with commas.
func thousands(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// describe says in words what somebody asked for. Names are not told and numbers
// masked.
func describe(item any) string {
	switch v := item.(type) {
	case *ledger.Move:
		return fmt.Sprintf("%s %s from account %d to account %d (id %s)", server.KindWord(v.Kind), money(v.Amount, v.Currency), v.From, v.To, v.ID)
	case ledger.Reverse:
		return describeReverse(v)
	case ledger.Linked:
		return fmt.Sprintf("%d linked transfers, all or none (id %s)", len(v.Legs), v.ID)
	case ledger.Post:
		return fmt.Sprintf("post hold %s", v.Hold)
	case ledger.Void:
		return fmt.Sprintf("void hold %s", v.Hold)
	case ledgerclient.Person:
		return fmt.Sprintf("open %s account %d %s", server.AccountWord(v.Kind), v.Account, msisdn.Mask(v.MSISDN))
	case ledgerclient.Number:
		return fmt.Sprintf("point a number of a %s to account %d: %s", server.AccountWord(v.Kind), v.Account, msisdn.Mask(v.Number))
	case ledgerclient.NewPIN:
		return fmt.Sprintf("reset the PIN of account %d", v.Account)
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", item), "ledger.")
}

func describeReverse(v ledger.Reverse) string {
	what := "all that is left"
	if v.Amount != 0 {
		what = figure(v.Amount)
	}
	fee := ""
	if v.Fee {
		fee = ", and the fee"
	}
	return fmt.Sprintf("bring back %s of transfer %s%s (id %s)", what, v.Of, fee, v.ID)
}

// sumOf is what transfers come to, by currency.
func sumOf(items []any) string {
	sums := map[ledger.Currency]ledger.Amount{}
	var order []ledger.Currency
	for _, item := range items {
		if m, ok := item.(*ledger.Move); ok {
			if _, there := sums[m.Currency]; !there {
				order = append(order, m.Currency)
			}
			sums[m.Currency] += m.Amount
		}
	}
	var words []string
	for _, c := range order {
		words = append(words, money(sums[c], c))
	}
	return strings.Join(words, " and ")
}
