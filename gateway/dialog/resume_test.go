package dialog

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"mlango/gateway/order"
	"mlango/gateway/session"
	"mlango/menus"
)

const offersJane = "Continue: send Ksh500 to PETER K?\n1 Continue\n2 Start again"

// quotes is how often the ledger was asked for one.
func (w *world) quotes() int {
	w.ledger.mu.Lock()
	defer w.ledger.mu.Unlock()
	return w.ledger.quotes
}

// TestResume: after an abort, after silence, and while the old dialogue hangs, the next
// dial offers to go on: with a new quote, under a new id, once.
func TestResume(t *testing.T) {
	for name, drop := range map[string]func(p *phone){
		"abort":    func(p *phone) { p.send(p.hop(Abort, "", "")) },
		"silence":  func(*phone) { time.Sleep(session.TTL + time.Second) },
		"new dial": func(*phone) {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.store.Store = session.NewMemory(100, time.Now)
				first := w.phone("a").toPIN()
				drop(first)
				p := w.phone("b")
				has(t, p.dial("*334#"), false, offersJane)
				asked := w.quotes()
				if r := p.press("1"); !r.Secret || w.quotes() != asked+1 {
					t.Fatalf("%+v after %d quotes", r, w.quotes()-asked)
				}
				late := first.press(thePI) // a copy that the network kept back
				has(t, late, true, "Please dial again")
				has(t, p.press(thePI), true, "TKM4K2X9QZ Confirmed")
				if w.commits() != 1 {
					t.Fatalf("%d payments", w.commits())
				}
				has(t, w.phone("c").dial("*334#"), false, "M-Wallet\n1 Send money")
				_ = w.orders.Close()
			})
		})
	}
}

// TestNoOffer: nothing is offered to others, at another operator, after ten minutes,
// behind a shortcut, in a dialogue that we open, with the menu gone, nor of a part of it
// that is switched off.
func TestNoOffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.store.Store = session.NewMemory(100, time.Now)
		home := func(why string, p *phone, change func(*Hop)) {
			t.Helper()
			h := p.hop(Begin, "*334#", "")
			change(&h)
			if r := p.send(h); !strings.HasPrefix(r.Text, "M-Wallet\n1") && !r.Secret {
				t.Errorf("%s: %q", why, r.Text)
			}
		}
		same := func(*Hop) {}
		other := w.phone("b")
		other.msisdn = peter
		w.phone("a").toPIN()
		home("another subscriber", other, same)
		home("another operator", w.phone("b"), func(h *Hop) { h.Operator = "airtel" })
		home("we open it", w.phone("b"), func(h *Hop) { h.Opened = true })
		home("a shortcut", w.phone("c"), func(h *Hop) { h.Code = "*334*1*0722000002*500#" })
		time.Sleep(session.Resumable + time.Second)
		home("too late", w.phone("d"), same)
		cfg := w.cfg
		w.phone("e").toPIN()
		cfg.Bundles = oneBundle{b: w.cfg.Bundles.For(jane), off: "confirm"}
		w.Dialog = New(cfg)
		home("switched off", w.phone("f"), same)
		w.Dialog = New(w.cfg)
		src := strings.Replace(string(w.cfg.Bundles.For(jane).Source()), "menu: wallet@1", "menu: wallet@2", 1)
		next, err := menus.Parse("next.yaml", []byte(src), Catalogue())
		if err != nil {
			t.Fatal(err)
		}
		cfg.Bundles = oneBundle{b: next}
		w.Dialog = New(cfg)
		home("its bundle is gone", w.phone("g"), same)
		_ = w.orders.Close()
	})
}

// TestResumeOrNot: what stands behind both answers to the offer.
func TestResumeOrNot(t *testing.T) {
	w := newWorld(t)
	w.phone("a").toPIN()
	p := w.phone("b")
	has(t, p.dial("*334#"), false, offersJane)
	has(t, p.again2("*334#"), false, offersJane) // the operator repeats the dial
	has(t, p.press("9"), false, "Please choose from the list.\n"+offersJane)
	has(t, p.press("2"), false, "M-Wallet\n1 Send money")
	has(t, p.press("1"), false, "which number")
	// Lost at the offer itself: the next dial offers the same.
	w.phone("c").toPIN()
	has(t, w.phone("d").dial("*334#"), false, offersJane)
	last := w.phone("e")
	has(t, last.dial("*334#"), false, offersJane)
	if r := last.press("1"); !r.Secret {
		t.Fatalf("%+v", r)
	}
	has(t, last.press(thePI), true, "Confirmed")
}

// again2 sends the dial once more.
func (p *phone) again2(code string) Reply { return p.send(p.hop(Begin, code, "")) }

// TestResumeOfWhatWentOn: the old dialogue pays after all while the offer is on the
// handset; Continue does not pay again, and says where to look.
func TestResumeOfWhatWentOn(t *testing.T) {
	w := newWorld(t)
	first := w.phone("a").toPIN()
	p := w.phone("b")
	has(t, p.dial("*334#"), false, offersJane)
	has(t, first.press(thePI), true, "Confirmed")
	has(t, p.press("1"), false, "M-Wallet\n1 Send money")
	if w.commits() != 1 {
		t.Fatalf("%d payments", w.commits())
	}
}

// TestUnseenOrder: after an order whose end no screen showed the next dial offers
// nothing, and says that an SMS tells; the one after it is as any.
func TestUnseenOrder(t *testing.T) {
	for _, hangs := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.store.Store = session.NewMemory(100, time.Now)
			w.ledger.set(func(f *fakeLedger) { f.delay = 10 * time.Second })
			p := w.phone("a").toPIN()
			var wg sync.WaitGroup
			wg.Go(func() { p.press(thePI) })
			if hangs {
				time.Sleep(time.Second) // its hop waits for the ledger still
			} else {
				wg.Wait()
			}
			has(t, w.phone("b").dial("*334#"), false, "An SMS tells how your last payment ended.\nM-Wallet")
			has(t, w.phone("c").dial("*334#"), false, "M-Wallet\n1 Send money")
			wg.Wait()
			time.Sleep(time.Minute)
			if w.commits() != 1 {
				t.Errorf("%d payments", w.commits())
			}
			_ = w.orders.Close()
		})
	}
}

// drop is one way in which a dialogue breaks off.
type drop struct {
	at    int    // after this many hops of the script
	how   string // abort, silence, race: a new dial while the last hop is under way
	late  []int  // hops of the old dialogue that come again afterwards
	when  []int  // and before which hop of the new one
	again bool   // it breaks off at the offer, too
	keyed bool   // the operator gives the new dialogue the old one's key
}

func drawDrop(rt *rapid.T, hops int) drop {
	d := drop{at: rapid.IntRange(1, hops).Draw(rt, "at"), how: rapid.SampledFrom([]string{"abort", "silence", "race"}).Draw(rt, "how"),
		again: rapid.Bool().Draw(rt, "again"), keyed: rapid.IntRange(0, 3).Draw(rt, "keyed") == 0}
	for range rapid.IntRange(0, 3).Draw(rt, "copies") {
		copied := min(d.at, hops-1) // what was typed last, and did not arrive
		if rapid.Bool().Draw(rt, "any copy") {
			copied = rapid.IntRange(0, hops-1).Draw(rt, "copy")
		}
		d.late = append(d.late, copied)
		d.when = append(d.when, rapid.IntRange(0, 3).Draw(rt, "before"))
	}
	return d
}

// TestDropAndResume drops a dialogue at every hop, dials again and goes on, with late
// copies of the old hops at every moment, on two gateways: one payment or none.
func TestDropAndResume(t *testing.T) {
	bundle := wallet(t)
	script := []string{"*334#", "1", "0722000002", "500", thePI}
	rapid.Check(t, func(rt *rapid.T) {
		d := drawDrop(rt, len(script))
		slow := time.Duration(rapid.IntRange(0, 5).Draw(rt, "slow")) * time.Second
		var wrong string
		synctest.Test(t, func(t *testing.T) { wrong = playDrop(t, bundle, script, d, slow) })
		if wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

// pair is two gateways over one store and one ledger, that take hops in turn.
type pair struct {
	w        *world
	gateways []*Dialog
	second   *order.Dispatcher
	n        atomic.Int32
}

func newPair(t *testing.T, bundle *menus.Bundle, slow time.Duration) *pair {
	w := newWorldOf(t, bundle)
	w.store.Store = session.NewMemory(100, time.Now)
	w.ledger.set(func(f *fakeLedger) { f.delay = slow })
	h := &pair{w: w, second: order.NewDispatcher(&heap{}, w.ledger, w.told, order.Config{Limit: 100})}
	cfg := w.cfg
	cfg.Gateway, cfg.Orders = "g2", h.second
	h.gateways = []*Dialog{w.Dialog, New(cfg)}
	return h
}

// hop is one of a session, by its place there.
func (h *pair) hop(session string, at int, typed string) Reply {
	x := Hop{Operator: "safari", Session: session, MSISDN: jane, Op: Input, Text: typed, Position: uint32(at), Arrived: time.Now(), Units: Units{Septets: 160, UCS2: 80}}
	if at == 0 {
		x.Op, x.Code, x.Text = Begin, typed, ""
	}
	g := h.gateways[h.n.Add(1)%2]
	r := g.Handle(context.Background(), x)
	g.Shown(r, !r.Silent)
	return r
}

func playDrop(t *testing.T, bundle *menus.Bundle, script []string, d drop, slow time.Duration) string {
	h := newPair(t, bundle, slow)
	w, hop := h.w, h.hop
	var wg sync.WaitGroup
	for at := range d.at {
		if d.how == "race" && at == d.at-1 {
			wg.Go(func() { hop("old", at, script[at]) })
			time.Sleep(time.Millisecond)
			break
		}
		hop("old", at, script[at])
		time.Sleep(2 * time.Second)
	}
	switch d.how {
	case "abort":
		h.gateways[0].Handle(context.Background(), Hop{Operator: "safari", Session: "old", MSISDN: jane, Op: Abort, Arrived: time.Now(), Units: Units{Septets: 160, UCS2: 80}})
	case "silence":
		time.Sleep(session.TTL)
	}
	late := func(before int) {
		for i, when := range d.when {
			if when == before {
				hop("old", d.late[i], script[d.late[i]])
			}
		}
	}
	key := "new"
	if d.keyed {
		key = "old"
		time.Sleep(RedialLeast)
	}
	late(0)
	if d.again {
		hop("lost", 0, "*334#")
	}
	r := hop(key, 0, "*334#")
	late(1)
	offered := strings.Contains(r.Text, "1 Continue")
	if offered {
		r = hop(key, 1, "1")
		late(2)
		for at := 2; !r.End && at < 5 && !strings.Contains(r.Text, "1 Send money"); at++ {
			typed := "500"
			if r.Secret {
				typed = thePI
			}
			r = hop(key, at, typed)
			late(3)
		}
	}
	wg.Wait()
	time.Sleep(10 * time.Minute)
	_, _ = w.orders.Close(), h.second.Close()
	if c := w.commits(); c > 1 || offered && strings.Contains(r.Text, "Confirmed") && c != 1 {
		return fmt.Sprintf("%d payments, the last screen is %q", c, r.Text)
	}
	for _, b := range w.store.blobs {
		if strings.Contains(string(b), thePI) {
			return "a PIN is in the session store"
		}
	}
	return ""
}

// trips counts what a store would ask Redis for: everything but Load, which has a copy.
type trips struct {
	session.Store
	n int
}

// Begin counts one.
func (s *trips) Begin(ctx context.Context, k session.Key, x *session.Session, ttl time.Duration) (*session.Session, *session.Before, error) {
	s.n++
	return s.Store.Begin(ctx, k, x, ttl)
}

// Save counts one.
func (s *trips) Save(ctx context.Context, k session.Key, expect uint64, fresh bool, x *session.Session, ttl time.Duration) (*session.Session, error) {
	s.n++
	return s.Store.Save(ctx, k, expect, fresh, x, ttl)
}

// Reload counts one.
func (s *trips) Reload(ctx context.Context, k session.Key) (*session.Session, error) {
	s.n++
	return s.Store.Reload(ctx, k)
}

// TestResumeCostsNoTrip: a hop without effects is one round trip to the store, a dial too;
// only one that offers, and one that goes on, take more.
func TestResumeCostsNoTrip(t *testing.T) {
	w := newWorld(t)
	s := &trips{Store: w.store.Store}
	w.store.Store = s
	costs := func(what string, want int, hop func()) {
		t.Helper()
		before := s.n
		if hop(); s.n-before != want {
			t.Errorf("%s takes %d trips, not %d", what, s.n-before, want)
		}
	}
	p, q := w.phone("a"), w.phone("b")
	costs("a dial", 1, func() { p.dial("*334#") })
	costs("a hop", 1, func() { p.press("1") })
	costs("a hop with a quote behind it", 2, func() { p.press("0722000002"); p.press("500") })
	costs("a dial that offers", 2, func() { has(t, q.dial("*334#"), false, offersJane) })
	costs("going on", 3, func() { q.press("1") })
	costs("a payment", 2, func() { has(t, q.press(thePI), true, "Confirmed") })
}
