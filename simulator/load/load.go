// Package load is salary day: a population that dials by a curve, walks the
// menu like people, and then accounts for every shilling and every SMS.
package load

import (
	"context"
	"io"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/menus"
	"mlango/simulator/operator"
)

// Limits of a run.
const (
	MaxRate     = 100_000 // payments a second
	MaxUsers    = 4 << 20
	MaxSpeed    = 10_000
	MaxFindings = 50 // findings the report names; all are counted
	settleEvery = 100 * time.Millisecond
	lateAllowed = 100.0 // ms, p99: above it the run proves nothing
)

// Feed is the ledger's audit feed, from a place on and live.
type Feed interface {
	Entries(ctx context.Context, from uint64, fn func(index uint64, at int64, head [32]byte, cmds []ledger.Command) error) error
}

// Config is one run.
type Config struct {
	Profile  Profile
	Rate     float64       // payments a real second, the mean over Duration
	Duration time.Duration // of arrivals, warm-up included
	Warmup   time.Duration // not counted in rates and latencies
	Drain    time.Duration // at most, after the last arrival
	Speed    float64       // divides the curve and human pauses
	From     float64       // minute of the day; below zero: 30 min before the peak
	Seed     uint64
	Code     string // short code, such as 334
	People   []Person
	Others   []Person // agents and businesses that nobody dials for: the texts name them
	Network  operator.Network
	SMS      <-chan operator.SMS // every text a handset of the run gets
	Feed     Feed                // nil: the oracle's scope is "none"
	Before   uint64              // the journal's last entry before the run: what stands up to it is another's
	Notices  Notices             // what the ledger tells of each transfer; nil is not held to the oracle
	Node     Node                // says at the end what accounts have; nil is not asked
	Bundle   *menus.Bundle       // words the SMS the oracle expects
	Chart    *menus.Chart        // of the menu that the gateway runs; nil: Keys are pressed
	Keys     Keys                // of a service whose menu nobody gave
	Expect   Keys                // a word of each of its screens
	Says     SaysOf              // what the SMS of somebody else's service say of payments; nil: they are not judged
	SaysSure bool                // and that they come by this link
	Asker    Asker               // asks people to approve payments; nil: nobody is asked
	Pushes   <-chan Pushed       // the screens that come without a dial
	Ramp     float64             // sessions a second that arrivals begin with, doubling every ten seconds; 0: at once
	Idle     time.Duration       // the network ends a dialogue in which nothing is pressed for so long
	Breaker  Breaker             // lets faults happen; nil: there are none
	Faults   []Fault             // beside the profile's own
	HDR      *HDR                // writes the latencies as HDR histograms; nil: nobody asked for it
	Sessions *SessionLog         // gets every session; nil: none is kept
	Alone    bool                // nobody but the run moves money at the ledger: what it did not order is a finding
	Payroll  Payroll             // pays the wages of the profile's batches; nil: nobody is paid
	Horizon  time.Duration       // how long after its end a session is held against what still comes; 0: Horizon
	Listen   time.Duration       // how long the run listens on after the last event; 0: no longer than a few looks
	Scratch  string              // a folder for what the audit lets go of from memory; empty: it lets go of nothing
	Zone     int                 // minutes east of UTC, for the time in an SMS
	OrderAge time.Duration       // how long an order may live; past it a silent one is settled
	Gates    []string
	Env      Environment
	Progress io.Writer                        // one line a second; nil is silent
	Live     *Live                            // watches the run and puts a hand to it; may be nil
	Gauges   func(ctx context.Context) Gauges // what the programs say of themselves; nil is not asked

	over <-chan struct{} // closed when the arrivals are: nobody waits any more
	rec  *recorder       // of the run; nil keeps nothing
	roll *roll           // of the run; nil keeps nothing
}

// asked is what the report says the run was asked for.
func (c *Config) asked() Asked {
	return Asked{Users: len(c.People), Rate: c.Rate, Speed: c.Speed, DurationMS: c.Duration.Milliseconds(), WarmupMS: c.Warmup.Milliseconds()}
}

// Payroll pays people's wages, all of them before it returns, each under its id.
type Payroll func(ctx context.Context, wages []Wage) error

// Wage is what an employer pays somebody.
type Wage struct {
	ID      ledger.ID
	Account ledger.Account
	Amount  ledger.Amount
}

// MeanSession is how long a session of a profile takes, human pauses included;
// it decides how many people a rate needs.
func (p *Profile) MeanSession(speed float64) time.Duration {
	seconds, whole := 0.0, 0.0
	for i := range p.People {
		seconds, whole = seconds+p.People[i].Part*p.People[i].mean(), whole+p.People[i].Part
	}
	return time.Duration(seconds / max(whole, shareOf) / speed * float64(time.Second))
}

// UsersNeeded is how many people a run needs, so that nobody must hold two phones,
// the same pair seldom pays twice in a row, and nobody dials so often that two
// sessions bear one name before the first of them is forgotten, at the horizon.
func UsersNeeded(p *Profile, rate, speed float64, span, horizon time.Duration) int {
	sessions := rate / p.Paying() // a second
	span = min(span, 2*horizon)
	held := p.MeanSession(speed).Seconds() + min(p.meanWait()/speed, span.Seconds()) + 1
	return int(max(sessions*held*2, sessions*span.Seconds()*2/sessionKeys)) + 10
}

// meanWait is how long, in seconds, people wait on average after a session before they
// decide whether to try again.
func (p *Profile) meanWait() (seconds float64) {
	for _, d := range p.Retry.After {
		seconds += d.Seconds() * p.Retry.Share / float64(len(p.Retry.After))
	}
	return seconds
}
