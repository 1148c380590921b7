package load

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"mlango/simulator/operator"
)

// run is a run under way.
type run struct {
	cfg     *Config
	crowd   *crowd
	guide   *guide
	faults  *timeline
	clock   *clock
	audit   *auditor
	mail    *mailroom
	asking  *asking  // nil: nobody is asked to approve anything
	outside *outside // nil: nobody else's SMS are judged
	report  *Report
	begun   time.Time
	shown   int // screens between warm-up and the last arrival

	mu        sync.Mutex
	ended     int         // sessions, those that never began among them
	steps     []stairStat // of a run in steps
	untold    []*deed     // that nobody dialled for, and a text of it has not come yet
	sweeping  sync.Mutex  // guards match, untold and counted
	match     *matcher
	approvals approvalTally // mu guards it
	counted   int           // payments of those who dialled after the warm-up
	alive     atomic.Int64
	peak      atomic.Int64
	offered   atomic.Int64
	skipped   atomic.Int64
	redials   atomic.Int64  // of offered: for a wish that was dialled for before
	looks     atomic.Int64  // of them: to look at the account first
	over      chan struct{} // closed when the arrivals are
	wishes    int           // that were dialled for
	climbed   int           // the stair that arrivals are on
	tries     int           // of asking the ledger for an account that is not as it must be
	open      sync.WaitGroup
}

// ErrNoGoal says that the menu offers nothing to pay for that the profile knows.
var ErrNoGoal = errors.New("load: the menu offers nothing of what the profile's people pay for")

// Run makes a run and audits it. Closing stop ends the arrivals, drains and
// marks the report partial; ending ctx gives up at once, without a report: what was
// still open then would look lost.
func Run(ctx context.Context, cfg Config, stop <-chan struct{}) (*Report, error) {
	if cfg.From < 0 {
		cfg.From = cfg.Profile.Peak() - 30
	}
	r, err := newRun(&cfg)
	if err != nil {
		return nil, err
	}
	aside, end := context.WithCancel(ctx)
	defer end()
	var readers sync.WaitGroup
	r.listen(aside, &readers)
	cpu := cpuTime()
	arrivals := r.dialling(ctx, stop)
	r.drain(ctx)
	r.ask(ctx)
	end()
	readers.Wait() // what they had in hand is part of the audit
	defer r.audit.close()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("load: run: %w", err)
	}
	return r.report, r.settle(arrivals, cpuTime()-cpu)
}

// newRun makes a run ready, or says why it cannot be made.
func newRun(cfg *Config) (*run, error) {
	now := time.Now()
	r := &run{
		cfg: cfg, crowd: newCrowd(cfg.People, cfg.Others, rand.New(rand.NewPCG(cfg.Seed, 5))), guide: newGuide(cfg), over: make(chan struct{}),
		faults: newTimeline(cfg.Breaker, now), clock: newClock(now.Add(cfg.Warmup)), audit: newAuditor(cfg.Before, cfg.Zone), mail: newMailroom(),
		begun: now, tries: askTries,
		report: &Report{Schema: 1, Seed: cfg.Seed, Profile: cfg.Profile.Name, Asked: cfg.asked(), StartedAt: now, Environment: cfg.Env, Faults: []Harm{}, Gates: []Gate{}},
	}
	r.report.Oracle.Findings = []string{}
	r.report.Asked.Left = cfg.Profile.Only(func(goal string) bool { return r.guide.offers(goal) && r.crowd.can(goal) })
	if len(cfg.Profile.Mix) == 0 || cfg.Profile.Paying() == 0 {
		return nil, fmt.Errorf("%w: %s", ErrNoGoal, strings.Join(r.report.Asked.Left, ", "))
	}
	cfg.Faults = append(slices.Clone(cfg.Profile.Faults), cfg.Faults...)
	if len(cfg.Faults) > 0 && cfg.Breaker == nil {
		return nil, errNoBreaker
	}
	if err := CheckFaults(cfg.Faults, cfg.Duration, false, false); err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	if steps := cfg.Profile.Steps; steps > 0 {
		r.clock.stairs, r.steps = make([]times, steps), make([]stairStat, steps)
		r.clock.stair = func(due time.Time) int { return StepAt(steps, due.Sub(now).Seconds()/cfg.Duration.Seconds()) }
	}
	r.clock.hdr, cfg.rec = cfg.HDR, newRecorder(now)
	cfg.over = r.over
	cfg.Sessions.begin(now)
	r.audit.recorded(cfg.rec)
	r.match = newMatcher(cfg, r.audit, r.mail, r.report)
	r.match.paid, r.match.later, r.match.left = r.paid, r.later, r.left
	r.match.menu(now.UnixMilli())
	r.asking = newAsking(r)
	if cfg.Says != nil {
		r.outside = newOutside(cfg)
	}
	if cfg.Feed != nil {
		cfg.roll = r.match.roll
	}
	return r, r.audit.remember(cfg.Scratch, cfg.Zone, cfg.horizon())
}

// dialling lets people dial and things break, until the arrivals are over, and returns
// when that was.
func (r *run) dialling(ctx context.Context, stop <-chan struct{}) time.Time {
	breaking, mended := context.WithCancel(ctx)
	r.faults.going.Go(func() { r.faults.play(breaking, r.cfg.Faults, r.cfg.Duration) })
	r.cfg.Live.open(r, breaking)
	if r.asking != nil {
		r.open.Go(func() { r.asking.ask(ctx) })
	}
	end := r.arrive(ctx, stop)
	r.cfg.Live.shut()
	r.report.Turned = r.cfg.Live.turns()
	close(r.over)
	mended()
	r.faults.going.Wait() // what was killed runs again
	_, r.report.Faults = r.faults.now()
	r.shown = r.clock.shown()
	return end
}

// listen reads the feed and the texts until ctx ends.
func (r *run) listen(ctx context.Context, readers *sync.WaitGroup) {
	if r.cfg.Feed != nil {
		readers.Go(func() { r.audit.follow(ctx, r.cfg.Feed) })
	}
	if r.cfg.Feed != nil && r.cfg.Notices != nil {
		readers.Go(func() { r.audit.hear(ctx, r.cfg.Notices) })
	}
	readers.Go(func() { r.collect(ctx) })
	readers.Go(func() { r.cfg.rec.watch(ctx, r.cfg.Gauges, func() int { return int(r.alive.Load()) }) })
	readers.Go(func() { r.attend(ctx) })
	if r.asking != nil {
		readers.Go(func() { r.asking.listen(ctx) })
	}
	if r.cfg.Progress != nil {
		readers.Go(func() { r.narrate(ctx) })
	}
}

// collect keeps the texts that come until ctx ends, and what has come by then.
func (r *run) collect(ctx context.Context) {
	for {
		select {
		case s := <-r.cfg.SMS:
			r.received(s)
			continue
		default:
		}
		select {
		case s := <-r.cfg.SMS:
			r.received(s)
		case <-ctx.Done():
			return
		}
	}
}

// received keeps a text.
func (r *run) received(s operator.SMS) {
	if r.cfg.Feed != nil {
		r.mail.put(s)
	} else {
		r.mail.note(s)
		r.outside.put(s)
	}
	r.cfg.rec.text(s.At)
}

// sameLines is how many lines that say the same but for their time are told as one.
const sameLines = 10

// narrate prints a line a second, and fewer while nothing happens.
func (r *run) narrate(ctx context.Context) {
	told, again := "", 0
	for tick := time.NewTicker(time.Second); ; {
		select {
		case <-tick.C:
			now := r.now(Now{Percent: 100 * r.cfg.Live.factor()}, time.Now())
			line := now.Line()
			_, says, _ := strings.Cut(line, "s  ")
			if again++; says != told || again == sameLines {
				fmt.Fprintln(r.cfg.Progress, line)
				told, again = says, 0
			}
		case <-ctx.Done():
			tick.Stop()
			return
		}
	}
}
