package load

import (
	"slices"
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
		out = append(out, side{said[0], payer, payee, d.amount, d.balance, d.fee, d.language.String()})
	}
	if payee.reached() && d.made() && payee != payer { // who buys airtime for themselves is told once
		out = append(out, side{said[1], payee, payer, d.amount, d.payeeHas, 0, d.payeeIn.String()})
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
func (m *matcher) expected(d *deed, s side) (string, error) {
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
	for _, s := range m.sidesOf(d) {
		m.report.SMS.Expected++
		plain, err := m.expected(d, s)
		if err != nil {
			m.find(who, "the bundle cannot word the SMS %s: %v", s.template, err)
			continue
		}
		got := m.mail.claim(s.to.MSISDN, plain, receipt)
		if got == nil {
			m.report.SMS.Missing++
			m.find(who, "%s got no SMS %q", msisdn.Mask(s.to.MSISDN), signed(plain, receipt))
			continue
		}
		m.delay.add(got.at.Sub(time.UnixMilli(d.at)))
		m.cfg.rec.delay(time.UnixMilli(d.at), got.at.Sub(time.UnixMilli(d.at)))
		m.report.SMS.Duplicate += got.copies - 1
		if lead := d.at - got.at.UnixMilli(); lead > clockSlack.Milliseconds() {
			m.find(who, "the SMS to %s came %d ms before the ledger committed", msisdn.Mask(s.to.MSISDN), lead)
		}
		if receipt == "" {
			receipt = got.receipt
		}
	}
	if !d.frees() && !d.newPIN() { // a hold's end bears the hold's
		if m.used[receipt] != nil && receipt != "" {
			m.find(who, "the receipt %s stands on two transfers", receipt)
		}
		m.used[receipt] = d
	}
	return receipt
}

// signed is a text with its receipt back in its place.
func signed(plain, receipt string) string {
	if receipt == "" {
		receipt = "<receipt>"
	}
	return strings.Replace(plain, noReceipt, receipt, 1)
}

// about is whose a text is that nothing backs: the transfer's with its receipt, else
// the session's in which its reader dialled last.
func (m *matcher) about(number string, l *mail) finding {
	if d := m.used[l.receipt]; d != nil && l.receipt != "" {
		return d.who()
	}
	who := nobody(l.at.UnixMilli())
	for _, v := range m.dialled[number] {
		if at := v.due.UnixMilli(); at <= l.at.UnixMilli() && (who.session == "" || at > who.at) {
			who = m.of(v)
		}
	}
	return who
}

// unclaimed audits the texts that no transfer explains: a promised payer of an
// order that was not made is told so once; anything else is unbacked. Every reject
// in the journal may be told, also when a screen said it: a gateway that was killed
// does not know what its screens said.
func (m *matcher) unclaimed(visits []*visit, now time.Time) {
	owed := map[string][]*visit{} // payers who were promised an SMS and must get "not done"
	allowed := map[string]int{}   // payers whose screen never came, or may be told again
	for _, v := range visits {
		if v.session == "" {
			continue
		}
		f, deeds := fateOf(m.cfg, m.audit, v, now)
		number := m.cfg.People[v.plan.Payer].MSISDN
		allowed[number] += rejects(deeds)
		if f == fateCommitted || !v.placed {
			continue
		}
		if v.ending == EndPromised {
			owed[number] = append(owed[number], v)
		}
		if len(deeds) == 0 {
			allowed[number]++
		}
	}
	m.report.SMS.Received = m.mail.received()
	for number, box := range m.mail.boxes {
		m.strays(number, box, owed, allowed)
	}
	for _, list := range owed {
		m.report.SMS.Expected += len(list)
		m.report.SMS.Missing += len(list)
		for _, v := range list {
			m.find(m.of(v), "an SMS was promised, and none came")
		}
	}
}

// rejects is how many of a session's wishes the journal refused.
func rejects(deeds []*deed) (n int) {
	for _, d := range deeds {
		if d.reject != ledger.OK {
			n++
		}
	}
	return n
}

// strays judges a handset's texts that no transfer explains. The first of equal
// ones takes what backs it; then the others do, or are its copies.
func (m *matcher) strays(number string, box map[string][]*mail, owed map[string][]*visit, allowed map[string]int) {
	backed := map[string]bool{}
	for _, copies := range []bool{false, true} {
		for plain, letters := range box {
			letters = slices.DeleteFunc(slices.Clone(letters), func(l *mail) bool { return l.claimed })
			for i, l := range letters {
				switch {
				case copies != (i > 0):
				case m.stray(number, l, owed, allowed):
					backed[plain] = true
				case l.receipt == "" && (backed[plain] || m.mail.took(number, plain)):
					m.report.SMS.Duplicate++
				default:
					m.contradicts(number, plain, l)
				}
			}
		}
	}
}

// stray finds what backs a text that no transfer explains; false when nothing does.
func (m *matcher) stray(number string, l *mail, owed map[string][]*visit, allowed map[string]int) bool {
	switch list := owed[number]; {
	case l.receipt != "":
		return false
	case len(list) > 0:
		m.report.SMS.Expected++
		allowed[number]--
		if owed[number] = list[1:]; len(list) == 1 {
			delete(owed, number)
		}
		return true
	case allowed[number] > 0:
		allowed[number]--
		return true
	}
	return false
}

// contradicts notes a text that nothing backs.
func (m *matcher) contradicts(number, plain string, l *mail) {
	m.report.SMS.Contradicting++
	who := m.about(number, l)
	if l.receipt != "" {
		m.report.Oracle.UnbackedSMS++
		m.find(who, "%s got a confirmation that no transfer backs: %q", msisdn.Mask(number), signed(plain, l.receipt))
		return
	}
	m.find(who, "%s was told that something was not done, and nothing of the sort was open: %q", msisdn.Mask(number), clip(plain))
}
