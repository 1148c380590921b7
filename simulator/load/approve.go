package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/simulator/operator"
	"mlango/simulator/report"
)

// GoalApprove is to answer a request for money that a business sent to the handset.
const GoalApprove = "approve"

// Approvals are requests of a business that people did not dial for: a share of all
// sessions, of which some are paid and some declined; the others are left to the network.
type Approvals struct{ Share, Approve, Decline float64 }

// Asker asks people in a business's name, by the partners' door.
type Asker interface {
	// Payee is the account on the sign of the business, such as 500001.
	Payee() string
	// Ask asks one person under a number of the asker's own. refused says why the handset
	// was not asked – it was busy, or its account cannot pay – and is empty when it was.
	Ask(ctx context.Context, number, msisdn string, amount ledger.Amount) (refused string, err error)
	// State is what the asker hears of it, and the receipt once it is paid.
	State(ctx context.Context, number string) (state, receipt string, err error)
}

// Pushed is a screen that came to a handset without a dial.
type Pushed struct {
	MSISDN string
	Screen operator.Screen
}

// Bounds of an approval.
const (
	pushPatience  = 10 * time.Second // for the screen
	stateTries    = 50               // settleEvery apart, until the asker hears what the handset saw
	declineKey    = "0"
	approveKey    = 8 // of the seed's draws
	stateApproved = "approved"
)

// asking is the approvals of a run.
type asking struct {
	*run
	payee   int // of the crowd, or below zero of the others
	mu      sync.Mutex
	waiting map[string]chan operator.Screen // for the screen, by number
}

// errNoPush says that no screen came.
var errNoPush = errors.New("load: the handset showed no request")

// newAsking is nil when nobody is asked.
func newAsking(r *run) *asking {
	c := r.cfg
	if c.Asker == nil || c.Pushes == nil || c.Profile.Approvals.Share == 0 {
		return nil
	}
	a := &asking{run: r, waiting: map[string]chan operator.Screen{}}
	for i := range c.People {
		if c.People[i].Number == c.Asker.Payee() && c.People[i].Kind == ledger.AccountTill {
			a.payee = i
			return a
		}
	}
	for i := range c.Others {
		if c.Others[i].Number == c.Asker.Payee() && c.Others[i].Kind == ledger.AccountTill {
			a.payee = -1 - i
			return a
		}
	}
	return nil // nobody of the run is that business
}

// listen hands screens to those who wait for them, until ctx ends.
func (a *asking) listen(ctx context.Context) {
	for {
		select {
		case p := <-a.cfg.Pushes:
			a.mu.Lock()
			if to := a.waiting[p.MSISDN]; to != nil {
				select {
				case to <- p.Screen:
				default: // it has one
				}
			}
			a.mu.Unlock()
		case <-ctx.Done():
			return
		}
	}
}

// ask lets the business ask people until the arrivals are over: Poisson, drawn from the
// seed apart from who dials.
func (a *asking) ask(ctx context.Context) {
	c := a.cfg
	rng := rand.New(rand.NewPCG(c.Seed, approveKey))
	every := float64(time.Second) / (c.Rate / c.Profile.Paying() * c.Profile.Approvals.Share)
	for n, due := 1, a.begun; ; n++ {
		due = due.Add(time.Duration(every * rng.ExpFloat64()))
		seed := rng.Uint64()
		if !dwell(ctx, a.over, time.Until(due)) {
			return
		}
		plans := rand.New(rand.NewPCG(seed, approveKey))
		list := a.crowd.kinds[ledger.AccountWallet]
		payer, ok := a.crowd.claim(list, plans.IntN(len(list)))
		if !ok {
			continue
		}
		a.open.Go(func() {
			a.one(ctx, fmt.Sprintf("load-%d-%d", c.Seed, n), payer, plans)
			a.crowd.free(payer)
		})
	}
}

// one asks one person, who answers.
func (a *asking) one(ctx context.Context, number string, payer int, rng *rand.Rand) {
	c := a.cfg
	p := a.crowd.draw(payer, GoalApprove, &c.Profile, rng)
	p.Payee, p.WrongPIN, p.Mishap, p.serial = a.payee, false, NoMishap, a.crowd.dials[payer].Load()-1
	who := &c.People[payer]
	screens := make(chan operator.Screen, 1)
	a.mu.Lock()
	a.waiting[who.MSISDN] = screens
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.waiting, who.MSISDN)
	}()
	begun := time.Now()
	refused, err := c.Asker.Ask(ctx, number, who.MSISDN, p.Amount)
	if err != nil {
		refused = noDoor
	}
	if refused != "" {
		a.count(func(t *approvalTally) { t.no(refused) })
		return
	}
	shown, err := await(ctx, screens)
	if err != nil {
		a.count(func(t *approvalTally) { t.asked, t.unseen = t.asked+1, t.unseen+1 })
		return
	}
	if n := a.alive.Add(1); n > a.peak.Load() {
		a.peak.Store(n)
	}
	v := a.answer(ctx, p, who, begun, shown)
	a.alive.Add(-1)
	a.count(func(t *approvalTally) { t.saw(v) })
	c.roll.end(v)
	a.hold(ctx, number, v)
}

// await waits for a screen.
func await(ctx context.Context, screens <-chan operator.Screen) (operator.Screen, error) {
	t := time.NewTimer(pushPatience)
	defer t.Stop()
	select {
	case s := <-screens:
		return s, nil
	case <-t.C:
	case <-ctx.Done():
	}
	return operator.Screen{}, errNoPush
}

// answer is what one person does with the request on their screen.
func (a *asking) answer(ctx context.Context, p Plan, who *Person, due time.Time, shown operator.Screen) *visit {
	c := a.cfg
	v := &visit{plan: p, due: due, serial: p.serial, session: shown.Session, screen: shown.Text, ended: time.Now()}
	c.roll.begin(who, v)
	key, secret := who.PIN, true
	switch r := p.rng.Float64(); {
	case r >= c.Profile.Approvals.Approve+c.Profile.Approvals.Decline:
		if dwell(ctx, a.over, c.Idle+idleSlack) {
			_ = c.Network.Hangup(ctx, who.MSISDN) // the network ended it
		} else {
			_ = c.Network.Hangup(context.WithoutCancel(ctx), who.MSISDN)
		}
		v.ending = EndAbandoned
		return v
	case r >= c.Profile.Approvals.Approve:
		key, secret = declineKey, false
	}
	pause := p.Persona.pause(p.rng, shown.Text, key, secret, c.Speed)
	at := time.Now().Add(pause)
	if !rest(ctx, pause) {
		v.ending = EndAbandoned
		return v
	}
	sent := time.Now()
	if a.clock.lateness(at, sent); secret {
		v.pins, v.at, v.placed = 1, sent, true
		v.typed = append(v.typed, typedPIN{at: sent, right: true, shown: shown.Text, chart: a.guide.recognised(shown.Text, who.Language)})
	}
	screen, err := c.Network.Press(ctx, who.MSISDN, key)
	now := time.Now()
	switch {
	case err != nil && secret:
		v.ending = EndSilent
		a.clock.silence(err, at, sent, now)
		return v
	case err != nil:
		v.ending = EndFailed
		return v
	}
	a.clock.screen(at, sent, now)
	c.rec.waited(GoalApprove, at, now.Sub(at), true)
	if v.screen, v.ended = screen.Text, now; screen.Open {
		_ = c.Network.Hangup(ctx, who.MSISDN) // it asks again: the person has had enough
		v.ending, v.placed = EndAbandoned, false
		return v
	}
	if v.ending = EndAnswered; secret {
		if v.ending = read(screen.Text, time.Now()); v.ending == EndRefused {
			v.placed, v.why = false, otherWhy
			if a.guide.chart != nil {
				v.why = cmp.Or(a.guide.chart.Why(screen.Text, who.Language), otherWhy)
			}
		}
	}
	return v
}

// hold holds what the asker hears to what the handset saw: paid there, and declined or
// nothing here, or the other way, is wrong.
func (a *asking) hold(ctx context.Context, number string, v *visit) {
	if v.ending != EndDone && v.ending != EndAnswered {
		return // nobody knows yet
	}
	state, receipt := "", ""
	for range stateTries {
		var err error
		state, receipt, err = a.cfg.Asker.State(ctx, number)
		if err == nil && state != "waiting" && state != "" {
			break
		}
		if !rest(ctx, settleEvery) {
			return
		}
	}
	_, shown := strip(v.screen, v.ended)
	a.sweeping.Lock()
	defer a.sweeping.Unlock()
	switch paid := v.ending == EndDone; {
	case paid != (state == stateApproved):
		a.match.find(a.match.of(v), "the handset was shown %q, and the asker hears %q", clip(v.screen), state)
	case paid && shown != receipt:
		a.match.find(a.match.of(v), "the screen has the receipt %s, the asker hears %s", shown, receipt)
	}
}

// noDoor says that the partners' door did not answer.
const noDoor = "door_did_not_answer"

// approvalTally counts approvals.
type approvalTally struct {
	asked, unseen, paid, declined, ignored, silent int
	refused                                        map[string]int // by why
}

// no counts one of which the handset was not asked, or was told no.
func (t *approvalTally) no(why string) {
	if t.refused == nil {
		t.refused = map[string]int{}
	}
	t.refused[why]++
	t.asked++
}

// saw counts one that a person saw.
func (t *approvalTally) saw(v *visit) {
	if v.ending == EndRefused {
		t.no(v.why)
		return
	}
	switch t.asked++; {
	case v.ending == EndAbandoned:
		t.ignored++
	case v.pins == 0:
		t.declined++
	case v.ending == EndDone || v.ending == EndPromised:
		t.paid++
	default:
		t.silent++
	}
}

// told is how they went, for the report.
func (t *approvalTally) told() *report.Approvals {
	return &report.Approvals{Asked: t.asked, RefusedFor: t.refused, Unseen: t.unseen, Paid: t.paid, Declined: t.declined, Ignored: t.ignored, Silent: t.silent}
}

func (a *asking) count(do func(t *approvalTally)) {
	a.run.mu.Lock()
	defer a.run.mu.Unlock()
	do(&a.approvals)
}
