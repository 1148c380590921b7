package dialog

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"mlango/gateway/session"
	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// TestKindsAreOrderedAsTheyWereConfirmed: what is asked, what the ledger gets, and what
// the last screen says, by the numbers that people type.
func TestKindsAreOrderedAsTheyWereConfirmed(t *testing.T) {
	for _, row := range []struct {
		name   string
		who    ledger.AccountKind
		dial   string
		asked  ledger.Ask
		ref    string
		screen string
	}{
		{"cash", ledger.AccountWallet, "*334*4*100001*500#", ledger.Ask{Kind: ledger.KindWithdraw, Payee: "100001"}, "", "Take Ksh500.00 cash from PETER K. Fee Ksh13.00."},
		{"bill", ledger.AccountWallet, "*334*5*400200*MTR-77*500#", ledger.Ask{Kind: ledger.KindPaybill, Payee: "400200"}, "MTR-77", "paid to PETER K, account MTR-77."},
		{"goods", ledger.AccountTill, "*334*6*500001*500#", ledger.Ask{Kind: ledger.KindTill, Payee: "500001"}, "", "Ksh500.00 paid to PETER K."},
		{"deposit", ledger.AccountAgent, "*334*7*1*0722000002*500#", ledger.Ask{Kind: ledger.KindDeposit, Payee: peter}, "", "Ksh500.00 deposited for PETER K. Float Ksh2,340.00."},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t)
			var asked ledger.Ask
			w.ledger.kind = row.who
			w.ledger.quoted = func(a ledger.Ask) ledger.Quote {
				asked = a
				return ledger.Quote{From: 1, To: 2, Name: "PETER K", Currency: ledger.Currency{'K', 'E', 'S'}, Fee: 1300}
			}
			p := w.phone("s1")
			if r := p.dial(row.dial); !r.Secret {
				t.Fatalf("%+v", r)
			}
			has(t, p.press(thePI), true, row.screen)
			row.asked.Payer, row.asked.Amount = jane, 500_00
			got := w.ledger.requests
			if asked != row.asked || len(got) != 1 || got[0].Payee != row.asked.Payee || got[0].Ref != row.ref || got[0].Transfer.Kind != row.asked.Kind ||
				got[0].Transfer.Amount != 500_00 || got[0].Transfer.Fee != 1300 || got[0].Transfer.To != 2 || !got[0].Transfer.Of.IsZero() {
				t.Errorf("asked %+v, ordered %+v of %+v", asked, got, got[0].Transfer)
			}
		})
	}
}

// TestAReferenceEndsWithItsBill: what is paid next in the same dialogue bears none.
func TestAReferenceEndsWithItsBill(t *testing.T) {
	w := newWorld(t)
	p := w.phone("s1")
	p.dial("*334*5*400200*MTR-77*500#")
	p.press("00")
	for _, key := range []string{"6", "500001", "350"} {
		p.press(key)
	}
	has(t, p.press(thePI), true, "Ksh350.00 paid to PETER K.")
	if got := w.ledger.requests; len(got) != 1 || got[0].Ref != "" || got[0].Transfer.Kind != ledger.KindTill {
		t.Fatalf("%+v", got)
	}
}

// TestAReferenceThatCannotBeKept: a menu that lets anything be typed asks for no PIN for
// what the order could not bear.
func TestAReferenceThatCannotBeKept(t *testing.T) {
	src, err := os.ReadFile("../../menus/scripts/wallet.yaml")
	if err != nil {
		t.Fatal(err)
	}
	loose, err := menus.Parse("loose.yaml", bytes.Replace(src, []byte("account.matches('^[A-Za-z0-9 ./-]+$')"), []byte("account != ''"), 1), Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	w := newWorldOf(t, loose)
	for ref, asks := range map[string]bool{strings.Repeat("x", session.MaxRef): true, strings.Repeat("é", session.MaxRef): false} {
		p := w.phone(ref[:2])
		if r := p.dial("*334*5*400200*" + ref + "*500#"); r.Secret != asks || r.End == asks {
			t.Errorf("%s: %+v", ref, r)
		}
		if asks {
			has(t, p.press(thePI), true, "paid to PETER K")
		}
	}
}

// TestASendIsTakenBack: the order names the send and nobody's number, and the screen says
// what whoever dialled has then, not what the other one has.
func TestASendIsTakenBack(t *testing.T) {
	w := newWorld(t)
	send := ledger.ID{7}
	w.ledger.quoted = func(a ledger.Ask) ledger.Quote {
		if a != (ledger.Ask{Kind: ledger.KindReversal, Payer: jane}) {
			t.Errorf("asked %+v", a)
		}
		return ledger.Quote{From: 1, To: 2, Name: "PETER K", Currency: ledger.Currency{'K', 'E', 'S'}, First: send, FirstReceipt: ledger.Receipt([]byte("TKM1111111")),
			FirstAt: 1795328040000, Amount: 500_00, Number: peter}
	}
	p := w.phone("s1")
	p.dial("*334#")
	p.press("3")
	has(t, p.press("6"), false, "Reverse Ksh500.00 sent to PETER K at 9:14 AM, TKM1111111", "The fee is not returned.")
	has(t, p.press(thePI), true, "Ksh500.00 from PETER K is back. Balance Ksh777.00.")
	got := w.ledger.requests
	if len(got) != 1 || got[0].Payee != "" || got[0].Payer != jane || got[0].Transfer.Of != send || got[0].Transfer.Kind != ledger.KindReversal ||
		got[0].Transfer.From != 1 || got[0].Transfer.To != 2 || got[0].Transfer.Amount != 500_00 || got[0].Transfer.Fee != 0 || !got[0].Transfer.Again.IsZero() {
		t.Fatalf("%+v of %+v", got, got[0].Transfer)
	}
}

// TestWhyNothingIsTakenBack: each word of the ledger, before the PIN and behind it.
func TestWhyNothingIsTakenBack(t *testing.T) {
	for reject, want := range map[ledger.Reject]string{
		ledger.NotReversible: "You can only reverse your last send", ledger.AlreadyReversed: "reversed already",
		ledger.PayeeSpent: "no longer in that account", ledger.PayeeFrozen: "That account is on hold",
	} {
		quote := ledger.Quote{Reject: reject, From: 1, To: 2, Name: "PETER K", First: ledger.ID{7}, Amount: 500_00, Number: peter}
		w := newWorld(t)
		w.ledger.quoted = func(ledger.Ask) ledger.Quote { return quote }
		p := w.phone("s1")
		p.dial("*334#")
		p.press("3")
		has(t, p.press("6"), true, want)
		quote.Reject, w.ledger.reject = ledger.OK, reject
		p = w.phone("s2")
		p.dial("*334#")
		p.press("3")
		p.press("6")
		has(t, p.press(thePI), true, want)
	}
}

// TestAPromiseNamesAPlaceByItsSign: a person's number is masked, a till's is not.
func TestAPromiseNamesAPlaceByItsSign(t *testing.T) {
	for payee, want := range map[string]string{peter: "0722***002", "500001": "500001", "": ""} {
		if got := shownPayee(&session.Quote{Payee: payee}); got != want {
			t.Errorf("%s is shown as %s, not %s", payee, got, want)
		}
	}
}
