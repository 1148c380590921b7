package load

import (
	"hash/maphash"
	"strings"
	"time"

	"mlango/internal/msisdn"
	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// side is one text of a committed transfer: template, recipient, whose balance, and
// who the other is.
type side struct {
	template  string
	to, other *Person
	amount    ledger.Amount
	balance   ledger.Amount
	fee       ledger.Amount
	language  string
	plain     string // the receipt taken out
	unsaid    error  // the bundle has no words for it
	claimed   bool   // it came
}

// tableSaid is the text of each kind to the payer and to the payee; the others read
// "sent" and "received".
var tableSaid = map[ledger.Kind][2]string{
	ledger.KindAirtime:  {menus.SMSAirtimeBought, menus.SMSAirtimeReceived},
	ledger.KindRedeem:   {menus.SMSRedeemed, menus.SMSIssued},
	ledger.KindDeposit:  {menus.SMSTookCash, menus.SMSDeposited},
	ledger.KindWithdraw: {menus.SMSWithdrawn, menus.SMSGaveCash},
	ledger.KindPaybill:  {menus.SMSBillPaid, menus.SMSBillReceived},
	ledger.KindTill:     {menus.SMSGoodsPaid, menus.SMSReceived},
	ledger.KindReversal: {menus.SMSTakenBack, menus.SMSCameBack},
}

// sides are the texts of a transfer, worded once.
func (m *matcher) sides(d *deed) []side {
	if d.sides == nil {
		d.sides = m.sidesOf(d)
		for i := range d.sides {
			s := &d.sides[i]
			s.plain, s.unsaid = m.expected(d, s)
		}
	}
	return d.sides
}

// sidesOf says who of the run's people is told what about a transfer.
func (m *matcher) sidesOf(d *deed) []side {
	said, special := tableSaid[d.kind]
	if d.kind == ledger.KindPaybill && !d.ref { // it names nobody, as a till's
		said = tableSaid[ledger.KindTill]
	}
	switch {
	case d.newPIN():
		said[0] = menus.SMSNewPIN
	case d.until != 0:
		said[0] = menus.SMSHeld
	case d.act == ledger.ActVoid:
		said[0] = menus.SMSHeldVoided
	case d.act == ledger.ActExpire:
		said[0] = menus.SMSHeldExpired
	case !special:
		said = [2]string{menus.SMSSent, menus.SMSReceived}
	}
	if d.act == ledger.ActPost && d.released > 0 {
		said[0] = menus.SMSHeldPart
	}
	payer, payee := m.byNo[d.payer], m.byNo[d.payee]
	out := make([]side, 0, 2)
	if payer.reached() && (d.amount > 0 || d.newPIN()) { // of a fee that came back alone nothing was taken
		out = append(out, side{template: said[0], to: payer, other: payee, amount: d.amount, balance: d.balance, fee: d.fee, language: d.language.String()})
	}
	if payee.reached() && d.made() && payee != payer { // who buys airtime for themselves is told once
		out = append(out, side{template: said[1], to: payee, other: payer, amount: d.amount, balance: d.payeeHas, language: d.payeeIn.String()})
	}
	if d.kind == ledger.KindReversal { // it is the house that gives a fee back
		for i := range out {
			if out[i].to == payee {
				out[i].amount += d.fee
			}
			out[i].fee = 0
		}
	}
	return out
}

// expected is the text of one side, the receipt taken out.
func (m *matcher) expected(d *deed, s *side) (string, error) {
	name, number := "", "" // a business that nobody named has neither
	if s.other != nil {
		name, number = s.other.Name, s.other.MSISDN
	}
	vals := m.vals
	vals["receipt"], vals["name"], vals["to"], vals["from"] = text(noReceipt), text(name), text(number), text(number)
	vals["amount"], vals["fee"], vals["balance"] = money(s.amount), money(s.fee), money(s.balance)
	vals["at"], vals["zone"] = menus.Value{Set: true, Int: d.at}, menus.Value{Set: true, Int: int64(m.cfg.Zone)}
	vals["account"] = text(reference) // what everybody of a run types
	vals["until"], vals["available"], vals["released"] = menus.Value{Set: true, Int: d.until}, money(d.free), money(d.released)
	language := s.language
	if language == "" {
		language = s.to.Language
	}
	out, err := m.cfg.Bundle.SMS(s.template, language, vals)
	return strings.TrimSpace(out), err
}

func text(s string) menus.Value         { return menus.Value{Set: true, Text: s} }
func money(a ledger.Amount) menus.Value { return menus.Value{Set: true, Int: int64(a)} }

// texts audits the SMS of one transfer, or of a new PIN: one to each side with the right figures,
// both with the same receipt number, which no other transfer has. It returns that
// number, or nothing when no text came.
func (m *matcher) texts(who finding, d *deed) (receipt string) {
	if m.cfg.Bundle == nil {
		return ""
	}
	receipt = m.audit.receiptOf(d)
	sides := m.sides(d)
	for i := range sides {
		s := &sides[i]
		m.report.SMS.Expected++
		if s.unsaid != nil {
			m.find(who, "the bundle cannot word the SMS %s: %v", s.template, s.unsaid)
			continue
		}
		got := m.mail.claim(s.to.MSISDN, s.plain, receipt)
		if got == nil {
			m.report.SMS.Missing++
			m.find(who, "%s got no SMS %q", msisdn.Mask(s.to.MSISDN), signed(s.plain, receipt))
			continue
		}
		s.claimed, got.backed = true, d.newPIN() // without a receipt only that tells copies of it
		m.delay.add(got.at.Sub(time.UnixMilli(d.at)))
		m.cfg.rec.delay(time.UnixMilli(d.at), got.at.Sub(time.UnixMilli(d.at)))
		if lead := d.at - got.at.UnixMilli(); lead > clockSlack.Milliseconds() {
			m.find(who, "the SMS to %s came %d ms before the ledger committed", msisdn.Mask(s.to.MSISDN), lead)
		}
		if receipt == "" {
			receipt = got.receipt
		}
	}
	if !d.frees() && !d.newPIN() { // a hold's end bears the hold's
		if other, used := m.used.get(receipt); used && other.id != d.id && receipt != "" {
			m.find(who, "the receipt %s stands on two transfers", receipt)
		}
		m.used.put(receipt, m.bearer(d))
	}
	d.sides = nil // they are not asked for again
	return receipt
}

// bearer is what is remembered of a transfer by its receipt.
func (m *matcher) bearer(d *deed) bearer {
	b := bearer{id: d.id, who: d.who()}
	for i := range d.sides {
		if s := &d.sides[i]; s.claimed && i < len(b.sms) {
			b.sms[i] = m.hash(s.to.MSISDN, s.plain)
		}
	}
	return b
}

// hash is a text to a handset in few bytes.
func (m *matcher) hash(number, plain string) uint64 {
	var h maphash.Hash
	h.SetSeed(m.seed)
	_, _ = h.WriteString(number)
	_, _ = h.WriteString(plain)
	return h.Sum64()
}

// signed is a text with its receipt back in its place.
func signed(plain, receipt string) string {
	if receipt == "" {
		receipt = "<receipt>"
	}
	return strings.Replace(plain, noReceipt, receipt, 1)
}
