package ledger

import (
	"crypto/sha256"
	"encoding/binary"

	"mlango/ledgerd/table"
)

// hold is money that is reserved until a post, a void or its time ends it. What
// it would cost is settled when it is made. A free place has no time.
type hold struct {
	charge
	id                    ID
	until                 int64
	record                uint64 // what is held
	day                   int32  // on whose sums it counts
	payer, told           seat
	credited, fees, state seat
	employer, agent       seat
	next                  uint32 // number+1 of the next free place, when this one is
}

// hold reserves what a transfer would move.
func (b *Book) hold(n uint64, r *record, o *offer, t *terms, now int64) {
	b.count(o.payer, t.credited, r.kind, r.amount, now)
	at := b.place(hold{
		id: r.id, charge: t.charge, until: o.until, record: n, day: b.today.day, payer: o.payer, told: o.told, credited: t.credited,
		fees: t.fees, state: t.state, employer: t.employer, agent: t.agent,
	})
	b.held.Put(b.seed.Key(r.id), at, never)
	b.due.Push(table.Due{At: o.until, Item: uint64(at)})
	b.keep(b.holds.At(at), r.amount, 1)
	r.fee, r.balance = t.fee, b.at(o.payer).balance()
	if o.told == t.credited {
		r.payeeBalance = b.at(o.told).balance()
	}
	r.free = b.available(b.at(o.payer))
	b.counts.Holds++
	b.commit(n, r, now)
	b.tellPayer(n, r, o.payer)
}

// keep adds what a hold reserves to both sides, or with sign -1 takes it off.
func (b *Book) keep(h *hold, amount, sign Amount) {
	b.editExtra(h.payer).heldDebits += sign * (amount + h.fee)
	if h.commission > 0 {
		b.editExtra(h.employer).heldDebits += sign * h.commission
	}
	if h.agent == h.credited {
		amount += h.commission
	}
	b.editExtra(h.credited).heldCredits += sign * amount
}

// ending is a command that ends a hold.
type ending struct {
	id, hold ID
	act      Act
	amount   Amount
	expires  int64
	origin   *Origin
}

// endHold books a post or a void.
func (b *Book) endHold(c *ending, at Place, now int64) Result {
	said := content{act: c.act, of: of(c.hold, c.amount, false)}
	if r := b.record(c.id); r != nil {
		return b.repeat(r, &said, at, now)
	}
	n := b.holdOf(c.hold)
	reject := b.timely(c.id, c.expires, now)
	switch {
	case reject != OK:
	case c.act == ActPost && b.stands(n, now) && b.crowded(b.holds.At(n-1).payer, b.holds.At(n-1).told):
		return Result{ID: c.id, Reject: Overloaded, Place: at, At: now}
	case b.alone:
		return Result{ID: c.id, Reject: NeedsSecondPerson, Place: at, At: now}
	}
	was := b.whatWasHeld(c.hold)
	if was != 0 {
		held := b.records.at(was - 1)
		said.from, said.to, said.kind, said.currency = held.from, held.to, held.kind, held.currency
		if said.amount = c.amount; c.amount == 0 {
			said.amount = held.amount
		}
	}
	number, r := b.note(c.id, &said, c.origin, at, now)
	if reject == OK && was == 0 {
		reject = HoldUnknown
	}
	if reject == OK {
		reject = b.mayEnd(n, r, now)
	}
	switch reject {
	case OK:
		b.end(n-1, number, r, now)
	case HoldEnded:
		r.first = b.tooLate(n, was-1)
	}
	return b.refuse(r, reject)
}

func (b *Book) crowded(payer, told seat) bool {
	return b.outbox.full(b.at(payer)) || b.outbox.full(b.at(told))
}

// stands tells whether a hold has not ended yet.
func (b *Book) stands(n uint32, now int64) bool {
	return n != 0 && now <= b.holds.At(n-1).until
}

// mayEnd asks whether a hold still stands, and for a post whether money may move.
func (b *Book) mayEnd(n uint32, r *record, now int64) Reject {
	if !b.stands(n, now) {
		return HoldEnded
	}
	h := b.holds.At(n - 1)
	switch {
	case r.act == ActVoid:
		return OK
	case r.amount < 0 || r.amount > b.records.at(h.record).amount:
		return AboveHold
	case b.at(h.payer).is(frozen):
		return PayerFrozen
	case b.at(h.credited).stopped() || b.at(h.fees).stopped() || b.at(h.state).stopped() || b.at(h.employer).stopped():
		return PayeeFrozen
	}
	return OK
}

// end frees what was held and, when it is a post, moves what is posted. A part is
// charged by the tariff of now, but never more than was held.
func (b *Book) end(n uint32, number uint64, r *record, now int64) {
	h := *b.holds.At(n)
	held := b.records.at(h.record)
	b.rememberEnd(held, number, now)
	b.leave(n)
	b.counts.Holds--
	b.keep(&h, held.amount, -1)
	r.first, r.bundle, r.language = h.record+1, held.bundle, held.language
	posted := Amount(0)
	if r.act == ActPost {
		posted = r.amount
		t := terms{charge: b.chargePart(&h, held, posted, now), credited: h.credited, fees: h.fees, state: h.state, employer: h.employer, agent: h.agent}
		b.post(number, r, &offer{wish: r.wish(), payer: h.payer, told: h.told}, &t, now)
	} else {
		r.balance, r.free = b.at(h.payer).balance(), b.available(b.at(h.payer))
		b.repeats.Drop(b.seed.wish(held.wish()), func(latest uint32) bool { return latest == uint32(h.record) }) // nothing was paid
		b.tellPayer(number, r, h.payer)
	}
	b.today.turn(b.dayOf(now))
	if back := held.amount - posted; back > 0 && h.day == b.today.day {
		b.use(h.payer, held.kind, SidePayer, -back)
		if b.at(h.credited).kind.Holder() {
			b.use(h.credited, held.kind, SidePayee, -back)
		}
	}
}

// chargePart is what a post costs.
func (b *Book) chargePart(h *hold, held *record, posted Amount, now int64) charge {
	if posted == held.amount {
		return h.charge
	}
	c := b.charge(held.kind, posted, now)
	c.fee = min(c.fee, h.fee)
	c.tax = min(c.tax, h.tax, c.fee)
	if h.fees == 0 {
		c.fee = c.tax // all that was held was tax: there is no other account
	}
	c.commission = min(c.commission, h.commission)
	return c
}

// of is a digest of what a command says about another's id; never zero.
func of(id ID, amount Amount, flag bool) uint64 {
	var said [len(id) + 9]byte
	copy(said[:], id[:])
	binary.BigEndian.PutUint64(said[len(id):], uint64(amount))
	if flag {
		said[len(said)-1] = 1
	}
	sum := sha256.Sum256(said[:])
	return binary.BigEndian.Uint64(sum[:8]) | 1
}
