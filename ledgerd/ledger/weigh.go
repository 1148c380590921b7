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
	payer, told            *account // nil when unknown; told is the payee
	currency               Currency
	quoted                 Amount
	again                  ID
	payerToken, payeeToken Token
}

// terms are what an offer comes to: a reject, or the accounts that move.
type terms struct {
	reject   Reject
	fee      Amount
	credited *account // the payee, or the operator's airtime account
	fees     *account
	first    uint32 // number+1 of the earlier transfer that looks the same
}

// weigh asks everything that does not depend on the PIN, in the order of rule 3
// of the house. It changes nothing: apply and quotes share it.
func (b *Book) weigh(o *offer, now int64) (t terms) {
	t.reject = b.states(o, &t)
	if t.reject == OK && t.fee > o.quoted {
		t.reject = FeeAboveQuote
	}
	if t.reject == OK {
		t.reject = b.bounds(o, &t, now)
	}
	if t.reject == OK {
		t.reject = b.repeated(o, &t, now)
	}
	if t.reject == OK && o.payer.kind.Holder() && o.payer.available() < o.amount+t.fee {
		t.reject = NotEnoughFunds
	}
	return t
}

// states finds the accounts and asks whether they may take part.
func (b *Book) states(o *offer, t *terms) Reject {
	if t.credited = o.told; o.kind == KindAirtime {
		t.credited = b.houseAccount(AccountAirtime, o.currency)
	}
	if t.fee = b.Fee(o.kind, o.amount); t.fee > 0 {
		t.fees = b.houseAccount(AccountFees, o.currency)
	}
	switch {
	case !o.kind.known():
		return CommandForbidden
	case o.payer == nil || !o.payer.mayPay(o.kind):
		return UnknownPayer
	case o.told == nil || !o.told.mayReceive(o.kind):
		return UnknownPayee
	case b.moved(o.payerToken, o.payer) || b.moved(o.payeeToken, o.told):
		return AliasMoved
	case o.payer.frozen:
		return PayerFrozen
	case t.credited.stopped() || t.fees.stopped():
		return PayeeFrozen
	case o.from == o.to && o.kind != KindAirtime:
		return SameAccount
	case o.payer.currency != o.currency || t.credited == nil || t.credited.currency != o.currency ||
		t.fee > 0 && t.fees == nil:
		return WrongCurrency
	}
	return OK
}

// mayPay: real money enters only from a trust account, all else leaves a holder.
func (a *account) mayPay(kind Kind) bool {
	if kind == KindIssue {
		return a.kind == AccountTrust
	}
	return a.kind.Holder()
}

func (a *account) mayReceive(kind Kind) bool { return kind == KindIssue || a.kind.Holder() }

func (a *account) stopped() bool { return a != nil && a.frozen }

// moved tells whether a dialled number has left the account since the quote.
func (b *Book) moved(t Token, a *account) bool {
	if t == (Token{}) || t == a.token {
		return false
	}
	n, ok := b.Find(t)
	return !ok || n != a.number
}

// bounds asks the limits of the kind, and the ones no limit can lift.
func (b *Book) bounds(o *offer, t *terms, now int64) Reject {
	l := &b.limits[o.kind-1]
	switch {
	case o.amount < 1 || o.amount < l.Min:
		return BelowMinimum
	case o.amount > MaxAmount || l.Max > 0 && o.amount > l.Max,
		o.payer.debits > maxPosted || t.credited.credits > maxPosted || t.fees != nil && t.fees.credits > maxPosted:
		return AboveMaximum
	case l.PayerDaily > 0 && o.payer.sentOn(o.kind, b.dayOf(now))+o.amount > l.PayerDaily:
		return PayerDaily
	case l.PayeeBalance > 0 && t.credited.kind.Holder() && t.credited.balance()+o.amount > l.PayeeBalance:
		return PayeeMaxBalance
	}
	return OK
}

// repeated looks for an equal payment a short while ago. Money that enters the
// books is not asked: nobody dialled it twice.
func (b *Book) repeated(o *offer, t *terms, now int64) Reject {
	n, ok := b.repeats.find(b.seed.wish(o.wish), b.ofWish(o.wish))
	if !ok || o.kind == KindIssue {
		return OK
	}
	r := b.records.at(n)
	if b.window == 0 || now-r.at >= b.window {
		return OK
	}
	t.first = n + 1
	if o.again == r.id {
		return OK
	}
	return LooksRepeated
}

// ofWish tells a record of the same wish.
func (b *Book) ofWish(w wish) func(uint32) bool {
	return func(n uint32) bool { return b.records.at(n).wish() == w }
}

// forgetRepeats drops up to most payments that look like nothing any more.
func (b *Book) forgetRepeats(now int64, most int) {
	for ; most > 0 && int(b.stale) < b.commits.n; most-- {
		n := *b.commits.at(b.stale)
		r := b.records.at(n)
		if now-r.at < b.window {
			return
		}
		b.stale++
		b.repeats.drop(b.seed.wish(r.wish()), func(latest uint32) bool { return latest == n })
	}
}

// Quote asks everything a transfer would be asked right now but for the PIN,
// which Profile tells of. Names are the server's to add.
func (b *Book) Quote(kind Kind, from, to Account, amount Amount, now int64) Quote {
	o := offer{wish: wish{kind: kind, from: from, to: to, amount: amount}, quoted: b.Fee(kind, amount)}
	if o.payer, o.told = b.account(from), b.account(to); o.payer != nil {
		o.currency = o.payer.currency
	}
	t := b.weigh(&o, now)
	q := Quote{Reject: t.reject, From: from, To: to, Currency: o.currency, Fee: o.quoted}
	if kind.known() {
		q.Min, q.Max = b.limits[kind-1].Min, b.limits[kind-1].Max
	}
	if t.reject == LooksRepeated {
		r := b.records.at(t.first - 1)
		q.First, q.FirstReceipt, q.FirstAt = r.id, r.receipt, r.at
	}
	return q
}
