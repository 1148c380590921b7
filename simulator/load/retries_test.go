package load

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/simulator/report"
)

// TestSecondPayments: of one wish that was asked for several times, what was made beyond
// the first is counted, what looked repeated and was not is prevented, and a second payment within the time
// in which the ledger must ask is found unless somebody said yes.
func TestSecondPayments(t *testing.T) {
	const minute = int64(60_000)
	type asked struct {
		made int64 // ms; 0: it was not
		yes  bool
		told bool // on the screen
		no   bool // by the ledger
	}
	for name, row := range map[string]struct {
		asked           []asked
		prevented, made int
		found           bool
	}{
		"once":               {[]asked{{made: 1}}, 0, 0, false},
		"prevented":          {[]asked{{made: 1}, {told: true}, {no: true}}, 2, 0, false},
		"lost afterwards":    {[]asked{{made: 1}, {}, {told: true, yes: true}}, 0, 0, false},
		"told too soon":      {[]asked{{told: true}, {made: minute}}, 0, 0, false},
		"meant":              {[]asked{{made: 1}, {made: minute, yes: true}}, 0, 1, false},
		"let through":        {[]asked{{made: 1}, {made: minute}}, 0, 1, true},
		"long after":         {[]asked{{made: 1}, {made: 11 * minute}}, 0, 1, false},
		"the first was lost": {[]asked{{}, {made: minute}}, 0, 0, false},
		"none was made":      {[]asked{{}, {}}, 0, 0, false},
	} {
		cfg, a, r := &Config{People: []Person{{Account: 1}, {Account: 2}}}, newAuditor(0, 180), &Report{}
		m, w := newMatcher(cfg, a, newMailroom(), r), &wish{}
		w.open.Store(int32(len(row.asked)))
		for i, one := range row.asked {
			v := &visit{session: fmt.Sprint("s", i), pins: 1, yes: one.yes, told: one.told, wish: w, audited: 2, plan: Plan{Goal: GoalSend, Payee: 1, number: 1}}
			if one.made > 0 {
				a.deeds[origin{1, v.session}] = []*deed{{payer: 1, payee: 2, kind: ledger.KindSend, amount: 100, at: one.made}}
			} else if v.audited = 1; one.no {
				v.audited = 2
				a.deeds[origin{1, v.session}] = []*deed{{payer: 1, payee: 2, kind: ledger.KindSend, amount: 100, reject: ledger.LooksRepeated}}
			}
			m.forget(v, time.Now())
		}
		got := r.Retries
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
	r := &run{report: &Report{Retries: &report.Retries{}}}
	for _, late := range []lateKey{lateClean, lateStray, lateNone} {
		r.tally(&visit{late: late})
	}
	if got := r.report.Retries; got.LateKeys != 2 || got.Strays != 1 {
		t.Errorf("%+v", got)
	}
}
