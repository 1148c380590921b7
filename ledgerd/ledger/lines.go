package ledger

// line is one posting: an account, how its balance changed, and what it was right
// after. A transfer's lines stand together, and the lines of an account lead back
// to its first one. Lines never change.
type line struct {
	moved   Amount // what came in; negative went out
	balance Amount // right after
	record  uint64
	before  uint64 // number+1 of the account's line before
	far     uint64 // number+1 of its latest milestone before: a long way back in one step
	account seat
}

// history is where an account's lines begin to be read: at the latest.
type history struct {
	last uint64 // number+1 of the latest line
	far  uint64 // number+1 of the latest milestone
}

// parts of a transfer beside the amount, as bits of record.parts.
const (
	withFee        = 1
	withTax        = 2
	withCommission = 4
)

// shift moves one account and writes the line.
func (b *Book) shift(who seat, n uint64, moved Amount) (balance Amount) {
	a := b.edit(who)
	if moved < 0 {
		a.debits -= moved
	} else {
		a.credits += moved
	}
	balance = a.balance()
	h := &a.history
	at := b.lines.put(line{moved: moved, balance: balance, account: who, record: n, before: h.last, far: h.far})
	h.last = at + 1
	if a.lines == 0 {
		h.far = at + 1
	}
	a.lines = (a.lines + 1) % milestone
	return balance
}

// partOf tells what line i of a record is.
func (r *record) partOf(i uint64) Part {
	if i < 2 {
		return PartAmount
	}
	i -= 2
	for _, p := range [...]struct {
		bit  uint8
		part Part
	}{{withFee, PartFee}, {withTax, PartTax}} {
		if r.parts&p.bit == 0 {
			continue
		}
		if i == 0 {
			return p.part
		}
		i--
	}
	return PartCommission
}

// countLines is how many lines a record has.
func (r *record) countLines() (n uint64) {
	if r.lines == 0 {
		return 0
	}
	n = 2
	if r.parts&withFee != 0 {
		n++
	}
	if r.parts&withTax != 0 {
		n++
	}
	if r.parts&withCommission != 0 {
		n += 2
	}
	return n
}

// statement is a line as its account's holder reads it.
func (b *Book) statement(n uint64) *Statement {
	l := b.lines.at(n)
	r := b.records.at(l.record)
	i := n - (r.lines - 1)
	s := &Statement{Kind: r.kind, Part: r.partOf(i), In: l.moved > 0, Amount: max(l.moved, -l.moved),
		Balance: l.balance, Receipt: b.receipt(r), At: r.at, Other: r.from}
	switch {
	case r.act == ActReverse && s.Part != PartAmount: // what came back came to whom the transfer came back
		s.Other = r.to
	case s.Part == PartCommission && l.moved > 0: // the agent reads who paid it, the house whom it paid
		s.Other = b.at(b.lines.at(n - 1).account).number
	case s.Part == PartCommission:
		s.Other = b.at(b.lines.at(n + 1).account).number
	case s.Part == PartAmount:
		s.Fee, s.Amount = s.Amount-r.amount, r.amount
		if i == 0 {
			s.Other = r.to
		}
	}
	return s
}

// Statement is the last lines of an account, the latest first.
func (b *Book) Statement(n Account, most int) []Statement {
	return b.StatementRange(n, 0, int64(^uint64(0)>>1), most)
}

// StatementRange is the lines of an account from one instant to another, both
// included, the latest first, at most so many. The balance after each is in it.
func (b *Book) StatementRange(n Account, fromMS, toMS int64, most int) (list []Statement) {
	defer b.guard()
	a := b.account(n)
	if a == nil {
		return nil
	}
	for at := b.upTo(a, func(r *record) bool { return r.at <= toMS }); at != 0 && len(list) < most; {
		l := b.lines.at(at - 1)
		if b.records.at(l.record).at < fromMS {
			break
		}
		list = append(list, *b.statement(at - 1))
		at = l.before
	}
	return list
}

// AsOf is an account's balance right after all that was booked up to an instant.
// It reads a line in every milestone back to there, so it is quick for the house's
// accounts too.
func (b *Book) AsOf(n Account, ms int64) (Amount, bool) {
	defer b.guard()
	return b.asOf(n, func(r *record) bool { return r.at <= ms })
}

// AsOfPlace is an account's balance right after a place.
func (b *Book) AsOfPlace(n Account, at Place) (Amount, bool) {
	defer b.guard()
	return b.asOf(n, func(r *record) bool {
		return r.index < at.Index || r.index == at.Index && r.offset <= at.Offset
	})
}

func (b *Book) asOf(n Account, in func(*record) bool) (Amount, bool) {
	a := b.account(n)
	if a == nil {
		return 0, false
	}
	at := b.upTo(a, in)
	if at == 0 {
		return 0, true
	}
	return b.lines.at(at - 1).balance, true
}

// upTo is number+1 of an account's latest line whose record is still in.
func (b *Book) upTo(a *account, in func(*record) bool) uint64 {
	still := func(n uint64) bool { return in(b.records.at(b.lines.at(n - 1).record)) }
	for at := a.history.last; at != 0; {
		if still(at) {
			return at
		}
		l := b.lines.at(at - 1)
		if at = l.before; l.far != 0 && !still(l.far) {
			at = l.far
		}
	}
	return 0
}
