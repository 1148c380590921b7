package ledger

// move books a judged transfer, asking in exactly the order of rule 3.
func (b *Book) move(m *Move, at Place, now int64) (res Result, again bool) {
	c := content{
		kind: m.Kind, from: m.From, to: m.To, amount: m.Amount, currency: m.Currency, quoted: m.Fee,
	}
	if n, ok := b.ids[m.ID]; ok {
		return b.repeat(n, c, at, now), false
	}
	reject := timely(m.ID, m.Expires, now)
	payer := b.account(m.From)
	byPIN := m.Kind != KindIssue && payer != nil
	switch {
	case reject != OK:
	case byPIN && payer.epoch != m.Epoch:
		return Result{ID: m.ID, Reject: Busy, Place: at, At: now}, true
	case m.Kind != KindIssue && (b.full(m.From) || b.full(m.To)):
		return Result{ID: m.ID, Reject: Overloaded, Place: at, At: now}, false
	}
	n, r := b.note(m.ID, c, &m.Origin, at, now)
	r.bundle, r.language = b.bundles.number(m.Bundle), m.Language
	if reject == OK && byPIN {
		reject, r.triesLeft = payer.tryPIN(m.Verdict)
	}
	if reject == OK {
		reject = b.settle(m, n, r, now)
	}
	if r.reject = reject; reject != OK {
		b.counts.Rejects++
	}
	return b.answer(r), false
}

// settle weighs a transfer whose PIN was right and posts it if nothing speaks
// against it.
func (b *Book) settle(m *Move, n uint32, r *record, now int64) Reject {
	o := offer{
		wish: r.wish(), currency: m.Currency, quoted: m.Fee, again: m.Again,
		payerToken: m.PayerToken, payeeToken: m.PayeeToken,
	}
	t := b.weigh(&o, now)
	r.first = t.first
	if t.reject == OK {
		b.post(n, r, &t, now)
	}
	return t.reject
}

// post moves the money: what the payer gives is what the others get.
func (b *Book) post(n uint32, r *record, t *terms, now int64) {
	t.payer.debits += r.amount + t.fee
	t.credited.credits += r.amount
	if t.fees != nil {
		t.fees.credits += t.fee
	}
	t.payer.send(r.kind, b.dayOf(now), r.amount)
	t.payer.last, t.credited.last = n+1, n+1
	r.fee, r.balance = t.fee, t.payer.balance()
	if t.told == t.credited {
		r.payeeBalance = t.told.balance()
	}
	b.commit(n, r, now)
	if r.kind != KindIssue {
		b.repeats[r.wish()] = n
		b.tell(n, r, t)
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
	if n, ok := b.ids[c.ID]; ok {
		return b.repeat(n, asked, at, now), false
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
	case b.moved(c.PayerToken, c.Account):
		return AliasMoved
	}
	r.balance = a.balance()
	if c.Query == QueryLast {
		r.last = a.last
	}
	b.counts.Checks++
	return OK
}
