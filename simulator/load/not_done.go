package load

import (
	"slices"
	"strings"
	"time"

	"mlango/internal/msisdn"
	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// no is an order that was not made, of which its payer may hear by SMS, or must.
type no struct {
	texts []string  // one of them it says; empty: nobody knows the words
	since time.Time // its PIN left the handset
	ended time.Time // the session did
	owed  bool      // a screen promised it
	who   finding
}

// tableUntold are the reasons that a gateway gives for an order of which the journal holds
// nothing.
var tableUntold = []ledger.Reject{ledger.Busy, ledger.Overloaded, ledger.PINKeyGone, ledger.IDTime, ledger.OtherContent, ledger.CommandForbidden}

// nos are the orders of a session that were not made. Every one may be told, also when a
// screen said it: a gateway that was killed does not know what its screens said.
func (m *matcher) nos(v *visit, deeds []*deed, made bool) (list []no) {
	typed, _ := v.pinned(deeds)
	for _, d := range deeds {
		if d.reject == ledger.OK || d.kind == 0 {
			continue
		}
		one := no{since: v.due, ended: v.ended, who: m.of(v), texts: m.notDone(v, d.amount, d.payer, d.reject)}
		if p := typed[d]; p != nil {
			one.since = p.at
		}
		list = append(list, one)
	}
	if !made && len(deeds) < v.pins && v.plan.pays() { // a tombstone, or nothing at all
		one := no{since: v.at, ended: v.ended, who: m.of(v)}
		if v.plan.Goal != GoalReverse { // how much that was only the ledger knows
			one.texts = m.notDone(v, v.plan.Amount, 0, append(tableUntold, ledger.Expired)...)
		}
		list = append(list, one)
	}
	if n := len(list); n > 0 && v.placed && !made && v.ending == EndPromised {
		list[n-1].owed = true
	}
	return list
}

// notDone words that an order was not made, for each of some reasons.
func (m *matcher) notDone(v *visit, amount ledger.Amount, giver ledger.Account, reasons ...ledger.Reject) (list []string) {
	if m.cfg.Bundle == nil {
		return nil
	}
	other := personOf(m.cfg.People, m.cfg.Others, v.plan.Payee)
	template := menus.SMSNotDone
	if v.plan.Goal == GoalReverse {
		template = menus.SMSNotReversed
		if p := m.byNo[giver]; p != nil { // who would have given it back
			other = p
		}
	}
	payee := other.Number
	if payee == "" { // nobody's sign: a subscriber
		payee = msisdn.Show(other.MSISDN)
	}
	vals := map[string]menus.Value{"amount": money(amount), "payee": text(payee), "zone": {Set: true, Int: int64(m.cfg.Zone)}}
	language := m.cfg.People[v.plan.Payer].Language
	for _, reason := range reasons {
		vals["reason"] = text(reason.String())
		said, err := m.cfg.Bundle.SMS(template, language, vals)
		if reason == ledger.Expired || err != nil { // a bundle without the reason says only that it took too long
			said, err = m.cfg.Bundle.SMS(menus.SMSExpired, language, vals)
		}
		if err == nil {
			list = append(list, strings.TrimSpace(said))
		}
	}
	return list
}

// tells tells whether a text is what it says of an order that was not made.
func (n *no) tells(l *mail) bool {
	return l.receipt == "" && !l.at.Before(n.since.Add(-clockSlack)) && (len(n.texts) == 0 || slices.Contains(n.texts, l.plain))
}

// take takes the order that a text is about out of a pool: one that was promised first.
func (p *pool) take(l *mail) (one no, found bool) {
	if p == nil {
		return no{}, false
	}
	at := slices.IndexFunc(p.nos, func(n no) bool { return n.owed && n.tells(l) })
	if at < 0 {
		at = slices.IndexFunc(p.nos, func(n no) bool { return n.tells(l) })
	}
	if at < 0 {
		return no{}, false
	}
	one = p.nos[at]
	p.nos = slices.Delete(p.nos, at, at+1)
	return one, true
}
