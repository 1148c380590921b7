package ledgerclient

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"mlango/ledgerd/ledger"
)

// TestTheBreakerLetsOneProbeThrough after 1 to 5 s, and believes it.
func TestTheBreakerLetsOneProbeThrough(t *testing.T) {
	for range 20 { // the open time is drawn
		synctest.Test(t, func(t *testing.T) {
			b := newBreaker("node")
			fail := func(err error) {
				t.Helper()
				done, refused := b.allow()
				if refused != nil {
					t.Fatalf("refused: %v", refused)
				}
				b.hear(done, err)
			}
			for range breakerFailures {
				fail(errors.New("broke"))
			}
			opened := time.Now()
			for _, err := b.allow(); err != nil; _, err = b.allow() {
				time.Sleep(10 * time.Millisecond)
			}
			if open := time.Since(opened); open < breakerLeast || open > breakerMost+10*time.Millisecond {
				t.Errorf("open for %s", open)
			}
			if _, err := b.allow(); err == nil {
				t.Error("a second probe beside the first")
			}
		})
	}
}

// TestAProbeThatWasGivenUpIsNoAnswer: another is let through; one that breaks
// opens for as long again, one that is answered closes.
func TestAProbeThatWasGivenUpIsNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker("node")
		probe := func(end error) {
			t.Helper()
			done, err := b.allow()
			if err != nil {
				t.Fatalf("no probe: %v", err)
			}
			b.hear(done, end)
		}
		for range breakerFailures {
			probe(errors.New("broke"))
		}
		time.Sleep(breakerMost + time.Second)
		probe(fmt.Errorf("%w: %w", ErrUnknown, context.Canceled))
		probe(errors.New("still broken"))
		if _, err := b.allow(); err == nil {
			t.Fatal("closed by a probe that broke")
		}
		time.Sleep(breakerMost + time.Second)
		probe(nil)
		for range breakerFailures - 1 {
			probe(errors.New("now and then"))
		}
		probe(nil)
	})
}

// TestWhatOpensTheBreaker: silence past the deadline, and a door that mostly
// refuses. What broke before anything was sent is TestNobodyThere's.
func TestWhatOpensTheBreaker(t *testing.T) {
	t.Run("timeouts", func(t *testing.T) {
		c := dial(t, newFake(t, func(int, *ledger.Request) (*ledger.Result, error) { return nil, nil }).addr)
		for range breakerFailures {
			if c.Open() {
				t.Fatal("open too early")
			}
			if _, err := c.Do(within(t, 50*time.Millisecond), wish(1)); !errors.Is(err, ErrUnknown) {
				t.Fatal(err)
			}
		}
		if !c.Open() {
			t.Fatal("a silent ledger is asked on")
		}
	})
	t.Run("overload", func(t *testing.T) {
		c := dial(t, newFake(t, func(_ int, r *ledger.Request) (*ledger.Result, error) {
			return &ledger.Result{ID: r.ID(), Reject: ledger.Overloaded}, nil
		}).addr)
		for tries := 0; !c.Open(); tries++ {
			if tries > 100*breakerLeastAnswers {
				t.Fatal("a ledger that only refuses is asked on")
			}
			c.budget.thousandths.Store(0)
			if res, err := c.Do(within(t, plenty), wish(1)); err == nil && res.Reject != ledger.Overloaded {
				t.Fatal(res)
			}
		}
	})
}

// TestRetriesPauseWithFullJitter: from nothing to a doubling most.
func TestRetriesPauseWithFullJitter(t *testing.T) {
	for try, most := range []time.Duration{retryFirst, 2 * retryFirst, 4 * retryFirst, 8 * retryFirst} {
		synctest.Test(t, func(t *testing.T) {
			least, longest := most, time.Duration(0)
			for range 200 {
				begin := time.Now()
				if !pause(t.Context(), try) {
					t.Fatal("no pause")
				}
				least, longest = min(least, time.Since(begin)), max(longest, time.Since(begin))
			}
			if least > most/10 || longest < most*9/10 || longest > most {
				t.Errorf("retry %d pauses %s to %s, want from nothing to %s", try, least, longest, most)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		for range 100 {
			pause(t.Context(), 1000)
		}
		if time.Since(begin) > 100*retryPause {
			t.Error("pauses grow without end")
		}
	})
}

// TestWhatBeganInCalmCountsBothWays: an answer to a call that began before anything broke
// shows that not everything is broken, and what ends after the breaker opened says
// nothing of how it is then.
func TestWhatBeganInCalmCountsBothWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker("node")
		begin := func() func(error) {
			t.Helper()
			ended, err := b.allow()
			if err != nil {
				t.Fatalf("refused: %v", err)
			}
			return func(err error) { b.hear(ended, err) }
		}
		var calls []func(error)
		for range 4 * breakerFailures {
			calls = append(calls, begin())
		}
		late := begin()
		for i, ended := range calls {
			ended([]error{errors.New("now and then"), nil}[i%2])
		}
		if b.open() {
			t.Fatal("open although every second call was answered")
		}
		for range breakerFailures {
			begin()(errors.New("broke"))
		}
		if !b.open() {
			t.Fatal("not open although everything broke")
		}
		time.Sleep(breakerMost + time.Second)
		late(errors.New("broke long ago"))
		begin()(nil) // the probe
		if b.open() || !b.calm.Load() {
			t.Error("an answered probe did not close it")
		}
	})
}
