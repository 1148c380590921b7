package dialog

import (
	"time"

	"mlango/gateway/order"
	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// conclude ends a hop that acted: its screen is saved and shown whatever the
// store says, since it is true.
func (t *turn) conclude(show *menus.Show, err error) Reply {
	e := t.effect
	if err == nil {
		t.moved(show)
	}
	if err != nil || e.unsure {
		show = &menus.Show{Text: plain(e.plainly(), t.lang()), End: true}
	}
	mine := t.s
	mine.Unseen = show.End && !e.check && (e.promised || e.gone)
	err = t.save(show)
	if err != nil {
		t.d.cfg.Log.Warn("the screen after an effect could not be saved", "err", err)
		if !show.End { // nothing could be typed into it
			show = &menus.Show{Text: plain(e.plainly(), mine.State.Language), End: true}
		}
	}
	t.s.Approval = mine.Approval
	t.approvalShown(show)
	// Another dialogue may have begun under the key: this screen would stand in it.
	silent := e.gone || t.s.Started != mine.Started
	r := Reply{Text: show.Text, End: show.End, Secret: show.Secret, Silent: silent, ends: e.owed()}
	if silent {
		t.d.Shown(r, false)
	}
	return r
}

// owed is the order whose outcome this hop's screen is: its payer has nothing
// else. A promise is told by SMS in any case.
func (e *effect) owed() *order.Promise {
	if e.check || e.promised || e.result == nil {
		return nil
	}
	return &e.promise
}

// Shown says what became of a reply: every door calls it once for each. An order
// whose outcome no handset was shown is told by SMS, where the ledger's own
// notices do not; one that was shown is over.
func (d *Dialog) Shown(r Reply, shown bool) {
	switch {
	case r.ends == nil:
	case shown:
		d.cfg.Orders.Forget(r.ends.ID)
	default:
		d.cfg.Orders.Tell(*r.ends)
	}
}

// plainly is the screen that says what is known of the effect without a menu.
func (e *effect) plainly() string {
	switch {
	case tableEffects[e.fn].query.BringsPIN() && (e.result == nil || e.result.Reject == ledger.OK):
		return textPIN
	case e.check: // no SMS tells what was asked
		return textNotDone
	case e.result == nil && e.promised && !e.unsure:
		return textPromised
	case e.result == nil:
		return textUnsure
	case e.result.Reject == ledger.OK:
		return textDone
	}
	return textNotDone
}

// inProgress is the screen of a hop that met another's effect under way: it
// promises its end, and does nothing else. The words are the menu's own for an
// order without an answer yet.
func (t *turn) inProgress() Reply {
	ev := menus.Event{Kind: menus.EventOutcome, Outcome: OutcomeUnknown}
	t.effect = &effect{check: t.s.Pending.Check, promise: t.pendingPromise(t.s)}
	if !t.effect.check {
		ev = t.promise()
	}
	r := Reply{Text: plain(t.effect.plainly(), t.lang()), End: true, ends: t.effect.owed()}
	t.bundle = t.d.cfg.Bundles.Get(t.s.Bundle)
	if t.bundle == nil || t.effect.unsure {
		return r
	}
	st := t.s.State.Clone()
	if act, err := t.bundle.Step(&st, ev, t.facts()); err == nil && act.Show != nil && act.Show.End {
		r.Text = act.Show.Text
	}
	return r
}

// wait passes the time until a pending hop is looked at again; false when there
// is none left.
func (t *turn) wait() bool {
	left := t.waits().Sub(t.now())
	if left <= 0 {
		return false
	}
	timer := time.NewTimer(min(left, PollEach))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-t.ctx.Done():
		return false
	}
}
