package load

import (
	"cmp"
	"context"
	"errors"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/simulator/operator"
)

// Ending is how the handset saw a session end.
type Ending uint8

// The endings.
const (
	EndAnswered  Ending = iota // a last screen that neither moved money nor refused to
	EndDone                    // the last screen says that it is done
	EndPromised                // the last screen says that it is in progress and an SMS follows
	EndRefused                 // the last screen says that nothing was taken
	EndSilent                  // the last key left and no screen came
	EndAbandoned               // the person left
	EndFailed                  // the network failed before the last key
	EndNotBegun                // the dial was refused, by the network or by the first screen
)

// visit is what one session looked like from the handset.
type visit struct {
	plan    Plan
	session string // as the gateway names it; empty when the dial failed
	ending  Ending
	pins    int // PIN keys that left the handset
	typed   []typedPIN
	placed  bool
	pressed bool      // all that the wish asks for
	why     string    // a last screen told no to a payment, in the ledger's word; empty: none did
	told    bool      // that the payment looks repeated
	yes     bool      // and said that it is meant
	strange bool      // a screen was another than the keys' file expects
	walked  int       // keys that left the handset, the dial included
	late    lateKey   // of a key after the dialogue's end
	due     time.Time // of the dial
	at      time.Time // the last PIN key left
	ended   time.Time // the last screen came
	screen  string    // the last one
	audited int       // 1 and more: it was, with so many deeds less one
	serial  uint32    // of its person's dials
	wish    *wish     // nil: it asked nothing of money
}

// lateKey is what came of a key that was pressed after the network ended the dialogue.
type lateKey uint8

const (
	lateNone  lateKey = iota
	lateClean         // a clean refusal
	lateStray         // a screen
)

// mostHops bounds a session: whoever walks in circles leaves.
const mostHops = 40

// stroll is one session under way.
type stroll struct {
	ctx  context.Context
	cfg  *Config
	clk  *clock
	v    *visit
	w    *walker
	who  *Person
	told *story
	keys int // that left the handset, the dial included
}

// walk is one person's session: dial, then read, pause and press, until a last
// screen, or until they leave.
func walk(ctx context.Context, cfg *Config, clk *clock, g *guide, p Plan, due time.Time) *visit {
	who := personOf(cfg.People, cfg.Others, p.Payer)
	s := &stroll{ctx: ctx, cfg: cfg, clk: clk, v: &visit{plan: p, due: due, serial: p.serial}, who: who}
	to := personOf(cfg.People, cfg.Others, p.Payee)
	s.w, s.told = g.walker(&s.v.plan, who, to), cfg.rec.story(who, p.wish(), due)
	defer func() {
		cfg.rec.ended(s.told, s.v.session, s.v.ending)
		cfg.Sessions.add(s.v, s.told, to)
	}()
	code := g.dial(&p, to)
	screen, err := s.send(due, code, false, func(ctx context.Context) (operator.Screen, error) { return cfg.Network.Dial(ctx, who.MSISDN, code) })
	if err != nil {
		if s.v.ending = EndNotBegun; errors.Is(err, errRadio) {
			s.v.ending = EndFailed
		}
		return s.v
	}
	s.v.session, s.v.screen, s.v.ended = screen.Session, screen.Text, time.Now()
	cfg.roll.begin(who, s.v)
	if !screen.Open && code == "*"+g.code+"#" {
		s.v.ending = EndNotBegun // the first screen sent the person away
		return s.v
	}
	s.on(screen)
	s.v.told, s.v.yes = s.w.told, s.w.yes
	s.v.strange = s.v.strange || s.w.strange
	return s.v
}

// on goes on from the first screen to the end.
func (s *stroll) on(screen operator.Screen) {
	p := &s.v.plan
	for hops := 0; screen.Open; hops++ {
		key, secret, ok := s.w.next(screen)
		if !ok || hops > mostHops || s.befalls(HangUp) {
			s.leave()
			return
		}
		if s.befalls(Idle) || s.befalls(LateKey) {
			s.idle(key, secret, screen.Text)
			return
		}
		pause := p.Persona.pause(p.rng, screen.Text, key, secret, s.cfg.Speed)
		due := time.Now().Add(pause)
		if !rest(s.ctx, pause) {
			s.leave()
			return
		}
		var err error
		shown := screen.Text
		screen, err = s.send(due, key, secret, func(ctx context.Context) (operator.Screen, error) {
			s.press(time.Now(), key, secret, shown)
			return s.cfg.Network.Press(ctx, s.who.MSISDN, key)
		})
		if err != nil {
			s.broken(err)
			return
		}
		s.saw(screen)
	}
	s.close(screen.Text)
}

// befalls tells whether a mishap happens before the next key.
func (s *stroll) befalls(m Mishap) bool {
	return s.v.plan.Mishap == m && s.v.plan.MishapAt <= s.keys
}

// radioGone is how long at most a handset that loses the network still hears it.
const radioGone = 30 * time.Millisecond

// errRadio says that the handset lost the network.
var errRadio = errors.New("load: the handset has no signal")

// send lets a key leave the handset and waits for the screen.
func (s *stroll) send(due time.Time, key string, secret bool, hop func(ctx context.Context) (operator.Screen, error)) (operator.Screen, error) {
	ctx, lost := s.ctx, s.befalls(RadioLoss)
	if lost {
		limited, end := context.WithTimeout(ctx, time.Duration(s.v.plan.rng.Int64N(int64(radioGone))))
		defer end()
		ctx = limited
	}
	s.keys++
	s.v.walked = s.keys
	sent := time.Now()
	s.clk.lateness(due, sent)
	s.cfg.rec.late(due, max(0, sent.Sub(due)))
	screen, err := hop(ctx)
	now := time.Now()
	secret = secret || s.w.hushed(key)
	switch {
	case lost:
		s.told.noSignal(key, secret, due, now)
		_ = s.cfg.Network.Hangup(context.WithoutCancel(s.ctx), s.who.MSISDN) // the network gives up on it
		return operator.Screen{}, errRadio
	case err != nil:
		s.clk.silence(err, due, sent, now)
		s.told.silent(key, secret, due, now)
	default:
		s.clk.screen(due, sent, now)
		s.told.came(key, secret, due, now, s.w.look(screen), screen.Text)
	}
	return screen, err
}

// press notes a PIN that left at an instant, and the screen that asked for it.
func (s *stroll) press(at time.Time, key string, secret bool, shown string) {
	if !secret {
		return
	}
	s.v.pins++
	s.v.at = at
	s.v.typed = append(s.v.typed, typedPIN{at: s.v.at, right: key == s.who.PIN, shown: shown, chart: s.w.at})
	s.v.placed = s.v.plan.pays()
}

// saw looks at a screen that came back; an open one after a PIN is a refusal.
func (s *stroll) saw(screen operator.Screen) {
	s.v.screen, s.v.ended = screen.Text, time.Now()
	if screen.Open {
		s.v.placed = false
	}
}

// close reads the last screen.
func (s *stroll) close(text string) {
	v := s.v
	v.pressed = s.w.done()
	v.strange = s.w.g.chart == nil && !s.w.expected(text)
	if v.pins == 0 || !v.plan.pays() {
		v.ending, v.placed = EndAnswered, false
		s.refused(text)
		return
	}
	if v.ending = read(text, time.Now()); v.ending == EndRefused {
		s.refused(text)
	}
	v.placed = v.ending != EndRefused
}

// otherWhy is a no whose reason nobody knows.
const otherWhy = "other"

// refused notes why a last screen told no to a payment.
func (s *stroll) refused(text string) {
	if !s.v.plan.pays() {
		return
	}
	if s.v.why = otherWhy; s.w.g.chart != nil {
		s.v.why = cmp.Or(s.w.g.chart.Why(text, s.who.Language), otherWhy)
	}
	if s.v.why == otherWhy && s.w.told && !s.w.yes {
		s.v.why = ledger.LooksRepeated.String()
	}
}

func (s *stroll) leave() {
	s.v.ending, s.v.placed = EndAbandoned, false
	_ = s.cfg.Network.Hangup(context.WithoutCancel(s.ctx), s.who.MSISDN) // the person is gone either way
}

// idleSlack is how much longer than the network's own time a handset idles.
const idleSlack = 500 * time.Millisecond

// idle presses nothing until the network ends the dialogue, and perhaps then: a late key
// gets a clean answer, never a screen.
func (s *stroll) idle(key string, secret bool, shown string) {
	if !dwell(s.ctx, s.cfg.over, s.cfg.Idle+idleSlack) || s.v.plan.Mishap == Idle {
		s.leave()
		return
	}
	sent := time.Now()
	screen, err := s.cfg.Network.Press(s.ctx, s.who.MSISDN, key)
	switch {
	case errors.Is(err, operator.ErrNoSession):
		s.v.late = lateClean
		s.leave()
		return
	case err == nil:
		s.v.late = lateStray
	}
	s.press(sent, key, secret, shown) // it left, and somebody may have taken it
	if err != nil {
		s.broken(err)
		return
	}
	s.saw(screen)
	s.close(screen.Text)
	_ = s.cfg.Network.Hangup(context.WithoutCancel(s.ctx), s.who.MSISDN) // nobody looks any more
}

// broken is a hop that brought no screen: silence after a PIN is a placed order.
func (s *stroll) broken(err error) {
	v := s.v
	switch {
	case v.placed && errors.Is(err, operator.ErrRefused):
		v.ending, v.placed = EndRefused, false
	case v.placed:
		v.ending, v.pressed = EndSilent, true
	default:
		v.ending = EndFailed
	}
}

// rest waits like a person; false when the run was stopped.
func rest(ctx context.Context, pause time.Duration) bool {
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
