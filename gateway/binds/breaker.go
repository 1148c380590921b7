package binds

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sony/gobreaker/v2"

	"mlango/smpp"
)

// breaker stops sending over a bind that is up and does not work. A bind has one
// for each priority: an SMSC that is sick does not take screens with it.
type breaker = gobreaker.TwoStepCircuitBreaker[struct{}]

// errStopped marks what says nothing of the bind: our own end of patience, and a
// link that was lost and will be bound again.
var errStopped = errors.New("binds: not for the breaker")

// tableSick are the statuses that say that the other side does not work, whatever
// it is sent (SMPP 3.4 §5.1.3, 5.0 §4.7.6). A USSD centre says much the same of a
// dialogue that is over, so there only a few count.
var tableSick = [2][]smpp.Status{
	USSD: {smpp.StatusInvBindStatus, smpp.StatusServiceUnauthorised, smpp.StatusProhibited, smpp.StatusServiceUnavailable, smpp.StatusServiceDenied},
	SMS: {smpp.StatusInvBindStatus, smpp.StatusServiceUnauthorised, smpp.StatusProhibited, smpp.StatusServiceUnavailable, smpp.StatusServiceDenied,
		smpp.StatusSysErr, smpp.StatusUnknownErr},
}

// newBreaker draws how long it stays open once, so that two binds of a dead SMSC
// are not tried at the same moments for ever.
func newBreaker(name string) *breaker {
	return gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Name: name, Timeout: openLeast + rand.N(openSpread), Interval: tripWindow, BucketPeriod: tripWindow / 10,
		ReadyToTrip: func(c gobreaker.Counts) bool {
			return c.ConsecutiveFailures >= tripAfter || c.Requests >= tripLeast && 2*c.TotalFailures >= c.Requests
		},
		IsExcluded: func(err error) bool { return errors.Is(err, errStopped) },
	})
}

// open tells whether the breaker of a priority lets nothing through.
func (l *link) open(p Priority) bool { return l.breakers[p].State() == gobreaker.StateOpen }

// broken is the worse state of the two.
func (l *link) broken() string {
	return max(l.breakers[USSD].State(), l.breakers[SMS].State()).String()
}

// verdict is what a submit says of the bind.
func verdict(ctx context.Context, p Priority, s sender, r smpp.Response, err error) error {
	select {
	case <-s.Done():
		return errStopped
	default:
	}
	switch {
	case ctx.Err() == nil && (errors.Is(err, smpp.ErrUnknown) || errors.Is(err, smpp.ErrClosed)):
		return err
	case err != nil:
		return errStopped
	case slices.Contains(tableSick[p], r.Status):
		return r.Status
	}
	return nil
}

// stalled tells whether what is in flight got no answer for so long that others
// are better asked.
func (l *link) stalled() bool {
	since, busy := l.gate.busySince()
	if !busy {
		return false
	}
	answered, roundTrip := l.tally.last()
	if answered.After(since) {
		since = answered
	}
	return time.Since(since) > max(stallAfter, stallTrips*roundTrip)
}
