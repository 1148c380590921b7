package dialog

import (
	"errors"
	"math/rand/v2"
	"time"

	"mlango/gateway/session"
	"mlango/menus"
)

// first saves the first screen of a dial, and brings the dialogue that it follows. A
// dialogue that we opened follows none: nobody gave another up for it.
func (t *turn) first(show *menus.Show) (*session.Before, error) {
	if t.hop.Opened {
		return nil, t.save(show)
	}
	stored, before, err := t.d.cfg.Sessions.Begin(t.ctx, t.key, t.s, t.showing(show))
	return before, t.kept(stored, err)
}

// keeps is how long a session is kept: one that can be gone on with, or whose order ended
// on no screen, until the next dial may ask for it.
func (t *turn) keeps(s *session.Session) time.Duration {
	switch {
	case s.Unseen, !s.End && s.Kept.None() && t.bundle != nil && t.bundle.Resumable(&s.State):
		return session.Resumable
	case s.End:
		return session.AfterEnd
	}
	return session.TTL
}

// stale tells whether a session is kept for the next dial only: its operator gave the
// dialogue up long ago.
func (t *turn) stale(s *session.Session) bool {
	return !s.End && s.Pending.None() && t.hop.Arrived.UnixMilli()-s.Saved > session.TTL.Milliseconds()
}

// lose ends a dialogue whose subscriber hung up. What can be gone on with is kept for the
// next dial, but takes no hop any more; so is what an order did on no screen.
func (t *turn) lose(s *session.Session) {
	b := t.d.cfg.Bundles.Get(s.Bundle)
	if s.Approval != "" && !s.End {
		t.approvalLost(s)
	}
	switch {
	case s.Unseen:
	case s.End || b == nil || !b.Resumable(&s.State):
		_ = t.d.cfg.Sessions.Drop(t.ctx, t.key) // else it ends by itself
	default:
		lost := *s
		lost.Hop, lost.Lost, lost.Kept = s.Hop+1, true, session.Kept{}
		stored, err := t.d.cfg.Sessions.Save(t.ctx, t.key, s.Hop, false, &lost, session.Resumable)
		switch { // a copy in this process may be behind, or a hop came between
		case !errors.Is(err, session.ErrConflict):
		case stored.Pending.None():
			_ = t.d.cfg.Sessions.Drop(t.ctx, t.key)
		case !stored.Pending.Check:
			_, _ = t.d.cfg.Orders.Promise(t.ctx, t.pendingPromise(stored)) // else the hop that claimed it promises
		}
	}
}

// follow looks at the dialogue that a dial comes after: one that broke off is offered to
// go on with, and of an order that ended on no screen the subscriber hears. What cannot
// be saved leaves the first screen as it is.
func (t *turn) follow(before *session.Before, show *menus.Show) *menus.Show {
	old, first, bundle := before.Session, *t.s, t.bundle
	if show.End || shortcut(t.hop) != "" {
		return show
	}
	var next *menus.Show
	switch {
	case old.Unseen || !old.Pending.None():
		next = t.speakOf(old)
	case !old.End && t.hop.Arrived.UnixMilli()-old.Saved < session.Resumable.Milliseconds():
		next = t.offer(before)
	}
	if next == nil || t.save(next) != nil {
		*t.s, t.bundle = first, bundle
		return show
	}
	return next
}

// speakOf begins anew, with the menu's word on an order whose end an SMS tells; nil
// where none does.
func (t *turn) speakOf(old *session.Session) *menus.Show {
	if !old.Unseen {
		if old.Pending.Check {
			return nil
		}
		if early, err := t.d.cfg.Orders.Promise(t.ctx, t.pendingPromise(old)); early != nil || err != nil {
			return nil // its own hop tells
		}
	}
	t.unseen = true
	t.s.State = t.bundle.Begin(t.facts())
	show, err := t.step(menus.Event{Kind: menus.EventBegin})
	if err != nil {
		return nil
	}
	return show
}

// offer makes the new dialogue one that asks whether to go on where the old one broke
// off: in its own bundle and language, with what was typed, and without its quote.
func (t *turn) offer(before *session.Before) *menus.Show {
	old := before.Session
	bundle := t.d.cfg.Bundles.Get(old.Bundle)
	if bundle == nil || t.d.cfg.Bundles.Off(old.Bundle, bundle.ScreenAt(&old.State)) {
		return nil
	}
	st := old.State.Clone()
	show := bundle.Offer(&st, t.facts())
	if show == nil {
		return nil
	}
	resumes := old.Resumes
	if !old.State.Offer {
		resumes = session.Resumes{Session: before.Key, Hop: old.Hop}
	}
	t.bundle, t.s.Bundle, t.s.State, t.s.Quote, t.s.Resumes = bundle, old.Bundle, st, session.Quote{}, resumes
	t.s.Dial = rand.Uint32() // nobody replays what began elsewhere
	t.to = t.stands()
	return show
}

// offered answers what was typed at an offer, unless the menu does.
func (t *turn) offered() (r Reply, over bool) {
	typed := typed(t.s, t.hop)
	goOn := t.bundle.Continues(&t.s.State, typed)
	if !goOn && !t.bundle.Declines(&t.s.State, typed) {
		return Reply{}, false
	}
	if goOn {
		mine, err := t.claimBroken()
		if err != nil {
			return t.unsaved(err), true
		}
		if mine {
			t.s.Resumes = session.Resumes{}
			return Reply{}, false
		}
	}
	return t.anew(), true
}

// claimBroken ends the dialogue that is gone on with, so that no late hop of it acts
// beside this one. False: it went on, or ended, since it was offered.
func (t *turn) claimBroken() (bool, error) {
	key := t.key
	key.Session = t.s.Resumes.Session
	if key == t.key {
		return true, nil // this dialogue took its place
	}
	old, err := t.d.cfg.Sessions.Reload(t.ctx, key)
	if errors.Is(err, session.ErrNone) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	t.unseen = old.Unseen
	if old.Hop != t.s.Resumes.Hop || old.End || !old.Pending.None() {
		return false, nil
	}
	over := *old
	over.Hop, over.End, over.Secret, over.Repeat = old.Hop+1, true, false, [16]byte{}
	over.Kept = session.Kept{}
	over.Screen, over.State, over.Quote, over.Resumes = plain(RefusedDead, t.lang()), menus.State{Language: t.lang()}, session.Quote{}, session.Resumes{}
	_, err = t.d.cfg.Sessions.Save(t.ctx, key, old.Hop, false, &over, session.AfterEnd)
	switch {
	case errors.Is(err, session.ErrConflict), errors.Is(err, session.ErrNone):
		return false, nil
	case err != nil:
		return false, err
	}
	return true, nil
}

// anew begins as a dial does, in a dialogue that offered to go on with another.
func (t *turn) anew() Reply {
	t.from = mark{}
	if err := t.open(); errors.Is(err, errMenu) {
		return refuse(RefusedMenu, t.lang())
	} else if err != nil {
		return refuse(RefusedLedger, t.lang())
	}
	show, err := t.step(menus.Event{Kind: menus.EventBegin})
	if err != nil {
		return refuse(RefusedMenu, t.lang())
	}
	if err := t.save(show); errors.Is(err, errAgain) {
		return refuse(RefusedOrder, t.lang())
	} else if err != nil {
		return t.unsaved(err)
	}
	t.moved(show)
	return Reply{Text: show.Text, End: show.End, Secret: show.Secret}
}
