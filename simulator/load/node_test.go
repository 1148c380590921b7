package load

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// desk is a running ledger that says what accounts have, or something else.
type desk struct {
	*ledger.Book
	off  ledger.Amount
	held ledger.Amount
	gone bool
	lost ledger.Account
}

// Account is what it says.
func (d *desk) Account(_ context.Context, n ledger.Account) (seen ledgerclient.Seen, known bool, err error) {
	if d.gone {
		return seen, false, errors.New("nobody answers")
	}
	if seen.View, known = d.Book.Account(n); n == 2 {
		seen.Balance, seen.HeldDebits = seen.Balance+d.off, seen.HeldDebits+d.held
	}
	return seen, known && n != d.lost, nil
}

// TestWhatALedgerSaysIsWhatItsJournalComesTo: one that answers otherwise is found.
func TestWhatALedgerSaysIsWhatItsJournalComesTo(t *testing.T) {
	for want, d := range map[string]*desk{
		"": {}, "says that account 2 has 50001.00 (0.00 held), and its journal comes to 50000.00": {off: 100}, "(0.05 held)": {held: 5},
		"knows no account 3": {lost: 3}, "nobody answers": {gone: true},
	} {
		v := newVillage(4)
		a := newAuditor(0, 180)
		a.entry(1, v.clock, [32]byte{}, <-v.feed)
		d.Book = a.replay.(*ledger.Book)
		r := &run{cfg: &Config{Feed: v, Node: d}, audit: a, report: &Report{}, tries: 2}
		r.ask(t.Context())
		said := ""
		for _, g := range a.findings.groups {
			said += g.String() + "\n"
		}
		if want == "" && (said != "" || r.report.Oracle.Accounts != 7) || !strings.Contains(said, want) {
			t.Errorf("%q: %q, %d accounts", want, said, r.report.Oracle.Accounts)
		}
	}
}

// TestFindingsAreInOrderAndBounded: the earliest are told, one line a session, and all
// are counted.
func TestFindingsAreInOrderAndBounded(t *testing.T) {
	f := findings{}
	for i := range 4 * MaxFindings {
		at := int64(i * 7919 % (4 * MaxFindings)) // in no order
		f.add(finding{at: at, payer: 1, session: fmt.Sprint(at), text: "wrong"})
	}
	for range maxClauses + 2 {
		f.add(finding{at: 9999, payer: 1, session: "0", text: "and that"})
	}
	if len(f.groups) != MaxFindings || f.count != 4*MaxFindings+maxClauses+2 || f.told() != MaxFindings+maxClauses-1 {
		t.Fatalf("%d groups, %d counted, %d told", len(f.groups), f.count, f.told())
	}
	for i, g := range f.groups {
		if g.at != int64(i) {
			t.Fatalf("number %d is of %d", i, g.at)
		}
	}
	if want := "wrong" + strings.Repeat("; and that", maxClauses-1) + "; and 3 more"; f.groups[0].String() != want {
		t.Errorf("%s", f.groups[0])
	}
}

func TestFiguresAndReceiptsInTexts(t *testing.T) {
	for text, want := range map[string]string{
		"UKMA1B2C3D Confirmed. Ksh5,000.00 sent to JANE W. Fee Ksh57.00. Balance Ksh2,340.05.": "[500000 5700 234005] UKMA1B2C3D",
		"on 22/11/26 at 9:14 AM. New balance is Ksh0.00":                                       "[0] ",
		"v1.234 and 12.3, 1,2 JONATHAN12 UKMA1B2C3d uKMA1B2C3D UKMA1B2C3DX":                    "[] ",
		"Ksh99999999999999999999.00":                                                           "[99999999999999900] ",
		"(UKV0000000)":                                                                         "[] UKV0000000",
		"UMZ0000000 UK00000000":                                                                "[] ",
		"":                                                                                     "[] ",
	} {
		_, receipt := strip(text, time.Time{})
		if got := fmt.Sprint(figures(text), " ", receipt); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
