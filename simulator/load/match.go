package load

import (
	"fmt"
	"hash/maphash"
	"time"

	"mlango/internal/msisdn"
	"mlango/ledgerd/ledger"
	"mlango/menus"
	"mlango/simulator/oracle"
	"mlango/simulator/report"
)

// fate is how a placed payment ended in the journal.
type fate uint8

const (
	fateUnresolved fate = iota
	fateCommitted
	fateRejected
	fateNotMade
)

// bearer is the transfer that a receipt number is of.
type bearer struct {
	id  ledger.ID
	who finding
	sms [2]uint64 // that came of it, as their hashes
}

// clockSlack is how much earlier than the ledger's clock a handset's may stand: what a
// handset got before that was said before it was so.
const clockSlack = time.Second

// matcher holds what handsets saw against the journal and the texts.
type matcher struct {
	cfg      *Config
	audit    *auditor
	mail     *mailroom
	report   *Report
	findings findings
	delay    *histogram
	byNo     map[ledger.Account]*Person
	roll     *roll
	used     recent[string, bearer] // by receipts, each of one transfer
	seed     maphash.Seed
	vals     map[string]menus.Value // of the text that is written

	waiting   []*visit         // not judged: something is still to come
	resting   []*visit         // nothing is waited for; what comes now would be a lie
	strange   []*deed          // of no session, not judged
	letters   []*mail          // that nobody claimed, of people who have sessions still
	spent     []*mail          // that are judged
	pools     map[string]*pool // by number
	promises  promises         // by number, of sessions that are not forgotten
	turned    time.Time        // when pools were looked through
	forgotten int              // sessions
	paid      func(v *visit)   // is told of each payment made
	later     func(why string) // and of each that was refused after its session
	left      func(v, eldest *visit)
}

// fateOf asks the journal how a placed session ended.
func fateOf(cfg *Config, a *auditor, v *visit, now time.Time) (fate, []*deed) {
	deeds := a.of(cfg.People[v.plan.Payer].Account, v.session)
	return fateBy(cfg, a, v, deeds, now), deeds
}

// orderGrace is how long after its life an order may still come into the journal: it begins
// with the key's arrival, which may be late.
const orderGrace = 10 * time.Second

// fateBy is how a placed session ended whose deeds are known. One without an answer is
// not made once no order of it can be alive any more.
func fateBy(cfg *Config, a *auditor, v *visit, deeds []*deed, now time.Time) fate {
	for _, d := range deeds {
		if d.made() {
			return fateCommitted
		}
	}
	switch {
	case len(deeds) >= v.pins:
		return fateRejected
	case now.Sub(v.at) > cfg.OrderAge+orderGrace && a.following():
		return fateNotMade
	}
	return fateUnresolved
}

func newMatcher(cfg *Config, a *auditor, mail *mailroom, r *Report) *matcher {
	m := &matcher{cfg: cfg, audit: a, mail: mail, report: r, delay: newHistogram(), byNo: map[ledger.Account]*Person{}, roll: newRoll(), seed: maphash.MakeSeed(), pools: map[string]*pool{}, promises: promises{}, vals: map[string]menus.Value{}}
	if r.Retries == nil {
		r.Retries = &report.Retries{}
	}
	m.findings.noted = func(at int64) { cfg.rec.anomaly(time.UnixMilli(at)) }
	for i := range cfg.People {
		m.byNo[cfg.People[i].Account] = &cfg.People[i]
	}
	for i := range cfg.Others {
		m.byNo[cfg.Others[i].Account] = &cfg.Others[i]
	}
	return m
}

// find notes an anomaly of a session, or of a transfer that no session made.
func (m *matcher) find(one finding, format string, args ...any) {
	one.text = fmt.Sprintf(format, args...)
	m.findings.add(one)
}

// of is what findings about a visit say of it.
func (m *matcher) of(v *visit) finding {
	return finding{at: v.due.UnixMilli(), payer: m.cfg.People[v.plan.Payer].Account, session: v.session}
}

// nobody is what findings about nobody's session say.
func nobody(at int64) finding { return finding{at: at} }

// say words what was found: whose session it is comes first.
func (m *matcher) say(f *group) string {
	if f.session == "" {
		return f.String()
	}
	number := fmt.Sprintf("account %d", f.payer)
	if p := m.byNo[f.payer]; p != nil {
		number = msisdn.Mask(p.MSISDN)
	}
	return fmt.Sprintf("session %s of %s: %s", f.session, number, f)
}

// all audits every session and every text that is left; call it once, after the drain.
func (m *matcher) all(now time.Time) {
	for _, list := range [][]*visit{m.roll.take(), m.waiting, m.resting} {
		for _, v := range list {
			if v.audited == 0 {
				m.visit(v, now)
			}
			m.forget(v, now)
		}
	}
	m.waiting, m.resting = nil, nil
	m.report.SMS.Received = m.mail.received()
	m.strangers(now, true)
	m.unexplained(now, true)
	m.unkept()
	m.unheard(now, true)
	m.overdue(now)
	m.unanswered()
	m.oneSender(now)
	if !m.audit.following() {
		m.find(nobody(now.UnixMilli()), "the ledger's feed broke at entry %d and did not come back: %v", m.audit.index, m.audit.broke)
	}
	m.tell()
}

// endingSlack is how long after its time a hold may stand: a ledger looks now and then.
const endingSlack = time.Minute

// overdue finds holds that nothing ended, though their time was over long before.
func (m *matcher) overdue(now time.Time) {
	m.audit.books.Overdue(now.Add(-endingSlack).UnixMilli(), func(hold oracle.ID, until int64) {
		m.find(nobody(until), "hold %s still stands, and its time was over at %s", hold, time.UnixMilli(until).Format(time.TimeOnly))
	})
}

// tell puts the findings, ours and the oracle's, into the report.
func (m *matcher) tell() {
	o := &m.report.Oracle
	m.findings.merge(&m.audit.findings)
	o.Anomalies, o.Untold = m.findings.count, m.findings.count-m.findings.told()
	for _, g := range m.findings.groups {
		o.Findings = append(o.Findings, m.say(g))
	}
	o.Entries, o.Notices = m.audit.index, m.audit.told.heard
	o.MoneyConserved = m.audit.conserved()
}

// stranger audits a deed that no session explains. What an administrator or a business
// did is told to people as well; a subscriber's wish must be a subscriber's.
func (m *matcher) stranger(d *deed) {
	switch mine := m.byNo[d.payer] != nil; {
	case mine && (d.act == ledger.ActCheck || d.act == ledger.ActTransfer && d.kind.ByPIN()):
		or := ""
		if m.forgotten > 0 {
			or = fmt.Sprintf(", or whose session was over for longer than %s", m.cfg.horizon())
		}
		m.find(d.who(), "the journal holds a wish that no handset made%s: %s", or, d)
	case d.told():
		if m.cfg.Alone && !d.ours && d.act != ledger.ActExpire {
			m.find(d.who(), "the journal holds what nobody ordered: %s", d)
		}
		m.texts(d.who(), d)
	}
}

// String is a deed in a finding.
func (d *deed) String() string {
	what := "a question"
	if d.kind != 0 {
		what = fmt.Sprintf("%s to account %d", cash(d.amount), d.payee)
	}
	if d.reject != ledger.OK {
		return fmt.Sprintf("%s (%s), %s", what, d.reject, d.id)
	}
	return fmt.Sprintf("%s, %s", what, d.id)
}

// grown finds what was added to a session after it was audited.
func (m *matcher) grown(v *visit, deeds []*deed) {
	for _, d := range deeds[v.audited-1:] {
		if m.find(m.of(v), "long after the session was over the journal got another wish of it: %s", d); d.made() {
			m.report.Oracle.Doubled++
			m.texts(m.of(v), d)
		} else if d.newPIN() {
			m.texts(m.of(v), d)
		}
	}
}

// visit audits one session: its fate, its last screen, its texts.
func (m *matcher) visit(v *visit, now time.Time) {
	f, deeds := fateOf(m.cfg, m.audit, v, now)
	v.audited = len(deeds) + 1
	var made []*deed
	for _, d := range deeds {
		if d.made() {
			made = append(made, d)
		}
		if d.newPIN() {
			m.texts(m.of(v), d)
		}
	}
	m.answered(v, deeds)
	typed := m.pins(v, deeds)
	if len(made) > 1 {
		m.report.Oracle.Doubled += len(made) - 1
		m.find(m.of(v), "money moved %d times, and one payment was confirmed", len(made))
	} else if len(deeds) > v.pins {
		m.find(m.of(v), "the ledger was asked %d times for %d typed PIN(s)", len(deeds), v.pins)
	}
	m.withheld(v, deeds)
	m.tardy(v)
	for _, d := range made {
		m.content(v, d)
		if p := typed[d]; p != nil {
			m.asked(v, d, p)
		}
		m.outlived(v, d)
		if receipt := m.texts(m.of(v), d); len(made) == 1 {
			m.seen(v, d, receipt)
		}
	}
	if n := len(deeds); v.ending == EndRefused && n > 0 && n == v.pins && deeds[n-1].reject != ledger.OK {
		m.refusedFor(v, deeds[n-1])
	}
	m.screen(v, f)
	m.count(v, f)
}

// count adds a visit to the report's payments.
func (m *matcher) count(v *visit, f fate) {
	p := &m.report.Payments
	if !v.placed {
		if v.pins > 0 && v.plan.pays() {
			p.Refused++
		}
		return
	}
	p.Placed++
	switch f {
	case fateCommitted:
		if p.Committed++; m.paid != nil {
			m.paid(v)
		}
	case fateRejected:
		if p.Rejected++; m.later != nil && v.why == "" {
			m.later(m.whyOf(v))
		}
	case fateNotMade:
		p.NotMade++
	default:
		p.Unresolved++
		m.find(m.of(v), "a payment was placed, and the ledger has no answer to it")
	}
}

// whyOf is why the journal refused what was placed.
func (m *matcher) whyOf(v *visit) string {
	deeds := m.audit.of(m.cfg.People[v.plan.Payer].Account, v.session)
	if len(deeds) == 0 {
		return otherWhy
	}
	return deeds[len(deeds)-1].reject.String()
}

// screen holds the last screen against the journal.
func (m *matcher) screen(v *visit, f fate) {
	switch {
	case v.ending == EndDone && f != fateCommitted:
		m.report.Oracle.Lost++
		m.find(m.of(v), "the screen said done, the journal holds no transfer: %q", clip(v.screen))
	case !v.placed && f == fateCommitted && v.plan.pays():
		m.find(m.of(v), "money moved, and the screen did not take the order: %q", clip(v.screen))
	case !v.plan.pays() && f == fateCommitted:
		m.find(m.of(v), "money moved in a session that asked for none")
	}
}

// content holds a transfer against what was pressed.
func (m *matcher) content(v *visit, d *deed) {
	if d.asker != 0 && v.plan.Goal == GoalReverse { // what it was is the ledger's to say, and the oracle's to judge
		return
	}
	want, kind := personOf(m.cfg.People, m.cfg.Others, v.plan.Payee).Account, v.plan.kind()
	if v.plan.pays() && (d.amount != v.plan.Amount || d.payee != want || d.kind != kind) {
		m.find(m.of(v), "the transfer is not what was pressed: %s to account %d was, %s is journaled", cash(v.plan.Amount), want, d)
	}
}

// seen holds a screen that says done against the one transfer of its session: its
// receipt is the one of the texts, its figures are the transfer's, and it came after
// the commit.
func (m *matcher) seen(v *visit, d *deed, receipt string) {
	if v.ending != EndDone {
		return
	}
	if _, shown := strip(v.screen, v.ended); receipt != "" && shown != receipt {
		m.find(m.of(v), "the screen has the receipt %s, the SMS %s", shown, receipt)
	}
	m.toldDone(v, d)
	m.early(v, d, "screen", v.ended)
}

// early finds what was said before it was so.
func (m *matcher) early(v *visit, d *deed, what string, at time.Time) {
	if lead := d.at - at.UnixMilli(); lead > clockSlack.Milliseconds() {
		m.find(m.of(v), "the %s said done %d ms before the ledger committed", what, lead)
	}
}

// clip keeps a text readable in a finding.
func clip(s string) string {
	const most = 90
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

// cash is an amount in a finding.
func cash(a ledger.Amount) string { return oracle.Amount(a).String() }
