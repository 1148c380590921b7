package ledger

// content is what an id stands for. The same id with other content is rejected.
type content struct {
	from, to       Account
	amount, quoted Amount
	currency       Currency
	kind           Kind
	query          Query // of a check
}

// queryTombstone marks an id that was resolved as not done: it stands for any
// content.
const queryTombstone Query = 255

// record is what the books remember of an id: its content, its first answer,
// and enough to tell and show it. It holds no pointers.
type record struct {
	content
	id                  ID
	place               Place
	at                  int64
	fee                 Amount // charged
	balance             Amount // the payer's right after, or what a check found
	payeeBalance        Amount
	seqs                [2]uint64 // of the notices, in their lanes
	session             text
	operator, gateway   uint32
	bundle              uint32
	first               uint32 // number+1 of the earlier transfer that looked the same
	last                uint32 // number+1 of what a QueryLast found
	receipt             Receipt
	language, payeeSees Language
	reject              Reject
	triesLeft           uint8
}

func (r *record) wish() wish {
	return wish{from: r.from, to: r.to, amount: r.amount, kind: r.kind}
}

func (r *record) committed() bool { return r.kind != 0 && r.reject == OK }

// note begins the record of an id that was never seen.
func (b *Book) note(id ID, c content, o *Origin, at Place, now int64) (uint32, *record) {
	n, r := b.records.add()
	r.id, r.content, r.place, r.at = id, c, at, now
	if o != nil {
		r.operator, r.gateway = b.operators.number(o.Operator), b.gateways.number(o.Gateway)
		r.session = b.texts.keep(o.Session[:min(len(o.Session), MaxSession)])
	}
	b.ids.put(b.seed.wide(id), n, never)
	return n, r
}

// record is what is remembered of an id.
func (b *Book) record(id ID) *record {
	n, ok := b.ids.find(b.seed.wide(id), func(n uint32) bool { return b.records.at(n).id == id })
	if !ok {
		return nil
	}
	return b.records.at(n)
}

// repeat answers an id that was seen before.
func (b *Book) repeat(r *record, c content, at Place, now int64) Result {
	if r.content != c && r.query != queryTombstone {
		return Result{ID: r.id, Reject: OtherContent, Place: at, At: now}
	}
	return b.answer(r)
}

// timely asks whether a new id comes in time.
func timely(id ID, expires, now int64) Reject {
	switch t := id.Time(); {
	case t < now-idPast || t > now+idAhead:
		return IDTime
	case now > expires:
		return Expired
	}
	return OK
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
	}
	_, r = b.note(c.ID, content{query: queryTombstone}, nil, at, now)
	r.reject = Expired
	return b.answer(r)
}

// answer is the first answer, the same for ever.
func (b *Book) answer(r *record) Result {
	res := Result{
		ID: r.id, Reject: r.reject, Place: r.place, At: r.at, Receipt: r.receipt, Fee: r.fee,
		Balance: r.balance, PayeeBalance: r.payeeBalance, TriesLeft: r.triesLeft,
	}
	if r.reject == LooksRepeated {
		first := b.records.at(r.first - 1)
		res.First, res.FirstReceipt, res.FirstAt = first.id, first.receipt, first.at
	}
	if r.last != 0 {
		res.Last = b.records.at(r.last - 1).statement(r.from)
	}
	return res
}

// statement is a committed transfer as one of its accounts sees it.
func (r *record) statement(holder Account) *Statement {
	s := &Statement{Kind: r.kind, Amount: r.amount, Receipt: r.receipt, At: r.at}
	if holder == r.from {
		s.Fee, s.Balance, s.Other = r.fee, r.balance, r.to
		return s
	}
	s.In, s.Balance, s.Other = true, r.payeeBalance, r.from
	return s
}

// Lookup reads the answer of an id and plants nothing.
func (b *Book) Lookup(id ID) (Result, bool) {
	r := b.record(id)
	if r == nil {
		return Result{}, false
	}
	return b.answer(r), true
}
