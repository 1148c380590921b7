package dialog

import (
	"context"
	"errors"
	"time"

	"mlango/gateway/order"
	"mlango/gateway/session"
	"mlango/internal/trace"
	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// turn is one hop on its way through.
type turn struct {
	d   *Dialog
	ctx context.Context // ends when the screen must leave
	hop *Hop
	key session.Key
	due time.Time // ctx's end
	fl  *flight

	ring   *ring
	mac    [16]byte
	bundle *menus.Bundle
	s      *session.Session // as it will be saved
	expect uint64           // the stored hop that the next save replaces
	fresh  bool             // replace whatever is stored
	effect *effect          // what this hop did, if anything
	asked  bool             // the menu asked for something
	from   mark             // where the session stood; no screen on a dial
	to     mark             // and where its step came to
	unseen bool             // how the last order ended was on no screen
}

// effect is the one claimed act of a hop.
type effect struct {
	promise  order.Promise
	check    bool           // a PIN-checked question, no money in it
	fn       string         // what the menu ordered
	result   *ledger.Result // nil: no answer yet
	promised bool           // the payer was promised an SMS
	unsure   bool           // and even that could not be written down
	gone     bool           // the subscriber hung up meanwhile
}

// errAgain says that another hop saved first: judge this one against what is
// stored now, which is in turn.s.
var errAgain = errors.New("dialog: another hop saved first")

var (
	errMenu = errors.New("dialog: the menu has no way on")
	errLate = errors.New("dialog: no time is left to act")
)

// waits is when asks and orders stop waiting, so that there is time to promise
// and to save.
func (t *turn) waits() time.Time { return t.due.Add(-SaveReserve - PromiseReserve) }

func (t *turn) now() time.Time { return t.d.cfg.Now() }

func (t *turn) lang() string {
	if t.s == nil {
		return ""
	}
	return t.s.State.Language
}

// inTurn waits for the dialogue's other hops, then handles this one.
func (t *turn) inTurn() Reply {
	ctx, cancel := context.WithDeadline(t.ctx, t.waits())
	defer cancel()
	ring, err := t.d.keys.get(ctx, t.now())
	if err != nil {
		return unsure(RefusedLedger, t.hop, "")
	}
	t.ring, t.mac = ring, ring.repeat(t.hop)
	fl, ok := t.d.flights.enter(ctx, t.key)
	if !ok {
		return t.overtaken()
	}
	defer t.d.flights.exit(t.key, fl)
	t.fl = fl
	if t.hop.Op == Begin {
		return t.begin()
	}
	return t.input()
}

// overtaken is a hop that waited for another of its dialogue until its time was
// up. It acts on nothing.
func (t *turn) overtaken() Reply {
	s, err := t.d.cfg.Sessions.Reload(t.ctx, t.key)
	if err != nil || s.Pending.None() {
		return refuse(RefusedLate, "")
	}
	t.s = s
	return t.inProgress()
}

// abort ends a dialogue that nobody looks at any more. What was confirmed goes
// on; its end is told by SMS.
func (t *turn) abort() Reply {
	if t.d.flights.hangUp(t.key) {
		return Reply{Silent: true}
	}
	s, err := t.d.cfg.Sessions.Load(t.ctx, t.key)
	switch {
	case err != nil:
	case s.Pending.None():
		t.lose(s)
	case !s.Pending.Check:
		_, _ = t.d.cfg.Orders.Promise(t.ctx, t.pendingPromise(s)) // else the hop that claimed it promises
	}
	return Reply{Silent: true}
}

// facts is what guards and texts may ask.
func (t *turn) facts() menus.Facts {
	return menus.Facts{
		MSISDN: t.hop.MSISDN, Known: t.s.Account != 0, Locked: t.s.Locked, NoPIN: t.s.NoPIN, Frozen: t.s.Frozen,
		Agent: t.s.Kind == uint8(ledger.AccountAgent), Till: t.s.Kind == uint8(ledger.AccountTill),
		Septets: t.hop.Units.Septets, UCS2: t.hop.Units.UCS2, Delayed: t.d.cfg.Ledger.Open() || t.d.cfg.Orders.Delayed(), Unseen: t.unseen,
		Language: t.s.State.Language, Zone: t.d.cfg.Zone, Today: menus.Day(t.now(), t.d.cfg.Zone),
	}
}

// step moves the menu by an event until it shows a screen.
func (t *turn) step(ev menus.Event) (*menus.Show, error) {
	for range menus.MaxCallsHop + 1 {
		facts := t.facts()
		t.d.cfg.Record.Note(t.bundle, t.s.Dial, &t.s.State, ev, facts)
		act, err := t.bundle.Step(&t.s.State, ev, facts)
		if err != nil {
			t.d.cfg.Log.Error("a menu could not step", "bundle", t.bundle.Name(), "err", err)
			return nil, errMenu
		}
		if act.Keep != nil {
			if err := t.keepSecret(act.Keep); err != nil {
				return nil, err
			}
		}
		t.tidy()
		if off := t.off(&act); off != nil {
			return off, nil
		}
		if act.Show != nil {
			t.to = t.stands()
			return act.Show, nil
		}
		if ev, err = t.asks(act.Call); err != nil {
			return nil, err
		}
	}
	return nil, errMenu
}

// off is the last screen of a dialogue that came upon what is switched off; nil where
// nothing is. What was done already is told, whatever is switched off.
func (t *turn) off(act *menus.Action) *menus.Show {
	var screen string
	if act.Show != nil {
		screen = act.Show.Name
	} else {
		screen = act.Call.Screen
	}
	if t.effect != nil || !t.d.cfg.Bundles.Off(t.s.Bundle, screen) {
		return nil
	}
	t.to = t.stands()
	return &menus.Show{Name: screen, Text: plain(textOff, t.lang()), End: true}
}

// save puts the session with its screen. After END only the screen stays.
func (t *turn) save(show *menus.Show) error { return t.put(t.showing(show)) }

// showing makes the session that of its next screen, and says how long it is kept.
func (t *turn) showing(show *menus.Show) time.Duration {
	t.s.Hop, t.s.Position, t.s.Repeat = t.expect+1, t.hop.Position, t.mac
	t.s.Screen, t.s.End, t.s.Secret = show.Text, show.End, show.Secret
	t.s.Pending, t.s.Saved = session.Pending{}, t.now().UnixMilli()
	if show.End {
		t.s.State, t.s.Quote, t.s.Resumes, t.s.Kept = menus.State{Language: t.s.State.Language}, session.Quote{}, session.Resumes{}, session.Kept{}
	}
	return t.keeps(t.s)
}

// put saves the session as it stands. On a conflict the stored one takes its
// place.
func (t *turn) put(ttl time.Duration) error {
	return t.kept(t.d.cfg.Sessions.Save(t.ctx, t.key, t.expect, t.fresh, t.s, ttl))
}

// kept takes the answer of the store to a save.
func (t *turn) kept(stored *session.Session, err error) error {
	switch {
	case err == nil:
		t.expect, t.fresh = t.s.Hop, false
		return nil
	case errors.Is(err, session.ErrConflict):
		t.s = stored
		return errAgain
	}
	return err
}

// saved is the screen of the last hop, byte for byte.
func saved(s *session.Session) Reply {
	return Reply{Text: s.Screen, End: s.End, Secret: s.Secret, Repeated: true}
}

func (t *turn) note(kind, text string) {
	t.d.cfg.Trace.Add(trace.Session(t.hop.Operator, t.hop.MSISDN, t.hop.Session), kind, text)
}
