package ledgerclient

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
)

// How the breaker and the retries behave.
const (
	breakerFailures     = 5  // in a row open it
	breakerProbes       = 1  // calls let through when it is half open
	breakerLeastAnswers = 20 // in a second, before a share of refusals says anything
	breakerLeast        = time.Second
	breakerMost         = 5 * time.Second

	retryShare = 100  // thousandths of a retry that a first try earns: 10 %
	retryCost  = 1000 // thousandths
	retryMost  = 100 * retryCost
	retryBegin = 10 * retryCost
	retryFirst = 10 * time.Millisecond // the first pause is drawn from zero to this
	retryPause = time.Second           // and doubles up to this
)

// errOverloaded makes the breaker count refusals at the ledger's door.
var errOverloaded = errors.New("ledgerclient: the ledger is overloaded")

// shed watches how much the ledger refuses at its door. Refusals come in runs, a
// whole backlog at once, so a run says nothing: only when most of a second's
// answers are refusals is the ledger better left alone.
type shed struct {
	mu               sync.Mutex
	since            time.Time // the second that is counted
	answers, refused int
}

// heavy counts one answer to a call that began at an instant and tells whether refusals
// prevail.
func (s *shed) heavy(refused bool, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.since) >= time.Second {
		s.since, s.answers, s.refused = now, 0, 0
	}
	s.answers++
	if refused {
		s.refused++
	}
	return refused && s.answers >= breakerLeastAnswers && 2*s.refused > s.answers
}

// breaker is gobreaker's, which is asked only once something broke. While every call
// is answered it is closed and has nothing to count, and asking it twice for each
// call, with the clock each time, would cost as much as the call's bytes.
type breaker struct {
	two  *gobreaker.TwoStepCircuitBreaker[struct{}]
	calm atomic.Bool // closed, and no failure since the last success

	mu sync.Mutex // held while an end is counted and calm follows from it
}

// newBreaker counts what broke, never what the ledger answered. How long it stays
// open is drawn once, so that a fleet does not come back in one instant.
func newBreaker(name string) *breaker {
	b := &breaker{two: gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Name:         name,
		MaxRequests:  breakerProbes,
		Timeout:      breakerLeast + rand.N(breakerMost-breakerLeast),
		ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= breakerFailures },
		IsSuccessful: func(err error) bool { return err == nil },
		IsExcluded:   func(err error) bool { return errors.Is(err, context.Canceled) || errors.Is(err, errUnsayable) },
	})}
	b.calm.Store(true)
	return b
}

// open tells whether calls are refused unsent.
func (b *breaker) open() bool { return b.two.State() == gobreaker.StateOpen }

// allow asks whether a call may be made; whoever makes it says by hear how it ended.
// While all is calm ended is nil.
func (b *breaker) allow() (ended func(error), err error) {
	if b.calm.Load() {
		return nil, nil
	}
	done, err := b.two.Allow()
	if err != nil {
		return nil, err
	}
	return func(err error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.count(done, err)
	}, nil
}

// hear is told how a call ended that allow let through.
func (b *breaker) hear(ended func(error), err error) {
	switch {
	case ended != nil:
		ended(err)
	case err != nil || !b.calm.Load():
		b.broke(err)
	}
}

// count counts how a call ended, and whether all is calm since.
func (b *breaker) count(done func(error), err error) {
	done(err)
	b.calm.Store(b.two.State() == gobreaker.StateClosed && b.two.Counts().ConsecutiveFailures == 0)
}

// broke ends a call that began while all was calm. If all still is, one that was
// answered is not worth counting; else it shows that not everything is broken. Once the
// breaker opened, what began before says nothing of how it is now.
func (b *breaker) broke(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.two.State() != gobreaker.StateClosed {
		return
	}
	if done, refused := b.two.Allow(); refused == nil {
		b.count(done, err)
	}
}

// budget lets at most a tenth of the calls be retries: a dead ledger is not
// drowned when it comes back.
type budget struct{ thousandths atomic.Int64 }

func (b *budget) fill() { b.thousandths.Store(retryBegin) }

// earn is called for each first try.
func (b *budget) earn() {
	if b.thousandths.Load() < retryMost {
		b.thousandths.Add(retryShare)
	}
}

// spend takes one retry, if there is one.
func (b *budget) spend() bool {
	for {
		have := b.thousandths.Load()
		if have < retryCost {
			return false
		}
		if b.thousandths.CompareAndSwap(have, have-retryCost) {
			return true
		}
	}
}

// pause waits before retry number try (from 0), with full jitter. It is false
// when ctx ends first.
func pause(ctx context.Context, try int) bool {
	most := min(retryPause, retryFirst<<min(try, 10))
	timer := time.NewTimer(rand.N(most))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
