package load

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// run is a run under way.
type run struct {
	cfg    *Config
	crowd  *crowd
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
	tries   int // of asking the ledger for an account that is not as it must be
	open    sync.WaitGroup
}

// Run makes a run and audits it. Closing stop ends the arrivals, drains and
// marks the report partial; ending ctx gives up at once, without a report: what was
// still open then would look lost.
func Run(ctx context.Context, cfg Config, stop <-chan struct{}) (*Report, error) {
	if cfg.From < 0 {
		cfg.From = cfg.Profile.Peak() - 30
	}
	now := time.Now()
	r := &run{
		cfg: &cfg, crowd: newCrowd(cfg.People), clock: newClock(now.Add(cfg.Warmup)),
		audit: newAuditor(now.UnixMilli()-1000, cfg.Zone), mail: newMailroom(), begun: now, tries: askTries,
		report: &Report{Schema: 1, Seed: cfg.Seed, Profile: cfg.Profile.Name, Asked: cfg.asked(), StartedAt: now, Environment: cfg.Env, Faults: []Harm{}, Gates: []Gate{}},
	}
	r.report.Oracle.Findings = []string{}
	aside, end := context.WithCancel(ctx)
	defer end()
	var readers sync.WaitGroup
	r.listen(aside, &readers)
	cpu := cpuTime()
	arrivals := r.arrive(ctx, stop)
	r.shown = r.clock.shown()
	r.drain(ctx)
	r.ask(ctx)
	end()
	readers.Wait() // what they had in hand is part of the audit
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("load: run: %w", err)
	}
	r.settle(arrivals, cpuTime()-cpu)
	return r.report, nil
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
	if r.cfg.Progress != nil {
		readers.Go(func() { r.narrate(ctx) })
	}
}

// collect keeps the texts that come until ctx ends, and what has come by then.
func (r *run) collect(ctx context.Context) {
	for {
		select {
		case s := <-r.cfg.SMS:
			r.mail.put(s)
			continue
		default:
		}
		select {
		case s := <-r.cfg.SMS:
			r.mail.put(s)
		case <-ctx.Done():
			return
		}
	}
}

// arrive begins sessions at their instants, and returns when arrivals ended. All
// that is random is drawn here, in order, from the seed.
func (r *run) arrive(ctx context.Context, stop <-chan struct{}) time.Time {
	c := r.cfg
	rng := rand.New(rand.NewPCG(c.Seed, 1))
	arrivals := NewArrivals(c.Profile, c.Rate/c.Profile.Paying(), c.Duration, c.From, c.Speed, rand.New(rand.NewPCG(c.Seed, 2)))
	for {
		at, ok := arrivals.Next()
		if !ok {
			return r.begun.Add(c.Duration) // people could have dialled until then
		}
		from := rng.IntN(len(c.People))
		plans := rand.New(rand.NewPCG(rng.Uint64(), 3))
		due := r.begun.Add(at)
		if !until(ctx, stop, due) {
			r.report.Partial = true
			return time.Now()
		}
		r.offered.Add(1)
		payer, ok := r.crowd.claim(from)
		if !ok {
			r.skipped.Add(1)
			continue
		}
		r.begin(ctx, r.crowd.draw(payer, &c.Profile, c.Code, c.Speed, plans), due)
	}
}

// begin lets one person dial, on a goroutine of its own.
func (r *run) begin(ctx context.Context, p Plan, due time.Time) {
	if n := r.alive.Add(1); n > r.peak.Load() {
		r.peak.Store(n)
	}
	r.open.Add(1)
	go func() {
		defer r.open.Done()
		v := walk(ctx, r.cfg, r.clock, p, due)
		r.clock.session(time.Since(due))
		r.alive.Add(-1)
		r.crowd.free(p.Payer)
		v.plan.Keys = nil // nobody asks for them any more
		r.mu.Lock()
		r.visits = append(r.visits, v)
		r.mu.Unlock()
	}()
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
