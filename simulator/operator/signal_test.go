package operator

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"mlango/internal/dialect"
	"mlango/internal/trace"
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

// TestTraceTellsThePDUs: the wire view has the fields that make a PDU one of USSD, every
// response, the SMS with its receipt, and no whole number.
func TestTraceTellsThePDUs(t *testing.T) {
	o, e := house(t, Config{Trace: true, Zone: time.FixedZone("EAT", 3*3600)}, wallet)
	s := must(t)(o.Dial(context.Background(), anna, "*334#"))
	must(t)(o.Press(context.Background(), anna, "0722000002"))
	id := e.text(anna, "UKM1 Confirmed.", 1)[0].MessageID
	<-e.receipt
	name := o.TraceName(anna, s.Session)
	for _, in := range []string{"sms", "deliver_sm esm_class=4"} {
		for !strings.Contains(told(o.Events(o.SMSTraceName(id))), in) {
			time.Sleep(time.Millisecond)
		}
	}
	for strings.Count(told(o.Events(name)), "_resp ESME_ROK") < 6 { // the last comes behind what a handset waits for
		time.Sleep(time.Millisecond)
	}
	if in := o.Inbox(anna); len(in) != 1 || !strings.HasSuffix(in[0].At.Format(time.RFC3339), "+03:00") {
		t.Errorf("an SMS by another clock than the operator's: %+v", in)
	}
	all := told(o.Events(name))
	for _, want := range []string{"deliver_sm ussd_service_op=1 PSSR indication its_session_info=", "submit_sm ussd_service_op=2 USSR request",
		"deliver_sm ussd_service_op=18 USSR confirm", "submit_sm ussd_service_op=17 PSSR response", "submit_sm_resp ESME_ROK message_id=",
		"deliver_sm_resp ESME_ROK after ", "submit_sm M-WALLET → 2547*****001: UKM1 Confirmed.", "submit_sm_resp ESME_ROK message_id=" + id,
		"deliver_sm esm_class=4 id:" + id + " sub:001 dlvrd:001"} {
		if !strings.Contains(all, want) {
			t.Errorf("it lacks %s:\n%s", want, all)
		}
	}
	if strings.Contains(all, "0722000002") || strings.Contains(all, anna) {
		t.Errorf("a number is whole:\n%s", all)
	}
}

// told are the texts of events.
func told(events []trace.Event) string {
	var lines []string
	for _, e := range events {
		lines = append(lines, e.Kind+" "+e.Text)
	}
	return strings.Join(lines, "\n")
}

// TestTraceHidesByKnowledge: what is typed where a PIN is asked for is hidden, and what
// looks like one wherever it is typed; a small amount is not.
func TestTraceHidesByKnowledge(t *testing.T) {
	o, _ := house(t, Config{Trace: true}, wallet)
	s := must(t)(o.Dial(context.Background(), anna, "*334#"))
	must(t)(o.Press(context.Background(), anna, "500"))
	if all := told(o.Events(o.TraceName(anna, s.Session))); !strings.Contains(all, `"500"`) {
		t.Errorf("an amount is hidden:\n%s", all)
	}
	s = must(t)(o.Dial(context.Background(), anna, "*334#"))
	must(t)(o.Press(context.Background(), anna, "482679"))
	if all := told(o.Events(o.TraceName(anna, s.Session))); strings.Contains(all, "4826") {
		t.Errorf("a PIN typed where none is asked for is shown:\n%s", all)
	}
	s = must(t)(o.Dial(context.Background(), anna, "*334#"))
	if s = must(t)(o.Press(context.Background(), anna, "1")); !s.Secret {
		t.Fatalf("no PIN is asked for: %+v", s)
	}
	must(t)(o.Press(context.Background(), anna, "482679"))
	if all := told(o.Events(o.TraceName(anna, s.Session))); strings.Contains(all, "4826") || !strings.Contains(all, "****") {
		t.Errorf("a PIN is shown:\n%s", all)
	}
}
