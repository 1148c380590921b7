package load

import (
	"fmt"
	"time"

	"mlango/internal/msisdn"
	"mlango/ledgerd/ledger"
)

// fate is how a placed payment ended in the journal.
type fate uint8

const (
	fateUnresolved fate = iota
	fateCommitted
	fateRejected
	fateNotMade
)

// matcher holds what handsets saw against the journal and the texts.
type matcher struct {
	cfg    *Config
	audit  *auditor
	mail   *mailroom
	report *Report
	delay  *histogram
	byNo   map[ledger.Account]*Person
	used   map[string]bool // receipts, each of one transfer
}

// fateOf asks the journal how a placed session ended. A session without an
// answer is not made once no order of it can be alive any more.
func fateOf(cfg *Config, a *auditor, v *visit, now time.Time) (fate, []deed) {
	deeds := a.of(cfg.People[v.plan.Payer].Account, v.session)
	for _, d := range deeds {
		if d.reject == ledger.OK {
			return fateCommitted, deeds
		}
	}
	switch {
	case len(deeds) >= v.pins:
		return fateRejected, deeds
	case now.Sub(v.at) > cfg.OrderAge+10*time.Second && a.following():
		return fateNotMade, deeds
	}
	return fateUnresolved, deeds
}

func newMatcher(cfg *Config, a *auditor, mail *mailroom, r *Report) *matcher {
	m := &matcher{cfg: cfg, audit: a, mail: mail, report: r, delay: newHistogram(), byNo: map[ledger.Account]*Person{}, used: map[string]bool{}}
	for i := range cfg.People {
		m.byNo[cfg.People[i].Account] = &cfg.People[i]
	}
	return m
}

// find notes an anomaly; all are counted, the first ones are named.
func (m *matcher) find(format string, args ...any) {
	m.report.Oracle.Anomalies++
	if len(m.report.Oracle.Findings) < MaxFindings {
		m.report.Oracle.Findings = append(m.report.Oracle.Findings, fmt.Sprintf(format, args...))
	}
}

func (m *matcher) name(v *visit) string {
	return fmt.Sprintf("session %s of %s", v.session, msisdn.Mask(m.cfg.People[v.plan.Payer].MSISDN))
}

// all audits every visit and every text; call it once, after the drain.
func (m *matcher) all(visits []*visit, now time.Time) {
	known := map[origin]bool{}
	for _, v := range visits {
		if v.session == "" {
			continue
		}
		known[origin{m.cfg.People[v.plan.Payer].Account, v.session}] = true
		m.visit(v, now)
	}
	for key, deeds := range m.audit.deeds {
		if !known[key] && len(deeds) > 0 {
			m.find("the journal holds a wish of session %s that no handset made", key.session)
		}
	}
	m.unclaimed(visits, now)
	for _, f := range m.audit.findings {
		m.find("%s", f)
	}
	m.report.Oracle.Anomalies += max(0, m.audit.wrong-len(m.audit.findings))
	if !m.audit.following() {
		m.find("the ledger's feed broke at entry %d and did not come back: %v", m.audit.index, m.audit.broke)
	}
	m.report.Oracle.MoneyConserved = m.audit.conserved()
	if !m.report.Oracle.MoneyConserved {
		m.find("the sum of all balances is not zero")
	}
}

// visit audits one session: its fate, its last screen, its texts.
func (m *matcher) visit(v *visit, now time.Time) {
	p := &m.report.Payments
	f, deeds := fateOf(m.cfg, m.audit, v, now)
	made := 0
	for i := range deeds {
		if deeds[i].reject == ledger.OK {
			made++
			m.content(v, &deeds[i])
			m.receipts(v, m.texts(&deeds[i]))
		}
	}
	if made > 1 {
		m.report.Oracle.Doubled += made - 1
		m.find("%s: money moved %d times", m.name(v), made)
	}
	if v.pins > 0 && v.plan.pays() && !v.placed {
		p.Refused++
	}
	m.screen(v, f)
	if !v.placed {
		return
	}
	p.Placed++
	switch f {
	case fateCommitted:
		p.Committed++
	case fateRejected:
		p.Rejected++
	case fateNotMade:
		p.NotMade++
	default:
		p.Unresolved++
		m.find("%s: placed, and no answer of the ledger", m.name(v))
	}
}

// screen holds the last screen against the journal.
func (m *matcher) screen(v *visit, f fate) {
	switch {
	case v.ending == EndDone && f != fateCommitted:
		m.report.Oracle.Lost++
		m.find("%s: the screen said done, the journal holds no transfer", m.name(v))
	case !v.placed && f == fateCommitted && v.plan.pays():
		m.find("%s: money moved, the screen did not take the order: %q", m.name(v), clip(v.screen))
	case !v.plan.pays() && f == fateCommitted:
		m.find("%s: money moved in a session that asked for none", m.name(v))
	}
}

// content holds a transfer against what was pressed.
func (m *matcher) content(v *visit, d *deed) {
	want, kind := m.cfg.People[v.plan.Payee].Account, ledger.KindSend
	if v.plan.Intent == IntentAirtime {
		kind = ledger.KindAirtime
	}
	if v.plan.pays() && (d.amount != v.plan.Amount || d.payee != want || d.kind != kind) {
		m.find("%s: the transfer is not what was pressed", m.name(v))
	}
}

// receipts holds the receipt on the last screen against the one of the texts.
func (m *matcher) receipts(v *visit, texts string) {
	if _, shown := strip(v.screen); v.ending == EndDone && texts != "" && shown != texts {
		m.find("%s: the screen has the receipt %s, the SMS %s", m.name(v), shown, texts)
	}
}

// clip keeps a screen readable in a finding.
func clip(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}
