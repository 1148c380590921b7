package binds

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// errDown says that the bind went down before it was the sender's turn.
var errDown = errors.New("binds: this bind is down")

// gate lets senders through to one bind: as many at once as its window, no more
// a second than it may, USSD before SMS. After a throttled answer SMS rests;
// USSD does not, a screen is worth nothing later.
type gate struct {
	window int
	most   [2]int // in flight, each priority
	pace   pace

	mu      sync.Mutex
	up      bool
	flying  [2]int
	busy    time.Time    // since when something flies without a pause
	waiting [2]list.List // of *waiter
	turns   int          // USSD let through in a row while SMS waited
	calm    time.Duration
	restEnd time.Time
	alarm   *time.Timer
}

// waiter is one sender; answer gets nil when it may send.
type waiter struct {
	answer chan error
}

// newGate keeps a tenth of the window of a bind for both free of SMS, so that a
// slow SMSC cannot shut USSD out.
func newGate(window, perSecond int, shared bool) *gate {
	g := &gate{window: window, pace: newPace(perSecond)}
	g.most = [2]int{USSD: window, SMS: window}
	if shared && window > 1 {
		g.most[SMS] = window - (window+ussdTurns)/(ussdTurns+1)
	}
	return g
}

// enter waits for the sender's turn; who got nil must leave.
func (g *gate) enter(ctx context.Context, p Priority) error {
	w := &waiter{answer: make(chan error, 1)}
	g.mu.Lock()
	switch {
	case !g.up:
		g.mu.Unlock()
		return errDown
	case g.waiting[p].Len() >= maxWaiting:
		g.mu.Unlock()
		return ErrQueueFull
	}
	place := g.waiting[p].PushBack(w)
	g.admit()
	g.mu.Unlock()
	select {
	case err := <-w.answer:
		return err
	case <-ctx.Done():
		return g.giveUp(ctx, p, place, w)
	}
}

// giveUp takes a waiter out of the queue, unless its turn came meanwhile.
func (g *gate) giveUp(ctx context.Context, p Priority, place *list.Element, w *waiter) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case err := <-w.answer:
		return err
	default:
		g.waiting[p].Remove(place)
		return fmt.Errorf("%w: %w", ErrQueueFull, ctx.Err())
	}
}

// leave gives the place back. A throttled answer makes SMS rest, a good one
// forgets the rests before.
func (g *gate) leave(p Priority, throttled bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.flying[p]--
	switch {
	case throttled:
		g.calm = min(max(2*g.calm, leastCalm), mostCalm)
		g.restEnd = time.Now().Add(g.calm/2 + rand.N(g.calm/2))
	case time.Now().After(g.restEnd):
		g.calm = 0
	}
	g.admit()
}

// admit lets in whoever may go; g.mu is held.
func (g *gate) admit() {
	for g.up && g.flying[USSD]+g.flying[SMS] < g.window {
		now := time.Now()
		p, wait, ok := g.next(now)
		if !ok {
			return
		}
		if wait = max(wait, g.pace.wait(now)); wait > 0 {
			g.wakeIn(wait)
			return
		}
		g.pace.take(now)
		if g.flying[USSD]+g.flying[SMS] == 0 {
			g.busy = now
		}
		g.flying[p]++
		if p == SMS {
			g.turns = 0
		} else if g.waiting[SMS].Len() > 0 {
			g.turns++
		}
		place := g.waiting[p].Front()
		g.waiting[p].Remove(place)
		place.Value.(*waiter).answer <- nil
	}
}

// next is whose turn it is, and how long SMS has to rest before it may; ok is
// false when nobody waits who may go.
func (g *gate) next(now time.Time) (p Priority, rest time.Duration, ok bool) {
	ussd := g.waiting[USSD].Len() > 0
	sms := g.waiting[SMS].Len() > 0 && g.flying[SMS] < g.most[SMS]
	rest = max(g.restEnd.Sub(now), 0)
	switch {
	case ussd && (!sms || rest > 0 || g.turns < ussdTurns):
		return USSD, 0, true
	case sms:
		return SMS, rest, true
	}
	return USSD, 0, false
}

// wakeIn looks again later; g.mu is held.
func (g *gate) wakeIn(wait time.Duration) {
	if g.alarm != nil {
		g.alarm.Stop()
	}
	g.alarm = time.AfterFunc(wait, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.admit()
	})
}

// open begins to let in.
func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.up, g.calm, g.restEnd = true, 0, time.Time{}
}

// shut sends everybody who waits elsewhere. Who is through stays through.
func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.up = false
	if g.alarm != nil {
		g.alarm.Stop()
	}
	g.scatter()
}

// empty sends everybody who waits elsewhere, and lets in whoever comes.
func (g *gate) empty() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.scatter()
}

// scatter tells all who wait that this bind is not theirs; g.mu is held.
func (g *gate) scatter() {
	for p := range g.waiting {
		for place := g.waiting[p].Front(); place != nil; place = g.waiting[p].Front() {
			g.waiting[p].Remove(place)
			place.Value.(*waiter).answer <- errDown
		}
	}
}

// load is how full the gate is, and whether that priority rests; ok is false when
// it is shut.
func (g *gate) load(p Priority) (full float64, resting, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.flying[USSD] + g.flying[SMS] + g.waiting[USSD].Len()
	if p == SMS {
		n += g.waiting[SMS].Len()
		resting = time.Now().Before(g.restEnd)
	}
	return float64(n) / float64(g.window), resting, g.up
}

// busySince is since when something was in flight at every moment.
func (g *gate) busySince() (since time.Time, busy bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.busy, g.flying[USSD]+g.flying[SMS] > 0
}

// counts are for State.
func (g *gate) counts() (flying, ussd, sms int, rest time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.flying[USSD] + g.flying[SMS], g.waiting[USSD].Len(), g.waiting[SMS].Len(), max(time.Until(g.restEnd), 0)
}
