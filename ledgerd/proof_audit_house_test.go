//go:build house

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// auditor has books of its own: maps, and the answers in the order of their
// places. What one answer says must follow from all before it, so a transfer that
// is lost or doubled shows in the next answer about either of its accounts.
type auditor struct {
	own     map[ledger.Account]*holder
	holds   map[ledger.ID]*held
	sent    map[ledger.ID]*sent // what may be brought back
	answers []*ask              // given, not yet audited
	events  []event
	read    uint64                 // entries read for events
	upto    ledger.Place           // audited so far
	tell    func(toldOf, toldWhat) // hears what each side of a transfer must be told
	made    int                    // transfers
	asked   int                    // answers audited
	rejects map[ledger.Reject]int  // of them
	kinds   map[string]int         // what was made
}

// threeWrong is how many wrong PINs an epoch tells of.
const threeWrong = 3

// holder is an account in the auditor's books.
type holder struct {
	balance, held ledger.Amount
	wrong         uint8 // PINs in this epoch
	locked, house bool
	pin           string
}

// event is what has no id and no answer; it is read from the journal. An unlock
// ends an epoch, anything else is a tick that ends holds.
type event struct {
	at     ledger.Place
	ms     int64
	unlock ledger.Account
}

func newAuditor(issues []*ledger.Move, pins []string) *auditor {
	a := &auditor{own: map[ledger.Account]*holder{proofTrust: {house: true}, proofFees: {house: true}}, holds: map[ledger.ID]*held{},
		sent: map[ledger.ID]*sent{}, rejects: map[ledger.Reject]int{}, kinds: map[string]int{}, tell: func(toldOf, toldWhat) {}}
	for _, m := range issues {
		if a.own[m.To] == nil {
			a.own[m.To] = &holder{pin: pins[m.To-1]}
		}
		a.own[m.To].balance += m.Amount
		a.own[proofTrust].balance -= m.Amount
		a.made++
	}
	return a
}

// journal reads what happened without being asked, up to the newest answer.
func (a *auditor) journal(c *ledgerclient.Client) error {
	upto := a.read
	for _, q := range a.answers {
		upto = max(upto, q.res.Place.Index)
	}
	if upto == a.read {
		return nil
	}
	return a.entries(context.Background(), c, func() bool { return a.read >= upto })
}

// outlive reads the journal until every hold has ended: from then on nothing happens
// that nobody asks for. Nothing may be unanswered.
func (a *auditor) outlive(c *ledgerclient.Client) error {
	ctx, cancel := context.WithTimeout(context.Background(), proofWait)
	defer cancel()
	over := func() bool {
		a.happened(ledger.Place{Index: a.read + 1})
		for _, h := range a.holds {
			if !h.ended {
				return false
			}
		}
		return true
	}
	if over() {
		return nil
	}
	return a.entries(ctx, c, over)
}

// entries reads on in the journal until it was enough.
func (a *auditor) entries(ctx context.Context, c *ledgerclient.Client, enough func() bool) error {
	err := c.Entries(ctx, a.read+1, func(index uint64, ms int64, _ [32]byte, cmds []ledger.Command) error {
		for i, cmd := range cmds {
			at := ledger.Place{Index: index, Offset: uint32(i)}
			switch cmd := cmd.(type) {
			case ledger.UnlockPIN:
				a.events = append(a.events, event{at, ms, cmd.Account})
			case ledger.Tick:
				a.events = append(a.events, event{at, ms, 0})
			}
		}
		if a.read = index; enough() {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

func before(a, b ledger.Place) int {
	if a.Index != b.Index {
		return int(int64(a.Index) - int64(b.Index))
	}
	return int(int64(a.Offset) - int64(b.Offset))
}

// audit steps through everything that was answered since the last time. Nothing
// may be unanswered, or the steps have gaps.
func (a *auditor) audit() error {
	slices.SortFunc(a.answers, func(x, y *ask) int { return before(x.res.Place, y.res.Place) })
	for _, q := range a.answers {
		if before(q.res.Place, a.upto) <= 0 {
			return fmt.Errorf("%s was answered at %v, where something else was answered before", q.id, q.res.Place)
		}
		a.happened(q.res.Place)
		if err := a.step(q); err != nil {
			return fmt.Errorf("%s, at %v: %w", q.id, q.res.Place, err)
		}
		a.upto = q.res.Place
		a.rejects[q.res.Reject]++
	}
	a.asked += len(a.answers)
	a.answers = a.answers[:0]
	return nil
}

// happened applies the events before a place.
func (a *auditor) happened(at ledger.Place) {
	for ; len(a.events) > 0 && before(a.events[0].at, at) < 0; a.events = a.events[1:] {
		if e := a.events[0]; e.unlock == 0 {
			a.expire(e.ms)
		} else {
			h := a.own[e.unlock]
			h.wrong, h.locked = 0, false
		}
	}
}

// step holds one answer to what must be.
func (a *auditor) step(q *ask) error {
	switch cmd := q.cmd.(type) {
	case ledger.Post:
		return a.endHold(q, cmd.Hold, cmd.Amount, true)
	case ledger.Void:
		return a.endHold(q, cmd.Hold, 0, false)
	case ledger.Reverse:
		return a.reverse(q, &cmd)
	case ledger.Linked:
		return a.linked(q, &cmd)
	}
	if t := q.req.Transfer; t != nil {
		return a.transfer(q, t)
	}
	h := a.own[q.req.Check.Account]
	if err := q.wants(h.wants(q)); err != nil || q.res.Reject != ledger.OK {
		return err
	}
	if q.fresh != "" {
		h.pin = q.fresh
		a.kinds["PIN change"]++
		return nil
	}
	if q.res.Balance != h.balance {
		return fmt.Errorf("a balance of %d, want %d", q.res.Balance, h.balance)
	}
	return nil
}

// wants demands a certain answer.
func (q *ask) wants(want ledger.Reject) error {
	if q.res.Reject != want {
		return fmt.Errorf("answered %s, want %s", q.res.Reject, want)
	}
	return nil
}

// wants is what the PIN and the time make of a wish.
func (h *holder) wants(q *ask) ledger.Reject {
	switch {
	case q.res.At > q.until:
		return ledger.Expired
	case h.locked:
		return ledger.PINLocked
	case q.typed != h.pin:
		h.wrong++
		h.locked = h.wrong == threeWrong
		return ledger.PINWrong
	}
	h.wrong = 0
	return ledger.OK
}

func (h *holder) has(amount ledger.Amount) bool { return h.house || h.balance-h.held >= amount }

func (a *auditor) transfer(q *ask, t *ledger.Transfer) error {
	from, fee := a.own[t.From], feeOf(t.Amount)
	want := from.wants(q)
	switch {
	case want != ledger.OK:
	case !from.has(t.Amount + fee): // which is asked first
		want = ledger.NotEnoughFunds
	case t.Until != 0 && t.Until <= q.res.At:
		want = ledger.CommandForbidden
	}
	if err := q.wants(want); err != nil || want != ledger.OK {
		return err
	}
	if t.Until != 0 {
		return a.hold(q, t, fee)
	}
	a.kinds["send"]++
	a.mayComeBack(t.ID, &sent{from: t.From, to: t.To, amount: t.Amount, fee: fee})
	return a.moved(q, t.From, t.To, t.Amount, fee)
}

// moved moves money in the auditor's books and holds the answer to it.
func (a *auditor) moved(q *ask, payer, payee ledger.Account, amount, fee ledger.Amount) error {
	return a.movedOf(q, payer, payee, amount, fee, 0)
}

// movedOf moves what a hold reserved, and tells what of it is free again.
func (a *auditor) movedOf(q *ask, payer, payee ledger.Account, amount, fee, released ledger.Amount) error {
	from, to := a.own[payer], a.own[payee]
	from.balance -= amount + fee
	to.balance += amount
	a.own[proofFees].balance += fee
	a.made++
	if q.res.Balance != from.balance || q.res.PayeeBalance != to.balance || q.res.Fee != fee {
		return fmt.Errorf("left %d and %d, fee %d; want %d and %d, fee %d", q.res.Balance, q.res.PayeeBalance, q.res.Fee,
			from.balance, to.balance, fee)
	}
	if !from.house {
		a.tell(toldOf{q.id, ledger.SidePayer}, toldWhat{payer, amount, fee, from.balance, q.res.Receipt, released, 0})
	}
	if !to.house {
		a.tell(toldOf{q.id, ledger.SidePayee}, toldWhat{payee, amount, 0, to.balance, q.res.Receipt, 0, 0})
	}
	return nil
}
