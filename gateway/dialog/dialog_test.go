package dialog

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mlango/gateway/session"
	"mlango/internal/trace"
	"mlango/ledgerd/ledger"
)

func TestSendMoneyStepByStep(t *testing.T) {
	w := newWorld(t)
	p := w.phone("s1")
	has(t, p.dial("*334#"), false, "Send money")
	has(t, p.press("1"), false, "number")
	has(t, p.press("0722000002"), false, "How much")
	r := p.press("500")
	has(t, r, false, "Ksh500.00", "PETER K", "Ksh13.00", "PIN")
	if !r.Secret {
		t.Fatal("the PIN's screen is not marked secret")
	}
	has(t, p.press(thePI), true, "TKM4K2X9QZ Confirmed", "Ksh500.00", "Ksh2,340.00")
	if w.commits() != 1 {
		t.Fatalf("%d commits", w.commits())
	}
	got := w.ledger.commits[0]
	want := ledger.Transfer{ID: got.ID, Kind: ledger.KindSend, From: 1, To: 2, Amount: 50000, Currency: ledger.Currency{'K', 'E', 'S'}, Fee: 1300,
		Expires: got.Expires, Origin: ledger.Origin{Operator: "safari", Session: "s1", Gateway: "g1"}, Bundle: wallet(t).Hash(), Language: ledger.Language{'e', 'n'}}
	if got != want {
		t.Fatalf("transfer\n%+v, want\n%+v", got, want)
	}
	if w.orders.Depth() != 0 || w.orders.Promised() != 0 {
		t.Fatal("something stayed in the queue")
	}
}

func TestOtherWays(t *testing.T) {
	for _, c := range []struct {
		name, code string
		inputs     []string
		want       string
		commits    int
	}{
		{"airtime for self", "*334#", []string{"2", "1", "50", thePI}, "airtime", 1},
		{"airtime for another", "*334#", []string{"2", "2", "0722000002", "50", thePI}, "airtime", 1},
		{"shortcut", "*334*1*0722000002*500#", []string{thePI}, "Confirmed", 1},
		{"airtime shortcut", "*334*2*1*50#", []string{thePI}, "airtime", 1},
		{"balance", "*334#", []string{"3", "1", thePI}, "Ksh2,340.00", 0},
		{"last of nothing", "*334#", []string{"3", "2", thePI}, "no transaction", 0},
		{"swahili", "*334#", []string{"3", "3", "2"}, "Tuma pesa", 0},
		{"wrong PIN, then right", "*334*1*0722000002*500#", []string{"1111", "2222", thePI}, "Confirmed", 1},
		{"wrong PIN three times", "*334*1*0722000002*500#", []string{"1111", "2222", "3333"}, "locked", 0},
		{"cancelled by code", "*334*1*0722000002*500*4826#", nil, "not known", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			p := w.phone("s1")
			r := p.dial(c.code)
			for _, in := range c.inputs {
				r = p.press(in)
			}
			if !strings.Contains(r.Text, c.want) || w.commits() != c.commits {
				t.Fatalf("%q after %d commits", r.Text, w.commits())
			}
		})
	}
}

func TestRejectsAreOutcomes(t *testing.T) {
	for _, reject := range ledger.OrderRejects()[1:] {
		if reject.Transient() {
			continue
		}
		t.Run(reject.String(), func(t *testing.T) {
			w := newWorld(t)
			w.ledger.reject = reject
			r := w.phone("s1").toPIN().press(thePI)
			if r.Refused != "" || r.Text == "" || strings.Contains(r.Text, "Confirmed") {
				t.Fatalf("%+v", r)
			}
			if w.commits() != 0 || w.orders.Depth() != 0 {
				t.Fatal("a reject left something")
			}
		})
	}
}

func TestRepeatGetsTheSameBytes(t *testing.T) {
	w := newWorld(t)
	p := w.phone("s1")
	p.dial("*334#")
	if again := p.again("1"); again.Refused != RefusedOrder {
		t.Fatal("an input at the dial's place was taken")
	}
	p = w.phone("s2")
	first := p.dial("*334*1*0722000002*500#")
	if again := p.dial("*334*1*0722000002*500#"); again != first {
		t.Fatalf("repeated dial: %+v, first %+v", again, first)
	}
	done := p.press(thePI)
	for range 5 {
		if again := p.again(thePI); again != done {
			t.Fatalf("repeat %+v, first %+v", again, done)
		}
	}
	if w.commits() != 1 {
		t.Fatalf("%d commits", w.commits())
	}
	if r := p.again("1111"); r.Refused != RefusedDead {
		t.Fatalf("another input after END: %+v", r)
	}
}

func TestConcurrentDuplicatesOfTheLastHop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ledger.delay = 200 * time.Millisecond
		p := w.phone("s1").toPIN()
		p.position++
		var wg sync.WaitGroup
		replies := make([]Reply, 32)
		for i := range replies {
			wg.Go(func() { replies[i] = p.again(thePI) })
		}
		wg.Wait()
		for _, r := range replies {
			if r != replies[0] {
				t.Fatalf("%+v differs from %+v", r, replies[0])
			}
		}
		has(t, replies[0], true, "Confirmed")
		if w.commits() != 1 {
			t.Fatalf("%d commits", w.commits())
		}
		_ = w.orders.Close()
	})
}

func TestConcurrentDuplicatesOnTwoGateways(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ledger.delay = 200 * time.Millisecond
		p := w.phone("s1").toPIN()
		p.position++
		hop := p.hop(Input, "", thePI)
		other := New(w.cfg)
		var wg sync.WaitGroup
		replies := make([]Reply, 32)
		for i := range replies {
			d := w.Dialog
			if i%2 == 1 {
				d = other
			}
			wg.Go(func() { replies[i] = d.Handle(context.Background(), hop) })
		}
		wg.Wait()
		for _, r := range replies {
			has(t, r, true, "Confirmed")
		}
		if w.commits() != 1 {
			t.Fatalf("%d commits", w.commits())
		}
		_ = w.orders.Close()
	})
}

func TestCumulativeDialect(t *testing.T) {
	hop := func(op Op, text string, position uint32) Hop {
		return Hop{Operator: "at", Session: "ATUid_1", MSISDN: jane, Op: op, Code: "*334#", Text: text, Position: position, Cumulative: true}
	}
	w := newWorld(t)
	ctx := context.Background()
	has(t, w.Handle(ctx, hop(Begin, "", 0)), false, "Send money")
	has(t, w.Handle(ctx, hop(Input, "1", 1)), false, "number")
	r := w.Handle(ctx, hop(Input, "1*0722000002", 2))
	r.Repeated = true // what comes again says so
	if again := w.Handle(ctx, hop(Input, "1*0722000002", 2)); again != r {
		t.Fatalf("repeat %+v", again)
	}
	has(t, w.Handle(ctx, hop(Input, "1*0722000002*500", 3)), false, "PIN")
	has(t, w.Handle(ctx, hop(Input, "1*0722000002*500*"+thePI, 4)), true, "Confirmed")
	if r := w.Handle(ctx, hop(Input, "1*0722000002*500*"+thePI+"*1", 5)); r.Refused != RefusedDead {
		t.Fatalf("%+v", r)
	}
	if w.commits() != 1 {
		t.Fatalf("%d commits", w.commits())
	}
	other := hop(Input, "1*0722000002*500", 3)
	other.Session = "ATUid_2"
	has(t, w.Handle(ctx, other), false, "PIN") // a shortcut's first hop
	other.Session, other.Text, other.Position = "ATUid_3", "1*0722000002*500*4826", 4
	if r := w.Handle(ctx, other); r.Refused != RefusedDead {
		t.Fatalf("a dead dialogue was taken for a dial: %+v", r)
	}
}

func TestPositionsWrap(t *testing.T) {
	s := &session.Session{Position: 127}
	if judge(s, &Hop{Op: Input, Position: 0, Modulo: 128}, [16]byte{1}) != isNext {
		t.Fatal("127 is not followed by 0")
	}
	if judge(s, &Hop{Op: Input, Position: 128, Modulo: 128}, [16]byte{1}) != isStray {
		t.Fatal("128 was taken")
	}
}

func TestNoPINAnywhere(t *testing.T) {
	w := newWorld(t)
	p := w.phone("s1").toPIN()
	p.press("739104") // wrong
	p.press(thePI)
	p = w.phone("s2")
	p.dial("*334#")
	p.press("3")
	p.press("1")
	p.press("739104")
	for _, secret := range []string{thePI, "739104"} {
		for _, b := range w.store.blobs {
			if strings.Contains(string(b), secret) {
				t.Fatal("a session holds a PIN")
			}
		}
		if strings.Contains(w.logs.String(), secret) {
			t.Fatal("a log holds a PIN")
		}
		for _, s := range []string{"s1", "s2"} {
			events := w.trace.Events(trace.Session("safari", jane, s))
			if len(events) == 0 {
				t.Fatal("nothing was traced")
			}
			for _, e := range events {
				if strings.Contains(e.Text, secret) || strings.Contains(e.Text, "0722000002") || strings.Contains(e.Text, jane) {
					t.Fatalf("the trace holds %q", e.Text)
				}
			}
		}
	}
}
