package ledger

// ended is a hold that is over and when that came.
type ended struct {
	at   int64 // ms
	hold uint32
}

// place finds a place for a hold: one that a hold of long ago left, or a new one.
func (b *Book) place(h hold) uint32 {
	if b.free == 0 {
		return b.holds.Put(h)
	}
	n := b.free - 1
	b.free = b.holds.At(n).next
	*b.holds.Edit(n) = h
	return n
}

// forgetHolds frees the places of up to most holds that ended long ago. What they were stays
// in the records; only what ended them is not found by them any more.
func (b *Book) forgetHolds(now int64, most int) {
	for ; most > 0 && b.ended.Len() > 0; most-- {
		e := *b.ended.At(b.ended.First())
		if now-e.at < endedKept {
			return
		}
		b.ended.Cut(b.ended.First() + 1)
		h := b.holds.Edit(e.hold)
		b.held.Drop(b.seed.Key(h.id), func(n uint32) bool { return n == e.hold })
		*h = hold{next: b.free, end: h.end}
		b.free = e.hold + 1
	}
}

// holdOf is number+1 of the hold that a transfer made.
func (b *Book) holdOf(id ID) uint32 {
	n, ok := b.held.Find(b.seed.Key(id), func(n uint32) bool { return b.holds.At(n).id == id })
	if !ok {
		return 0
	}
	return n + 1
}

// whatWasHeld is the transfer that made a hold, also when that ended long ago; nil
// when the id never made one.
func (b *Book) whatWasHeld(n uint32, id ID) *record {
	if n != 0 {
		return b.records.at(b.holds.At(n - 1).record)
	}
	at := b.number(id)
	if at == 0 {
		return nil
	}
	if r := b.records.at(at - 1); r.act == ActTransfer && r.until != 0 && r.reject == OK {
		return r
	}
	return nil
}

// expire ends the holds whose time is over, the earliest first.
func (b *Book) expire(at Place, now int64) {
	for most, over := expirePerTick, forgetPerTick*8; most > 0 && over > 0; {
		d, ok := b.due.First()
		if !ok || d.At >= now {
			return
		}
		b.due.Pop()
		n := uint32(d.Item)
		h := b.holds.At(n)
		if h.end != 0 || h.until != d.At { // another hold may have its place by now
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
