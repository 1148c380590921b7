package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"mlango/simulator/report"
)

// Bounds of a hand on a run.
const (
	leastPercent = 10 // of the asked rate
	mostPercent  = 1000
	maxTurned    = 1000 // turns that the report tells
	sameTurn     = 1000 // ms, within which turns are told as one
	handFor      = 10 * time.Second
)

// ErrOver says that the arrivals of a run are over, or have not begun: nothing can be
// broken.
var ErrOver = errors.New("load: the arrivals are over")

// Live is a run as somebody watches it and puts a hand to it. One is of one run; the zero
// value is ready.
type Live struct {
	mu       sync.Mutex
	run      *run
	percent  float64 // of the asked rate; 0 is 100
	turned   []report.RateChange
	breaking context.Context // nil: nothing may be broken
}

// Turn changes the rate from now on by so many percent of the asked one, within bounds.
func (l *Live) Turn(by float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	to := min(max(l.at()+by, leastPercent), mostPercent)
	if l.run == nil || to == l.at() {
		return
	}
	l.percent = to
	now := time.Since(l.run.begun).Milliseconds()
	if n := len(l.turned); n > 0 && now-l.turned[n-1].AtMS < sameTurn {
		l.turned[n-1].Percent = to // a key that is held down turns once
	} else if n < maxTurned {
		l.turned = append(l.turned, report.RateChange{AtMS: now, Percent: to})
	}
}

// at is the percent that holds; the lock is held.
func (l *Live) at() float64 {
	if l.percent == 0 {
		return 100
	}
	return l.percent
}

// factor is by how much people dial more often than they were asked to; of nobody's
// hand it is 1.
func (l *Live) factor() float64 {
	if l == nil {
		return 1
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at() / 100
}

// turns are the changes of the rate so far.
func (l *Live) turns() []report.RateChange {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.turned)
}

// open gives the run into hands; until shut it may be broken.
func (l *Live) open(r *run, breaking context.Context) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.run = r
	if l.breaking = nil; r.cfg.Breaker != nil {
		l.breaking = breaking
	}
}

func (l *Live) shut() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.breaking = nil
}

// HandFaults are the faults that a hand can begin: what is broken, for ten seconds.
func HandFaults() []Fault {
	return []Fault{
		{Kind: "kill", Target: targetLedger, For: handFor}, {Kind: "stop", Target: targetLedger, For: handFor}, {Kind: "slow", Target: targetLedger, N: 50, For: handFor},
		{Kind: "kill", Target: targetGateway, For: handFor}, {Kind: "stop", Target: targetGateway, For: handFor},
		{Kind: "throttle", N: 20, For: handFor}, {Kind: "queue_full", N: 3, For: handFor}, {Kind: "resp_late", Delay: 2 * time.Second, For: handFor},
		{Kind: "resp_lost", N: 3, For: handFor}, {Kind: "receipts_lost", N: 2, For: handFor}, {Kind: "hops_twice", N: 1, For: handFor},
		{Kind: "half_open", For: handFor}, {Kind: "drop_binds"},
	}
}

// String is a fault in words.
func (f Fault) String() string {
	h := report.Harm{Kind: f.Kind, Target: f.Target, N: f.N, MS: f.Delay.Milliseconds()}
	if f.For > 0 {
		return fmt.Sprintf("%s, for %s", h.Says(), f.For)
	}
	return h.Says()
}

// Break begins a fault now; the report tells of it as of any other.
func (l *Live) Break(f Fault) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.breaking == nil {
		return ErrOver
	}
	l.run.faults.begin(l.breaking, f)
	return nil
}
