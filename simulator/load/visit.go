package load

import (
	"context"
	"errors"
	"sync"
	"time"

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
	placed  bool
	due     time.Time // of the dial
	at      time.Time // the last PIN key left
	ended   time.Time // the last screen came
	screen  string    // the last one
}

// clock counts screens and their times; it is safe for all sessions at once.
type clock struct {
	mu       sync.Mutex
	from     time.Time // nothing before it counts: the warm-up
	honest   *histogram
	naive    *histogram
	late     *histogram
	sessions *histogram
	count    int // screens
	counted  int // of them due after the warm-up
}

func newClock(from time.Time) *clock {
	return &clock{from: from, honest: newHistogram(), naive: newHistogram(), late: newHistogram(), sessions: newHistogram()}
}

// screen notes a screen that was due to be asked for at intended, was asked for
// at sent, and has come now.
func (c *clock) screen(intended, sent, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
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

// walk is one person's session: dial, then read, pause and press, until a last
// screen, until the plan is through, or until they leave.
func walk(ctx context.Context, cfg *Config, clk *clock, p Plan, due time.Time) *visit {
	v := &visit{plan: p, due: due}
	person := &cfg.People[p.Payer]
	sent := time.Now()
	clk.lateness(due, sent)
	s, err := cfg.Network.Dial(ctx, person.MSISDN, p.Dial)
	if err != nil {
		clk.silence(err, due, sent, time.Now())
		v.ending = EndNotBegun
		return v
	}
	clk.screen(due, sent, time.Now())
	v.session, v.screen = s.Session, s.Text
	if !s.Open && !p.Short {
		v.ending = EndNotBegun // the first screen sent the person away
		return v
	}
	for next, asked := 0, 0; s.Open; asked++ {
		key, ok := v.key(s, &next)
		if !ok || asked > 2*len(p.Keys)+2 || p.HangUp == next-1 {
			return v.leave(ctx, cfg, person.MSISDN)
		}
		due = time.Now().Add(key.Pause)
		if !rest(ctx, key.Pause) {
			return v.leave(ctx, cfg, person.MSISDN)
		}
		sent = time.Now()
		clk.lateness(due, sent)
		v.press(key, sent)
		if s, err = cfg.Network.Press(ctx, person.MSISDN, key.Text); err != nil {
			clk.silence(err, due, sent, time.Now())
			return v.broken(err)
		}
		clk.screen(due, sent, time.Now())
		v.saw(s)
	}
	v.close(s)
	return v
}

// key is what this person presses on a screen; next counts through the plan. A
// PIN goes only to a screen that asks for one: anywhere else the person reads a
// question they did not expect, and either says yes (1) or leaves.
func (v *visit) key(s operator.Screen, next *int) (Key, bool) {
	if *next >= len(v.plan.Keys) {
		return Key{}, false
	}
	k := v.plan.Keys[*next]
	if k.Secret && !s.Secret {
		return Key{Text: "1", Pause: k.Pause}, v.plan.Again
	}
	*next++
	return k, true
}

func (v *visit) press(k Key, now time.Time) {
	if !k.Secret {
		return
	}
	v.pins++
	v.at = now
	v.placed = v.plan.pays()
}

// saw looks at a screen that came back; an open one after a PIN is a refusal.
func (v *visit) saw(s operator.Screen) {
	v.screen, v.ended = s.Text, time.Now()
	if s.Open {
		v.placed = false
	}
}

// close reads the last screen.
func (v *visit) close(s operator.Screen) {
	if v.pins == 0 || !v.plan.pays() {
		v.ending, v.placed = EndAnswered, false
		return
	}
	v.ending = read(s.Text)
	v.placed = v.ending != EndRefused
}

func (v *visit) leave(ctx context.Context, cfg *Config, number string) *visit {
	v.ending, v.placed = EndAbandoned, false
	_ = cfg.Network.Hangup(context.WithoutCancel(ctx), number) // the person is gone either way
	return v
}

// broken is a hop that brought no screen: silence after a PIN is a placed order.
func (v *visit) broken(err error) *visit {
	switch {
	case v.placed && errors.Is(err, operator.ErrRefused):
		v.ending, v.placed = EndRefused, false
	case v.placed:
		v.ending = EndSilent
	default:
		v.ending = EndFailed
	}
	return v
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
