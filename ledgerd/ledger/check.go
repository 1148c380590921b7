package ledger

// check answers a judged question; with change it also brings a new PIN, of which its
// holder is told: it may have been somebody else.
func (b *Book) check(c *Answer, change *ChangePIN, at Place, now int64) (res Result, again bool) {
	asked := content{query: c.Query, from: c.Account, act: ActCheck, of: ofReceipt(&c.Check)}
	if r := b.record(c.ID); r != nil {
		return b.repeat(r, &asked, at, now), false
	}
	reject := b.timely(c.ID, c.Expires, now)
	who := b.seat(c.Account)
	if reject == OK && who != 0 && c.Query != QueryReceipt && b.at(who).epoch != c.Epoch {
		return Result{ID: c.ID, Reject: Busy, Place: at, At: now}, true
	}
	if reject == OK && change != nil && b.outbox.full(b.at(who)) {
		return Result{ID: c.ID, Reject: Overloaded, Place: at, At: now}, false
	}
	n, r := b.note(c.ID, &asked, &c.Origin, at, now)
	if reject == OK && who != 0 && c.Query != QueryFirstPIN && c.Query != QueryReceipt {
		reject, r.triesLeft = b.edit(who).tryPIN(c.Verdict)
	}
	if reject == OK {
		reject = b.tellHolder(c, change, who, r, now)
	}
	if reject == OK && change != nil {
		b.tellPayer(n, r, who)
	}
	return b.refuse(r, reject), false
}

// tellHolder finds what was asked. A frozen account may be looked at.
func (b *Book) tellHolder(c *Answer, change *ChangePIN, who seat, r *record, now int64) Reject {
	a := b.at(who)
	switch {
	case !c.Query.known() || c.Query.BringsPIN() != (change != nil):
		return CommandForbidden
	case c.Query == QueryFirstPIN:
		reject := b.firstPIN(change, who)
		if reject == OK {
			b.counts.Checks++
		}
		return reject
	case change != nil && change.Easy:
		return PINTooEasy
	case a == nil:
		return UnknownPayer
	case b.moved(c.PayerToken, a):
		return AliasMoved
	case a.is(closed):
		return PayerClosed
	}
	switch c.Query {
	case QueryChange:
		b.keepPIN(who, change.Salt, change.MAC)
	case QueryReceipt:
		if reject := b.askReceipt(c, who, r, now); reject != OK {
			return reject
		}
	case QueryLast, QueryStatement:
		r.last = a.history.last
		r.balance = a.balance()
	case QueryBalance:
		r.balance = a.balance()
	}
	b.counts.Checks++
	return OK
}
