package server

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// TestToolsSeeMaskedNumbers and no names.
func TestToolsSeeMaskedNumbers(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	byNumber, known, err := n.c.AccountOf(n.ctx(), msisdn(2))
	if err != nil || !known || byNumber.Account != 2 || byNumber.Balance != startKES || byNumber.Masked != "2547*****002" || byNumber.Sealed != nil {
		t.Fatalf("%+v %v %v", byNumber, known, err)
	}
	if seen, known, err := n.c.Account(n.ctx(), 2); err != nil || !known || seen.View.Account != byNumber.View.Account {
		t.Fatalf("%+v %v %v", seen, known, err)
	}
	if _, known, err := n.c.Account(n.ctx(), 77); err != nil || known {
		t.Fatal(known, err)
	}
	if _, known, err := n.c.AccountOf(n.ctx(), "254799999999"); err != nil || known {
		t.Fatal(known, err)
	}
	if _, _, err := n.c.Account(n.ctx(), 0); !errors.Is(err, ledgerclient.ErrRefused) {
		t.Fatal(err)
	}
	res := n.do(n.send(1, 2, 50_000, 700, rightPIN), ledger.OK)
	for _, of := range []string{res.ID.String(), strings.ToLower(res.Receipt.String())} {
		b, known, err := n.c.Show(n.ctx(), of)
		var s Sheet
		if err != nil || !known || json.Unmarshal(b, &s) != nil || s.Amount != 50_000 || s.What != "send" || !strings.HasSuffix(s.At, "+03:00") {
			t.Fatalf("%s: %s %v %v", of, b, known, err)
		}
	}
	if _, known, err := n.c.Show(n.ctx(), "TKM4K2X9QZ"); err != nil || known {
		t.Fatal(known, err)
	}
	stats, err := n.c.Stats(n.ctx())
	if err != nil || len(stats) != len(n.srv.Gauges()) {
		t.Fatalf("%d figures, %v", len(stats), err)
	}
	for _, s := range stats {
		if s.Name == "ledger_lag_notices_sms" && s.Value != 2 {
			t.Errorf("%s is %v", s.Name, s.Value)
		}
	}
}

// TestNumbersArePointedAndPINsReset by who administrates.
func TestNumbersArePointedAndPINsReset(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	const fresh = "254733000001"
	n.ok(n.c.PointNumber(n.ctx(), ledgerclient.Number{Account: 1, Kind: ledger.AccountWallet, Number: fresh}))
	if p, err := n.c.Profile(n.ctx(), fresh); err != nil || p.Account != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	if _, err := n.c.ResetPIN(n.ctx(), ledgerclient.PINReset{Account: 2, Number: fresh}); !errors.Is(err, ledgerclient.ErrRefused) || !strings.Contains(err.Error(), "not account 2's") {
		t.Fatal(err)
	}
	n.do(n.first(1, fresh, "7391"), ledger.PINIsSet)
	n.ok(n.c.ResetPIN(n.ctx(), ledgerclient.PINReset{Account: 1, Number: fresh}))
	if p, err := n.c.Profile(n.ctx(), fresh); err != nil || !p.NoPIN || p.Locked {
		t.Fatalf("%+v, %v", p, err)
	}
	n.do(n.check(1, ledger.QueryBalance, rightPIN), ledger.PINNotSet)
	n.do(n.first(1, msisdn(2), "7391"), ledger.AliasMoved) // not from another's number
	n.do(n.first(1, "254799999999", "7391"), ledger.AliasMoved)
	n.do(n.first(1, fresh, wrongPIN), ledger.PINTooEasy)
	set := n.first(1, fresh, "7391")
	n.do(set, ledger.OK)
	n.do(set, ledger.OK) // the same answer, and nothing is set anew
	n.do(n.check(1, ledger.QueryBalance, "7391"), ledger.OK)
	n.do(n.first(1, fresh, "7392"), ledger.PINIsSet)
	n.ok(n.c.ResetPIN(n.ctx(), ledgerclient.PINReset{Account: 1, Number: fresh})) // and no opening sets what its holder is to set
	n.ok(n.c.OpenPeople(n.ctx(), []ledgerclient.Person{n.person(1, "PERSON 1", msisdn(1), rightPIN)}))
	n.do(n.check(1, ledger.QueryBalance, rightPIN), ledger.PINNotSet)

	n.ok(n.c.PointNumber(n.ctx(), ledgerclient.Number{Number: fresh, Kind: ledger.AccountWallet}))
	if p, err := n.c.Profile(n.ctx(), fresh); err != nil || p.Known {
		t.Fatalf("a number that points nowhere leads to %+v, %v", p, err)
	}
}

// TestFewLookAtOnce: readings of the journal and plans take memory, so only so many are
// made at a time, whoever asks; what the books alone know is told beside them.
func TestFewLookAtOnce(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	res := n.do(n.send(1, 2, 500, 0, rightPIN), ledger.OK)
	for range maxLooks {
		n.srv.looks <- struct{}{}
	}
	short, cancel := context.WithTimeout(n.ctx(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := n.c.Show(short, res.ID.String()); err == nil {
		t.Error("one more reads the journal")
	}
	if _, known, err := n.c.ShowBooks(n.ctx(), res.ID.String()); err != nil || !known {
		t.Error(known, err)
	}
	<-n.srv.looks
	if _, known, err := n.c.Show(n.ctx(), res.ID.String()); err != nil || !known || len(n.srv.looks) != maxLooks-1 {
		t.Error(known, err, len(n.srv.looks))
	}
	n.srv.plans.Add(maxPlans)
	move := &ledger.Move{Transfer: ledger.Transfer{ID: newID(), Kind: ledger.KindPayout, From: 1, To: 2, Amount: 1, Currency: ledger.Currency{'K', 'E', 'S'}}}
	if _, err := n.c.Plan(n.ctx(), []*ledger.Move{move}); err == nil {
		t.Error("one more plan is made")
	}
	n.srv.plans.Add(-1)
	if quotes, err := n.c.Plan(n.ctx(), []*ledger.Move{move}); err != nil || len(quotes) != 1 {
		t.Error(quotes, err)
	}
}
