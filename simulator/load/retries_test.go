package load

import (
	"fmt"
	"strings"
	"testing"

	"mlango/ledgerd/ledger"
)

// TestSecondPayments: of one wish that was asked for several times, what was made beyond
// the first is counted, what was not is prevented, and a second payment within the time
// in which the ledger must ask is found unless somebody said yes.
func TestSecondPayments(t *testing.T) {
	const minute = int64(60_000)
	type asked struct {
		made int64 // ms; 0: it was not
		yes  bool
	}
	for name, row := range map[string]struct {
		asked           []asked
		prevented, made int
		found           bool
	}{
		"once":               {[]asked{{made: 1}}, 0, 0, false},
		"prevented":          {[]asked{{made: 1}, {}, {}}, 2, 0, false},
		"meant":              {[]asked{{made: 1}, {made: minute, yes: true}}, 0, 1, false},
		"let through":        {[]asked{{made: 1}, {made: minute}}, 0, 1, true},
		"long after":         {[]asked{{made: 1}, {made: 11 * minute}}, 0, 1, false},
		"the first was lost": {[]asked{{}, {made: minute}}, 1, 0, false},
		"none was made":      {[]asked{{}, {}}, 0, 0, false},
	} {
		r := &run{cfg: &Config{People: []Person{{Account: 1}, {Account: 2}}}, audit: newAuditor(0, 180), report: &Report{}}
		m := newMatcher(r.cfg, r.audit, newMailroom(), r.report)
		for i, a := range row.asked {
			v := &visit{session: fmt.Sprint("s", i), pins: 1, yes: a.yes, plan: Plan{Goal: GoalSend, Payee: 1, number: 1}}
			r.visits = append(r.visits, v)
			if a.made > 0 {
				key := origin{1, v.session}
				r.audit.deeds[key] = []*deed{{payer: 1, payee: 2, kind: ledger.KindSend, amount: 100, at: a.made}}
			}
		}
		r.retries(m)
		got := r.report.Retries
		text := ""
		for _, g := range m.findings.groups {
			text += g.String()
		}
		if got.Prevented != row.prevented || got.Made != row.made || strings.Contains(text, "nobody said that it is meant") != row.found {
			t.Errorf("%s: %d prevented, %d made, found %q", name, got.Prevented, got.Made, text)
		}
	}
}

// TestLateKeysAreCounted: one that got a screen is told apart.
func TestLateKeysAreCounted(t *testing.T) {
	r := &run{cfg: &Config{}, audit: newAuditor(0, 180), report: &Report{}, visits: []*visit{{late: lateClean}, {late: lateStray}, {}}}
	r.retries(newMatcher(r.cfg, r.audit, newMailroom(), r.report))
	if got := r.report.Retries; got.LateKeys != 2 || got.Strays != 1 {
		t.Errorf("%+v", got)
	}
}
