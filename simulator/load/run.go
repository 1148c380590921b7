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
	cfg    *Config
	crowd  *crowd
	guide  *guide
	faults *timeline
	clock  *clock
	audit  *auditor
	mail   *mailroom
	report *Report
	begun  time.Time
	shown  int // screens between warm-up and the last arrival

	mu      sync.Mutex
	visits  []*visit
	waiting []*visit // of the drain: not settled yet
	scratch *matcher // which looks whether they are
	alive   atomic.Int64
	peak    atomic.Int64
	offered atomic.Int64
	skipped atomic.Int64
	redials atomic.Int64  // of offered: for a wish that was dialled for before
	looks   atomic.Int64  // of them: to look at the account first
	over    chan struct{} // closed when the arrivals are
	wishes  int           // that were dialled for
	climbed int           // the stair that arrivals are on
	tries   int           // of asking the ledger for an account that is not as it must be
	open    sync.WaitGroup
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
	now := time.Now()
	r := &run{
		cfg: &cfg, crowd: newCrowd(cfg.People, cfg.Others, rand.New(rand.NewPCG(cfg.Seed, 5))), over: make(chan struct{}), faults: newTimeline(cfg.Breaker, now), clock: newClock(now.Add(cfg.Warmup)),
		audit: newAuditor(now.UnixMilli()-1000, cfg.Zone), mail: newMailroom(), begun: now, tries: askTries,
		report: &Report{Schema: 1, Seed: cfg.Seed, Profile: cfg.Profile.Name, Asked: cfg.asked(), StartedAt: now, Environment: cfg.Env, Faults: []Harm{}, Gates: []Gate{}},
	}
	r.report.Oracle.Findings = []string{}
	r.guide = newGuide(&cfg)
	r.report.Asked.Left = cfg.Profile.Only(func(goal string) bool { return r.guide.offers(goal) && r.crowd.can(goal) })
	if len(cfg.Profile.Mix) == 0 || cfg.Profile.Paying() == 0 {
		return nil, fmt.Errorf("%w: %s", ErrNoGoal, strings.Join(r.report.Asked.Left, ", "))
	}
	if steps := cfg.Profile.Steps; steps > 0 {
		r.clock.stairs = make([]times, steps)
		r.clock.stair = func(due time.Time) int { return StepAt(steps, due.Sub(now).Seconds()/cfg.Duration.Seconds()) }
	}
	r.clock.hdr = cfg.HDR
	faults := append(slices.Clone(cfg.Profile.Faults), cfg.Faults...)
	if len(faults) > 0 && cfg.Breaker == nil {
		return nil, errNoBreaker
	}
	cfg.rec = newRecorder(now)
	r.audit.recorded(cfg.rec)
	aside, end := context.WithCancel(ctx)
	defer end()
	var readers sync.WaitGroup
	r.listen(aside, &readers)
	cpu := cpuTime()
	breaking, mended := context.WithCancel(ctx)
	r.faults.going.Go(func() { r.faults.play(breaking, faults, cfg.Duration) })
	arrivals := r.arrive(ctx, stop)
	close(r.over)
	mended()
	r.faults.going.Wait() // what was killed runs again
	_, r.report.Faults = r.faults.now()
	r.shown = r.clock.shown()
	r.drain(ctx)
	r.ask(ctx)
	end()
	readers.Wait() // what they had in hand is part of the audit
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("load: run: %w", err)
	}
	return r.report, r.settle(arrivals, cpuTime()-cpu)
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
	r.mail.put(s)
	r.cfg.rec.text(s.At)
}

// arrive begins sessions at their instants, and returns when arrivals ended. All
// that is random is drawn here, in order, from the seed.
func (r *run) arrive(ctx context.Context, stop <-chan struct{}) time.Time {
	c := r.cfg
	rng := rand.New(rand.NewPCG(c.Seed, 1))
	for in := newInflow(c, len(c.People)); ; {
		next, ok := in.next()
		if !ok {
			return r.begun.Add(c.Duration) // people could have dialled until then
		}
		seed := rng.Uint64()
		due := r.begun.Add(next.at)
		if !until(ctx, stop, due) {
			r.report.Partial = true
			return time.Now()
		}
		if c.Profile.Steps > 0 && r.enough(next.at.Seconds()/c.Duration.Seconds()) {
			return time.Now()
		}
		if next.wages != nil {
			r.pay(ctx, next.wages)
			continue
		}
		r.dial(ctx, next.who, rand.New(rand.NewPCG(seed, 3)), due)
	}
}

// dial lets somebody dial: whom a payment woke, or who is drawn.
func (r *run) dial(ctx context.Context, who int, plans *rand.Rand, due time.Time) {
	r.offered.Add(1)
	r.cfg.rec.offered(due)
	goal, payer, ok := r.cfg.Profile.goal(plans), who, false
	if who >= 0 {
		ok = tablePayers[goal] == 0 && r.crowd.take(who)
	}
	if !ok {
		payer, ok = r.crowd.payer(goal, plans)
	}
	if !ok {
		r.skipped.Add(1)
		return
	}
	p := r.crowd.draw(payer, goal, &r.cfg.Profile, plans)
	p.Woken = who == payer
	r.wishes++
	p.number = r.wishes
	r.begin(ctx, p, due)
}

// pay pays a batch of wages beside the arrivals.
func (r *run) pay(ctx context.Context, wages []Wage) {
	if r.cfg.Payroll == nil {
		return
	}
	r.open.Go(func() {
		if err := r.cfg.Payroll(ctx, wages); err != nil && ctx.Err() == nil {
			r.audit.say(fmt.Sprintf("a batch of %d wages was not paid: %v", len(wages), err))
		}
	})
}

// begin lets one person dial, on a goroutine of its own.
func (r *run) begin(ctx context.Context, p Plan, due time.Time) {
	if n := r.alive.Add(1); n > r.peak.Load() {
		r.peak.Store(n)
	}
	r.open.Go(func() {
		r.errand(ctx, p, due)
		r.alive.Add(-1)
		r.crowd.free(p.Payer)
	})
}

// until waits for an instant; false when the run was stopped before it.
func until(ctx context.Context, stop <-chan struct{}, due time.Time) bool {
	wait := time.Until(due)
	if wait <= 0 {
		select {
		case <-stop:
			return false
		case <-ctx.Done():
			return false
		default:
			return true
		}
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-stop:
		return false
	case <-ctx.Done():
		return false
	}
}

// drain waits until nothing is open – sessions, placed orders, texts – or until
// the drain's time is over.
func (r *run) drain(ctx context.Context) {
	r.open.Wait()
	r.waiting = append(r.waiting, r.visits...)
	deadline := time.Now().Add(r.cfg.Drain)
	quiet := 0
	for quiet < 3 && time.Now().Before(deadline) && ctx.Err() == nil {
		rest(ctx, settleEvery)
		if quiet++; !r.settled() {
			quiet = 0
		}
	}
}

// settled tells whether every placed payment has its end and every committed one
// its texts. A visit that has both is not looked at again.
func (r *run) settled() bool {
	if r.cfg.Feed == nil {
		return true
	}
	if r.scratch == nil {
		r.scratch = newMatcher(r.cfg, r.audit, r.mail, &Report{})
	}
	now := time.Now()
	open := r.waiting[:0]
	for _, v := range r.waiting {
		if !r.scratch.through(v, now) {
			open = append(open, v)
		}
	}
	r.waiting = open
	return len(open) == 0 && r.audit.following() && (r.cfg.Notices == nil || r.audit.heard())
}

// through tells whether nothing more is to come of a visit.
func (m *matcher) through(v *visit, now time.Time) bool {
	f, deeds := fateOf(m.cfg, m.audit, v, now)
	if v.placed && f == fateUnresolved {
		return false
	}
	if v.placed && f != fateCommitted && v.ending == EndPromised && !m.mail.told(m.cfg.People[v.plan.Payer].MSISDN) {
		return false
	}
	for _, d := range deeds {
		if d.made() && !m.arrived(d) {
			return false
		}
	}
	return true
}

// arrived tells whether both texts of a transfer are there.
func (m *matcher) arrived(d *deed) bool {
	if m.cfg.Bundle == nil {
		return true
	}
	for _, s := range m.sidesOf(d) {
		if plain, err := m.expected(d, s); err == nil && !m.mail.has(s.to.MSISDN, plain) {
			return false
		}
	}
	return true
}

// narrate prints a line a second.
func (r *run) narrate(ctx context.Context) {
	for tick := time.NewTicker(time.Second); ; {
		select {
		case <-tick.C:
			r.mu.Lock()
			done := len(r.visits)
			r.mu.Unlock()
			fmt.Fprintf(r.cfg.Progress, "%4ds  %d dialled, %d alive, %d ended, %d SMS\n",
				int(time.Since(r.begun).Seconds()), r.offered.Load(), r.alive.Load(), done, r.mail.received())
		case <-ctx.Done():
			tick.Stop()
			return
		}
	}
}
