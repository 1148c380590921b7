package ledger

import (
	"crypto/sha256"
	"encoding/binary"
)

// What a payer may take back alone, by their PIN: all of their own latest send, from
// wallet to wallet, once, while it is this young and whoever got it still has it. The
// fee stays. Everything else that comes back is the house's to bring back (Reverse).
const (
	// RecallWithin is how long after it a send may be taken back, in ms.
	RecallWithin = 10 * minute

	// recallLook is among how many of the payer's latest lines the send is looked for.
	recallLook = 64
)

// recall brings a payer's latest send back because its payer says so. It is booked
// as any reversal is: a transfer of its own beside the old one.
func (b *Book) recall(m *Move, at Place, now int64) (res Result, again bool) {
	said := content{
		act: ActReverse, kind: KindReversal, from: m.To, to: m.From, amount: m.Amount, currency: m.Currency, quoted: m.Fee, of: m.recallOf(),
	}
	if r := b.record(m.ID); r != nil {
		return b.repeat(r, &said, at, now), false
	}
	reject := b.timely(m.ID, m.Expires, now)
	payer, payee := b.seat(m.From), b.seat(m.To)
	switch {
	case reject != OK:
	case payer != 0 && b.at(payer).epoch != m.Epoch:
		return Result{ID: m.ID, Reject: Busy, Place: at, At: now}, true
	case b.crowded(payer, payee):
		return Result{ID: m.ID, Reject: Overloaded, Place: at, At: now}, false
	}
	of := b.number(m.Of)
	n, r := b.note(m.ID, &said, &m.Origin, at, now)
	if reject == OK && payer != 0 {
		reject, r.triesLeft = b.edit(payer).tryPIN(m.Verdict)
	}
	if reject == OK {
		reject = b.mayRecall(m, of, now)
	}
	r.bundle, r.language = b.bundles.number(m.Bundle, r.gateway), m.Language
	if reject == OK {
		bundle := r.bundle
		b.bringBack(n, r, of-1, false, now)
		r.bundle = bundle // of the menu in which it was confirmed, not of the send's
	}
	return b.refuse(r, reject), false
}

// mayRecall asks whether a payer may take this transfer back now.
func (b *Book) mayRecall(m *Move, of uint64, now int64) Reject {
	payer, payee := b.account(m.From), b.account(m.To)
	switch {
	case payer == nil || payer.kind != AccountWallet:
		return UnknownPayer
	case payee == nil || of == 0 || b.latestSend(payer, now) != of || !b.records.at(of-1).recalledBy(m) || payee.kind != AccountWallet:
		return NotReversible
	case b.back(of-1).last != 0:
		return AlreadyReversed
	case b.moved(m.PayerToken, payer):
		return AliasMoved
	case payer.is(frozen):
		return PayerFrozen
	case payee.is(frozen):
		return PayeeFrozen
	case payer.is(closed):
		return PayerClosed
	case payee.is(closed):
		return PayeeClosed
	case b.full(payer) || b.full(payee):
		return AboveMaximum
	case b.available(payee) < m.Amount:
		return PayeeSpent
	}
	return OK
}

// recalledBy tells whether the wish names the transfer as it was.
func (r *record) recalledBy(m *Move) bool {
	return r.to == m.To && r.amount == m.Amount && r.currency == m.Currency
}

// latestSend is number+1 of the record by which an account last sent money and which
// may still come back.
func (b *Book) latestSend(a *account, now int64) uint64 {
	at := a.history.last
	for range recallLook {
		if at == 0 {
			return 0
		}
		l := b.lines.at(at - 1)
		r := b.records.at(l.record)
		switch {
		case now-r.at > RecallWithin:
			return 0
		case r.act == ActTransfer && r.kind == KindSend && r.from == a.number:
			return l.record + 1
		}
		at = l.before
	}
	return 0
}

// recallOf is a digest of what a recall says; never zero.
func (m *Move) recallOf() uint64 {
	said := make([]byte, 0, 64)
	said = append(append(said, "recall"...), m.Of[:]...)
	for _, n := range [...]uint64{uint64(m.From), uint64(m.To), uint64(m.Amount), uint64(m.Fee)} {
		said = binary.BigEndian.AppendUint64(said, n)
	}
	sum := sha256.Sum256(append(said, m.Currency[:]...))
	return binary.BigEndian.Uint64(sum[:]) | 1
}

// quoteRecall tells what an account could take back right now: Amount from To, by the
// transfer First. Names and numbers are the server's to add.
func (b *Book) quoteRecall(from Account, now int64) Quote {
	q := Quote{Reject: UnknownPayer, From: from}
	payer := b.account(from)
	if payer == nil {
		return q
	}
	m := Move{Transfer: Transfer{Kind: KindReversal, From: from, Currency: payer.currency}}
	of := b.latestSend(payer, now)
	if of != 0 {
		r := b.records.at(of - 1)
		m.Of, m.To, m.Amount = r.id, r.to, r.amount
		q.To, q.Amount, q.First, q.FirstReceipt, q.FirstAt = r.to, r.amount, r.id, b.receipt(r), r.at
	}
	q.Currency, q.Reject = payer.currency, b.mayRecall(&m, of, now)
	return q
}
