package operator

import (
	"context"
	"testing"
	"time"

	"mlango/internal/dialect"
	"mlango/smpp"
)

// open sends a screen of a session that nobody dialled and returns its answer.
func (e *esme) open(number, session string, r dialect.Reply) smpp.Status {
	e.t.Helper()
	e.reply(e.ussd, dialect.Hop{Session: session, MSISDN: number}, r)
	select {
	case st := <-e.status:
		return st
	case <-time.After(5 * time.Second):
		e.t.Fatal("no answer")
		return 0
	}
}

// TestPush: an idle handset shows what the service opens and answers it; a busy
// one does not, and what is only shown is confirmed.
func TestPush(t *testing.T) {
	pushed := make(chan Screen, 4)
	o, e := house(t, Config{OnPush: func(_ string, s Screen) { pushed <- s }}, wallet)
	ctx := context.Background()
	if st := e.open(anna, "7f", dialect.Reply{Text: "M-Wallet\n1. Send"}); st != smpp.StatusOK {
		t.Fatalf("a screen for an idle handset: %v", st)
	}
	if s := <-pushed; !s.Open || s.Session != "7f" || s.Text != "M-Wallet\n1. Send" {
		t.Errorf("shown %+v", s)
	}
	if st := e.open(anna, "80", dialect.Reply{Text: "another"}); st == smpp.StatusOK {
		t.Error("a busy handset took another screen")
	}
	if s := must(t)(o.Press(ctx, anna, "1")); !s.Secret || s.Session != "7f" {
		t.Errorf("the answer to 1 is %+v", s)
	}
	if err := o.Hangup(ctx, anna); err != nil {
		t.Fatal(err)
	}
	for len(e.status) > 0 {
		<-e.status
	}
	if st := e.open(anna, "81", dialect.Reply{Text: "Higher now", Notify: true}); st != smpp.StatusOK {
		t.Fatalf("a notification: %v", st)
	}
	if s := <-pushed; s.Open || s.Text != "Higher now" {
		t.Errorf("shown %+v", s)
	}
	for n := len(e.seen()); n < 3 || e.seen()[n-1].Op != dialect.Notified; n = len(e.seen()) {
		time.Sleep(time.Millisecond)
	}
	if h := e.seen()[0]; h.Op != dialect.Input || h.Position != 1 || h.Session != "7f" {
		t.Errorf("the first press came as %+v", h)
	}
	if _, err := o.Dial(ctx, anna, "*334#"); err != nil {
		t.Errorf("a dial after it: %v", err)
	}
}

// TestPushIsOff: a network that takes none refuses, as it refuses a late screen.
func TestPushIsOff(t *testing.T) {
	o, e := house(t, Config{}, wallet)
	if st := e.open(anna, "7f", dialect.Reply{Text: "Menu"}); st == smpp.StatusOK || o.Counts().Late != 1 {
		t.Errorf("%v, %+v", st, o.Counts())
	}
}
