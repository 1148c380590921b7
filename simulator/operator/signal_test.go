package operator

import (
	"context"
	"errors"
	"strings"
	"testing"

	"mlango/internal/dialect"
	"mlango/smpp"
)

// TestNoSignal: out of reach the dialogue is over on both sides, nothing is dialled, and
// SMS wait at the SMSC until the handset is back, in order, each once.
func TestNoSignal(t *testing.T) {
	o, e := house(t, Config{}, wallet)
	ctx := context.Background()
	must(t)(o.Dial(ctx, anna, "*334#"))
	if s := o.Shown(anna); !s.Open || s.Text != "M-Wallet\n1. Send" {
		t.Errorf("the display shows %+v", s)
	}
	if err := o.SetSignal(anna, false); err != nil || o.Signal(anna) || !o.Signal(ben) {
		t.Fatalf("%v, signal %v", err, o.Signal(anna))
	}
	if hops := e.seen(); len(hops) != 2 || hops[1].Op != dialect.Abort {
		t.Errorf("the service saw %+v", hops)
	}
	if s := o.Shown(anna); s.Open {
		t.Errorf("the display shows %+v", s)
	}
	if _, err := o.Dial(ctx, anna, "*334#"); !errors.Is(err, ErrNoSignal) {
		t.Errorf("a dial: %v", err)
	}
	if _, err := o.Press(ctx, anna, "1"); !errors.Is(err, ErrNoSignal) {
		t.Errorf("a press: %v", err)
	}
	for _, text := range []string{"first", "second"} {
		if s := e.text(anna, text, wantsReceipt)[0].Status; s != smpp.StatusOK {
			t.Errorf("the SMSC answers %v", s)
		}
	}
	if len(o.Inbox(anna)) != 0 || o.Counts().Receipts != 0 || len(e.receipt) != 0 {
		t.Errorf("it got %+v", o.Inbox(anna))
	}
	if err := o.SetSignal(anna, true); err != nil || !o.Signal(anna) {
		t.Fatal(err)
	}
	if box := o.Inbox(anna); len(box) != 2 || box[0].Text != "first" || box[1].Text != "second" {
		t.Errorf("back in reach it has %+v", box)
	}
	for range 2 {
		<-e.receipt
	}
	must(t)(o.Dial(ctx, anna, "*334#"))
}

// TestNoSignalKeepsSoMuch: the SMSC's room for a handset is bounded.
func TestNoSignalKeepsSoMuch(t *testing.T) {
	o, e := house(t, Config{}, wallet)
	_ = o.SetSignal(anna, false)
	for range maxHeld {
		e.text(anna, "hello", 0)
	}
	if s := e.text(anna, "hello", 0)[0].Status; s != smpp.StatusMsgQueueFull {
		t.Errorf("one too many: %v", s)
	}
	if o.SetSignal("mary", false) == nil || !o.Signal("254700000009") {
		t.Error("a number that is none has no signal to lose")
	}
}

// TestNoSignalWhileAScreenIsAwaited: whoever waits is told at once.
func TestNoSignalWhileAScreenIsAwaited(t *testing.T) {
	begun := make(chan struct{}, 1)
	o, _ := house(t, Config{}, func(h dialect.Hop) *dialect.Reply {
		if h.Op == dialect.Begin {
			begun <- struct{}{}
		}
		return nil
	})
	got := make(chan error, 1)
	go func() {
		_, err := o.Dial(context.Background(), anna, "*334#")
		got <- err
	}()
	<-begun
	_ = o.SetSignal(anna, false)
	if err := <-got; !errors.Is(err, ErrNoSignal) {
		t.Errorf("it ended with %v", err)
	}
}

// TestTraceTellsThePDUs: the wire view has the fields that make a PDU one of USSD, and
// no whole number.
func TestTraceTellsThePDUs(t *testing.T) {
	o, _ := house(t, Config{Trace: true}, wallet)
	s := must(t)(o.Dial(context.Background(), anna, "*334#"))
	must(t)(o.Press(context.Background(), anna, "0722000002"))
	events := o.Events(o.TraceName(anna, s.Session))
	if len(events) != 4 {
		t.Fatalf("%+v", events)
	}
	for i, want := range []string{"deliver_sm ussd_service_op=1 PSSR indication its_session_info=", "submit_sm ussd_service_op=2 USSR request",
		"deliver_sm ussd_service_op=18 USSR confirm", "submit_sm ussd_service_op=17 PSSR response"} {
		if !strings.HasPrefix(events[i].Text, want) || strings.Contains(events[i].Text, "0722000002") {
			t.Errorf("%s, want %s", events[i].Text, want)
		}
	}
}
