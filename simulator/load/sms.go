package load

import (
	"slices"
	"strings"
	"time"

	"mlango/internal/msisdn"
	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// sides are the two texts of a committed transfer: template, recipient, whose
// balance, and who the other is.
type side struct {
	template  string
	to, other *Person
	balance   ledger.Amount
	language  string
}

// sidesOf says who is told what about a transfer.
func (m *matcher) sidesOf(d *deed) []side {
	payer, payee := m.byNo[d.payer], m.byNo[d.payee]
	var out []side
	first, second := "sent", "received"
	if d.kind == ledger.KindAirtime {
		first, second = "airtime_bought", "airtime_received"
	}
	if payer != nil {
		out = append(out, side{first, payer, payee, d.balance, d.language.String()})
	}
	if payee != nil {
		out = append(out, side{second, payee, payer, d.payeeHas, payee.Language})
	}
	return out
}

// expected is the text of one side, the receipt taken out.
func (m *matcher) expected(d *deed, s side) (string, error) {
	vals := map[string]menus.Value{
		"receipt": text(noReceipt), "amount": money(d.amount), "fee": money(d.fee), "balance": money(s.balance),
		"at": {Set: true, Int: d.at}, "zone": {Set: true, Int: int64(m.cfg.Zone)},
	}
	if s.other != nil {
		vals["name"], vals["to"], vals["from"] = text(s.other.Name), text(s.other.MSISDN), text(s.other.MSISDN)
	}
	language := s.language
	if language == "" {
		language = "en"
	}
	out, err := m.cfg.Bundle.SMS(s.template, language, vals)
	return strings.TrimSpace(out), err
}

func text(s string) menus.Value         { return menus.Value{Set: true, Text: s} }
func money(a ledger.Amount) menus.Value { return menus.Value{Set: true, Int: int64(a)} }

// texts audits the SMS of one transfer: one to each side with the right figures,
// both with the same receipt number, which no other transfer has. It returns that
// number, or nothing when no text came.
func (m *matcher) texts(d *deed) (receipt string) {
	if m.cfg.Bundle == nil {
		return ""
	}
	for _, s := range m.sidesOf(d) {
		m.report.SMS.Expected++
		plain, err := m.expected(d, s)
		if err != nil {
			m.find("the bundle cannot word the SMS %s: %v", s.template, err)
			continue
		}
		got := m.mail.claim(s.to.MSISDN, plain, receipt)
		if got == nil {
			m.report.SMS.Missing++
			m.find("transfer %s: %s got no SMS %q", d.id, msisdn.Mask(s.to.MSISDN), clip(plain))
			continue
		}
		m.delay.add(got.at.Sub(time.UnixMilli(d.at)))
		m.report.SMS.Duplicate += got.copies - 1
		if receipt == "" {
			if receipt = got.receipt; m.used[receipt] {
				m.find("the receipt %s stands on two transfers", receipt)
			}
			m.used[receipt] = true
		}
	}
	return receipt
}

// unclaimed audits the texts that no transfer explains: a promised payer of an
// order that was not made is told so once; anything else is unbacked. Every reject
// in the journal may be told, also when a screen said it: a gateway that was killed
// does not know what its screens said.
func (m *matcher) unclaimed(visits []*visit, now time.Time) {
	owed := map[string]int{}    // payers who were promised an SMS and must get "not done"
	allowed := map[string]int{} // payers whose screen never came, or may be told again
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
			owed[number]++
		}
		if len(deeds) == 0 {
			allowed[number]++
		}
	}
	m.report.SMS.Received = m.mail.received()
	for number, box := range m.mail.boxes {
		m.strays(number, box, owed, allowed)
	}
	for number, n := range owed {
		m.report.SMS.Expected += n
		m.report.SMS.Missing += n
		m.find("%s was promised an SMS and got none (%d)", msisdn.Mask(number), n)
	}
}

// rejects is how many of a session's wishes the journal refused.
func rejects(deeds []deed) (n int) {
	for i := range deeds {
		if deeds[i].reject != ledger.OK {
			n++
		}
	}
	return n
}

// strays judges a handset's texts that no transfer explains. The first of equal
// ones takes what backs it; then the others do, or are its copies.
func (m *matcher) strays(number string, box map[string][]*mail, owed, allowed map[string]int) {
	backed := map[string]bool{}
	for _, copies := range []bool{false, true} {
		for plain, letters := range box {
			letters = slices.DeleteFunc(slices.Clone(letters), func(l *mail) bool { return l.claimed })
			for i, l := range letters {
				switch {
				case copies != (i > 0):
				case m.stray(number, l, owed, allowed):
					backed[plain] = true
				case backed[plain] && l.receipt == "":
					m.report.SMS.Duplicate++
				default:
					m.contradicts(number, plain, l)
				}
			}
		}
	}
}

// stray finds what backs a text that no transfer explains; false when nothing does.
func (m *matcher) stray(number string, l *mail, owed, allowed map[string]int) bool {
	switch {
	case l.receipt != "":
		return false
	case owed[number] > 0:
		m.report.SMS.Expected++
		owed[number]--
		allowed[number]--
		if owed[number] == 0 {
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
	if l.receipt != "" {
		m.report.Oracle.UnbackedSMS++
		m.find("%s got a confirmation that no transfer backs: %q", msisdn.Mask(number), clip(plain))
		return
	}
	m.find("%s was told that something was not done, and nothing of the sort was open: %q", msisdn.Mask(number), clip(plain))
}
