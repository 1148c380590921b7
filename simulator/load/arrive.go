package load

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// arrive begins sessions at their instants, and returns when arrivals ended. All
// that is random is drawn here, in order, from the seed.
func (r *run) arrive(ctx context.Context, stop <-chan struct{}) time.Time {
	c := r.cfg
	rng := rand.New(rand.NewPCG(c.Seed, 1))
	in := newInflow(c, len(c.People))
	in.curve.turn = c.Live.factor
	for {
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
	goal, payer, ok, from := r.cfg.Profile.goal(plans), who, false, r.crowd.someone() // drawn by everybody: the next ones' draws depend on nothing else
	if who >= 0 {
		ok = tablePayers[goal] == 0 && r.crowd.take(who)
	}
	if !ok {
		payer, ok = r.crowd.payer(goal, from, plans)
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
	r.audit.order(wages, time.Now())
	r.open.Go(func() {
		err := r.cfg.Payroll(ctx, wages)
		if r.audit.answeredAll(wages, err); err != nil && r.cfg.Progress != nil {
			fmt.Fprintf(r.cfg.Progress, "of a batch of %d wages not all were paid: %v\n", len(wages), err)
		}
	})
}

// begin lets one person dial, on a goroutine of its own.
func (r *run) begin(ctx context.Context, p Plan, due time.Time) {
	r.open.Go(func() {
		r.errand(ctx, p, due)
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
