package load

import (
	"strings"

	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// tableQueries are the goals that ask about an account.
var tableQueries = map[string]ledger.Query{GoalBalance: ledger.QueryBalance, GoalLast: ledger.QueryLast}

// tableLineWords are the words of an account's line by its kind, in the menu's outcomes:
// of what left it, and of what came.
var tableLineWords = map[ledger.Kind][2]string{
	ledger.KindSend: {"sent", "received"}, ledger.KindPayout: {"sent", "received"},
	ledger.KindAirtime: {"bought", "received"}, ledger.KindIssue: {"issued", "issued"}, ledger.KindRedeem: {"redeemed", "received"},
	ledger.KindWithdraw: {"withdrew", "gave_cash"}, ledger.KindDeposit: {"took_cash", "deposited"},
	ledger.KindPaybill: {"paid", "received"}, ledger.KindTill: {"paid", "received"}, ledger.KindReversal: {"taken_back", "came_back"},
}

// answered holds what a screen told about an account to the journal: a question that was
// answered was asked of the ledger, with a right PIN, and its figures are the oracle's.
func (m *matcher) answered(v *visit, deeds []*deed) {
	query, asks := tableQueries[v.plan.Goal]
	if !asks || v.ending != EndAnswered || v.pins == 0 || len(figures(v.screen)) == 0 && !strings.ContainsAny(v.screen, "0123456789") {
		return
	}
	var d *deed
	for _, one := range deeds {
		if one.query == query && one.reject == ledger.OK {
			d = one
		}
	}
	switch {
	case d == nil && len(figures(v.screen)) > 0:
		m.find(m.of(v), "a screen answers, and the ledger was not asked: %q", clip(v.screen))
	case d == nil || m.noAnswer(v):
	case query == ledger.QueryBalance:
		m.balanceTold(v, d)
	default:
		m.lastTold(v, d)
	}
}

// noAnswer tells whether the last screen is one that only says that there is no answer.
func (m *matcher) noAnswer(v *visit) bool {
	for _, outcome := range m.outcomes(v) {
		if want, ok := m.ends(v, outcome, nil); ok && want == v.screen {
			return true
		}
	}
	return false
}

// balanceTold holds a balance on a screen to the oracle's.
func (m *matcher) balanceTold(v *visit, d *deed) {
	if want, ok := m.ends(v, "ok", map[string]menus.Value{"balance": money(d.balance)}); ok {
		if strings.TrimSpace(v.screen) != strings.TrimSpace(want) {
			m.find(m.of(v), "the screen says %q, and the balance was %s", clip(v.screen), cash(d.balance))
		}
		return
	}
	for _, figure := range figures(v.screen) {
		if figure != d.balance {
			m.find(m.of(v), "the screen says that the balance is %s, and it was %s", cash(figure), cash(d.balance))
			return
		}
	}
}

// lastTold holds the last transaction on a screen to the journal's, whose balance must be
// the oracle's.
func (m *matcher) lastTold(v *visit, d *deed) {
	l := d.line
	if l == nil {
		m.find(m.of(v), "the screen shows a transaction, and the account has none: %q", clip(v.screen))
		return
	}
	if l.Balance != d.balance {
		m.find(m.of(v), "the last transaction left %s, and the account has %s", cash(l.Balance), cash(d.balance))
	}
	vals := map[string]menus.Value{
		"receipt": text(noReceipt), "amount": money(l.Amount), "fee": money(l.Fee), "balance": money(l.Balance),
		"at": {Set: true, Int: l.At}, "zone": {Set: true, Int: int64(m.cfg.Zone)},
	}
	if other := m.byNo[l.Other]; other != nil {
		vals["name"], vals["other"] = text(other.Name), text(other.MSISDN)
	}
	plain, _ := strip(v.screen, v.ended)
	want, ok := m.ends(v, l.word(), vals)
	if ok && strings.TrimSpace(plain) != strings.TrimSpace(want) {
		m.find(m.of(v), "the screen says %q, and the last transaction was %q", clip(plain), clip(want))
	}
}

// line is the last line of an account.
type line struct{ ledger.Statement }

// word is what it was, in the menu's outcomes.
func (l *line) word() string {
	words := tableLineWords[l.Kind]
	switch {
	case l.Part == ledger.PartCommission:
		return "earned"
	case l.In:
		return words[1]
	}
	return words[0]
}
