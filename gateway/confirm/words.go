package confirm

import (
	"errors"
	"fmt"

	"mlango/gateway/order"
	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// words writes the texts of SMS. A text depends on nothing but the notice and
// its bundle, so that a second try says the same.
type words struct {
	bundles Bundles
	zone    int
}

var (
	errNoBundle   = errors.New("confirm: no menu bundle words it")
	errNoTemplate = errors.New("confirm: nothing is said about such a notice")
)

// tableTemplates names the text of each kind and side.
var tableTemplates = map[ledger.Kind]map[ledger.Side]string{
	ledger.KindSend:    {ledger.SidePayer: menus.SMSSent, ledger.SidePayee: menus.SMSReceived},
	ledger.KindAirtime: {ledger.SidePayer: menus.SMSAirtimeBought, ledger.SidePayee: menus.SMSAirtimeReceived},
	ledger.KindIssue:   {ledger.SidePayee: menus.SMSIssued},
	ledger.KindRedeem:  {ledger.SidePayer: menus.SMSRedeemed},

	ledger.KindDeposit:  {ledger.SidePayer: menus.SMSTookCash, ledger.SidePayee: menus.SMSDeposited},
	ledger.KindWithdraw: {ledger.SidePayer: menus.SMSWithdrawn, ledger.SidePayee: menus.SMSGaveCash},
	ledger.KindPaybill:  {ledger.SidePayer: menus.SMSBillPaid, ledger.SidePayee: menus.SMSBillReceived},
	ledger.KindTill:     {ledger.SidePayer: menus.SMSGoodsPaid, ledger.SidePayee: menus.SMSReceived},
	ledger.KindPayout:   {ledger.SidePayer: menus.SMSSent, ledger.SidePayee: menus.SMSReceived},
	ledger.KindReversal: {ledger.SidePayer: menus.SMSTakenBack, ledger.SidePayee: menus.SMSCameBack},
}

// template names the text of a notice. A hold that was posted whole is a payment like
// any other.
func template(n *ledger.Notice) string {
	switch {
	case n.Act == ledger.ActCheck: // of a question its asker hears only when it set a PIN
		return menus.SMSNewPIN
	case n.Act == ledger.ActTransfer && n.Until != 0:
		return menus.SMSHeld
	case n.Act == ledger.ActVoid:
		return menus.SMSHeldVoided
	case n.Act == ledger.ActExpire:
		return menus.SMSHeldExpired
	case n.Act == ledger.ActPost && n.Side == ledger.SidePayer && n.Released > 0:
		return menus.SMSHeldPart
	case n.Kind == ledger.KindPaybill && n.Ref == "": // it names nobody, as a till's
		return tableTemplates[ledger.KindTill][n.Side]
	}
	return tableTemplates[n.Kind][n.Side]
}

// bundle is the one an order was confirmed under, else the active one.
func (w *words) bundle(hash [32]byte) (*menus.Bundle, error) {
	if b := w.bundles.Get(hash); b != nil {
		return b, nil
	}
	if b := w.bundles.Active(); b != nil {
		return b, nil
	}
	return nil, errNoBundle
}

// notice is the text of a committed event.
func (w *words) notice(n *ledger.Notice) (string, error) {
	template := template(n)
	if template == "" {
		return "", errNoTemplate
	}
	b, err := w.bundle(n.Bundle)
	if err != nil {
		return "", err
	}
	text, err := b.SMS(template, n.Language.String(), map[string]menus.Value{
		"receipt": text(n.Receipt.String()), "amount": number(int64(n.Amount)), "fee": number(int64(n.Fee)),
		"balance": number(int64(n.Balance)), "name": text(n.OtherName),
		"to": text(n.OtherAddr), "from": text(n.OtherAddr), "account": text(n.Ref), "at": number(n.At), "zone": number(int64(w.zone)),
		"until": number(n.Until), "available": number(int64(n.Available)), "released": number(int64(n.Released)),
	})
	if err != nil {
		return "", fmt.Errorf("confirm: %s: %w", template, err)
	}
	return text, nil
}

// promise is the text of an order that was not made.
func (w *words) promise(p *order.Promise, r ledger.Result) (string, error) {
	b, err := w.bundle(p.Bundle)
	if err != nil {
		return "", err
	}
	vals := map[string]menus.Value{
		"amount": number(p.Amount), "payee": text(p.Payee), "reason": text(r.Reject.String()), "zone": number(int64(w.zone)),
	}
	if r.Reject != ledger.Expired {
		template := menus.SMSNotDone
		if p.Kind == ledger.KindReversal {
			template = menus.SMSNotReversed
		}
		if out, err := b.SMS(template, p.Lang.String(), vals); err == nil {
			return out, nil
		}
		// a bundle without a sentence for this reason can still say that nothing was taken
	}
	out, err := b.SMS(menus.SMSExpired, p.Lang.String(), vals)
	if err != nil {
		return "", fmt.Errorf("confirm: %s: %w", menus.SMSExpired, err)
	}
	return out, nil
}

func number(n int64) menus.Value { return menus.Value{Set: true, Int: n} }
func text(s string) menus.Value  { return menus.Value{Set: true, Text: s} }
