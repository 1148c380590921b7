package load

import (
	"slices"
	"strings"

	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// spoken is what the screens of a payment may say, by the oracle's figures.
func (m *matcher) spoken(v *visit, d *deed) map[string]menus.Value {
	who := &m.cfg.People[v.plan.Payer]
	other, balance := m.byNo[d.payee], d.balance
	if d.asker != 0 { // the money came back from whom it was sent to
		other, balance = m.byNo[d.payer], d.payeeHas
	}
	vals := map[string]menus.Value{
		"receipt": text(noReceipt), "amount": money(d.amount), "fee": money(d.fee), "balance": money(balance),
		"account": text(reference), "me": text(who.MSISDN), "at": {Set: true, Int: d.at}, "zone": {Set: true, Int: int64(m.cfg.Zone)},
	}
	if other != nil {
		vals["name"], vals["to"], vals["other"], vals["place"] = text(other.Name), text(other.MSISDN), text(other.MSISDN), text(other.Number)
	}
	return vals
}

// asked holds the screen on which a PIN was typed to the payment that was made by it: the
// fee that the gateway says it had shown, the amount, and who gets it.
func (m *matcher) asked(v *visit, d *deed, p *typedPIN) {
	vals := m.spoken(v, d)
	vals["fee"] = money(d.quoted)
	if c := m.cfg.Chart; c != nil {
		want, ok := c.Asks(p.chart, m.cfg.People[v.plan.Payer].Language, vals)
		if paged := c.More != "" && menus.Offers(p.shown, c.More); ok && !paged {
			if !strings.Contains(p.shown, want) {
				m.find(m.of(v), "the screen that asked for the PIN said %q, and the payment that was made by it is %q", clip(p.shown), clip(want))
			}
			return
		}
	}
	for _, one := range labelled(p.shown) {
		if one.what == labelFee && one.sum != d.quoted {
			m.find(m.of(v), "the screen that asked for the PIN showed a fee of %s, and the gateway says that it was %s", cash(one.sum), cash(d.quoted))
		}
	}
}

// toldDone holds a screen that says done to the payment that was made.
func (m *matcher) toldDone(v *visit, d *deed) {
	plain, _ := strip(v.screen, v.ended)
	if want, ok := m.ends(v, "ok", m.spoken(v, d)); ok {
		if strings.TrimSpace(plain) != strings.TrimSpace(want) {
			m.find(m.of(v), "the last screen says %q, and must say %q", clip(plain), clip(want))
		}
		return
	}
	for _, one := range labelled(v.screen) {
		right := one.sum == d.amount || one.sum == d.fee || one.sum == d.balance || d.asker != 0 && one.sum == d.payeeHas
		switch one.what {
		case labelFee:
			right = one.sum == d.fee
		case labelBalance:
			right = one.sum == d.balance || d.asker != 0 && one.sum == d.payeeHas
		}
		if !right {
			m.find(m.of(v), "the screen says %s, and it was %s for a fee of %s, which left %s", cash(one.sum), cash(d.amount), cash(d.fee), cash(d.balance))
			return
		}
	}
}

// ends words the last screen behind the one on which the last PIN was typed.
func (m *matcher) ends(v *visit, outcome string, vals map[string]menus.Value) (string, bool) {
	if m.cfg.Chart == nil || len(v.typed) == 0 {
		return "", false
	}
	return m.cfg.Chart.Ends(v.typed[len(v.typed)-1].chart, outcome, m.cfg.People[v.plan.Payer].Language, vals)
}

// refusedFor holds the reason that a last screen gives to the ledger's own.
func (m *matcher) refusedFor(v *visit, d *deed) {
	words := []string{d.reject.String()}
	if d.reject == ledger.PINWrong { // with no try left
		words = append(words, ledger.PINLocked.String())
	}
	said, others := v.screen, ""
	for _, outcome := range m.outcomes(v) {
		want, ok := m.ends(v, outcome, nil)
		switch {
		case !ok || want != said:
		case slices.Contains(words, outcome):
			return
		default:
			others = outcome
		}
	}
	if others != "" {
		m.find(m.of(v), "the last screen gives the reason %s, and the ledger refused it for %s: %q", others, d.reject, clip(said))
	}
}

// outcomes are those of the screen on which the last PIN was typed.
func (m *matcher) outcomes(v *visit) []string {
	if m.cfg.Chart == nil || len(v.typed) == 0 || v.typed[len(v.typed)-1].chart < 0 {
		return nil
	}
	return m.cfg.Chart.Outcomes(v.typed[len(v.typed)-1].chart)
}

// recognised is which screen of the menu came without a dial.
func (g *guide) recognised(shown, language string) int {
	if g.chart == nil {
		return menus.Nowhere
	}
	return g.chart.Recognise(shown, language, menus.Nowhere, nil)
}
