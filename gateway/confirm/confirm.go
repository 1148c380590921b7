// Package confirm turns the ledger's outbox lanes into confirmation SMS: in
// order within a lane, at least once, acknowledged after the SMSC took them. It
// also tells payers what was promised to them and not made.
package confirm

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"mlango/gateway/binds"
	"mlango/gateway/order"
	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// Limits of the room.
const (
	maxWaiting   = 8192                   // notices of one operator in memory
	maxAcks      = 16                     // acknowledgements of one operator under way
	ackEach      = 100 * time.Millisecond // a lane is acknowledged at most this often
	ackTimeout   = 5 * time.Second
	sendTimeout  = 30 * time.Second // one try of one SMS, waiting for a window included
	retryLeast   = 50 * time.Millisecond
	retryMost    = 5 * time.Second
	maxRefused   = 10              // tries against a status that says neither "later" nor "never"
	drainTimeout = 2 * time.Second // for the SMS under way when the program stops
	maxLetters   = 10_000          // dead letters on the disk

	fallbackAfter = 500 * time.Millisecond // without a bind, until the route's next operator takes over
	downForgotten = 30 * time.Second       // a loss that nobody met for so long may have been over meanwhile
)

// consumer is our name at the outbox.
const consumer = "sms"

// Words for metrics.
const (
	SeenSent      = "sent"
	SeenTold      = "told"      // a promised reject
	SeenRetried   = "retried"   // not taken: throttled, no bind, a passing fault
	SeenUnknown   = "unknown"   // sent without an answer: sent again, maybe a duplicate
	SeenParked    = "parked"    // never to be delivered: a dead letter
	SeenNobody    = "nobody"    // the account has no number to be told at
	SeenUnwritten = "unwritten" // no text could be made: a dead letter
	SeenAsked     = "asked"     // no SMS: a request to approve a payment
)

// Feed is what this room needs of ledgerclient.
type Feed interface {
	Notices(ctx context.Context, consumer, owner string, from, to ledger.Lane, fn func(epoch uint64, notices []ledger.Notice) error) error
	Ack(ctx context.Context, consumer string, lane ledger.Lane, epoch, upto uint64, except []uint64) error
}

// Bundles are the menus that word SMS.
type Bundles interface {
	Active() *menus.Bundle
	Get(hash [32]byte) *menus.Bundle
}

// Operator is one home operator.
type Operator struct {
	Name string
	Home uint16
}

// Sender is what this room needs of binds.Pool.
type Sender interface {
	binds.Sender
	// Whole tells whether the operator takes long texts whole.
	Whole(operator string) bool
}

// Config is what the room works with; Log and Seen may be missing.
type Config struct {
	Feed      Feed
	Sender    Sender
	Bundles   Bundles
	Operators []Operator
	Routes    binds.Routes
	Owner     string // this gateway's name, on the grants
	Zone      int    // minutes east of UTC, for the times in texts
	Data      string // folder of the dead letters
	Seen      func(operator, what string)
	Receipt   func(operator, bind, what string) // a delivery receipt, by one of the words
	Log       *slog.Logger
}

// writer words what happened; the same for the same, always.
type writer interface {
	notice(n *ledger.Notice) (string, error)
	promise(p *order.Promise, r ledger.Result) (string, error)
}

// Confirm tells people.
type Confirm struct {
	cfg      Config
	asks     func(ctx context.Context, n *ledger.Notice) error
	words    writer
	routes   atomic.Pointer[binds.Routes]
	dead     *deadLetters
	posts    posts
	downs    downs
	receipts *receipts
}

// New opens the dead letters.
func New(cfg Config) (*Confirm, error) {
	if cfg.Seen == nil {
		cfg.Seen = func(string, string) {}
	}
	if cfg.Receipt == nil {
		cfg.Receipt = func(string, string, string) {}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	dead, err := openLetters(filepath.Join(cfg.Data, "dead-sms.jsonl"), maxLetters)
	if err != nil {
		return nil, err
	}
	c := &Confirm{cfg: cfg, dead: dead, words: &words{bundles: cfg.Bundles, zone: cfg.Zone}}
	c.Reroute(cfg.Routes)
	c.receipts = newReceipts(cfg.Receipt, cfg.Log)
	if err := c.receipts.restore(cfg.Data, time.Now()); err != nil {
		return nil, err
	}
	c.posts.c = c
	c.Replace(cfg.Operators)
	return c, nil
}

// Run works off every operator's lanes until ctx ends; then it lets the SMS
// under way finish and acknowledges them.
func (c *Confirm) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { c.receipts.run(ctx) })
	c.posts.run(ctx)
	wg.Wait()
	c.receipts.save(time.Now())
	if err := c.dead.close(); err != nil {
		return fmt.Errorf("confirm: dead letters: %w", err)
	}
	return nil
}

// Reroute makes every try from now on go by these routes. The same ones once more
// disturb no text that is under way.
func (c *Confirm) Reroute(routes binds.Routes) {
	if old := c.routes.Load(); old == nil || !reflect.DeepEqual(*old, routes) {
		c.routes.Store(&routes)
	}
}

// Waiting is how many notices are in memory, not yet taken by an SMSC.
func (c *Confirm) Waiting() int {
	n := 0
	for _, p := range c.posts.list() {
		n += len(p.slots)
	}
	return n
}

// DeadLetters is how many SMS were given up.
func (c *Confirm) DeadLetters() int { return c.dead.count() }

// backoff is the pause before try n+1, with full jitter.
func backoff(n int) time.Duration {
	return retryLeast + rand.N(min(retryLeast<<min(n, 10), retryMost))
}

// pause waits; false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
