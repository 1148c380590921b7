package load

import (
	"fmt"
	"slices"

	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// tableSentinels are figures that no two values of a text share.
var tableSentinels = map[string]ledger.Amount{
	"amount": 1111_11, "fee": 2222_22, "balance": 3333_33, "available": 4444_44, "released": 5555_55, "min": 6666_66, "max": 7777_77,
}

// tableMeant are the values that a figure behind a label may be.
var tableMeant = map[label][]string{labelFee: {"fee"}, labelBalance: {"balance", "available"}}

// sampleValues stand in the braces of a text that is looked at once.
func sampleValues() map[string]menus.Value {
	vals := map[string]menus.Value{
		"receipt": text(noReceipt), "first_receipt": text(noReceipt), "name": text("N N"), "payee": text("N N"), "reason": text(ledger.NotEnoughFunds.String()),
		"account": text("A"), "place": text("1"), "me": text("254700000000"), "zone": {Set: true},
	}
	for _, number := range []string{"to", "from", "other", "payer"} {
		vals[number] = text("254700000000")
	}
	for _, at := range []string{"at", "until", "first_at"} {
		vals[at] = menus.Value{Set: true, Int: 1}
	}
	for name, sum := range tableSentinels {
		vals[name] = money(sum)
	}
	return vals
}

// menu holds each text of the gateway's own menu to its own words, once: whoever writes
// the fee where it says balance swaps them for everybody, and what the audit expects is
// worded by the same texts.
func (m *matcher) menu(at int64) {
	c, b := m.cfg.Chart, m.cfg.Bundle
	if c == nil || b == nil {
		return
	}
	vals := sampleValues()
	for _, language := range c.Languages() {
		for _, name := range menus.Templates() {
			if said, err := b.SMS(name, language, vals); err == nil {
				m.swapped(at, fmt.Sprintf("the SMS %s in %s", name, language), said)
			}
		}
		for i := range c.Screens {
			what := fmt.Sprintf("the screen %s in %s", c.Screens[i].Name, language)
			if said, ok := c.Asks(i, language, vals); ok {
				m.swapped(at, what, said)
			}
			for _, outcome := range c.Outcomes(i) {
				if said, ok := c.Ends(i, outcome, language, vals); ok {
					m.swapped(at, what, said)
				}
			}
		}
	}
}

// swapped finds a figure that is not what the words before it say.
func (m *matcher) swapped(at int64, what, said string) {
	for _, one := range labelled(said) {
		names := tableMeant[one.what]
		if one.what == labelNone || slices.ContainsFunc(names, func(name string) bool { return tableSentinels[name] == one.sum }) {
			continue
		}
		is := "another sum"
		for name, sum := range tableSentinels {
			if sum == one.sum {
				is = "the " + name
			}
		}
		m.find(nobody(at), "the menu itself is wrong: %s says %s where its words say the %s: %q", what, is, names[0], clip(said))
	}
}
