package dialog

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mlango/gateway/session"
	"mlango/ledgerd/ledger"
)

func TestRefused(t *testing.T) {
	t.Run("dead session", func(t *testing.T) {
		w := newWorld(t)
		p := w.phone("s1")
		if r := p.press("1"); r.Refused != RefusedDead || !r.End {
			t.Fatalf("%+v", r)
		}
	})
	t.Run("out of order ends the session", func(t *testing.T) {
		w := newWorld(t)
		p := w.phone("s1").toPIN()
		p.position = 4
		if r := p.again(thePI); r.Refused != RefusedOrder || !r.End {
			t.Fatalf("%+v", r)
		}
		p.position = 1
		if r := p.again(thePI); r.Refused != RefusedDead {
			t.Fatalf("%+v", r)
		}
		if w.commits() != 0 {
			t.Fatal("money moved")
		}
	})
	t.Run("store down", func(t *testing.T) {
		w := newWorld(t)
		down := func(string) error { return session.ErrDown }
		w.store.set(down, nil)
		if r := w.phone("s1").dial("*334#"); r.Refused != RefusedStore {
			t.Fatalf("%+v", r)
		}
		w.store.set(nil, nil)
		p := w.phone("s2").toPIN()
		w.store.set(down, nil)
		if r := p.press(thePI); r.Refused != RefusedStore || w.commits() != 0 {
			t.Fatalf("%+v", r)
		}
	})
	t.Run("ledger down", func(t *testing.T) {
		w := newWorld(t)
		w.ledger.down = true
		if r := w.phone("s1").dial("*334#"); r.Refused != RefusedLedger {
			t.Fatalf("%+v", r)
		}
	})
	t.Run("no door lets these in", func(t *testing.T) {
		w := newWorld(t)
		for _, h := range []Hop{{}, {Op: Begin, MSISDN: jane, Operator: "x"}, {Op: 9, MSISDN: jane, Operator: "x", Session: "1"},
			{Op: Input, MSISDN: "0722", Operator: "x", Session: "1"}, {Op: Begin, MSISDN: jane, Operator: "x", Session: strings.Repeat("1", 49)},
			{Op: Input, MSISDN: jane, Operator: "x", Session: "1", Text: strings.Repeat("1", MaxText+1)}} {
			if r := w.Handle(context.Background(), h); r.Refused != RefusedBad {
				t.Fatalf("%+v for %+v", r, h)
			}
		}
	})
}

func TestLateAnswerIsPromised(t *testing.T) {
	for _, reject := range []ledger.Reject{ledger.OK, ledger.NotEnoughFunds} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.ledger.delay = time.Minute
			w.ledger.reject = reject
			p := w.phone("s1").toPIN()
			began := time.Now()
			r := p.press(thePI)
			has(t, r, true, "Do not repeat")
			if took := time.Since(began); took > DefaultDeadline-Reserve {
				t.Fatalf("answered after %v", took)
			}
			if again := p.again(thePI); again != r {
				t.Fatalf("repeat: %+v", again)
			}
			w.ledger.set(func(f *fakeLedger) { f.delay = 0 })
			time.Sleep(3 * time.Minute)
			if n := len(w.told.all()); n != 1 && reject != ledger.OK || n != 0 && reject == ledger.OK {
				t.Fatalf("told %v after %v", w.told.all(), reject)
			}
			if w.orders.Promised() != 0 {
				t.Fatal("a promise stayed open")
			}
			_ = w.orders.Close()
		})
	}
}

func TestCrashBetweenClaimAndAct(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.phone("s1").toPIN()
		// The claim stands, and its answer is lost with the process.
		w.store.set(nil, func(op string) error {
			if op == "claim" {
				return session.ErrDown
			}
			return nil
		})
		ctx, cancel := context.WithCancel(context.Background())
		w.store.set(nil, func(op string) error { cancel(); return session.ErrDown })
		p.position++
		hop := p.hop(Input, "", thePI)
		w.Handle(ctx, hop)
		w.store.set(nil, nil)
		_ = w.orders.Close()
		w.start(wallet(t))

		began := time.Now()
		hop.Arrived, hop.Deadline = time.Now(), time.Time{}
		r := w.Handle(context.Background(), hop)
		has(t, r, true, "Do not repeat")
		if took := time.Since(began); took > DefaultDeadline-Reserve {
			t.Fatalf("answered after %v", took)
		}
		if w.orders.Promised() != 1 {
			t.Fatal("the promise was not adopted")
		}
		time.Sleep(3 * time.Minute)
		if told := w.told.all(); len(told) != 1 || told[0] != ledger.Expired {
			t.Fatalf("told %v", told)
		}
		if w.commits() != 0 {
			t.Fatal("a repeat acted")
		}
		_ = w.orders.Close()
	})
}

func TestClaimWhoseAnswerWasLostGoesOn(t *testing.T) {
	w := newWorld(t)
	p := w.phone("s1").toPIN()
	lost := 0
	w.store.set(nil, func(op string) error {
		if op == "claim" && lost == 0 {
			lost++
			return session.ErrDown
		}
		return nil
	})
	has(t, p.press(thePI), true, "Confirmed")
	if w.commits() != 1 || lost != 1 {
		t.Fatalf("%d commits, %d lost", w.commits(), lost)
	}
}

func TestScreenAfterAnEffectIsShownThoughItCannotBeSaved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.phone("s1").toPIN()
		claimed := false
		w.store.set(func(op string) error {
			if claimed {
				return session.ErrDown
			}
			claimed = op == "claim"
			return nil
		}, nil)
		r := p.press(thePI)
		has(t, r, true, "Confirmed")
		w.store.set(nil, nil)
		has(t, p.again(thePI), true, "Do not repeat") // true: its SMS follows
		if w.commits() != 1 {
			t.Fatalf("%d commits", w.commits())
		}
		time.Sleep(3 * time.Minute)
		if len(w.told.all()) != 0 {
			t.Fatal("a commit was told as not done")
		}
		_ = w.orders.Close()
	})
}

func TestSameWishAfterRedrawHasTheSameID(t *testing.T) {
	w := newWorld(t)
	p := w.phone("s1").toPIN()
	before, err := w.store.Load(context.Background(), session.Key{Operator: "safari", MSISDN: jane, Session: "s1"})
	if err != nil {
		t.Fatal(err)
	}
	p.press(thePI)
	// The store loses its last writes: the session stands before the PIN again.
	if _, err := w.store.Save(context.Background(), session.Key{Operator: "safari", MSISDN: jane, Session: "s1"}, 0, true, before, session.TTL); err != nil {
		t.Fatal(err)
	}
	r := p.again(thePI)
	has(t, r, true, "Confirmed")
	if w.commits() != 1 {
		t.Fatalf("%d commits", w.commits())
	}
}

func TestWrongPINHasANewID(t *testing.T) {
	w := newWorld(t)
	p := w.phone("s1").toPIN()
	has(t, p.press("1111"), false, "Wrong PIN")
	has(t, p.press(thePI), true, "Confirmed")
	if len(w.ledger.answers) != 2 {
		t.Fatalf("%d ids", len(w.ledger.answers))
	}
}

// TestNoSMSIsPromisedForAQuestion: a balance that the menu cannot show is not told
// by SMS either.
func TestNoSMSIsPromisedForAQuestion(t *testing.T) {
	for _, e := range []effect{{check: true}, {check: true, result: &ledger.Result{}}, {check: true, result: &ledger.Result{Reject: ledger.PINWrong}}} {
		if text := plain(e.plainly(), "en"); strings.Contains(text, "SMS") || !strings.Contains(text, "Nothing was taken") {
			t.Errorf("%+v: %q", e.result, text)
		}
	}
}

// TestPayerOfALostScreenIsTold: a refusal that no handset showed is told by SMS,
// once; one that was shown is not, nor is ever a commit.
func TestPayerOfALostScreenIsTold(t *testing.T) {
	for _, c := range []struct {
		reject ledger.Reject
		lost   bool
		want   []ledger.Reject
	}{
		{ledger.NotEnoughFunds, true, []ledger.Reject{ledger.NotEnoughFunds}},
		{ledger.LooksRepeated, true, []ledger.Reject{ledger.LooksRepeated}}, // its screen is not the last
		{ledger.NotEnoughFunds, false, nil},
		{ledger.OK, true, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.ledger.reject = c.reject
			p := w.phone("s1").toPIN()
			p.lost = c.lost
			first := p.press(thePI)
			if again := p.again(thePI); again.Text != first.Text {
				t.Errorf("repeat: %+v", again)
			}
			ctx, stop := context.WithCancel(context.Background())
			var run sync.WaitGroup
			run.Go(func() { _ = w.orders.Run(ctx) })
			time.Sleep(3 * time.Minute)
			stop()
			run.Wait()
			if got := w.told.all(); !slices.Equal(got, c.want) {
				t.Errorf("%v, lost %v: told %v, want %v", c.reject, c.lost, got, c.want)
			}
			_ = w.orders.Close()
		})
	}
}

// TestRepeatThatBringsTheOutcomeMayBeLostToo: the answer comes to a repeat, whose
// screen does not arrive either.
func TestRepeatThatBringsTheOutcomeMayBeLostToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ledger.reject = ledger.NotEnoughFunds
		p := w.phone("s1").toPIN()
		p.lost = true
		claimed := false
		w.store.set(func(op string) error {
			if claimed && op == "save" {
				return session.ErrDown
			}
			claimed = claimed || op == "claim"
			return nil
		}, nil)
		p.position++
		w.Handle(context.Background(), p.hop(Input, "", thePI)) // its door dies before it shows anything
		has(t, p.again(thePI), true, "Nothing was taken")
		if got := w.told.all(); len(got) > 1 {
			t.Errorf("told %v", got)
		}
		time.Sleep(3 * time.Minute)
		if got := w.told.all(); !slices.Equal(got, []ledger.Reject{ledger.NotEnoughFunds}) {
			t.Errorf("told %v", got)
		}
		_ = w.orders.Close()
	})
}

func TestHangingUpWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ledger.delay, w.ledger.reject = time.Second, ledger.NotEnoughFunds
		p := w.phone("s1").toPIN()
		got := make(chan Reply, 1)
		go func() { got <- p.press(thePI) }()
		time.Sleep(300 * time.Millisecond)
		if r := w.Handle(context.Background(), Hop{Operator: "safari", Session: "s1", MSISDN: jane, Op: Abort}); !r.Silent {
			t.Fatalf("abort: %+v", r)
		}
		if r := <-got; !r.Silent {
			t.Fatalf("%+v", r)
		}
		time.Sleep(time.Minute)
		if told := w.told.all(); len(told) != 1 || told[0] != ledger.NotEnoughFunds {
			t.Fatalf("told %v", told)
		}
		_ = w.orders.Close()
	})
}

func TestNewDialOverAnOldDialogue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.phone("s1").toPIN()
		time.Sleep(RedialLeast)
		has(t, p.dial("*334#"), false, "Continue: send Ksh500")
		has(t, p.press("2"), false, "Send money")
		has(t, p.press("3"), false, "Balance")
		if r := p.dial("*334#"); r.Refused != RefusedOrder {
			t.Fatalf("a late copy of the dial: %+v", r)
		}
		_ = w.orders.Close()
	})
}

func TestQueueFull(t *testing.T) {
	w := newWorld(t)
	_ = w.orders.Close() // it takes nothing any more
	has(t, w.phone("s1").toPIN().press(thePI), true, "busy", "Nothing was taken")
}

func TestDeadlineIsAlwaysHeld(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(*world)
	}{
		{"slow profile", func(w *world) { w.ledger.lag = time.Hour }},
		{"silent ledger", func(w *world) { w.ledger.silent = true }},
		{"slow ledger", func(w *world) { w.ledger.delay = time.Hour }},
		{"ledger down", func(w *world) { w.ledger.down = true }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				ready := w.phone("ready").toPIN()
				c.set(w)
				for _, act := range []func() Reply{
					func() Reply { return w.phone("new").dial("*334*1*0722000002*500#") },
					func() Reply { return ready.press(thePI) },
					func() Reply { return ready.again(thePI) },
					func() Reply { return ready.again("1") },
				} {
					began := time.Now()
					r := act()
					if took := time.Since(began); took > DefaultDeadline-Reserve || r.Text == "" {
						t.Fatalf("%+v after %v", r, took)
					}
				}
				_ = w.orders.Close()
			})
		})
	}
}

func TestBundleWithdrawnUnderASession(t *testing.T) {
	w := newWorld(t)
	p := w.phone("s1").toPIN()
	w.start(nil)
	if r := p.press(thePI); r.Refused != RefusedDead || w.commits() != 0 {
		t.Fatalf("%+v", r)
	}
	if r := w.phone("s2").dial("*334#"); r.Refused != RefusedMenu {
		t.Fatalf("%+v", r)
	}
}

func TestHopWhoseTimeIsUpDoesNothing(t *testing.T) {
	w := newWorld(t)
	p := w.phone("s1").toPIN()
	p.position++
	hop := p.hop(Input, "", thePI)
	hop.Arrived = hop.Arrived.Add(-time.Hour)
	if r := w.Handle(context.Background(), hop); r.Refused == "" || !r.End {
		t.Fatalf("%+v", r)
	}
	if w.commits() != 0 || w.orders.Depth() != 0 {
		t.Fatal("it acted")
	}
	has(t, p.again(thePI), true, "Confirmed")
}
