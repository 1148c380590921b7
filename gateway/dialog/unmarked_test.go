package dialog

import (
	"testing"
	"time"
)

// TestUnmarkedDials: an operator that does not say which input is a dial, nor
// numbers any. The first one begins, its late copies do not, and an amount that
// looks like the code is an amount.
func TestUnmarkedDials(t *testing.T) {
	w := newWorld(t)
	at := time.Now()
	session := "air1"
	say := func(text string, after time.Duration) Reply {
		h := Hop{Operator: "airtel", Session: session, MSISDN: jane, Op: Input, Text: text, Modulo: 1, Arrived: at.Add(after), Units: Units{Septets: 160, UCS2: 80}}
		if text == "334" {
			h.Code = "*334#"
		}
		return w.Handle(t.Context(), h)
	}
	menu := say("334", 0)
	has(t, menu, false, "Send money")
	if copied := say("334", 10*time.Second); copied.Text != menu.Text || copied.End {
		t.Fatalf("the dial's late copy shows %+v", copied)
	}
	who := say("1", 2*time.Second)
	has(t, who, false, "number")
	has(t, say("0722000002", 2*time.Second), false, "How much")
	confirm := say("334", 2*time.Second)
	if !confirm.Secret {
		t.Fatalf("an amount that looks like the code shows %+v", confirm)
	}
	if copied := say("334", time.Minute); copied.Text != confirm.Text || w.ledger.tries != 3 {
		t.Fatalf("the amount's late copy was taken for a PIN: %+v", copied)
	}
	done := say(thePI, 2*time.Second)
	has(t, done, true, "Confirmed")
	if copied := say(thePI, 5*time.Second); copied.Text != done.Text || w.commits() != 1 {
		t.Fatalf("the PIN's late copy shows %+v after %d payments", copied, w.commits())
	}
	has(t, say("334", RedialLeast+time.Second), false, "Send money") // the same key for a new dialogue
	session = "air2"
	if r := say("1", time.Second); r.Refused != RefusedDead {
		t.Fatalf("an input without a session shows %+v", r)
	}
}

// TestUnnumberedCopyIsNoPIN: an amount sent once more, late, meets the screen that
// asks for the PIN. It is no wrong one.
func TestUnnumberedCopyIsNoPIN(t *testing.T) {
	w := newWorld(t)
	at := time.Now()
	say := func(text string, after time.Duration) Reply {
		return w.Handle(t.Context(), Hop{Operator: "tigo", Session: "t1", MSISDN: jane, Op: Input, Text: text, Modulo: 1, Arrived: at.Add(after),
			Units: Units{Septets: 160, UCS2: 80}})
	}
	w.Handle(t.Context(), Hop{Operator: "tigo", Session: "t1", MSISDN: jane, Op: Begin, Code: "*334#", Modulo: 1, Arrived: at, Units: Units{Septets: 160, UCS2: 80}})
	say("1", 2*time.Second)
	say("0722000002", 2*time.Second)
	confirm := say("4829", 2*time.Second)
	if !confirm.Secret {
		t.Fatalf("the amount shows %+v", confirm)
	}
	if copied := say("4829", SecretLeast-2*time.Second); copied.Text != confirm.Text || w.ledger.tries != 3 {
		t.Fatalf("the amount's copy was taken for a PIN: %+v, %d tries left", copied, w.ledger.tries)
	}
	say("4829", SecretLeast+time.Second)
	if w.ledger.tries != 2 {
		t.Errorf("typed, it is a wrong PIN: %d tries left", w.ledger.tries)
	}
}
