package load

import (
	"errors"
	"sync"
	"time"

	"mlango/simulator/operator"
)

// clock counts screens and their times; it is safe for all sessions at once.
type clock struct {
	mu       sync.Mutex
	from     time.Time // nothing before it counts: the warm-up
	honest   *histogram
	naive    *histogram
	late     *histogram
	sessions *histogram
	counted  int // screens due after the warm-up
	stairs   []times
	stair    func(due time.Time) int // of a run in steps
	hdr      *HDR
}

func newClock(from time.Time) *clock {
	return &clock{from: from, honest: newHistogram(), naive: newHistogram(), late: newHistogram(), sessions: newHistogram()}
}

// screen notes a screen that was due to be asked for at intended, was asked for
// at sent, and has come now.
func (c *clock) screen(intended, sent, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !intended.Before(c.from) {
		c.counted++
	}
	c.wait(intended, sent, now)
}

// silence notes a screen that was waited for until now and did not come: the wait
// is in the times, so that a gate cannot hold while people stare at nothing.
func (c *clock) silence(err error, intended, sent, now time.Time) {
	if !errors.Is(err, operator.ErrNoAnswer) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wait(intended, sent, now)
}

// wait puts a wait into the times; the lock is held.
func (c *clock) wait(intended, sent, now time.Time) {
	if !intended.Before(c.from) {
		c.honest.add(now.Sub(intended))
		c.naive.add(now.Sub(sent))
		c.hdr.add(now, now.Sub(intended))
	}
	if c.stairs != nil {
		c.stairs[c.stair(intended)].add(now.Sub(intended))
	}
}

// shown is how many screens were due after the warm-up so far.
func (c *clock) shown() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counted
}

// lateness notes how late the generator itself was.
func (c *clock) lateness(intended, sent time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.late.add(max(0, sent.Sub(intended)))
}

func (c *clock) session(span time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sessions.add(span)
}
