package operator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mlango/internal/dialect"
	"mlango/smpp"
)

// must is for calls whose error would be the test's end.
func must(t *testing.T) func(Screen, error) Screen {
	return func(s Screen, err error) Screen {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

func TestDialogue(t *testing.T) {
	o, e := house(t, Config{Trace: true}, wallet)
	ctx := context.Background()
	first := must(t)(o.Dial(ctx, anna, "*334#"))
	if !first.Open || first.Secret || first.Text != "M-Wallet\n1. Send" {
		t.Fatalf("first screen %+v", first)
	}
	second := must(t)(o.Press(ctx, anna, "1"))
	if !second.Open || !second.Secret || second.Session != first.Session {
		t.Fatalf("second screen %+v", second)
	}
	last := must(t)(o.Press(ctx, anna, "4826"))
	if last.Open || last.Text != "Done" {
		t.Fatalf("last screen %+v", last)
	}
	if _, err := o.Press(ctx, anna, "1"); !errors.Is(err, ErrNoSession) {
		t.Errorf("a press after the end: %v", err)
	}
	for i, h := range e.seen() {
		if int(h.Position) != i || h.Session != first.Session || h.MSISDN != anna {
			t.Errorf("hop %d arrived as %+v", i, h)
		}
	}
	for _, ev := range o.trace.Events(o.TraceName(anna, first.Session)) {
		if strings.Contains(ev.Text, "4826") || strings.Contains(ev.Text, anna) {
			t.Errorf("the trace tells too much: %s", ev.Text)
		}
	}
}

func TestEveryDialIsANewSession(t *testing.T) {
	o, e := house(t, Config{}, wallet)
	a := must(t)(o.Dial(context.Background(), anna, "*334#"))
	b := must(t)(o.Dial(context.Background(), anna, "*334#"))
	if a.Session == b.Session {
		t.Error("two dials have one session number")
	}
	hops := e.seen()
	if len(hops) != 3 || hops[1].Op != dialect.Abort || hops[1].Session != a.Session {
		t.Errorf("the open dialogue was not aborted: %+v", hops)
	}
}

func TestHangup(t *testing.T) {
	o, e := house(t, Config{}, wallet)
	ctx := context.Background()
	must(t)(o.Dial(ctx, anna, "*334#"))
	for range 2 { // the second has nothing to end
		if err := o.Hangup(ctx, anna); err != nil {
			t.Fatal(err)
		}
	}
	if hops := e.seen(); len(hops) != 2 || hops[1].Op != dialect.Abort {
		t.Errorf("the network side saw %+v", hops)
	}
	if _, err := o.Press(ctx, anna, "1"); !errors.Is(err, ErrNoSession) {
		t.Errorf("a press after hanging up: %v", err)
	}
}

// TestHangupWhileAScreenIsAwaited: whoever hangs up and dials anew gets the new
// screens; the old wait is over at once.
func TestHangupWhileAScreenIsAwaited(t *testing.T) {
	begun := make(chan struct{}, 2)
	o, _ := house(t, Config{}, func(h dialect.Hop) *dialect.Reply {
		if h.Op != dialect.Begin {
			return nil
		}
		begun <- struct{}{}
		if h.Code == "*334*9#" {
			return nil
		}
		return &dialect.Reply{Text: "the new one"}
	})
	ctx := context.Background()
	old := make(chan error, 1)
	go func() {
		_, err := o.Dial(ctx, anna, "*334*9#")
		old <- err
	}()
	<-begun
	if err := o.Hangup(ctx, anna); err != nil {
		t.Fatal(err)
	}
	if s := must(t)(o.Dial(ctx, anna, "*334#")); s.Text != "the new one" || !s.Open {
		t.Errorf("the new dial shows %+v", s)
	}
	if err := <-old; !errors.Is(err, ErrNoSession) {
		t.Errorf("the old one ended with %v", err)
	}
	if err := o.Hangup(ctx, anna); err != nil {
		t.Errorf("the new dialogue cannot be ended: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	o, _ := house(t, Config{}, wallet)
	ctx := context.Background()
	for _, c := range []struct {
		name string
		do   func() (Screen, error)
		want error
	}{
		{"letters for a number", func() (Screen, error) { return o.Dial(ctx, "mary", "*334#") }, ErrNumber},
		{"a national number", func() (Screen, error) { return o.Dial(ctx, "0722000001", "*334#") }, ErrNumber},
		{"no code", func() (Screen, error) { return o.Dial(ctx, anna, "") }, ErrInput},
		{"a long code", func() (Screen, error) { return o.Dial(ctx, anna, "*"+strings.Repeat("1", MaxInput)+"#") }, ErrInput},
		{"what the service refuses", func() (Screen, error) { return o.Dial(ctx, anna, refusedCode) }, ErrRefused},
		{"a press without a dial", func() (Screen, error) { return o.Press(ctx, ben, "1") }, ErrNoSession},
		{"an empty press", func() (Screen, error) { return o.Press(ctx, anna, "") }, ErrInput},
	} {
		if _, err := c.do(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestNobodyBound(t *testing.T) {
	o, err := New(Config{Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Dial(context.Background(), anna, "*334#"); !errors.Is(err, ErrNoService) {
		t.Errorf("a dial into nothing: %v", err)
	}
}

func TestSilenceEndsTheDialogueAndTheLateScreenIsDropped(t *testing.T) {
	held := make(chan dialect.Hop, 1)
	o, e := house(t, Config{Reply: 50 * time.Millisecond}, func(h dialect.Hop) *dialect.Reply {
		if h.Op == dialect.Begin {
			held <- h
		}
		return nil
	})
	if _, err := o.Dial(context.Background(), anna, "*334#"); !errors.Is(err, ErrNoAnswer) {
		t.Fatalf("no screen came, but: %v", err)
	}
	e.reply(e.ussd, <-held, dialect.Reply{Text: "too late"})
	if s := <-e.status; s == smpp.StatusOK {
		t.Error("a late screen was taken")
	}
	if c := o.Counts(); c.Late != 1 || c.NoAnswer != 1 || c.Screens != 0 {
		t.Errorf("counted %+v", c)
	}
	if _, err := o.Press(context.Background(), anna, "1"); !errors.Is(err, ErrNoSession) {
		t.Errorf("the dialogue goes on: %v", err)
	}
}

func TestIdleDialogueEnds(t *testing.T) {
	o, _ := house(t, Config{Idle: time.Nanosecond}, wallet)
	must(t)(o.Dial(context.Background(), anna, "*334#"))
	time.Sleep(time.Millisecond)
	if _, err := o.Press(context.Background(), anna, "1"); !errors.Is(err, ErrNoSession) {
		t.Errorf("an idle dialogue goes on: %v", err)
	}
}

func TestOneThingAtATime(t *testing.T) {
	let := make(chan struct{})
	o, _ := house(t, Config{}, func(h dialect.Hop) *dialect.Reply {
		<-let
		return wallet(h)
	})
	done := make(chan error, 1)
	go func() {
		_, err := o.Dial(context.Background(), anna, "*334#")
		done <- err
	}()
	for o.Counts().Hops == 0 {
		time.Sleep(time.Millisecond)
	}
	if _, err := o.Dial(context.Background(), anna, "*334#"); !errors.Is(err, ErrBusy) {
		t.Errorf("a second dial: %v", err)
	}
	if _, err := o.Press(context.Background(), anna, "1"); !errors.Is(err, ErrBusy) {
		t.Errorf("a press before the screen: %v", err)
	}
	close(let)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestSMS(t *testing.T) {
	var mu sync.Mutex
	var told []SMS
	o, e := house(t, Config{OnSMS: func(s SMS) { mu.Lock(); told = append(told, s); mu.Unlock() }}, wallet)
	short := "TKM4K2X9QZ Confirmed. Ksh5,000.00 sent to JANE W 0722***002."
	long := strings.Repeat("Umelipa Ksh5,000.00 kwa JANE W. ", 12)
	wide := strings.Repeat("ጤና ይስጥልኝ ", 20)
	for i, text := range []string{short, long, wide} {
		resps := e.text(ben, text, 0)
		box := o.Inbox(ben)
		if len(box) != i+1 || box[i].Text != text || box[i].From != "M-WALLET" || box[i].To != ben {
			t.Fatalf("the inbox holds %+v", box)
		}
		if last := resps[len(resps)-1]; last.Status != smpp.StatusOK || last.MessageID != box[i].ID || last.MessageID == "" {
			t.Errorf("answered %+v for SMS %q", last, box[i].ID)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(told) != 3 || o.Inbox(anna) != nil {
		t.Errorf("told of %d SMS", len(told))
	}
	if m := (&smpp.Message{Dest: smpp.Address{Addr: "M-WALLET"}}); true {
		if resp, err := e.sms.Submit(context.Background(), m); err != nil || resp.Status != smpp.StatusInvDstAddr {
			t.Errorf("an SMS to letters: %+v, %v", resp, err)
		}
	}
}

func TestInboxIsBounded(t *testing.T) {
	o, e := house(t, Config{Inbox: 3}, wallet)
	for i := range 5 {
		e.text(anna, fmt.Sprint(i), 0)
	}
	var texts []string
	for _, s := range o.Inbox(anna) {
		texts = append(texts, s.Text)
	}
	if !slices.Equal(texts, []string{"2", "3", "4"}) {
		t.Errorf("kept %q", texts)
	}
}

func TestReceipt(t *testing.T) {
	_, e := house(t, Config{}, wallet)
	resp := e.text(anna, "hello", 1)[0]
	if r := <-e.receipt; r.ID != resp.MessageID || r.Stat != "DELIVRD" {
		t.Errorf("receipt %+v for message %q", r, resp.MessageID)
	}
}

func TestManyHandsets(t *testing.T) {
	o, _ := house(t, Config{Window: 100}, wallet)
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			number := fmt.Sprintf("2547330%05d", i)
			for _, step := range []func() (Screen, error){
				func() (Screen, error) { return o.Dial(context.Background(), number, "*334#") },
				func() (Screen, error) { return o.Press(context.Background(), number, "1") },
				func() (Screen, error) { return o.Press(context.Background(), number, "1111") },
			} {
				if _, err := step(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if c := o.Counts(); c.Screens != 600 || c.Late != 0 {
		t.Errorf("counted %+v", c)
	}
}
