package dialog

import (
	"errors"

	"mlango/gateway/session"
	"mlango/menus"
)

// input is an answer to a screen.
func (t *turn) input() Reply {
	s, err := t.d.cfg.Sessions.Load(t.ctx, t.key)
	if errors.Is(err, session.ErrNone) && dials(t.hop) {
		return t.begin()
	}
	if err == nil && t.stale(s) {
		err = session.ErrNone
	}
	if err != nil {
		return t.unsaved(err)
	}
	if v := judge(s, t.hop, t.mac); v != isNext && v != isRepeat {
		// A copy in this process may be behind.
		if s, err = t.d.cfg.Sessions.Reload(t.ctx, t.key); err != nil {
			return t.unsaved(err)
		}
	}
	t.s = s
	for range MaxRounds {
		reply, err := t.answerInput()
		if !errors.Is(err, errAgain) {
			return reply
		}
	}
	return refuse(RefusedLate, t.lang())
}

// answerInput judges the hop against the session at hand. errAgain: it changed
// meanwhile, and nothing was done.
func (t *turn) answerInput() (Reply, error) {
	switch judge(t.s, t.hop, t.mac) {
	case isRepeat:
		return t.repeat(), nil
	case isDead:
		if unmarked(t.hop) { // the operator gave an ended session's key to a new one
			return t.begin(), nil
		}
		return refuse(RefusedDead, t.lang()), nil
	case isBlocked:
		return t.inProgress(), nil
	case isStray:
		return t.stray(), nil
	}
	return t.next()
}

// next steps the menu with what was typed.
func (t *turn) next() (Reply, error) {
	t.bundle = t.d.cfg.Bundles.Get(t.s.Bundle)
	if t.bundle == nil {
		return refuse(RefusedDead, t.lang()), nil
	}
	t.expect, t.from = t.s.Hop, t.stands()
	if t.d.cfg.Trace != nil {
		t.note("hop", typedWords(typed(t.s, t.hop), t.s.Secret))
	}
	if t.s.State.Offer {
		if r, over := t.offered(); over {
			return r, nil
		}
	}
	show, err := t.step(menus.Event{Kind: menus.EventInput, Text: typed(t.s, t.hop)})
	if t.effect != nil {
		return t.conclude(show, err), nil
	}
	if err == nil {
		err = t.save(show)
	}
	switch {
	case err == nil:
		t.approvalShown(show)
		t.moved(show)
		return Reply{Text: show.Text, End: show.End, Secret: show.Secret}, nil
	case errors.Is(err, errAgain):
		return Reply{}, errAgain
	case errors.Is(err, errMenu):
		return t.end(refuse(RefusedMenu, t.lang())), nil
	case errors.Is(err, errLate):
		return refuse(RefusedLate, t.lang()), nil
	case errors.Is(err, errNoSeal):
		return unsure(RefusedLedger, t.hop, t.lang()), nil
	}
	return t.unsaved(err), nil
}

// unsaved refuses a hop whose session could not be loaded or saved. It has no
// effects.
func (t *turn) unsaved(err error) Reply {
	switch {
	case errors.Is(err, session.ErrNone):
		return refuse(RefusedDead, t.lang())
	case errors.Is(err, session.ErrTooBig):
		t.d.cfg.Log.Error("a session outgrew its limit", "bundle", t.bundle.Name(), "err", err)
		return refuse(RefusedMenu, t.lang())
	}
	t.d.cfg.Log.Warn("a session could not be kept", "err", err)
	return unsure(RefusedStore, t.hop, t.lang())
}

// stray refuses a hop that is out of order, and ends its session: nobody knows
// what the subscriber sees. A session with an effect under way is left alone.
func (t *turn) stray() Reply {
	r := refuse(RefusedOrder, t.lang())
	if !t.s.Pending.None() {
		return r
	}
	return t.end(r)
}

// end saves a refusal as the session's last screen.
func (t *turn) end(r Reply) Reply {
	t.expect = t.s.Hop
	_ = t.save(&menus.Show{Text: r.Text, End: true}) // else the session ends by itself
	t.approvalShown(&menus.Show{End: true})
	return r
}

// repeat answers the last hop once more: its screen, byte for byte, or while its
// effect is under way what comes of it. It never acts.
func (t *turn) repeat() Reply {
	for !t.s.Pending.None() {
		if !t.wait() {
			return t.inProgress()
		}
		s, err := t.d.cfg.Sessions.Reload(t.ctx, t.key)
		switch {
		case errors.Is(err, session.ErrNone):
			return refuse(RefusedDead, t.lang())
		case err == nil && !t.repeated(s):
			return refuse(RefusedOrder, t.lang())
		case err == nil:
			t.s = s
		}
	}
	return saved(t.s)
}
