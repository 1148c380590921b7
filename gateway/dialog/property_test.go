package dialog

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"mlango/gateway/order"
	"mlango/gateway/session"
	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// counted counts how often each id is placed, on all gateways together.
type counted struct {
	order.Queue
	mu     *sync.Mutex
	placed map[ledger.ID]int
}

func (c counted) Place(ctx context.Context, o order.Order) (<-chan order.Outcome, error) {
	c.mu.Lock()
	c.placed[o.Request.ID()]++
	c.mu.Unlock()
	return c.Queue.Place(ctx, o)
}

// move is one hop with its copies.
type move struct {
	at       int // of the script
	gateways []int
	weather  string
	inTurn   bool
	lost     bool // its screens do not arrive
	pause    time.Duration
}

// plan is a whole dialogue.
type plan struct {
	script []string
	moves  []move
}

func drawPlan(rt *rapid.T) plan {
	p := plan{script: []string{"*334*1*0722000002*500#", thePI, "1", "2"}}
	if rapid.Bool().Draw(rt, "step by step") {
		p.script = []string{"*334#", "1", "0722000002", "500", thePI, "1"}
	}
	for n := range rapid.IntRange(2, 8).Draw(rt, "moves") {
		m := move{at: min(n, len(p.script)-1)}
		if rapid.IntRange(0, 5).Draw(rt, "stray") == 0 {
			m.at = rapid.IntRange(0, len(p.script)-1).Draw(rt, "at")
		}
		m.gateways = rapid.SliceOfN(rapid.IntRange(0, 1), 1, 4).Draw(rt, "gateways")
		m.inTurn = rapid.Bool().Draw(rt, "in turn")
		m.lost = rapid.IntRange(0, 3).Draw(rt, "lost") == 0
		m.pause = time.Duration(rapid.IntRange(0, 3000).Draw(rt, "pause")) * time.Millisecond
		m.weather = rapid.SampledFrom([]string{"fair", "fair", "store down", "answers lost", "ledger down", "ledger silent", "ledger slow", "ledger refuses"}).Draw(rt, "weather")
		p.moves = append(p.moves, m)
	}
	return p
}

// TestNeverTwoOrdersForOneVisit plays random dialogues on two gateways over one
// store: hops repeated, doubled at the same instant, out of order and dropped,
// a store and a ledger that fail and lag.
func TestNeverTwoOrdersForOneVisit(t *testing.T) {
	bundle := wallet(t)
	rapid.Check(t, func(rt *rapid.T) {
		p := drawPlan(rt)
		var wrong []string
		synctest.Test(t, func(t *testing.T) {
			c := newChaos(t, bundle)
			c.play(p)
			wrong = c.wrong
		})
		if len(wrong) > 0 {
			rt.Fatal(strings.Join(wrong, "; "))
		}
	})
}

type chaos struct {
	w        *world
	gateways []*Dialog
	queues   []*order.Dispatcher
	placed   map[ledger.ID]int
	shown    map[ledger.ID]bool // a screen with the outcome arrived
	mu       sync.Mutex
	denied   bool // a screen said that nothing was taken
	granted  bool // a screen said that it was done
	wrong    []string
}

func newChaos(t *testing.T, bundle *menus.Bundle) *chaos {
	w := newWorldOf(t, bundle)
	c := &chaos{w: w, placed: map[ledger.ID]int{}, shown: map[ledger.ID]bool{}}
	counts := counted{mu: &c.mu, placed: c.placed}
	for i := range 2 {
		q := order.NewDispatcher(&heap{}, w.ledger, w.told, order.Config{Limit: 100})
		cfg := w.cfg
		counts.Queue = q
		cfg.Orders, cfg.Gateway = counts, fmt.Sprint("g", i)
		c.gateways, c.queues = append(c.gateways, New(cfg)), append(c.queues, q)
	}
	return c
}

func (c *chaos) fail(format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

func (c *chaos) play(p plan) {
	var wg sync.WaitGroup
	for n, m := range p.moves {
		c.weather(n, m.weather)
		for _, g := range m.gateways {
			hop := Hop{Operator: "safari", Session: "s", MSISDN: jane, Op: Input, Text: p.script[m.at], Position: uint32(m.at),
				Arrived: time.Now(), Units: Units{Septets: 160, UCS2: 80}}
			if m.at == 0 {
				hop.Op, hop.Code, hop.Text = Begin, p.script[0], ""
			}
			wg.Go(func() { c.handle(c.gateways[g], hop, m.lost) })
		}
		if m.inTurn {
			wg.Wait()
		}
		time.Sleep(m.pause)
	}
	wg.Wait()
	c.w.store.set(nil, nil)
	c.w.ledger.set(func(f *fakeLedger) { f.down, f.silent, f.delay, f.lag = false, false, 0, 0 })
	ctx, stop := context.WithCancel(context.Background())
	for _, q := range c.queues {
		wg.Go(func() { _ = q.Run(ctx) })
	}
	time.Sleep(10 * time.Minute)
	stop()
	wg.Wait()
	c.check()
	for _, q := range c.queues {
		_ = q.Close()
	}
	_ = c.w.orders.Close()
}

// weather makes the store and the ledger fail for a while.
func (c *chaos) weather(n int, kind string) {
	down := func(string) error { return session.ErrDown }
	c.w.store.set(nil, nil)
	switch {
	case n == 0:
	case kind == "store down":
		c.w.store.set(down, nil)
	case kind == "answers lost":
		c.w.store.set(nil, down)
	}
	c.w.ledger.set(func(f *fakeLedger) {
		f.down, f.silent, f.delay, f.reject = kind == "ledger down", kind == "ledger silent", 0, ledger.OK
		if kind == "ledger refuses" {
			f.reject = ledger.NotEnoughFunds
		}
		if kind == "ledger slow" {
			f.delay = time.Duration(n) * 900 * time.Millisecond
		}
	})
}

func (c *chaos) handle(d *Dialog, hop Hop, lost bool) {
	r := d.Handle(context.Background(), hop)
	arrives := !lost && !r.Silent
	d.Shown(r, arrives)
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.ends != nil && arrives {
		c.shown[r.ends.ID] = true
	}
	if took := time.Since(hop.Arrived); took > DefaultDeadline-Reserve {
		c.fail("a hop was answered after %v", took)
	}
	if r.Text == "" && !r.Silent {
		c.fail("a hop has no screen")
	}
	if hop.Op == Input && hop.Text == thePI {
		refused := strings.Contains(r.Text, "enough money") // of this wish; a later one may be made
		c.denied = c.denied || strings.Contains(r.Text, "Nothing was taken") && !refused
		c.granted = c.granted || strings.Contains(r.Text, "Confirmed")
	}
}

func (c *chaos) check() {
	n := c.w.commits()
	for id, times := range c.placed {
		if times > 1 {
			c.fail("%v was placed %d times", id, times)
		}
		res, answered := c.w.ledger.answers[id]
		if answered && res.Reject != ledger.OK && !c.shown[id] && !slices.Contains(c.w.told.ids, id) {
			c.fail("nobody told the payer of %v that it was not done (%v)", id, res.Reject)
		}
	}
	if c.denied && n > 0 {
		c.fail("nothing was taken, said a screen, and %d were", n)
	}
	if c.granted && n == 0 {
		c.fail("a screen confirmed what is not in the books")
	}
	told := c.w.told.all()
	if slices.Contains(told, ledger.OK) {
		c.fail("a commit was told as not done")
	}
	if len(told) > 0 && len(c.w.ledger.answers) == n {
		c.fail("an SMS said not done, and every answer was a commit")
	}
	for _, q := range c.queues {
		if q.Depth() > 0 || q.Promised() > 0 {
			c.fail("the queue still holds %d orders and %d promises", q.Depth(), q.Promised())
		}
	}
}
