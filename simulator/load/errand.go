package load

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"

	"mlango/ledgerd/ledger"
)

// leastWait is how long anybody waits before they try again, whatever the speed: the
// network's own times are not sped up.
const leastWait = time.Second

// Of those whose dialogue broke off beyond the first screens, so many go on there when
// the menu offers it: an assumption.
const (
	resumeShare = 0.7
	leastWalked = 2 // keys, the dial included
)

// tableWait are words of a screen that sends people away for a while.
var tableWait = []string{"later", "busy", "dial again", "baadaye", "shughuli", "piga tena"}

// errand is one wish from its first dial to its last: people who hear nothing good try
// again.
func (r *run) errand(ctx context.Context, p Plan, due time.Time) {
	retry := &r.cfg.Profile.Retry
	if p.pays() {
		p.wished = &wish{}
		p.wished.going.Store(true)
		defer p.wished.going.Store(false)
	}
	for try := 0; ; try++ {
		v := r.session(ctx, p, due)
		if !p.pays() || try >= retry.Most || !v.unhappy(retry.Refused) || p.rng.Float64() >= retry.Share {
			return
		}
		wait := retry.After[p.rng.IntN(len(retry.After))]
		if !dwell(ctx, r.cfg.over, max(time.Duration(float64(wait)/r.cfg.Speed), leastWait)) || v.satisfied(r) {
			return
		}
		if v.pins > 0 && r.look(ctx, &p, try) || !r.redial(p.Payer) {
			return
		}
		p.Resumes = v.walked > leastWalked && p.rng.Float64() < resumeShare
		p.Mishap, p.WrongPIN, due = NoMishap, false, time.Now()
	}
}

// session is one session of a wish, kept.
func (r *run) session(ctx context.Context, p Plan, due time.Time) *visit {
	if n := r.alive.Add(1); n > r.peak.Load() {
		r.peak.Store(n)
	}
	p.serial = r.crowd.dials[p.Payer].Load() - 1
	v := walk(ctx, r.cfg, r.clock, r.guide, p, due)
	r.alive.Add(-1)
	r.clock.session(time.Since(due))
	r.tally(v)
	r.outside.ended(v, personOf(r.cfg.People, r.cfg.Others, p.Payer), personOf(r.cfg.People, r.cfg.Others, p.Payee))
	if v.wish = p.wished; v.asks() && v.wish != nil {
		v.wish.open.Add(1)
	}
	switch {
	case v.session == "": // nobody can tell it from another
	case r.cfg.roll == nil:
		r.crowd.forget(p.Payer, v.serial+1)
	default:
		r.cfg.roll.end(v)
	}
	return v
}

// asks tells whether a session asked for its wish.
func (v *visit) asks() bool { return v.plan.pays() && (v.pins > 0 || v.told) && v.session != "" }

// unhappy tells whether somebody does not know that their payment was made.
func (v *visit) unhappy(refused bool) bool {
	switch v.ending {
	case EndSilent, EndPromised, EndDone: // done is checked against the SMS
		return true
	case EndFailed, EndNotBegun:
		return true
	case EndRefused:
		return refused && waits(v.screen)
	}
	return false
}

// waits tells whether a screen asks to come again.
func waits(text string) bool {
	text = strings.ToLower(text)
	for _, word := range tableWait {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// satisfied tells whether the SMS has come meanwhile.
func (v *visit) satisfied(r *run) bool {
	return v.pins > 0 && r.mail.heardSince(r.cfg.People[v.plan.Payer].MSISDN, v.at)
}

// dwell waits; false when the arrivals are over: then nobody dials any more.
func dwell(ctx context.Context, over <-chan struct{}, wait time.Duration) bool {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-over:
	case <-ctx.Done():
	}
	return false
}

// redial lets somebody dial once more for the same wish.
func (r *run) redial(who int) bool {
	if !r.crowd.again(who) {
		return false
	}
	r.offered.Add(1)
	r.cfg.rec.offered(time.Now())
	r.redials.Add(1)
	return true
}

// look asks for the last transaction, or the balance, before paying again. True: it
// shows that the payment was made.
func (r *run) look(ctx context.Context, p *Plan, try int) bool {
	if try > 0 || p.rng.Float64() >= r.cfg.Profile.Retry.LookFirst {
		return false
	}
	goal := GoalLast
	if !r.guide.offers(goal) {
		goal = GoalBalance
	}
	if !r.guide.offers(goal) || !r.redial(p.Payer) {
		return false
	}
	r.looks.Add(1)
	q := Plan{Payer: p.Payer, Payee: p.Payer, Goal: goal, Amount: p.Amount, Persona: p.Persona, rng: rand.New(rand.NewPCG(p.rng.Uint64(), 4))}
	v := r.session(ctx, q, time.Now())
	return goal == GoalLast && shows(v.screen, p.Amount)
}

// shows tells whether a screen names a sum.
func shows(text string, sum ledger.Amount) bool {
	for _, figure := range figures(text) {
		if figure == sum {
			return true
		}
	}
	return false
}
