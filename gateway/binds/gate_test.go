package binds

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// through records who passed a gate, in order.
type through struct {
	gate  *gate
	order chan Priority
}

// queue lets n senders of a priority wait; they leave when told.
func (q *through) queue(ctx context.Context, p Priority, n int) {
	for range n {
		go func() {
			if q.gate.enter(ctx, p) == nil {
				q.order <- p
			}
		}()
		synctest.Wait() // in the order they are made
	}
}

func newThrough(g *gate) *through {
	g.open()
	return &through{gate: g, order: make(chan Priority, 1000)}
}

// drain lets everybody through one after the other.
func (q *through) drain(n int) (all []Priority) {
	for range n {
		p := <-q.order
		all = append(all, p)
		q.gate.leave(p, false)
		synctest.Wait()
	}
	return all
}

func TestUSSDGoesFirstAndSMSHasATenth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newThrough(newGate(1, 0, true))
		q.queue(t.Context(), SMS, 1) // has the window
		q.queue(t.Context(), SMS, 4)
		q.queue(t.Context(), USSD, 30)
		var want []Priority
		want = append(want, SMS)
		for range 3 {
			want = append(append(want, slices.Repeat([]Priority{USSD}, ussdTurns)...), SMS)
		}
		want = append(want, USSD, USSD, USSD, SMS)
		if got := q.drain(35); !slices.Equal(got, want) {
			t.Errorf("%v\n%v", got, want)
		}
	})
}

func TestWindowIsKeptAndSomeOfItIsUSSDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newThrough(newGate(10, 0, true))
		q.queue(t.Context(), SMS, 20)
		if flying, _, sms, _ := q.gate.counts(); flying != 9 || sms != 11 {
			t.Errorf("%d SMS in flight, %d wait", flying, sms)
		}
		q.queue(t.Context(), USSD, 5)
		if flying, ussd, _, _ := q.gate.counts(); flying != 10 || ussd != 4 {
			t.Errorf("%d in flight, %d USSD wait", flying, ussd)
		}
		q.drain(25)
		if flying, ussd, sms, _ := q.gate.counts(); flying+ussd+sms != 0 {
			t.Errorf("%d %d %d are left", flying, ussd, sms)
		}
	})
}

func TestPerSecondIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newThrough(newGate(1000, 50, false))
		began := time.Now()
		for range 200 {
			go func() {
				if q.gate.enter(t.Context(), SMS) == nil {
					q.order <- SMS
				}
			}()
		}
		for range 200 {
			<-q.order
		}
		// 5 go at once, the 195 others 20 ms apart.
		if took := time.Since(began); took != 195*20*time.Millisecond {
			t.Errorf("200 at 50 a second took %v", took)
		}
	})
}

func TestThrottledSMSRestsUSSDDoesNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newThrough(newGate(10, 0, true))
		began, last := time.Now(), time.Duration(0)
		for step := range 8 {
			q.queue(t.Context(), SMS, 1)
			<-q.order
			rest := time.Since(began)
			if step > 0 && (rest < min(leastCalm<<(step-1), mostCalm)/2 || rest > mostCalm) {
				t.Errorf("step %d rests %v", step, rest)
			}
			last = rest
			q.gate.leave(SMS, true)
			began = time.Now()
			q.queue(t.Context(), USSD, 1)
			q.gate.leave(<-q.order, false)
			if d := time.Since(began); d != 0 {
				t.Errorf("USSD waits %v", d)
			}
		}
		if last < mostCalm/4 {
			t.Errorf("the rest does not grow: %v", last)
		}
		time.Sleep(mostCalm)
		q.queue(t.Context(), SMS, 1)
		q.gate.leave(<-q.order, false)
		if q.gate.calm != 0 {
			t.Error("a good answer forgives nothing")
		}
	})
}

func TestWaitingEndsWithContextAndWithTheBind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1, 0, false)
		if err := g.enter(t.Context(), SMS); err != errDown {
			t.Errorf("a shut gate says %v", err)
		}
		g.open()
		if err := g.enter(t.Context(), SMS); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := g.enter(ctx, USSD); !errors.Is(err, ErrQueueFull) || !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		down := make(chan error, 1)
		go func() { down <- g.enter(t.Context(), USSD) }()
		synctest.Wait()
		g.shut()
		if err := <-down; err != errDown {
			t.Error(err)
		}
		g.leave(SMS, false)
		if flying, ussd, sms, _ := g.counts(); flying+ussd+sms != 0 {
			t.Error("something is left behind a shut gate")
		}
	})
}

func TestQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		g := newGate(1, 0, false)
		g.open()
		for range maxWaiting + 1 {
			go func() { _ = g.enter(ctx, SMS) }()
		}
		synctest.Wait()
		if err := g.enter(ctx, SMS); err != ErrQueueFull {
			t.Error(err)
		}
		cancel()
	})
}

func TestTurnsAreInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turns turns
		first, err := turns.take(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		order := make(chan int, 100)
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for i := range 20 {
			ctx := t.Context()
			if i%5 == 4 {
				ctx = short
			}
			go func() {
				release, err := turns.take(ctx, "a")
				if err != nil {
					return
				}
				order <- i
				release()
			}()
			synctest.Wait()
		}
		if other, err := turns.take(t.Context(), "b"); err != nil {
			t.Error("another number waits too")
		} else {
			other()
		}
		time.Sleep(2 * time.Second)
		first()
		synctest.Wait()
		close(order)
		var got []int
		for i := range order {
			got = append(got, i)
		}
		if want := "[0 1 2 3 5 6 7 8 10 11 12 13 15 16 17 18]"; fmt.Sprint(got) != want || len(turns.wait) != 0 {
			t.Errorf("%v, %d left", got, len(turns.wait))
		}
	})
}
