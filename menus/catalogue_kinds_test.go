package menus

import "strings"

// addKinds is what the room dialog's catalogue has for what is paid at a counter and
// by whom, and for taking a send back.
func addKinds(c Catalogue, quote, pay Function, order func(good string) []string) Catalogue {
	place := quote
	place.In = map[string]string{"to": "digits=5..7", "amount": "money"}
	bill := quote
	bill.In = map[string]string{"to": "digits=5..7", "account": "text<=20", "amount": "money"}
	bill.Shows = append([]string{"account"}, quote.Shows...)
	for name, by := range map[string]Function{"withdraw": place, "goods": place, "bill": bill, "deposit": quote} {
		order := pay
		order.After = "quote_" + name
		c["quote_"+name] = by
		c[map[string]string{"withdraw": "withdraw", "goods": "buy_goods", "bill": "pay_bill", "deposit": "deposit"}[name]] = order
	}
	c["quote_reversal"] = Function{
		Out:      map[string]string{"name": "text<=40", "to": "msisdn", "amount": "money", "first_receipt": "text<=10", "first_at": "time"},
		Outcomes: strings.Fields("ok timeout unknown_payer payer_frozen payee_frozen payer_closed payee_closed above_maximum not_reversible already_reversed payee_spent"),
		Gives:    map[string][]string{"ok": {"name", "to", "amount", "first_receipt", "first_at"}}, Shows: []string{"name", "amount", "first_receipt"},
	}
	c["reverse"] = Function{
		Out:      map[string]string{"receipt": "text<=10", "balance": "money", "tries_left": "int<=9"},
		Outcomes: append(order("ok"), "not_reversible", "already_reversed", "payee_spent"),
		Gives:    map[string][]string{"ok": {"receipt", "balance"}, "pin_wrong": {"tries_left"}},
		Secret:   true, Effects: true, Later: true, After: "quote_reversal",
	}
	last := c["last"]
	last.Outcomes = append(last.Outcomes, strings.Fields("redeemed withdrew paid deposited gave_cash took_cash came_back taken_back earned")...)
	for _, outcome := range []string{"redeemed", "earned"} {
		last.Gives[outcome] = []string{"receipt", "amount", "balance", "at"}
	}
	for _, outcome := range []string{"withdrew", "paid"} {
		last.Gives[outcome] = []string{"receipt", "amount", "fee", "balance", "name", "at"}
	}
	last.Gives["deposited"] = []string{"receipt", "amount", "balance", "name", "at"}
	for _, outcome := range []string{"gave_cash", "took_cash", "came_back", "taken_back"} {
		last.Gives[outcome] = []string{"receipt", "amount", "balance", "name", "other", "at"}
	}
	c["last"] = last
	return c
}
