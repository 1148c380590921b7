package dialog

import (
	"maps"

	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// The outcomes that are no word of the ledger's.
const (
	OutcomeOK      = "ok"
	OutcomeTimeout = "timeout" // a call had no answer: late, or the ledger is out of reach. Nothing was taken
	OutcomeUnknown = "unknown" // an order was placed and has no answer yet: its end is told by SMS, when there is money in it
)

// quoteRejects are what a quote can be refused for.
var quoteRejects = []ledger.Reject{
	ledger.PINNotSet, ledger.PINLocked, ledger.UnknownPayer, ledger.UnknownPayee, ledger.PayerFrozen, ledger.PayeeFrozen,
	ledger.SameAccount, ledger.WrongCurrency, ledger.PayerClosed, ledger.PayeeClosed, ledger.BelowMinimum, ledger.AboveMaximum,
	ledger.PayerDaily, ledger.PayeeMaxBalance, ledger.PayeeDaily, ledger.LooksRepeated, ledger.NotEnoughFunds,
}

// Catalogue is what menus may call and order.
//
// A reject is an outcome by its own word, but for two: a wrong PIN with no try
// left is "pin_locked", and a full queue is "busy" (nothing was taken). The wish
// itself – payee, amount, fee, the first transfer that it repeats – is the
// session's Quote, filled by the latest quote and by a looks_repeated
// of the order: an order's only parameter is the explicit yes to "again?".
func Catalogue() menus.Catalogue {
	pay := menus.Function{
		In:       map[string]string{"again": "flag"},
		Out:      map[string]string{"receipt": "text<=10", "fee": "money", "balance": "money", "tries_left": "int<=9", "first_receipt": "text<=10", "first_at": "time"},
		Outcomes: orderOutcomes(OutcomeOK),
		Gives: map[string][]string{
			OutcomeOK: {"receipt", "fee", "balance"}, "pin_wrong": {"tries_left"},
			"looks_repeated": {"first_receipt", "first_at"},
		},
		Secret: true, Effects: true, Later: true,
	}
	quote := menus.Function{
		In:       map[string]string{"to": "msisdn", "amount": "money"},
		Out:      map[string]string{"name": "text<=40", "fee": "money", "min": "money", "max": "money", "first_receipt": "text<=10", "first_at": "time"},
		Outcomes: append(words(OutcomeOK, OutcomeTimeout), rejectWords(quoteRejects)...),
		Gives: map[string][]string{
			OutcomeOK: {"name", "fee"}, "looks_repeated": {"name", "fee", "first_receipt", "first_at"},
			"below_minimum": {"min", "max"}, "above_maximum": {"min", "max"},
		},
		Shows: []string{"to", "amount", "fee"},
	}
	named := quote // who it is, too
	named.Shows = []string{"to", "amount", "fee", "name"}
	all := questions()
	maps.Copy(all, menus.Catalogue{
		"quote_send": named, "quote_airtime": quote,
		"send": after(pay, "quote_send"), "airtime": after(pay, "quote_airtime"),
		"set_language": {In: map[string]string{"language": "text<=2"}, Outcomes: words(OutcomeOK, OutcomeTimeout)},
	})
	maps.Copy(all, approvals(named, pay))
	return kinds(all, named, pay)
}

// after is an order that takes what a call quoted.
func after(order menus.Function, quote string) menus.Function {
	order.After = quote
	return order
}

// orderOutcomes are the good ends, "unknown" and every reject of a subscriber's order.
func orderOutcomes(good ...string) []string {
	return append(append(good, OutcomeUnknown), rejectWords(ledger.OrderRejects()[1:])...)
}

func words(w ...string) []string { return w }

func rejectWords(rejects []ledger.Reject) []string {
	out := make([]string, len(rejects))
	for i, r := range rejects {
		out[i] = r.String()
	}
	return out
}
