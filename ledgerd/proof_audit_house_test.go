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

// auditor has books of its own: a map, and the answers in the order of their
// places. What one answer says must follow from all before it, so a transfer that
// is lost or doubled shows in the next answer about either of its accounts.
type auditor struct {
	own     map[ledger.Account]*holder
	answers []*ask // given, not yet audited
	unlocks []unlock
	read    uint64       // entries read for unlocks
	upto    ledger.Place // audited so far
	made    int          // transfers
	asked   int          // answers audited
	rejects map[ledger.Reject]int
}

// holder is a person in the auditor's books.
type holder struct {
	balance ledger.Amount
	wrong   uint8 // PINs in this epoch
	locked  bool
}

// unlock is an epoch's end that has no id and no answer: it is read from the
// journal.
type unlock struct {
	at      ledger.Place
	account ledger.Account
}

func newAuditor(issues []*ledger.Move) *auditor {
	a := &auditor{own: map[ledger.Account]*holder{}, rejects: map[ledger.Reject]int{}}
	for _, m := range issues {
		a.own[m.To] = &holder{balance: m.Amount}
		a.made++
	}
	return a
}

// journal reads what administrators did, up to the newest answer.
func (a *auditor) journal(c *ledgerclient.Client) error {
	upto := a.read
	for _, q := range a.answers {
		upto = max(upto, q.res.Place.Index)
	}
	if upto == a.read {
		return nil
	}
	err := c.Entries(context.Background(), a.read+1, func(index uint64, _ int64, _ [32]byte, cmds []ledger.Command) error {
		for i, cmd := range cmds {
			if u, ok := cmd.(ledger.UnlockPIN); ok {
				a.unlocks = append(a.unlocks, unlock{ledger.Place{Index: index, Offset: uint32(i)}, u.Account})
			}
		}
		if a.read = index; index >= upto {
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
			return fmt.Errorf("%s was answered at %v, where something else was answered before", q.req.ID(), q.res.Place)
		}
		a.unlocked(q.res.Place)
		if err := a.step(q); err != nil {
			return fmt.Errorf("%s, at %v: %w", q.req.ID(), q.res.Place, err)
		}
		a.upto = q.res.Place
		a.rejects[q.res.Reject]++
	}
	a.asked += len(a.answers)
	a.answers = a.answers[:0]
	return nil
}

// unlocked applies the unlocks before a place.
func (a *auditor) unlocked(at ledger.Place) {
	for len(a.unlocks) > 0 && before(a.unlocks[0].at, at) < 0 {
		h := a.own[a.unlocks[0].account]
		h.wrong, h.locked = 0, false
		a.unlocks = a.unlocks[1:]
	}
}

// step holds one answer to what must be.
func (a *auditor) step(q *ask) error {
	if t := q.req.Transfer; t != nil {
		return a.transfer(q, t)
	}
	h := a.own[q.req.Check.Account]
	if want := h.wants(q); q.res.Reject != want {
		return fmt.Errorf("answered %s, want %s", q.res.Reject, want)
	}
	if q.res.Reject == ledger.OK && q.res.Balance != h.balance {
		return fmt.Errorf("a balance of %d, want %d", q.res.Balance, h.balance)
	}
	return nil
}

// wants is what the PIN and the time make of a wish.
func (h *holder) wants(q *ask) ledger.Reject {
	switch {
	case q.res.At > q.req.Expires():
		return ledger.Expired
	case h.locked:
		return ledger.PINLocked
	case q.wrong:
		h.wrong++
		h.locked = h.wrong == ledger.MaxTries
		return ledger.PINWrong
	}
	h.wrong = 0
	return ledger.OK
}

func (a *auditor) transfer(q *ask, t *ledger.Transfer) error {
	from, to := a.own[t.From], a.own[t.To]
	want := from.wants(q)
	if want == ledger.OK && from.balance < t.Amount+feeOf(t.Amount) {
		want = ledger.NotEnoughFunds
	}
	if q.res.Reject != want {
		return fmt.Errorf("answered %s, want %s (the payer has %d, %d wrong PINs)", q.res.Reject, want, from.balance, from.wrong)
	}
	if want != ledger.OK {
		return nil
	}
	from.balance -= t.Amount + feeOf(t.Amount)
	to.balance += t.Amount
	a.made++
	if q.res.Balance != from.balance || q.res.PayeeBalance != to.balance || q.res.Fee != feeOf(t.Amount) {
		return fmt.Errorf("left %d and %d, want %d and %d; fee %d", q.res.Balance, q.res.PayeeBalance, from.balance, to.balance, q.res.Fee)
	}
	return nil
}
