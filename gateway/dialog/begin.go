package dialog

import (
	"context"
	"errors"
	"math/rand/v2"

	"mlango/gateway/session"
	"mlango/menus"
)

// begin is a dial: who dials, the first screen, one save. A session that already
// stands under the key is either this very dial, repeated, or an older dialogue.
func (t *turn) begin() Reply {
	if err := t.open(); err != nil {
		return t.unopened(err)
	}
	show, err := t.step(t.opening())
	if err != nil {
		t.approvalShown(&menus.Show{End: true})
		return refuse(RefusedMenu, t.lang())
	}
	if t.hop.Op == Input && !t.asked && !unmarked(t.hop) {
		return refuse(RefusedDead, t.lang()) // no shortcut of this menu: a dialogue that is over
	}
	mine := t.s
	before, err := t.first(show)
	if errors.Is(err, errAgain) {
		if t.repeated(t.s) && !t.stale(t.s) {
			return t.repeat()
		}
		if t.overlate(t.s) {
			return t.lateDial()
		}
		t.takeOver(t.s)
		before = &session.Before{Key: t.key.Session, Session: t.s}
		t.s, t.fresh = mine, true
		err = t.put(t.keeps(mine))
	}
	if err != nil {
		return t.unsaved(err)
	}
	if before != nil {
		show = t.follow(before, show)
	}
	t.approvalShown(show)
	t.moved(show)
	return Reply{Text: show.Text, End: show.End, Secret: show.Secret}
}

// open makes a new session for whoever dials.
func (t *turn) open() error {
	bundle := t.d.cfg.Bundles.For(t.hop.MSISDN)
	if bundle == nil {
		return errMenu
	}
	ctx, cancel := context.WithDeadline(t.ctx, t.waits())
	defer cancel()
	who, err := t.d.cfg.Ledger.Profile(ctx, t.hop.MSISDN)
	if err != nil {
		return err
	}
	t.bundle = bundle
	t.s = &session.Session{
		Started: t.now().UnixMilli(), Dial: rand.Uint32(), Bundle: bundle.Hash(), Account: uint64(who.Account), Kind: uint8(who.Kind),
		Locked: who.Locked, NoPIN: who.NoPIN, Frozen: who.Frozen,
	}
	if !who.Known {
		t.s.Account, t.s.Kind = 0, 0
	}
	t.s.State.Language = who.Language.String()
	t.s.State = bundle.Begin(t.facts())
	return nil
}

// unopened refuses a dial that could not be served, unless it repeats one that
// was.
func (t *turn) unopened(cause error) Reply {
	if s, err := t.d.cfg.Sessions.Load(t.ctx, t.key); err == nil && t.repeated(s) {
		t.s = s
		return t.repeat()
	}
	if errors.Is(cause, errMenu) {
		return refuse(RefusedMenu, "")
	}
	return unsure(RefusedLedger, t.hop, "")
}

func (t *turn) repeated(s *session.Session) bool {
	return s.Position == t.hop.Position && s.Repeat == t.mac
}

// overlate tells a late copy of a dialogue's first hop from a new dial under the
// same key: nobody dials, answers and dials again that fast. Taking a copy for a
// dial would let late copies of the later hops act once more.
func (t *turn) overlate(s *session.Session) bool {
	return t.hop.Arrived.UnixMilli()-s.Started < RedialLeast.Milliseconds()
}

// lateDial refuses such a copy.
func (t *turn) lateDial() Reply {
	if t.s.End {
		return refuse(RefusedDead, t.lang())
	}
	return t.stray()
}

// takeOver lets an older dialogue under the same key go. Its payer still hears
// how a confirmed order ended.
func (t *turn) takeOver(old *session.Session) {
	if !old.Pending.None() && !old.Pending.Check {
		_, _ = t.d.cfg.Orders.Promise(t.ctx, t.pendingPromise(old)) // else the hop that claimed it tells
	}
}
