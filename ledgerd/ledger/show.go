package ledger

// Posting is one debit or credit line.
type Posting struct {
	Account       Account
	Debit, Credit Amount
}

// Told is one notice of a transfer and whether all consumers acknowledged it.
type Told struct {
	Side  Side
	Lane  Lane
	Seq   uint64
	Acked bool
}

// Shown is what the books know of an id.
type Shown struct {
	Result    Result
	Kind      Kind  // of a transfer
	Query     Query // of a check
	Tombstone bool  // resolved as not done; no content is known
	From, To  Account
	Amount    Amount
	Currency  Currency
	Quoted    Amount // the fee that was shown
	Again     ID     // the earlier transfer after a yes to "again?"
	Origin    Origin
	Bundle    [32]byte
	Language  Language
	Postings  []Posting
	Told      []Told
}

// Show tells all about an id.
func (b *Book) Show(id ID) (Shown, bool) {
	r := b.record(id)
	if r == nil {
		return Shown{}, false
	}
	return b.show(r), true
}

// ShowReceipt tells all about the transfer with a receipt.
func (b *Book) ShowReceipt(receipt Receipt) (Shown, bool) {
	n, ok := b.receipts.commitOf(receipt)
	if !ok || int(n) >= b.commits.n {
		return Shown{}, false
	}
	r := b.records.at(*b.commits.at(n))
	if r.receipt != receipt {
		return Shown{}, false
	}
	return b.show(r), true
}

func (b *Book) show(r *record) Shown {
	s := Shown{
		Result: b.answer(r), Kind: r.kind, Query: r.query, From: r.from, To: r.to, Amount: r.amount,
		Currency: r.currency, Quoted: r.quoted, Bundle: b.bundles.list[r.bundle], Language: r.language,
		Origin: Origin{
			Operator: b.operators.list[r.operator], Gateway: b.gateways.list[r.gateway],
			Session: string(b.texts.get(r.session)),
		},
	}
	if r.query == queryTombstone {
		s.Query, s.Tombstone = 0, true
	}
	if r.committed() {
		s.Postings, s.Told = b.postings(r), b.told(r)
		if r.first != 0 {
			s.Again = b.records.at(r.first - 1).id
		}
	}
	return s
}

// postings are the lines of a committed transfer; their sum is zero.
func (b *Book) postings(r *record) []Posting {
	credited := r.to
	if r.kind == KindAirtime {
		credited = b.houseAccount(AccountAirtime, r.currency).number
	}
	lines := []Posting{{Account: r.from, Debit: r.amount + r.fee}, {Account: credited, Credit: r.amount}}
	if r.fee > 0 {
		lines = append(lines, Posting{Account: b.houseAccount(AccountFees, r.currency).number, Credit: r.fee})
	}
	return lines
}

func (b *Book) told(r *record) (list []Told) {
	for i, n := range []Account{r.from, r.to} {
		if seq := r.seqs[i]; seq != 0 {
			at := LaneOf(b.account(n).home, n)
			list = append(list, Told{Side: Side(i + 1), Lane: at, Seq: seq, Acked: b.outbox.lane(at).acked(seq)})
		}
	}
	return list
}

// acked tells whether every consumer has acknowledged a notice.
func (l *lane) acked(seq uint64) bool {
	for i := range l.cursors {
		c := &l.cursors[i]
		if seq > c.upto {
			return false
		}
		for _, p := range c.parked {
			if p.seq == seq {
				return false
			}
		}
	}
	return true
}
