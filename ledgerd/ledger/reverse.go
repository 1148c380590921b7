package ledger

// reversed is how much of a transfer has come back. The transfer's own record
// stays as it is.
type reversed struct {
	record uint64
	sum    Amount
	last   uint64 // number+1 of the latest record that brought a part of it back
	fee    bool   // it came back too
}

// reverse brings a transfer or a part of it back. It moves frozen accounts too:
// one that was frozen for a fraud is where the money is to come from.
func (b *Book) reverse(c *Reverse, at Place, now int64) Result {
	said := content{act: ActReverse, kind: KindReversal, of: of(c.Of, c.Amount, c.Fee)}
	if r := b.record(c.ID); r != nil {
		return b.repeat(r, &said, at, now)
	}
	of := b.number(c.Of)
	reject := b.timely(c.ID, c.Expires, now)
	switch {
	case reject != OK:
	case of != 0 && b.records.at(of-1).committed() && b.crowdedBy(b.records.at(of-1)):
		return Result{ID: c.ID, Reject: Overloaded, Place: at, At: now}
	case b.alone:
		return Result{ID: c.ID, Reject: NeedsSecondPerson, Place: at, At: now}
	}
	b.describe(&said, c, of)
	n, r := b.note(c.ID, &said, &c.Origin, at, now)
	if reject == OK {
		reject = b.mayReverse(c, of, r)
	}
	if reject == OK {
		b.bringBack(n, r, of-1, c.Fee, now)
	}
	return b.refuse(r, reject)
}

func (b *Book) crowdedBy(r *record) bool { return b.crowded(b.seat(r.from), b.seat(r.to)) }

// describe fills in who would give how much back to whom.
func (b *Book) describe(said *content, c *Reverse, of uint64) {
	said.amount = c.Amount
	if of == 0 {
		return
	}
	r := b.records.at(of - 1)
	if !r.returnable() {
		return
	}
	said.to, said.currency = r.from, r.currency
	said.from = b.at(b.lines.at(r.lines).account).number // the second line: who got it
	if c.Amount == 0 {
		said.amount = r.amount - b.back(of-1).sum
	}
}

// returnable tells whether the record is of a transfer that can come back.
func (r *record) returnable() bool {
	return r.reject == OK && r.lines != 0 && r.act != ActReverse && r.kind.reversible()
}

// back is how much of a record has come back.
func (b *Book) back(n uint64) reversed {
	at, ok := b.reversals.Find(b.seed.Number(n), b.ofReversed(n))
	if !ok {
		return reversed{record: n}
	}
	return *b.reversed.At(at)
}

func (b *Book) ofReversed(n uint64) func(uint32) bool {
	return func(at uint32) bool { return b.reversed.At(at).record == n }
}

// mayReverse asks whether so much is left of the transfer and is still there.
func (b *Book) mayReverse(c *Reverse, of uint64, r *record) Reject {
	if of == 0 || !b.records.at(of-1).returnable() {
		return NotReversible
	}
	was, back := b.records.at(of-1), b.back(of-1)
	giver, taker := b.account(r.from), b.account(r.to)
	switch {
	case r.amount > was.amount-back.sum || c.Fee && back.fee, r.amount == 0 && (!c.Fee || was.fee == 0):
		return AlreadyReversed
	case giver.is(closed):
		return PayerClosed
	case taker.is(closed):
		return PayeeClosed
	case r.amount < 0:
		return BelowMinimum
	case b.full(giver) || b.full(taker):
		return AboveMaximum
	case !b.affords(b.seat(r.from), r.amount, nil) || c.Fee && !b.feeIsThere(was):
		return NotEnoughFunds
	}
	return OK
}

// feeIsThere tells whether the house still has the fee and the tax of a transfer.
func (b *Book) feeIsThere(was *record) bool {
	if was.fee == 0 {
		return true
	}
	fees, tax, taxed := b.charged(was)
	return (fees == 0 || b.affords(fees, was.fee-taxed, nil)) && (tax == 0 || b.affords(tax, taxed, nil))
}

// bringBack moves the money and counts it as come back.
func (b *Book) bringBack(n uint64, r *record, of uint64, fee bool, now int64) {
	was := b.records.at(of)
	var charged, taxed Amount
	var fees, tax seat
	if fee && was.fee > 0 {
		fees, tax, taxed = b.charged(was)
		charged = was.fee
		r.fee = charged
	}
	payer, told := b.seat(r.from), b.seat(r.to)
	r.first, r.lines = of+1, b.lines.Len()+1
	r.balance = b.shift(payer, n, -r.amount)
	r.payeeBalance = b.shift(told, n, r.amount+charged)
	if charged > taxed {
		r.parts |= withFee
		b.shift(fees, n, taxed-charged)
	}
	if taxed > 0 {
		r.parts |= withTax
		b.shift(tax, n, -taxed)
	}
	b.cameBack(of, n, r, fee)
	r.bundle, r.language = was.bundle, was.payeeSees
	b.commit(n, r, now)
	b.counts.Transfers++
	b.tell(n, r, payer, told)
}

// charged is where a transfer's fee went.
func (b *Book) charged(was *record) (fees, tax seat, taxed Amount) {
	at := was.lines + 1
	if was.parts&withFee != 0 {
		fees = b.lines.at(at).account
		at++
	}
	if was.parts&withTax != 0 {
		tax, taxed = b.lines.at(at).account, b.lines.at(at).moved
	}
	return fees, tax, taxed
}

// cameBack remembers how much of a record has come back, and by which records: each
// leads to the one before.
func (b *Book) cameBack(of, n uint64, r *record, fee bool) {
	at, ok := b.reversals.Find(b.seed.Number(of), b.ofReversed(of))
	if !ok {
		at = b.reversed.Put(reversed{record: of})
		b.reversals.Put(b.seed.Number(of), at, never)
	}
	back := b.reversed.Edit(at)
	back.sum += r.amount
	r.last, back.last = back.last, n+1
	back.fee = back.fee || fee
}
