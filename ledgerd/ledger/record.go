package ledger

// Act is what a record is of.
type Act uint8

// The acts. A post, a void and an expiry are the ends of a hold.
const (
	ActTransfer  Act = 0
	ActCheck     Act = 1
	ActTombstone Act = 2 // resolved as not done: stands for any content
	ActPost      Act = 3
	ActVoid      Act = 4
	ActExpire    Act = 5
	ActReverse   Act = 6
	ActLeg       Act = 7 // of a Linked
	ActAsk       Act = 8 // a request to approve a payment
)

// content is what an id stands for. The same id with other content is rejected.
type content struct {
	from, to       Account
	amount, quoted Amount
	until          int64  // of a hold
	of             uint64 // of what is not said by the fields: a digest of the command
	currency       Currency
	kind           Kind
	query          Query // of a check
	act            Act
}

// record is what the books remember of an id: its content, its first answer,
// and enough to tell and show it. It holds no pointers, and once its command is
// booked it never changes.
type record struct {
	content
	id                  ID
	index               uint64 // with unit and offset its place
	at                  int64
	fee                 Amount // charged, or what of it came back
	balance             Amount // the payer's right after, or what a check found
	free                Amount // of a hold, and of an end by which nothing moved: what the payer could spend right after
	payeeBalance        Amount
	seqs                [2]uint64 // of the notices, in their lanes
	session             session
	operator, gateway   uint32
	bundle              uint32
	first               uint64 // number+1 of the record this one is about: repeats, ends, reverses, or came too late for; of a tombstone that ended a request, the request
	last                uint64 // number+1 of the line that a question found, or of a payment's record; of a reversal, of the record that brought back a part before
	lines               uint64 // number+1 of the first of its lines
	commit              uint64 // number+1 of what has a receipt
	offset              uint32
	unit                uint16
	language, payeeSees Language
	reject              Reject
	triesLeft           uint8
	leg                 uint8 // that was refused; of a Linked that was made, in its first: the last one
	parts               uint8
	found               State // of a QueryReceipt: what became of the record that last is then; of a tombstone that ended a request, its AskState
}

// place is where its command stands.
func (r *record) place() Place { return Place{Unit: r.unit, Index: r.index, Offset: r.offset} }

func (r *record) wish() wish {
	return wish{from: r.from, to: r.to, amount: r.amount, kind: r.kind}
}

// committed tells whether money moved or is held.
func (r *record) committed() bool {
	return r.reject == OK && r.lines != 0 || r.holds()
}

// same tells whether an id that comes again stands for what it stood for.
func (r *record) same(c *content) bool {
	if c.of != 0 || r.of != 0 {
		return r.of == c.of && r.act == c.act
	}
	return r.content == *c
}

// session is the operator's key of a session.
type session struct {
	n uint8
	b [MaxSession]byte
}

// String is the key.
func (s *session) String() string { return string(s.b[:s.n]) }

// note begins the record of an id that was never seen.
func (b *Book) note(id ID, c *content, o *Origin, at Place, now int64) (uint64, *record) {
	n, r := b.records.Add()
	r.id, r.content, r.at = id, *c, now
	r.unit, r.index, r.offset = at.Unit, at.Index, at.Offset
	if o != nil {
		r.gateway = b.gateways.number(o.Gateway, 0)
		r.operator = b.operators.number(o.Operator, r.gateway)
		r.session.n = uint8(copy(r.session.b[:], o.Session))
	}
	if id != (ID{}) && !b.ids.Put(id, n) {
		panic(spoilt{errTurnedBack})
	}
	return n, r
}

// record is what is remembered of an id.
func (b *Book) record(id ID) *record {
	n := b.number(id)
	if n == 0 {
		return nil
	}
	return b.records.at(n - 1)
}

// number is number+1 of an id's record. An id that has left memory is looked up
// in the store: it is found for ever.
func (b *Book) number(id ID) uint64 {
	n, ok := b.ids.Find(id)
	if !ok {
		var err error
		if n, ok, err = b.ids.Old(id); err != nil {
			panic(spoilt{err})
		}
	}
	if !ok {
		return 0
	}
	return n + 1
}

// repeat answers an id that was seen before.
func (b *Book) repeat(r *record, c *content, at Place, now int64) Result {
	if r.act != ActTombstone && !r.same(c) {
		return Result{ID: r.id, Reject: OtherContent, Place: at, At: now}
	}
	return b.answer(r)
}

// astray tells whether an id that was never seen is so far out of time that no
// clock explains it. It is refused whatever it is for, today and for ever when it
// is too old, so nothing is remembered of it: ids cannot fill the memory with hours
// long gone or far to come.
func (b *Book) astray(id ID, now int64) bool {
	t := id.Time()
	return (t < now-idLate || t > now+idEarly) && b.number(id) == 0
}

// timely asks whether a new id comes in time.
func (b *Book) timely(id ID, expires, now int64) Reject {
	switch t := id.Time(); {
	case t < now-idPast-b.late || t > now+idAhead:
		return IDTime
	case now > expires:
		return Expired
	}
	return OK
}

// refuse remembers that an id's answer is no.
func (b *Book) refuse(r *record, why Reject) Result {
	if r.reject = why; why != OK {
		b.counts.Rejects++
	}
	return b.answer(r)
}

// resolve settles an unknown: what was answered or, once nothing can be on its
// way in time, that it is not done. Before that it answers Busy: ask again.
func (b *Book) resolve(c Resolve, at Place, now int64) Result {
	r := b.record(c.ID)
	switch {
	case r != nil:
		return b.answer(r)
	case now <= c.Expires:
		return Result{ID: c.ID, Reject: Busy, Place: at, At: now}
	case b.astray(c.ID, now):
		return Result{ID: c.ID, Reject: Expired, Place: at, At: now}
	}
	_, r = b.note(c.ID, &content{act: ActTombstone}, nil, at, now)
	r.reject = Expired
	return b.answer(r)
}

// receipt is made when it is asked for: a replay asks for none.
func (b *Book) receipt(r *record) Receipt {
	if r.commit == 0 {
		return Receipt{}
	}
	return b.receipts.of(r.commit - 1)
}

// Terse has Apply say no more than whose answer it is and whether it is a no: enough
// for a replay, which answers nobody.
func (b *Book) Terse(on bool) { b.terse = on }

// answer is the first answer, the same for ever.
func (b *Book) answer(r *record) Result {
	if b.terse {
		return Result{ID: r.id, Reject: r.reject}
	}
	res := Result{
		ID: r.id, Reject: r.reject, Place: r.place(), At: r.at, Receipt: b.receipt(r), Fee: r.fee,
		Balance: r.balance, PayeeBalance: r.payeeBalance, TriesLeft: r.triesLeft, Leg: r.leg,
	}
	res.Held = r.holds()
	if r.act == ActLeg && r.reject == OK {
		res.Leg = 0
		if last := b.record(r.id.Leg(r.leg)); r.leg > 0 && last != nil { // all were made: what is left is what the last one left
			res.Balance, res.PayeeBalance = last.balance, last.payeeBalance
		}
	}
	if r.reject == LooksRepeated {
		first := b.records.at(r.first - 1)
		res.First, res.FirstReceipt, res.FirstAt = first.id, b.receipt(first), first.at
	}
	if r.reject == HoldEnded {
		res.Ended, res.First, res.FirstReceipt, res.FirstAt = b.ended(b.records.at(r.first - 1))
	}
	if r.last != 0 && r.act == ActCheck {
		res.Lines = b.toldLines(r)
	}
	return res
}

// Lookup reads the answer of an id and plants nothing.
func (b *Book) Lookup(id ID) (Result, bool) {
	defer b.guard()
	r := b.record(id)
	if r == nil {
		return Result{}, false
	}
	return b.answer(r), true
}
