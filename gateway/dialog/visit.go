package dialog

import (
	"errors"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// Visit is a session at one step of its bundle: a screen by its name, a call or an
// order as "screen/function". It is told twice when it ends well: when the session
// comes upon the step, and when it has moved on from it by what the step is for.
type Visit struct {
	Bundle [32]byte
	Began  time.Time // the session
	At     time.Time // when the session came upon the step, also of a good end
	Step   string
	Good   bool
}

// mark is where a session stood before a step.
type mark struct {
	screen string
	at     uint16
	depth  int
	since  time.Time
}

// stands notes where the session stands.
func (t *turn) stands() mark {
	if t.s.State.Offer {
		return mark{} // as a dial: the screen that it would go on with was not shown
	}
	return mark{screen: t.bundle.ScreenAt(&t.s.State), at: t.s.State.Screen, depth: len(t.s.State.Stack), since: time.UnixMilli(t.s.Saved)}
}

// moved tells of the screen that was answered and of the one shown next. An answer is
// good when the menu remembers its screen for "back": a wrong one, back and home do
// not add to what it remembers.
func (t *turn) moved(show *menus.Show) {
	from, to := t.from, t.to
	full := from.depth == menus.MaxStack && to.depth == menus.MaxStack && from.at != to.at
	if from.screen != "" && (to.depth > from.depth || full) {
		t.visit(from.screen, from.since, true)
	}
	if !show.End && !t.s.State.Offer && (from.screen == "" || from.at != to.at || from.depth != to.depth) {
		t.visit(show.Name, t.now(), false)
	}
}

// asks does what a menu asks and tells of it.
func (t *turn) asks(call *menus.Call) (menus.Event, error) {
	ev, err := t.answer(call)
	if !errors.Is(err, errAgain) {
		t.called(call, ev.Outcome)
	}
	return ev, err
}

// called tells of a call or an order and what came of it.
func (t *turn) called(call *menus.Call, outcome string) {
	step, now := call.Screen+"/"+call.Fn, t.now()
	t.visit(step, now, false)
	if outcome != "" && !tableBad[outcome] {
		t.visit(step, now, true)
	}
}

func (t *turn) visit(step string, at time.Time, good bool) {
	if t.d.cfg.Visits != nil {
		t.d.cfg.Visits(Visit{Bundle: t.s.Bundle, Began: time.UnixMilli(t.s.Started), At: at, Step: step, Good: good})
	}
}

// tableBad are the outcomes that are no good end: nothing was answered, or the ledger
// said no. Its reasons may be the subscriber's own: they are as many under any bundle
// that asks the same.
var tableBad = buildBad()

func buildBad() map[string]bool {
	out := map[string]bool{OutcomeTimeout: true, OutcomeUnknown: true, OutcomePINsDiffer: true, OutcomePINSame: true}
	for _, r := range ledger.Rejects()[1:] {
		out[r.String()] = true
	}
	return out
}
