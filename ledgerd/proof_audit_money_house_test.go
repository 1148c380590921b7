//go:build house

package main

import (
	"fmt"

	"mlango/ledgerd/ledger"
)

// held is money that the auditor knows to be reserved.
type held struct {
	from, to    ledger.Account
	amount, fee ledger.Amount
	until       int64
	ended       bool
	receipt     ledger.Receipt
}

// sent is a transfer that may come back.
type sent struct {
	from, to    ledger.Account
	amount, fee ledger.Amount
	back        ledger.Amount
	feeBack     bool
}

// mayComeBack remembers some transfers, not all.
func (a *auditor) mayComeBack(id ledger.ID, s *sent) {
	if comesBack(id) {
		a.sent[id] = s
	}
}

// comesBack tells whether the auditor remembers a transfer: one in eight.
func comesBack(id ledger.ID) bool { return id[8]%8 == 0 }

func (a *auditor) hold(q *ask, t *ledger.Transfer, fee ledger.Amount) error {
	from := a.own[t.From]
	from.held += t.Amount + fee
	a.holds[t.ID] = &held{from: t.From, to: t.To, amount: t.Amount, fee: fee, until: t.Until, receipt: q.res.Receipt}
	a.tell(toldOf{q.id, ledger.SidePayer}, toldWhat{t.From, t.Amount, fee, from.balance, q.res.Receipt, 0, from.balance - from.held})
	a.kinds["hold"]++
	if q.res.Balance != from.balance || q.res.PayeeBalance != a.own[t.To].balance {
		return fmt.Errorf("a hold left %d and %d, want %d and %d", q.res.Balance, q.res.PayeeBalance, from.balance, a.own[t.To].balance)
	}
	return nil
}

// end frees what a hold reserved.
func (a *auditor) end(h *held) {
	h.ended = true
	a.own[h.from].held -= h.amount + h.fee
}

// expire is a tick: every hold whose time is over ends.
func (a *auditor) expire(ms int64) {
	for id, h := range a.holds {
		if !h.ended && h.until < ms {
			a.end(h)
			a.kinds["expire"]++
			rest := id.Leg(255)
			a.tell(toldOf{ledger.NewID(ms, [10]byte(rest[6:])), ledger.SidePayer},
				toldWhat{h.from, h.amount, 0, a.own[h.from].balance, h.receipt, h.amount + h.fee, 0})
		}
		if h.ended && h.until < ms-int64(proofLife/1e6) {
			delete(a.holds, id) // nothing ends it any more
		}
	}
}

// endHold holds the answer of a post or a void to what must be.
func (a *auditor) endHold(q *ask, id ledger.ID, amount ledger.Amount, post bool) error {
	h, want := a.holds[id], ledger.OK
	switch {
	case q.res.At > q.until:
		want = ledger.Expired
	case h == nil:
		want = ledger.HoldUnknown
	case h.ended || q.res.At > h.until:
		want = ledger.HoldEnded
	case amount > h.amount:
		want = ledger.AboveHold
	}
	if err := q.wants(want); err != nil || want != ledger.OK {
		return err
	}
	a.end(h)
	if !post {
		a.kinds["void"]++
		if q.res.Balance != a.own[h.from].balance {
			return fmt.Errorf("a void left %d, want %d", q.res.Balance, a.own[h.from].balance)
		}
		from := a.own[h.from]
		a.tell(toldOf{q.id, ledger.SidePayer}, toldWhat{h.from, h.amount, 0, from.balance, h.receipt, h.amount + h.fee, from.balance - from.held})
		return nil
	}
	a.kinds["post"]++
	if amount == 0 {
		amount = h.amount
	}
	fee := min(feeOf(amount), h.fee)
	return a.movedOf(q, h.from, h.to, amount, fee, h.amount+h.fee-amount-fee)
}

// reverse holds the answer of a reversal to what must be.
func (a *auditor) reverse(q *ask, c *ledger.Reverse) error {
	s, want, amount := a.sent[c.Of], ledger.OK, c.Amount
	if s != nil && amount == 0 {
		amount = s.amount - s.back
	}
	switch {
	case q.res.At > q.until:
		want = ledger.Expired
	case s == nil:
		want = ledger.NotReversible
	case amount > s.amount-s.back || c.Fee && s.feeBack, amount == 0 && (!c.Fee || s.fee == 0):
		want = ledger.AlreadyReversed
	case !a.own[s.to].has(amount):
		want = ledger.NotEnoughFunds
	}
	if err := q.wants(want); err != nil || want != ledger.OK {
		return err
	}
	fee := ledger.Amount(0)
	if c.Fee {
		fee = s.fee
	}
	s.back, s.feeBack = s.back+amount, s.feeBack || c.Fee
	giver, taker := a.own[s.to], a.own[s.from]
	giver.balance -= amount
	taker.balance += amount + fee
	a.own[proofFees].balance -= fee
	a.made++
	a.kinds["reversal"]++
	if q.res.Balance != giver.balance || q.res.PayeeBalance != taker.balance || q.res.Fee != fee {
		return fmt.Errorf("a reversal left %d and %d, fee %d; want %d and %d, fee %d", q.res.Balance, q.res.PayeeBalance, q.res.Fee,
			giver.balance, taker.balance, fee)
	}
	if amount > 0 {
		a.tell(toldOf{q.id, ledger.SidePayer}, toldWhat{s.to, amount, 0, giver.balance, q.res.Receipt, 0, 0})
	}
	a.tell(toldOf{q.id, ledger.SidePayee}, toldWhat{s.from, amount + fee, 0, taker.balance, q.res.Receipt, 0, 0})
	return nil
}

// linked holds the answer of legs to what must be: all were made, or none. The
// answer is the first leg's, with what the last one left.
func (a *auditor) linked(q *ask, c *ledger.Linked) error {
	want := ledger.OK
	if q.res.At > q.until {
		want = ledger.Expired
	}
	for _, leg := range c.Legs {
		if want == ledger.OK && leg.Amount > legMost {
			want = ledger.AboveMaximum
		}
	}
	if err := q.wants(want); err != nil || want != ledger.OK {
		return err
	}
	a.kinds["linked"]++
	var left, got ledger.Amount
	for i, leg := range c.Legs {
		from, to := a.own[leg.From], a.own[leg.To]
		from.balance -= leg.Amount
		to.balance += leg.Amount
		a.made++
		left, got = from.balance, to.balance
		what := toldWhat{account: leg.To, amount: leg.Amount, balance: to.balance}
		if i == 0 {
			what.receipt = q.res.Receipt
		}
		a.tell(toldOf{c.ID.Leg(uint8(i)), ledger.SidePayee}, what)
	}
	if q.res.Balance != left || q.res.PayeeBalance != got || q.res.Fee != 0 {
		return fmt.Errorf("legs left %d and %d, fee %d; want %d and %d", q.res.Balance, q.res.PayeeBalance, q.res.Fee, left, got)
	}
	return nil
}

// legMost is above what one leg may move.
const legMost = ledger.MaxAmount

// sums demands that nothing came from nowhere in the auditor's own books.
func (a *auditor) sums() error {
	sum := ledger.Amount(0)
	for n, h := range a.own {
		if sum += h.balance; !h.house && (h.balance < 0 || h.held < 0 || h.balance < h.held) {
			return fmt.Errorf("account %d has %d, of which %d are held", n, h.balance, h.held)
		}
	}
	if sum != 0 {
		return fmt.Errorf("all balances add up to %d", sum)
	}
	return nil
}
