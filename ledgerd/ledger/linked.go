package ledger

import (
	"crypto/sha256"
	"encoding/binary"
)

// ahead is what would be moved before an offer – the earlier legs of a Linked, or of
// a Plan: it is weighed as if they had been.
type ahead []moved

// moved is one side of a leg.
type moved struct {
	who     seat
	kind    Kind
	side    Side
	out, in Amount
	amount  Amount // that counts for the day
}

// of is what goes out of and comes into an account, and what counts for the day of
// one kind and side.
func (a ahead) of(who seat, kind Kind, side Side) (out, in, today Amount) {
	for i := range a {
		if a[i].who != who {
			continue
		}
		out, in = out+a[i].out, in+a[i].in
		if a[i].kind == kind && a[i].side == side {
			today += a[i].amount
		}
	}
	return out, in, today
}

// linked makes all legs or none.
func (b *Book) linked(c *Linked, at Place, now int64) Result {
	whole := content{act: ActLeg, of: c.digest(0)}
	if r := b.record(c.ID); r != nil {
		return b.repeat(r, &whole, at, now)
	}
	reject := b.timely(c.ID, c.Expires, now)
	if reject == OK {
		if reject = b.door(c); reject.traceless() {
			return Result{ID: c.ID, Reject: reject, Place: at, At: now}
		}
	}
	var terms []terms
	leg := 0
	if reject == OK {
		terms, leg, reject = b.weighAll(c, now)
	}
	if reject != OK {
		if len(c.Legs) > 0 {
			whole.fill(&c.Legs[leg])
		}
		_, r := b.note(c.ID, &whole, &c.Origin, at, now)
		r.leg = uint8(leg)
		return b.refuse(r, reject)
	}
	for i := range c.Legs {
		b.makeLeg(c, i, &terms[i], at, now)
	}
	return b.answer(b.record(c.ID))
}

// door asks what does not depend on the accounts' money: first whether the legs' ids
// are free, then what leaves no trace, then whether such legs may be at all.
func (b *Book) door(c *Linked) Reject {
	legs := c.Legs[:min(len(c.Legs), MaxLegs)]
	for i := range legs {
		if i > 0 && b.number(c.ID.Leg(uint8(i))) != 0 {
			return OtherContent
		}
	}
	for i := range legs {
		if b.crowded(b.seat(legs[i].From), b.seat(legs[i].To)) {
			return Overloaded
		}
	}
	forbidden := len(c.Legs) == 0 || len(c.Legs) > MaxLegs
	for i := range legs {
		forbidden = forbidden || legs[i].Kind.ByPIN() || !legs[i].Kind.Asked() // somebody's own wish, with a PIN of its own
	}
	switch {
	case b.alone:
		return NeedsSecondPerson
	case forbidden:
		return CommandForbidden
	}
	return OK
}

// weighAll weighs each leg as if those before it had been made.
func (b *Book) weighAll(c *Linked, now int64) (list []terms, leg int, reject Reject) {
	var before ahead
	for i := range c.Legs {
		o := b.offerOf(&c.Legs[i])
		o.before = before
		t := b.weigh(&o, now)
		if t.reject != OK {
			return nil, i, t.reject
		}
		list = append(list, t)
		before = append(before,
			moved{who: o.payer, kind: o.kind, side: SidePayer, out: o.amount + t.fee, amount: o.amount},
			moved{who: t.credited, kind: o.kind, side: SidePayee, in: o.amount, amount: o.amount},
			moved{who: t.fees, in: t.fee - t.tax}, moved{who: t.state, in: t.tax})
	}
	return list, 0, OK
}

func (b *Book) offerOf(l *Leg) offer {
	return offer{
		wish: wish{from: l.From, to: l.To, amount: l.Amount, kind: l.Kind}, currency: l.Currency, quoted: l.Fee,
		payer: b.seat(l.From), told: b.seat(l.To),
	}
}

// makeLeg books one leg that was weighed. Its number is a part of what its id stands
// for: another Linked of the same legs with a neighbour's id is not it.
func (b *Book) makeLeg(c *Linked, i int, t *terms, at Place, now int64) {
	said := content{act: ActLeg, of: c.digest(uint8(i))}
	said.fill(&c.Legs[i])
	n, r := b.note(c.ID.Leg(uint8(i)), &said, &c.Origin, at, now)
	r.bundle, r.language = b.bundles.number(c.Bundle, r.gateway), c.Language
	if i == 0 {
		r.leg = uint8(len(c.Legs) - 1)
	}
	o := b.offerOf(&c.Legs[i])
	b.count(o.payer, t.credited, o.kind, o.amount, now)
	b.post(n, r, &o, t, now)
}

func (c *content) fill(l *Leg) {
	c.kind, c.from, c.to, c.amount, c.currency, c.quoted = l.Kind, l.From, l.To, l.Amount, l.Currency, l.Fee
}

// digest is what the legs say, for the id of one of them; never zero.
func (c *Linked) digest(leg uint8) uint64 {
	h := sha256.New()
	h.Write([]byte{leg})
	for i := range c.Legs {
		l := &c.Legs[i]
		var b [36]byte
		for j, n := range [...]uint64{uint64(l.From), uint64(l.To), uint64(l.Amount), uint64(l.Fee)} {
			binary.BigEndian.PutUint64(b[8*j:], n)
		}
		b[32] = byte(l.Kind)
		copy(b[33:], l.Currency[:])
		h.Write(b[:])
	}
	return binary.BigEndian.Uint64(h.Sum(nil)) | 1
}
