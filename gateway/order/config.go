package order

import (
	"log/slog"
	"time"
)

// Limits of the queue and its dispatcher.
const (
	DefaultLimit       = 20_000                 // orders not yet answered
	DefaultConcurrency = 512                    // requests at the ledger at once
	DefaultTry         = 5 * time.Second        // one request's wait for its answer
	RetryLeast         = 50 * time.Millisecond  // the first pause before the same id again
	RetryMost          = 2 * time.Second        // no pause is longer
	TellLeast          = 500 * time.Millisecond // the first pause before telling again
	TellMost           = 30 * time.Second
	AfterExpiry        = 2 * time.Second  // by our clock, before the ledger is asked to resolve
	Unseen             = 15 * time.Second // an outcome that no session took is told by SMS
	DelayedAfter       = 3 * time.Second  // an order that waits as long makes dials hear of delays
	Lease              = 15 * time.Second // a gateway that does not renew it is dead
	Renew              = 5 * time.Second
	ClaimEach          = 5 * time.Second // how often dead gateways are looked for
)

// Config bounds a queue and its dispatcher; zeros take the defaults.
type Config struct {
	Gateway     string // this gateway's name, in Redis and on claims
	Limit       int
	Concurrency int
	Try         time.Duration
	Now         func() time.Time
	Log         *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.Limit <= 0 {
		c.Limit = DefaultLimit
	}
	if c.Concurrency <= 0 {
		c.Concurrency = DefaultConcurrency
	}
	if c.Try <= 0 {
		c.Try = DefaultTry
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}
