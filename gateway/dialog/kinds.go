package dialog

import (
	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// placeDigits is the type of the number on an agent's, a till's or a paybill's sign.
const placeDigits = "digits=5..7"

// tableQuotes are the catalogue's calls that ask what an order would come to.
var tableQuotes = map[string]ledger.Kind{
	"quote_send": ledger.KindSend, "quote_airtime": ledger.KindAirtime, "quote_withdraw": ledger.KindWithdraw,
	"quote_bill": ledger.KindPaybill, "quote_goods": ledger.KindTill, "quote_deposit": ledger.KindDeposit, "quote_reversal": ledger.KindReversal,
}

// tableReversal are what taking a send back can be refused for beside what any order
// can.
var tableReversal = []ledger.Reject{ledger.NotReversible, ledger.AlreadyReversed, ledger.PayeeSpent}

// reversalRejects are what its quote can be refused for.
func reversalRejects() []ledger.Reject {
	return append([]ledger.Reject{ledger.UnknownPayer, ledger.PayerFrozen, ledger.PayeeFrozen, ledger.PayerClosed, ledger.PayeeClosed, ledger.AboveMaximum},
		tableReversal...)
}

// quoteRejectsOf are what a quote of a kind can be refused for; another reject of a
// quote is told as OutcomeTimeout.
func quoteRejectsOf(kind ledger.Kind) []ledger.Reject {
	if kind == ledger.KindReversal {
		return reversalRejects()
	}
	return quoteRejects
}

// kinds adds what is paid at a counter, and by whom.
func kinds(c menus.Catalogue, quote, pay menus.Function) menus.Catalogue {
	place := quote
	place.In = map[string]string{"to": placeDigits, "amount": "money"}
	bill := quote
	bill.In = map[string]string{"to": placeDigits, "account": "text<=20", "amount": "money"}
	bill.Shows = append([]string{"account"}, quote.Shows...)
	c["quote_withdraw"], c["quote_goods"], c["quote_bill"], c["quote_deposit"] = place, place, bill, quote
	c["withdraw"], c["buy_goods"], c["pay_bill"], c["deposit"] = after(pay, "quote_withdraw"), after(pay, "quote_goods"), after(pay, "quote_bill"), after(pay, "quote_deposit")
	c["quote_reversal"] = menus.Function{
		Out:      map[string]string{"name": "text<=40", "to": "msisdn", "amount": "money", "first_receipt": "text<=10", "first_at": "time"},
		Outcomes: append(words(OutcomeOK, OutcomeTimeout), rejectWords(reversalRejects())...),
		Gives:    map[string][]string{OutcomeOK: {"name", "to", "amount", "first_receipt", "first_at"}},
		Shows:    []string{"name", "amount", "first_receipt"},
	}
	c["reverse"] = menus.Function{
		Out:      map[string]string{"receipt": "text<=10", "balance": "money", "tries_left": "int<=9"},
		Outcomes: append(orderOutcomes(OutcomeOK), rejectWords(tableReversal)...),
		Gives:    map[string][]string{OutcomeOK: {"receipt", "balance"}, "pin_wrong": {"tries_left"}},
		Secret:   true, Effects: true, Later: true, After: "quote_reversal",
	}
	return c
}

// tableLines are the words of an account's line by its kind: of what left it, and of
// what came.
var tableLines = map[ledger.Kind][2]string{
	ledger.KindAirtime: {LastBought, LastReceived}, ledger.KindIssue: {LastIssued, LastIssued}, ledger.KindRedeem: {LastRedeemed, LastReceived},
	ledger.KindWithdraw: {LastWithdrew, LastGaveCash}, ledger.KindDeposit: {LastTookCash, LastDeposit},
	ledger.KindPaybill: {LastPaid, LastReceived}, ledger.KindTill: {LastPaid, LastReceived}, ledger.KindReversal: {LastWentBack, LastCameBack},
}

// lineWord is what a line of an account's history was, in the menu's words.
func lineWord(s *ledger.Statement) string {
	words, known := tableLines[s.Kind]
	switch {
	case s.Part == ledger.PartCommission:
		return LastEarned
	case !known:
		words = [2]string{LastSent, LastReceived}
	}
	if s.In {
		return words[1]
	}
	return words[0]
}
