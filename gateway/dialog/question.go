package dialog

import (
	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// The outcomes of "last" that name the line that was found.
const (
	LastSent     = "sent"
	LastReceived = "received"
	LastBought   = "bought"   // airtime
	LastIssued   = "issued"   // real money arrived
	LastRedeemed = "redeemed" // and left
	LastWithdrew = "withdrew" // cash, at an agent
	LastPaid     = "paid"     // a bill or goods
	LastDeposit  = "deposited"
	LastGaveCash = "gave_cash" // of an agent, to whom withdrew
	LastTookCash = "took_cash" // of an agent, from whom deposited
	LastCameBack = "came_back"
	LastWentBack = "taken_back"
	LastEarned   = "earned" // a commission
	LastNone     = "none"   // the account has no line yet
)

// The kinds of row of a statement: what one line of an account was.
const (
	rowSent      = "sent"
	rowReceived  = "received"
	rowBought    = "bought" // airtime
	rowPaid      = "paid"   // a bill or goods
	rowWithdrawn = "withdrawn"
	rowDeposited = "deposited"  // cash or real money
	rowReturned  = "returned"   // what was paid came back
	rowTakenBack = "taken_back" // what was got went back
	rowEarned    = "earned"     // a commission
)

// tableRows are all of them.
var tableRows = []string{rowSent, rowReceived, rowBought, rowPaid, rowWithdrawn, rowDeposited, rowReturned, rowTakenBack, rowEarned}

// tableRowsIn are those by which money came.
var tableRowsIn = []string{rowReceived, rowDeposited, rowReturned, rowEarned}

// found puts what a question found into the menu's words.
func (t *turn) found(ev *menus.Event, res *ledger.Result) {
	query := tableEffects[t.effect.fn].query
	switch {
	case query == ledger.QueryFirstPIN && (res.Reject == ledger.OK || res.Reject == ledger.PINIsSet):
		t.s.NoPIN = false
	case res.Reject != ledger.OK:
	case query == ledger.QueryLast && len(res.Lines) > 0:
		lastLine(ev, &res.Lines[0])
	case query == ledger.QueryLast, query == ledger.QueryStatement && len(res.Lines) == 0:
		ev.Outcome = LastNone
	case query == ledger.QueryStatement:
		for i := range res.Lines {
			ev.Rows = append(ev.Rows, rowOf(&res.Lines[i]))
		}
	case query == ledger.QueryReceipt && len(res.Lines) > 0:
		receipt(ev, &res.Lines[0])
	}
}

// lastLine is the last line of an account.
func lastLine(ev *menus.Event, s *ledger.Statement) {
	ev.Outcome = lineWord(s)
	ev.Values = map[string]menus.Value{
		"receipt": text(s.Receipt.String()), "amount": number(int64(s.Amount)), "fee": number(int64(s.Fee)),
		"balance": number(int64(s.Balance)), "name": text(s.OtherName), "other": text(s.OtherAddr), "at": number(s.At),
	}
}

// receipt is what became of a payment, told to its payee.
func receipt(ev *menus.Event, s *ledger.Statement) {
	ev.Outcome = s.State.String()
	ev.Values = map[string]menus.Value{
		"receipt": text(s.Receipt.String()), "amount": number(int64(s.Amount)), "payer": text(s.OtherAddr), "at": number(s.At),
	}
}

// rowOf is a line of a statement. Its amount is all that moved, the fee with it, so
// that one balance follows from the other.
func rowOf(s *ledger.Statement) menus.Row {
	return menus.Row{Kind: rowKind(s), Values: map[string]menus.Value{
		"receipt": text(s.Receipt.String()), "amount": number(int64(s.Amount + s.Fee)), "balance": number(int64(s.Balance)), "at": number(s.At),
	}}
}

func rowKind(s *ledger.Statement) string {
	switch {
	case s.Part == ledger.PartCommission && s.In:
		return rowEarned
	case s.Kind == ledger.KindReversal && s.In:
		return rowReturned
	case s.Kind == ledger.KindReversal:
		return rowTakenBack
	case s.In && (s.Kind == ledger.KindDeposit || s.Kind == ledger.KindIssue):
		return rowDeposited
	case s.In:
		return rowReceived
	case s.Kind == ledger.KindAirtime:
		return rowBought
	case s.Kind == ledger.KindPaybill || s.Kind == ledger.KindTill:
		return rowPaid
	case s.Kind == ledger.KindWithdraw || s.Kind == ledger.KindRedeem:
		return rowWithdrawn
	}
	return rowSent
}

// questions are the orders of the catalogue that ask the ledger about an account.
func questions() menus.Catalogue {
	tries := map[string][]string{"pin_wrong": {"tries_left"}}
	line := map[string]string{"receipt": "text<=10", "amount": "money", "balance": "money", "at": "time"}
	states, told := []string{}, map[string][]string{}
	for s := ledger.StateDone; s <= ledger.StateReleased; s++ {
		states, told[s.String()] = append(states, s.String()), []string{"receipt", "amount", "payer", "at"}
	}
	return menus.Catalogue{
		"balance": {
			Out:      map[string]string{"balance": "money", "tries_left": "int<=9"},
			Outcomes: questionOutcomes(ledger.QueryBalance, OutcomeOK),
			Gives:    map[string][]string{OutcomeOK: {"balance"}, "pin_wrong": {"tries_left"}},
			Secret:   true, Effects: true,
		},
		"last": last(),
		"statement": {
			Out:      map[string]string{"balance": "money", "tries_left": "int<=9"},
			Outcomes: questionOutcomes(ledger.QueryStatement, OutcomeOK, LastNone),
			Gives:    map[string][]string{OutcomeOK: {"balance", "lines"}, "pin_wrong": {"tries_left"}},
			Rows:     menus.Rows{Name: "lines", Most: ledger.MaxLines, Kinds: tableRows, In: tableRowsIn, Out: line},
			Secret:   true, Effects: true,
		},
		"change_pin": {
			Out:      map[string]string{"tries_left": "int<=9"},
			Outcomes: questionOutcomes(ledger.QueryChange, OutcomeOK, OutcomePINsDiffer, OutcomePINSame), Gives: tries,
			Secrets: []string{paramPIN, paramNew, paramAgain}, Effects: true,
			Spares: map[string][]string{OutcomePINsDiffer: {paramPIN}, OutcomePINSame: {paramPIN}, ledger.PINTooEasy.String(): {paramPIN}},
		},
		"first_pin": {
			Outcomes: questionOutcomes(ledger.QueryFirstPIN, OutcomeOK, OutcomePINsDiffer),
			Secrets:  []string{paramNew, paramAgain}, Effects: true,
		},
		"receipt": {
			In:       map[string]string{"receipt": "text<=10"},
			Out:      map[string]string{"receipt": "text<=10", "amount": "money", "payer": "msisdn", "at": "time"},
			Outcomes: questionOutcomes(ledger.QueryReceipt, states...), Gives: told, Effects: true,
		},
	}
}

func last() menus.Function {
	return menus.Function{
		Out: map[string]string{"receipt": "text<=10", "amount": "money", "fee": "money", "balance": "money", "name": "text<=40",
			"other": "msisdn", "at": "time", "tries_left": "int<=9"},
		Outcomes: questionOutcomes(ledger.QueryLast, LastSent, LastReceived, LastBought, LastIssued, LastRedeemed, LastWithdrew, LastPaid, LastDeposit,
			LastGaveCash, LastTookCash, LastCameBack, LastWentBack, LastEarned, LastNone),
		Gives: map[string][]string{
			LastSent: {"receipt", "amount", "fee", "balance", "name", "other", "at"}, LastReceived: {"receipt", "amount", "balance", "name", "other", "at"},
			LastBought: {"receipt", "amount", "fee", "balance", "other", "at"}, LastIssued: {"receipt", "amount", "balance", "at"},
			LastRedeemed: {"receipt", "amount", "balance", "at"}, LastEarned: {"receipt", "amount", "balance", "at"},
			LastWithdrew: {"receipt", "amount", "fee", "balance", "name", "at"}, LastPaid: {"receipt", "amount", "fee", "balance", "name", "at"},
			LastDeposit: {"receipt", "amount", "balance", "name", "at"}, LastGaveCash: {"receipt", "amount", "balance", "name", "other", "at"},
			LastTookCash: {"receipt", "amount", "balance", "name", "other", "at"}, LastCameBack: {"receipt", "amount", "balance", "name", "other", "at"},
			LastWentBack: {"receipt", "amount", "balance", "name", "other", "at"},
			"pin_wrong":  {"tries_left"},
		},
		Secret: true, Effects: true,
	}
}

// questionOutcomes are the good ends, "unknown" and every reject of a question.
func questionOutcomes(q ledger.Query, good ...string) []string {
	return append(append(good, OutcomeUnknown), rejectWords(q.Rejects())...)
}
