//go:build house

package main

import (
	"strings"
	"testing"
	"time"

	"mlango/simulator/load"
)

// What a run against a broken stack is made of.
const (
	brokenSpan  = 4 * time.Second
	brokenDrain = 8 * time.Second // at most: what is lost never comes
)

// TestHouseBrokenStacksAreCaught runs real programs, with somebody between them who
// makes the whole a broken system, and the audit finds what is wrong. Beside them
// stands the same without a lie, in which nothing is.
func TestHouseBrokenStacksAreCaught(t *testing.T) {
	for _, row := range []struct {
		name  string
		lie   lie
		line  func() func(p []byte) [][]byte
		wants []string // each is in a finding
	}{
		{"nobody lies", passesOn, changesNothing, nil},
		{"a ledger that doubles", doubles, nil, []string{"money moved 2 times"}},
		{"a ledger that loses", loses, nil, []string{"the screen said done, the journal holds no transfer"}},
		{"a ledger that confirms before it commits", saysDoneFirst, nil, []string{"ms before the ledger committed", "the screen has the receipt"}},
		{"a sender that swaps figures", nil, swapsFigures, []string{"got no SMS", "got a confirmation that no transfer backs"}},
		{"a late answer with another's screen", nil, swapsScreens, []string{"the screen has the receipt"}},
		{"a sender that denies payments", nil, deniesPayments, []string{"got no SMS", "nothing of the sort was open"}},
		{"a last screen that swaps figures", nil, swapsLastFigures, []string{"the last screen says"}},
		{"a screen that hides the fee", nil, hidesFees, []string{"the screen that asked for the PIN"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := parts{}
			if row.line != nil {
				p.line = newLine(t, row.line())
			}
			c := newCrowd(t, p, brokenSpan)
			told := func() uint64 { return 1 }
			if row.lie != nil {
				told = comeBetween(c.rig, row.lie).told.Load
			}
			if c.cfg.Drain = brokenDrain; len(row.wants) == 0 {
				c.cfg.Drain = rigPatience // it ends with the last SMS
			}
			report, err := load.Run(t.Context(), c.cfg, nil)
			if err != nil {
				t.Fatal(err)
			}
			if told() == 0 {
				t.Fatal("nothing was lied about")
			}
			found := strings.Join(report.Oracle.Findings, "\n")
			report.Summary(testWriter{t})
			if len(row.wants) == 0 && report.Oracle.Anomalies > 0 {
				t.Errorf("a sound stack is called wrong:\n%s", found)
			}
			if len(row.wants) > 0 && report.ExitCode() != 3 {
				t.Errorf("not caught, exit %d: %+v %+v", report.ExitCode(), report.Payments, report.Oracle)
			}
			for _, want := range row.wants {
				if !strings.Contains(found, want) {
					t.Errorf("no finding says %q:\n%s", want, found)
				}
			}
			if strings.Contains(found, "session ") != (len(row.wants) > 0) {
				t.Errorf("no finding names a session:\n%s", found)
			}
		})
	}
}
