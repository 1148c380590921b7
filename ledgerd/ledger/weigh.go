package ledger

// wish is who pays whom how much for what: what makes two transfers look alike.
type wish struct {
	from, to Account
	amount   Amount
	kind     Kind
}

// offer is everything that is weighed once the PIN has been asked.
type offer struct {
	wish
	payer, told            seat // nobody when unknown; told is the payee
	currency               Currency
	quoted                 Amount
	until                  int64
	again                  ID
	payerToken, payeeToken Token
	before                 ahead // what would be made before it
	ref                    []byte
}

// terms are what an offer comes to: a reject, or the accounts that move.
type terms struct {
	charge
	reject          Reject
	credited        seat // the payee, or the operator's airtime account
	fees, state     seat
	employer, agent seat   // who pays a commission, and who earns it
	first           uint64 // number+1 of the earlier transfer that looks the same
}

// weigh asks everything that does not depend on the PIN, in the order of rule 3
// of the house. It changes nothing: apply and quotes share it.
func (b *Book) weigh(o *offer, now int64) (t terms) {
	if !o.kind.Asked() {
		return terms{reject: CommandForbidden}
	}
	b.parties(o, &t, now)
	payer, told, credited := b.at(o.payer), b.at(o.told), b.at(t.credited)
	t.reject = b.states(o, &t, payer, told, credited, now)
	if t.reject == OK && t.fee > o.quoted {
		t.reject = FeeAboveQuote
	}
	if t.reject == OK {
		t.reject = b.bounds(o, &t, payer, credited, now)
	}
	if t.reject == OK {
		t.reject = b.repeated(o, &t, now)
	}
	if t.reject == OK && !b.affords(o.payer, o.amount+t.fee, o.before) {
		t.reject = NotEnoughFunds
	}
	if t.reject == OK && o.forbidden(now) {
		t.reject = CommandForbidden
	}
	return t
}

// forbidden tells of what may not be asked: a number that dials cannot ask for what is
// the house's, and a hold has its bounds.
func (o *offer) forbidden(now int64) bool {
	return !o.kind.ByPIN() && o.payerToken != (Token{}) || len(o.ref) > MaxRefSealed || len(o.ref) > 0 && !o.kind.refers() ||
		o.until != 0 && (o.until <= now || o.until > now+maxHold || o.kind.atBank())
}

// affords tells whether so much can leave an account once what goes before it was
// made.
func (b *Book) affords(who seat, amount Amount, before ahead) bool {
	a := b.at(who)
	out, in, _ := before.of(who, 0, 0)
	return a.kind.overdraws() || b.available(a)+in-out >= amount
}

// parties finds the accounts that move.
func (b *Book) parties(o *offer, t *terms, now int64) {
	t.charge = b.charge(o.kind, o.amount, now)
	if t.credited = o.told; o.kind == KindAirtime {
		t.credited = b.houseAccount(AccountAirtime, o.currency)
	}
	if t.fee > t.tax {
		t.fees = b.houseAccount(AccountFees, o.currency)
	}
	if t.tax > 0 {
		t.state = b.houseAccount(AccountTax, o.currency)
	}
	if t.commission == 0 {
		return
	}
	if t.employer, t.agent = b.houseAccount(AccountCommission, o.currency), o.payer; tableKinds[o.kind].agent == SidePayee {
		t.agent = o.told
	}
}

// states asks whether the accounts may take part.
func (b *Book) states(o *offer, t *terms, payer, told, credited *account, now int64) Reject {
	switch {
	case payer == nil || !tableKinds[o.kind].payer.has(payer.kind):
		return UnknownPayer
	case told == nil || !tableKinds[o.kind].payee.has(told.kind):
		return UnknownPayee
	case b.moved(o.payerToken, payer) || b.moved(o.payeeToken, told):
		return AliasMoved
	case payer.is(frozen):
		return PayerFrozen
	case credited.stopped() || b.at(t.fees).stopped() || b.at(t.state).stopped() || b.at(t.employer).stopped(),
		t.employer != 0 && !b.affords(t.employer, t.commission, o.before): // as good as stopped: it is not the payer who lacks money
		return PayeeFrozen
	case o.from == o.to && o.kind != KindAirtime:
		return SameAccount
	case payer.currency != o.currency || credited == nil || credited.currency != o.currency || t.homeless():
		return WrongCurrency
	case payer.is(closed):
		return PayerClosed
	case credited.is(closed):
		return PayeeClosed
	}
	return OK
}

// homeless tells whether a part of the transfer has no account to go to or come
// from: the house has none in the currency.
func (t *terms) homeless() bool {
	return t.fee > t.tax && t.fees == 0 || t.tax > 0 && t.state == 0 || t.commission > 0 && t.employer == 0
}

func (a *account) stopped() bool { return a != nil && a.is(frozen) }

// bounds asks the limits of the kind, and the ones no limit can lift.
func (b *Book) bounds(o *offer, t *terms, payer, credited *account, now int64) Reject {
	l := b.limitsOf(o.kind, payer.tier, now)
	switch {
	case o.amount < 1 || o.amount < l.Min:
		return BelowMinimum
	case o.amount > MaxAmount || l.Max > 0 && o.amount > l.Max || b.overflows(o, t):
		return AboveMaximum
	}
	if l.PayerDaily > 0 {
		_, _, ahead := o.before.of(o.payer, o.kind, SidePayer)
		if b.used(payer, o.kind, SidePayer, now)+ahead+o.amount > l.PayerDaily {
			return PayerDaily
		}
	}
	if credited.kind.Holder() {
		return b.receives(o, t, credited, now)
	}
	return OK
}

// receives asks what an account may hold, and get in a day. What it may get from a
// hold is counted as if it had come.
func (b *Book) receives(o *offer, t *terms, credited *account, now int64) Reject {
	l := b.limitsOf(o.kind, credited.tier, now)
	if e := b.extra(credited); l.PayeeBalance > 0 || e.maximum > 0 {
		out, in, _ := o.before.of(t.credited, 0, 0)
		reaches := credited.balance() + e.heldCredits + in - out + o.amount
		if t.agent == t.credited {
			reaches += t.commission
		}
		if l.PayeeBalance > 0 && reaches > l.PayeeBalance || e.maximum > 0 && reaches > e.maximum {
			return PayeeMaxBalance
		}
	}
	if l.PayeeDaily > 0 {
		_, _, ahead := o.before.of(t.credited, o.kind, SidePayee)
		if b.used(credited, o.kind, SidePayee, now)+ahead+o.amount > l.PayeeDaily {
			return PayeeDaily
		}
	}
	return OK
}

// overflows tells whether an account that would move is full for ever.
func (b *Book) overflows(o *offer, t *terms) bool {
	for _, s := range [...]seat{o.payer, t.credited, t.fees, t.state, t.employer, t.agent} {
		if a := b.at(s); a != nil && b.full(a) {
			return true
		}
	}
	return false
}

// full tells whether the sums are so large that one more transfer could overflow
// them, now or when what is held is posted.
func (b *Book) full(a *account) bool {
	e := b.extra(a)
	return a.debits+e.heldDebits > maxPosted || a.credits+e.heldCredits > maxPosted
}

// repeated looks for an equal payment a short while ago. What is the house's own
// is not asked: nobody dialled it twice.
func (b *Book) repeated(o *offer, t *terms, now int64) Reject {
	if !o.kind.ByPIN() {
		return OK
	}
	n, ok := b.repeats.Find(b.seed.wish(o.wish), b.ofWish(o.wish))
	if !ok {
		return OK
	}
	full := b.recent(n)
	r := b.records.at(full)
	if b.window == 0 || now-r.at >= b.window {
		return OK
	}
	t.first = full + 1
	if o.again == r.id {
		return OK
	}
	return LooksRepeated
}

// ofWish tells a record of the same wish.
func (b *Book) ofWish(w wish) func(uint32) bool {
	return func(n uint32) bool { return b.records.at(b.recent(n)).wish() == w }
}

// recent is the latest record whose number has a low half: those in the window of
// repeats are told apart by it.
func (b *Book) recent(low uint32) uint64 {
	last := b.records.Len() - 1
	return last - uint64(uint32(last)-low)
}

// forgetRepeats drops up to most payments that look like nothing any more.
func (b *Book) forgetRepeats(now int64, most int) {
	for ; most > 0 && b.stale < b.commits.Len() && now-b.staleAt >= b.window; most-- {
		n := *b.commits.at(b.stale)
		r := b.records.at(n)
		if b.staleAt = r.at; now-r.at < b.window {
			return
		}
		b.stale++
		b.repeats.Drop(b.seed.wish(r.wish()), func(latest uint32) bool { return latest == uint32(n) })
	}
}

// Quote asks everything a transfer would be asked right now but for the PIN,
// which Profile tells of. Names are the server's to add. Of a KindReversal only from is
// looked at: what it could take back is the answer.
func (b *Book) Quote(kind Kind, from, to Account, amount Amount, now int64) Quote {
	defer b.guard()
	if kind == KindReversal {
		return b.quoteRecall(from, now)
	}
	o := offer{wish: wish{kind: kind, from: from, to: to, amount: amount}, quoted: b.Fee(kind, amount, now)}
	q := Quote{From: from, To: to, Fee: o.quoted}
	o.payer, o.told = b.seat(from), b.seat(to)
	if payer := b.at(o.payer); payer != nil {
		o.currency = payer.currency
		if kind.Asked() {
			l := b.limitsOf(kind, payer.tier, now)
			q.Min, q.Max = l.Min, l.Max
		}
	}
	t := b.weigh(&o, now)
	q.Reject, q.Currency = t.reject, o.currency
	if t.reject == LooksRepeated {
		r := b.records.at(t.first - 1)
		q.First, q.FirstReceipt, q.FirstAt = r.id, b.receipt(r), r.at
	}
	return q
}
