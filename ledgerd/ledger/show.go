package ledger

// Posting is one debit or credit line.
type Posting struct {
	Account       Account
	Part          Part
	Debit, Credit Amount
	Balance       Amount // the account's right after
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
	Act       Act
	Kind      Kind  // of a transfer
	Query     Query // of a check
	Tombstone bool  // resolved as not done; no content is known
	From, To  Account
	Amount    Amount
	Currency  Currency
	Quoted    Amount // the fee that was shown
	Again     ID     // the earlier transfer after a yes to "again?"
	Of        ID     // the hold that was ended, or the transfer that was reversed
	Until     int64  // ms, of a hold
	Over      bool   // a hold that ended
	Ended     ID     // what ended it; zero while it stands, and when that was long ago
	Reversed  Amount // what of a transfer came back so far
	Origin    Origin
	Bundle    [32]byte
	Language  Language
	Postings  []Posting
	Told      []Told
}

// Show tells all about an id.
func (b *Book) Show(id ID) (Shown, bool) {
	defer b.guard()
	n := b.number(id)
	if n == 0 {
		return Shown{}, false
	}
	return b.show(n - 1), true
}

// ShowReceipt tells all about the transfer with a receipt.
func (b *Book) ShowReceipt(receipt Receipt) (Shown, bool) {
	defer b.guard()
	n, ok := b.receipts.commitOf(receipt)
	if !ok || n >= b.commits.Len() {
		return Shown{}, false
	}
	at := *b.commits.at(n)
	if b.records.at(at).receipt != receipt {
		return Shown{}, false
	}
	return b.show(at), true
}

func (b *Book) show(n uint64) Shown {
	r := b.records.at(n)
	s := Shown{
		Result: b.answer(r), Act: r.act, Kind: r.kind, Query: r.query, Tombstone: r.act == ActTombstone, From: r.from, To: r.to,
		Amount: r.amount, Currency: r.currency, Quoted: r.quoted, Until: r.until, Bundle: b.bundles.list[r.bundle], Language: r.language,
		Origin: Origin{
			Operator: b.operators.list[r.operator], Gateway: b.gateways.list[r.gateway],
			Session: r.session.String(),
		},
	}
	if r.first != 0 && r.reject == OK {
		if first := b.records.at(r.first - 1).id; r.act == ActTransfer {
			s.Again = first
		} else {
			s.Of = first
		}
	}
	if !r.committed() {
		return s
	}
	s.Postings, s.Told, s.Reversed = b.postings(r), b.told(r), b.back(n).sum
	h := b.holdOf(r.id)
	s.Over = h == 0 && r.act == ActTransfer && r.until != 0
	if h != 0 {
		if end := b.holds.At(h - 1).end; end != 0 {
			s.Over, s.Ended = true, b.records.at(end-1).id
		}
	}
	return s
}

// postings are the lines of a committed transfer; their sum is zero. A hold has
// none.
func (b *Book) postings(r *record) (list []Posting) {
	for i := range r.countLines() {
		l := b.lines.at(r.lines - 1 + i)
		list = append(list, Posting{
			Account: b.at(l.account).number, Part: r.partOf(i), Debit: max(-l.moved, 0), Credit: max(l.moved, 0), Balance: l.balance,
		})
	}
	return list
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
		if seq > c.Upto {
			return false
		}
		for _, p := range c.Parked {
			if p.Seq == seq {
				return false
			}
		}
	}
	return true
}

// IDs are the ids under which a command may have booked something: one for a wish,
// one for each leg of a Linked, none for what governs.
func IDs(cmd Command) []ID {
	switch c := cmd.(type) {
	case *Move:
		return []ID{c.ID}
	case *Answer:
		return []ID{c.ID}
	case *ChangePIN:
		return []ID{c.ID}
	case Post:
		return []ID{c.ID}
	case Void:
		return []ID{c.ID}
	case Reverse:
		return []ID{c.ID}
	case Linked:
		list := make([]ID, len(c.Legs))
		for i := range list {
			list[i] = c.ID.Leg(uint8(i))
		}
		return list
	case Approved:
		return IDs(c.Cmd)
	}
	return nil
}
