package dialog

import (
	"context"
	"errors"
	"slices"
	"time"

	"mlango/gateway/session"
	"mlango/internal/pin"
	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// The secret parameters of orders.
const (
	paramPIN   = "pin"   // the PIN of now
	paramNew   = "new"   // the one to be set
	paramAgain = "again" // the same once more, against a slip
)

// The outcomes that are decided here, where secrets can be opened: nothing was placed
// and no attempt counted.
const (
	OutcomePINsDiffer = "pins_differ" // the new PIN and its repetition are two
	OutcomePINSame    = "pin_same"    // the new PIN is the one of now
)

// keepSecret seals a secret that was typed for an order which asks for more, at once
// and before anything else: bound to who typed it and to that order. Its id is made of
// the visit of the first screen that asked, so it is the same on every gateway.
func (t *turn) keepSecret(s *menus.Secret) error {
	p, err := pin.Parse(s.Text)
	s.Text = ""
	if err != nil {
		return errMenu
	}
	defer p.Wipe()
	if k := &t.s.Kept; k.None() || k.Until <= t.now().UnixMilli() {
		*k = session.Kept{Visit: s.Visit, Until: t.hop.Arrived.Add(KeepSecret).UnixMilli()}
	}
	key, err := t.d.keys.seal(t.ctx, t.now(), t.s.Kept.Until)
	if err != nil {
		return errors.Join(errNoSeal, err)
	}
	sealed, err := pin.Seal(key, p, t.hop.MSISDN, t.keptID(s.Number))
	if err != nil {
		return errors.Join(errNoSeal, err)
	}
	if !t.s.Kept.Put(session.Box{Number: s.Number, Key: key.ID, Sealed: sealed}) {
		return errMenu
	}
	return nil
}

// keptLeg is the first of the ids to which kept secrets are sealed, one for each
// number, so that none can be put in the place of another.
const keptLeg = 160

func (t *turn) keptID(number uint8) ledger.ID {
	return t.ring.order(t.hop, t.s.Started, t.s.Kept.Visit).Leg(keptLeg + number)
}

// tidy forgets the kept secrets that the menu does not want any more, or that are too
// old. The first half is also the wiping of what an order took, of home and of the end.
func (t *turn) tidy() {
	k := &t.s.Kept
	if k.None() {
		return
	}
	old := k.Until <= t.now().UnixMilli()
	k.Drop(func(number uint8) bool { return old || t.s.State.Kept&(1<<number) == 0 })
}

// secrets are a call's in the clear, for as long as it takes to seal them anew: what
// was typed at its screen, and what was kept. False: one is gone, and nothing is done.
// Whoever asks wipes them.
func (t *turn) secrets(call *menus.Call) (secrets, bool, error) {
	all := secrets{}
	if call.Own != "" {
		p, err := pin.Parse(call.Secret)
		call.Secret = ""
		if err != nil {
			return nil, false, errMenu
		}
		all[call.Own] = p
	}
	for _, taken := range call.Takes {
		p, ok := t.kept1(taken.Number)
		if !ok {
			all.wipe()
			return nil, false, nil
		}
		all[taken.Param] = p
	}
	return all, true, nil
}

// kept1 opens a kept secret. One that is too old, whose key is gone or that was sealed
// for something else is as good as none.
func (t *turn) kept1(number uint8) (pin.PIN, bool) {
	k := &t.s.Kept
	i := slices.IndexFunc(k.Boxes, func(b session.Box) bool { return b.Number == number })
	if i < 0 || k.Until <= t.now().UnixMilli() {
		return pin.PIN{}, false
	}
	key, ok := t.d.keys.sealed(t.ctx, t.now(), k.Boxes[i].Key)
	if !ok {
		return pin.PIN{}, false
	}
	p, err := pin.Open(key, k.Boxes[i].Sealed, t.hop.MSISDN, t.keptID(number))
	return p, err == nil
}

// sealed finds a seal key by its id, also one that is not in use any more.
func (k *keyring) sealed(ctx context.Context, now time.Time, id uint32) (pin.Key, bool) {
	r, err := k.get(ctx, now)
	for try := 0; err == nil; try++ {
		for _, s := range r.Seal {
			if s.ID == id && s.Expires > now.UnixMilli() {
				return pin.Key{ID: s.ID, Secret: s.Secret, Expires: s.Expires}, true
			}
		}
		if try > 0 {
			break
		}
		r, err = k.fetch(ctx, now, r)
	}
	return pin.Key{}, false
}

// secrets in the clear, by parameter.
type secrets map[string]pin.PIN

func (s secrets) wipe() {
	for _, p := range s {
		p.Wipe()
	}
}

// judged tells why a new PIN is not even asked for; empty when it is.
func (s secrets) judged(msisdn string) string {
	fresh, brings := s[paramNew]
	again, twice := s[paramAgain]
	now, has := s[paramPIN]
	switch {
	case !brings:
	case twice && !pin.Same(fresh, again):
		return OutcomePINsDiffer
	case has && pin.Same(fresh, now):
		return OutcomePINSame
	case pin.Easy(fresh, msisdn):
		return ledger.PINTooEasy.String()
	}
	return ""
}

// seal puts the secrets into a request; after it they exist sealed only.
func (t *turn) seal(all secrets, req *ledger.Request) error {
	if len(all) == 0 {
		return nil
	}
	defer all.wipe()
	key, err := t.d.keys.seal(t.ctx, t.now(), req.Expires())
	if err != nil {
		return errors.Join(errNoSeal, err)
	}
	req.SealKey = key.ID
	for _, one := range []struct {
		param string
		to    *[]byte
		id    ledger.ID
	}{{paramPIN, &req.Sealed, req.ID()}, {paramNew, &req.New, ledger.NewPINID(req.ID())}} {
		p, there := all[one.param]
		if !there {
			continue
		}
		if *one.to, err = pin.Seal(key, p, t.hop.MSISDN, one.id); err != nil {
			return errors.Join(errNoSeal, err)
		}
	}
	return nil
}
