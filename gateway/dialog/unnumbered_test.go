package dialog

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestUnnumberedRepeats: an operator that numbers nothing sends the same input
// twice. At once it is a late copy and gets the saved screen; later it was typed.
func TestUnnumberedRepeats(t *testing.T) {
	w := newWorld(t)
	at := time.Now()
	say := func(op Op, text string, after time.Duration) Reply {
		h := Hop{Operator: "safari", Session: "umr7", MSISDN: jane, Op: op, Text: text, Modulo: 1, Arrived: at.Add(after),
			Units: Units{Septets: 182, UCS2: 80}}
		if op == Begin {
			h.Code, h.Text = "*334#", ""
		}
		return w.Handle(t.Context(), h)
	}
	menu := say(Begin, "", 0)
	if again := say(Begin, "", 0); again.Text != menu.Text || again.End {
		t.Fatalf("the dial once more shows %q", again.Text)
	}
	who := say(Input, "1", 2*time.Second)
	if who.Text == menu.Text || who.End {
		t.Fatalf("1 shows %q", who.Text)
	}
	if again := say(Input, "1", 100*time.Millisecond); again.Text != who.Text {
		t.Errorf("a copy at once shows %q, not %q", again.Text, who.Text)
	}
	if typed := say(Input, "1", 2*time.Second); typed.Text == who.Text {
		t.Error("1 typed into the next screen was taken for a copy")
	}
	amount := say(Input, "0722000002", 2*time.Second)
	confirm := say(Input, "500", 2*time.Second)
	done := say(Input, thePI, 2*time.Second)
	if !confirm.Secret || !done.End {
		t.Fatalf("the payment went %q, %q, %q", amount.Text, confirm.Text, done.Text)
	}
	if late := say(Input, thePI, time.Minute); late.Text != done.Text || len(w.ledger.commits) != 1 {
		t.Errorf("the PIN once more shows %q after %d payments", late.Text, len(w.ledger.commits))
	}
}

// TestDialTwiceInOneInstant: the copy of a dial in the same millisecond is known as one,
// or an operator that refuses its screen would be taken to refuse the dialogue.
func TestDialTwiceInOneInstant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.phone("twice")
		first, again := w.Handle(t.Context(), p.hop(Begin, "*334#", "")), w.Handle(t.Context(), p.hop(Begin, "*334#", ""))
		if first.Repeated || !again.Repeated || again.Text != first.Text || again.End {
			t.Errorf("the dial shows %+v, its copy %+v", first, again)
		}
	})
}
