package ledger

// move books a judged transfer, asking in exactly the order of rule 3.
func (b *Book) move(m *Move, at Place, now int64) (res Result, again bool) {
	c := content{
		kind: m.Kind, from: m.From, to: m.To, amount: m.Amount, currency: m.Currency, quoted: m.Fee,
	}
	if r := b.record(m.ID); r != nil {
		return b.repeat(r, c, at, now), false
	}
	reject := timely(m.ID, m.Expires, now)
	payer, told := b.account(m.From), b.account(m.To)
	byPIN := m.Kind != KindIssue && payer != nil
	switch {
	case reject != OK:
	case byPIN && payer.epoch != m.Epoch:
		return Result{ID: m.ID, Reject: Busy, Place: at, At: now}, true
	case m.Kind != KindIssue && (b.outbox.full(payer) || b.outbox.full(told)):
		return Result{ID: m.ID, Reject: Overloaded, Place: at, At: now}, false
	}
	n, r := b.note(m.ID, c, &m.Origin, at, now)
	r.bundle, r.language = b.bundles.number(m.Bundle), m.Language
	if reject == OK && byPIN {
		reject, r.triesLeft = payer.tryPIN(m.Verdict)
	}
	if reject == OK {
		reject = b.settle(&offer{
			wish: r.wish(), currency: m.Currency, quoted: m.Fee, again: m.Again,
			payer: payer, told: told, payerToken: m.PayerToken, payeeToken: m.PayeeToken,
		}, n, r, now)
	}
	if r.reject = reject; reject != OK {
		b.counts.Rejects++
	}
	return b.answer(r), false
}

// settle weighs a transfer whose PIN was right and posts it if nothing speaks
// against it.
func (b *Book) settle(o *offer, n uint32, r *record, now int64) Reject {
	t := b.weigh(o, now)
	if r.first = t.first; t.reject == OK {
		b.post(n, r, o, &t, now)
	}
	return t.reject
}

// post moves the money: what the payer gives is what the others get.
func (b *Book) post(n uint32, r *record, o *offer, t *terms, now int64) {
	o.payer.debits += r.amount + t.fee
	t.credited.credits += r.amount
	if t.fees != nil {
		t.fees.credits += t.fee
	}
	o.payer.send(r.kind, b.dayOf(now), r.amount)
	o.payer.last, t.credited.last = n+1, n+1
	r.fee, r.balance = t.fee, o.payer.balance()
	if o.told == t.credited {
		r.payeeBalance = o.told.balance()
	}
	b.commit(n, r, now)
	if r.kind != KindIssue {
		b.repeats.put(b.seed.wish(o.wish), n, b.ofWish(o.wish))
		b.tell(n, r, o)
	}
}

// commit counts a transfer and gives it its receipt.
func (b *Book) commit(n uint32, r *record, now int64) {
	b.forgetRepeats(now, forgetPerCommit)
	number, c := b.commits.add()
	*c = n
	r.receipt = b.receipts.next(b.dayOf(now), number)
	b.counts.Transfers++
}

// check answers a judged question.
func (b *Book) check(c *Answer, at Place, now int64) (res Result, again bool) {
	asked := content{query: c.Query, from: c.Account}
	if r := b.record(c.ID); r != nil {
		return b.repeat(r, asked, at, now), false
	}
	reject := timely(c.ID, c.Expires, now)
	a := b.account(c.Account)
	if reject == OK && a != nil && a.epoch != c.Epoch {
		return Result{ID: c.ID, Reject: Busy, Place: at, At: now}, true
	}
	_, r := b.note(c.ID, asked, &c.Origin, at, now)
	if reject == OK && a != nil {
		reject, r.triesLeft = a.tryPIN(c.Verdict)
	}
	if reject == OK {
		reject = b.tellHolder(c, a, r)
	}
	if r.reject = reject; reject != OK {
		b.counts.Rejects++
	}
	return b.answer(r), false
}

// tellHolder finds what was asked. A frozen account may be looked at.
func (b *Book) tellHolder(c *Answer, a *account, r *record) Reject {
	switch {
	case c.Query != QueryBalance && c.Query != QueryLast:
		return CommandForbidden
	case a == nil:
		return UnknownPayer
	case b.moved(c.PayerToken, a):
		return AliasMoved
	}
	r.balance = a.balance()
	if c.Query == QueryLast {
		r.last = a.last
	}
	b.counts.Checks++
	return OK
}
