package ledger

// move books a judged transfer, asking in exactly the order of rule 3.
func (b *Book) move(m *Move, at Place, now int64) (res Result, again bool) {
	if m.Kind == KindReversal {
		return b.recall(m, at, now)
	}
	c := content{
		kind: m.Kind, from: m.From, to: m.To, amount: m.Amount, currency: m.Currency, quoted: m.Fee, until: m.Until,
	}
	c.of = c.withRef(m.Ref)
	if r := b.record(m.ID); r != nil {
		return b.repeat(r, &c, at, now), false
	}
	reject := b.timely(m.ID, m.Expires, now)
	if reject == OK {
		reject = b.ofAsked(m, now)
	}
	payer, told := b.seat(m.From), b.seat(m.To)
	byPIN := payer != 0 && (m.Kind.ByPIN() || !m.Kind.known())
	switch {
	case reject != OK:
	case byPIN && b.at(payer).epoch != m.Epoch:
		return Result{ID: m.ID, Reject: Busy, Place: at, At: now}, true
	case m.Kind.tells() && (b.outbox.full(b.at(payer)) || b.outbox.full(b.at(told))):
		return Result{ID: m.ID, Reject: Overloaded, Place: at, At: now}, false
	case b.alone && m.Kind.needsTwo():
		return Result{ID: m.ID, Reject: NeedsSecondPerson, Place: at, At: now}, false
	}
	n, r := b.note(m.ID, &c, &m.Origin, at, now)
	r.bundle, r.language = b.bundles.number(m.Bundle, r.gateway), m.Language
	if reject == OK && byPIN {
		reject, r.triesLeft = b.edit(payer).tryPIN(m.Verdict)
	}
	if reject == OK {
		reject = b.settle(&offer{
			wish: r.wish(), currency: m.Currency, quoted: m.Fee, again: m.Again, until: m.Until,
			payer: payer, told: told, payerToken: m.PayerToken, payeeToken: m.PayeeToken, ref: m.Ref,
		}, n, r, now)
	}
	return b.refuse(r, reject), false
}

// settle weighs a transfer whose PIN was right and makes it if nothing speaks
// against it.
func (b *Book) settle(o *offer, n uint64, r *record, now int64) Reject {
	t := b.weigh(o, now)
	r.first = t.first
	switch {
	case t.reject != OK:
		return t.reject
	case o.until != 0:
		b.hold(n, r, o, &t, now)
	default:
		b.count(o.payer, t.credited, r.kind, r.amount, now)
		b.post(n, r, o, &t, now)
	}
	b.keepRef(r, o.ref)
	if r.kind.ByPIN() && uint32(n) != 1<<32-1 { // which an index does not keep
		b.repeats.Put(b.seed.wish(o.wish), uint32(n), b.ofWish(o.wish))
	}
	return OK
}

// count adds to what the two sides moved today.
func (b *Book) count(payer, credited seat, kind Kind, amount Amount, now int64) {
	b.today.turn(b.dayOf(now))
	b.use(payer, kind, SidePayer, amount)
	if b.at(credited).kind.Holder() {
		b.use(credited, kind, SidePayee, amount)
	}
}

// post moves the money: what the payer and the house give is what the others get.
func (b *Book) post(n uint64, r *record, o *offer, t *terms, now int64) {
	r.lines = b.lines.Len() + 1
	r.fee = t.fee
	b.shift(o.payer, n, -r.amount-t.fee)
	b.shift(t.credited, n, r.amount)
	if t.fee > t.tax {
		r.parts |= withFee
		b.shift(t.fees, n, t.fee-t.tax)
	}
	if t.tax > 0 {
		r.parts |= withTax
		b.shift(t.state, n, t.tax)
	}
	if t.commission > 0 {
		r.parts |= withCommission
		b.shift(t.employer, n, -t.commission)
		b.shift(t.agent, n, t.commission)
	}
	r.balance = b.at(o.payer).balance()
	if o.told == t.credited {
		r.payeeBalance = b.at(o.told).balance()
	}
	b.commit(n, r, now)
	b.counts.Transfers++
	if r.kind.tells() {
		b.tell(n, r, o.payer, o.told)
	}
}

// commit gives what was made the number of its receipt.
func (b *Book) commit(n uint64, r *record, now int64) {
	b.forgetRepeats(now, forgetPerCommit)
	r.commit = b.commits.put(n) + 1
	b.receipts.begin(b.dayOf(now), r.commit-1)
}
