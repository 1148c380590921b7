package ledger

import (
	"encoding/binary"

	"github.com/dchest/siphash"
)

// place finds a place for a hold: one that a hold left when it ended, or a new one.
func (b *Book) place(h hold) uint32 {
	if b.free == 0 {
		return b.holds.Put(h)
	}
	n := b.free - 1
	b.free = b.holds.At(n).next
	*b.holds.Edit(n) = h
	return n
}

// leave frees the place of a hold that is over. What it was stays in the records.
func (b *Book) leave(n uint32) {
	h := b.holds.Edit(n)
	b.held.Drop(b.seed.Key(h.id), func(other uint32) bool { return other == n })
	*h = hold{next: b.free}
	b.free = n + 1
}

// holdOf is number+1 of the hold that a transfer made and that stands.
func (b *Book) holdOf(id ID) uint32 {
	n, ok := b.held.Find(b.seed.Key(id), func(n uint32) bool { return b.holds.At(n).id == id })
	if !ok {
		return 0
	}
	return n + 1
}

// whatWasHeld is number+1 of the transfer that made a hold, also when that is over;
// zero when the id never made one.
func (b *Book) whatWasHeld(id ID) uint64 {
	at := b.number(id)
	if at == 0 || !b.records.at(at-1).holds() {
		return 0
	}
	return at
}

// holds tells whether the record is of money that was reserved.
func (r *record) holds() bool { return r.act == ActTransfer && r.until != 0 && r.reject == OK }

// endKey is under what the end of a hold is remembered: the instant until which it
// could stand, so that it leaves memory with the ids of that time, and what only
// these books can make of its id, so that nobody chooses two that meet.
func (b *Book) endKey(held *record) ID {
	var mac [16]byte
	one, two := siphash.Hash128(b.receipts.key[0], b.receipts.key[1], held.id[:])
	binary.BigEndian.PutUint64(mac[:], one)
	binary.BigEndian.PutUint64(mac[8:], two)
	return NewID(held.until, [10]byte(mac[6:]))
}

// rememberEnd notes which record ended a hold. One whose time was over long before,
// for no tick came, has an hour that may have left memory: that it is over is all that
// is remembered of it.
func (b *Book) rememberEnd(held *record, number uint64, now int64) {
	if now-held.until < idLate && !b.ends.Put(b.endKey(held), number) {
		panic(spoilt{errTurnedBack})
	}
}

// endOf is number+1 of the record that ended a hold which does not stand any more;
// zero when it is over by its time and no record of that is found.
func (b *Book) endOf(number uint64) uint64 {
	key := b.endKey(b.records.at(number))
	n, ok := b.ends.Find(key)
	if !ok {
		var err error
		if n, ok, err = b.ends.Old(key); err != nil {
			panic(spoilt{err})
		}
	}
	if !ok {
		return 0
	}
	return n + 1
}

// tooLate is what a post or a void that came too late is about: what ended the hold,
// or the hold itself when its time did.
func (b *Book) tooLate(n uint32, number uint64) uint64 {
	if n == 0 {
		if end := b.endOf(number); end != 0 {
			return end
		}
	}
	return number + 1
}

// expire ends the holds and the requests whose time is over, the earliest first.
func (b *Book) expire(at Place, now int64) {
	for most, over := expirePerTick, overPerTick; most > 0 && over > 0; {
		d, ok := b.due.First()
		if !ok || d.At >= now {
			return
		}
		b.due.Pop()
		n := uint32(d.Item)
		if d.Item&dueAsk != 0 {
			most--
			b.askDue(n, d.At, at, now)
			continue
		}
		h := b.holds.At(n)
		if h.until != d.At { // it is over, and another may have its place by now
			over--
			continue
		}
		most--
		held := b.records.at(h.record)
		id := expiryID(held.id, now)
		c := content{act: ActExpire, of: of(held.id, 0, false), from: held.from, to: held.to, amount: held.amount, kind: held.kind, currency: held.currency}
		if b.number(id) != 0 {
			id = ID{} // somebody's wish has this very id: the expiry is found by its hold only
		}
		number, r := b.note(id, &c, nil, at, now)
		b.end(n, number, r, now)
	}
}

// expiryID is the id of a hold's expiry: of the time it happens, for the hold's own
// may be long past, with the rest of the hold's.
func expiryID(held ID, now int64) ID {
	held = held.Leg(expiryLeg)
	return NewID(now, [10]byte(held[6:]))
}

// Due is the earliest instant, in ms, after which a Tick has something to do.
func (b *Book) Due() (int64, bool) {
	d, ok := b.due.First()
	return d.At, ok
}

// ended tells how a hold ended, by the record that a late command is about: the end, or
// the hold itself when its time was over and no record says more.
func (b *Book) ended(r *record) (how Act, id ID, receipt Receipt, at int64) {
	if r.act == ActTransfer {
		return ActExpire, ID{}, Receipt{}, r.until
	}
	return r.act, r.id, b.receipt(r), r.at
}
