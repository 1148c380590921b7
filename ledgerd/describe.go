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
func describe(item any, zone Zone) string {
	switch v := item.(type) {
	case *ledger.Move:
		return describeMove(v, zone)
	case ledger.Reverse:
		return describeReverse(v)
	case ledger.Linked:
		return describeLinked(v)
	case ledger.Post:
		if v.Amount != 0 {
			return fmt.Sprintf("post %s of hold %s", figure(v.Amount), v.Hold)
		}
		return fmt.Sprintf("post all of hold %s", v.Hold)
	case ledger.Void:
		return fmt.Sprintf("void hold %s", v.Hold)
	case ledgerclient.ToApprove:
		return fmt.Sprintf("ask %s to approve %s %s to %s (number %s)", msisdn.Mask(v.Payer), server.KindWord(v.Kind), figure(v.Amount), v.Payee, v.Number)
	case ledger.AskPayment:
		return fmt.Sprintf("ask account %d to approve %s %s to account %d, until %s (number %s)", v.From, server.KindWord(v.Kind), money(v.Amount, v.Currency), v.To, zone.says(v.Until), v.Number)
	case ledgerclient.Person:
		return fmt.Sprintf("open %s account %d %s", server.AccountWord(v.Kind), v.Account, msisdn.Mask(v.MSISDN))
	case ledgerclient.Number:
		return fmt.Sprintf("point a number of a %s to account %d: %s", server.AccountWord(v.Kind), v.Account, msisdn.Mask(v.Number))
	case ledgerclient.PINReset:
		return fmt.Sprintf("reset the PIN of account %d", v.Account)
	case ledger.SetTariff:
		return describeTariff(v, zone)
	case ledger.SetLimits:
		return "set the " + describeLimits(&v) + whenWords(v.Version, v.From, zone)
	case ledger.SetRules:
		return describeRules(v, zone)
	case ledger.SetConsumer:
		return fmt.Sprintf("consumer %s %s", v.Consumer, map[bool]string{true: "on", false: "off"}[v.On])
	case ledger.SetPIN:
		return fmt.Sprintf("set the PIN of account %d", v.Account)
	case ledger.ClearPIN:
		return fmt.Sprintf("clear the PIN of account %d", v.Account)
	}
	return strings.TrimPrefix(fmt.Sprintf("%T %+v", item, item), "ledger.") // all of it: nobody stands behind what is not shown
}

func describeTariff(v ledger.SetTariff, zone Zone) string {
	return fmt.Sprintf("set the tariff of %s%s: %s", server.KindWord(v.Kind), whenWords(v.Version, v.From, zone), bandWords(sheetBands(v.Bands)))
}

// whenWords are the version of a table and from when on it holds.
func whenWords(no uint32, from int64, zone Zone) string {
	version, when := "whatever version is next", "at once"
	if no != 0 {
		version = fmt.Sprintf("version %d", no)
	}
	if from != 0 {
		when = "from " + zone.says(from)
	}
	return ", " + version + ", " + when
}

// bandWords is a tariff in a line.
func bandWords(bands []server.TariffBand) string {
	if len(bands) == 0 {
		return "nothing costs anything"
	}
	var words []string
	for _, b := range bands {
		word := fmt.Sprintf("up to %s fee %s", figure(ledger.Amount(b.Upto)), figure(ledger.Amount(b.Fee)))
		if b.Tax != 0 {
			word += ", of it tax " + figure(ledger.Amount(b.Tax))
		}
		if b.Commission != 0 {
			word += ", the agent gets " + figure(ledger.Amount(b.Commission))
		}
		words = append(words, word)
	}
	return strings.Join(words, "; ")
}

func describeMove(v *ledger.Move, zone Zone) string {
	var more strings.Builder
	if v.Fee != 0 {
		fmt.Fprintf(&more, ", at most %s of fee", figure(v.Fee))
	}
	if v.Until != 0 {
		fmt.Fprintf(&more, ", held until %s", zone.says(v.Until))
	}
	return fmt.Sprintf("%s %s from account %d to account %d%s (id %s)", server.KindWord(v.Kind), money(v.Amount, v.Currency), v.From, v.To, more.String(), v.ID)
}

func describeLinked(v ledger.Linked) string {
	var legs []string
	for _, l := range v.Legs {
		legs = append(legs, fmt.Sprintf("%s %s from account %d to account %d, at most %s of fee", server.KindWord(l.Kind), money(l.Amount, l.Currency), l.From, l.To, figure(l.Fee)))
	}
	return fmt.Sprintf("all or none of: %s (id %s)", strings.Join(legs, "; "), v.ID)
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
	add := func(a ledger.Amount, c ledger.Currency) {
		if _, there := sums[c]; !there {
			order = append(order, c)
		}
		sums[c] += a
	}
	for _, item := range items {
		switch v := item.(type) {
		case *ledger.Move:
			add(v.Amount, v.Currency)
		case ledger.Linked:
			for _, l := range v.Legs {
				add(l.Amount, l.Currency)
			}
		}
	}
	var words []string
	for _, c := range order {
		words = append(words, money(sums[c], c))
	}
	return strings.Join(words, " and ")
}
