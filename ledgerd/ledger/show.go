package ledger

import "slices"

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

// Other is what is told of another record than the one that was asked for.
type Other struct {
	ID      ID
	Act     Act
	Kind    Kind
	Receipt Receipt
	Place   Place
	At      int64 // ms
	Amount  Amount
	Fee     Amount // charged, or what of it came back
}

// maxBacks bounds the reversals of one transfer that are shown: the latest.
const maxBacks = 256

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
	Quoted    Amount  // the fee that was shown
	Again     ID      // the earlier transfer after a yes to "again?"
	Of        ID      // the hold that was ended, or the transfer that was reversed
	Until     int64   // ms, of a hold
	Over      bool    // a hold that ended
	How       Act     // it ended, or the one that this came too late for: ActPost, ActVoid or ActExpire
	Ended     ID      // what ended it; zero while it stands, and when its time did and no tick came within the hour
	Reversed  Amount  // what of a transfer came back so far
	First     *Other  // what Of is of, when it is known
	End       *Other  // what Ended is of
	Asked     *Asked  // of a request to approve a payment
	Backs     []Other // what brought parts of it back, the oldest first
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
	n, ok := b.receiptRecord(receipt)
	if !ok {
		return Shown{}, false
	}
	return b.show(n), true
}

// receiptRecord is the record that a receipt stands for.
func (b *Book) receiptRecord(receipt Receipt) (uint64, bool) {
	n, ok := b.receipts.commitOf(receipt)
	if !ok || n >= b.commits.Len() {
		return 0, false
	}
	at := *b.commits.at(n)
	return at, b.receipt(b.records.at(at)) == receipt
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
			s.Of, s.First = first, b.other(r.first)
		}
	}
	s.Told, s.Asked = b.told(r), b.asked(r)
	if r.reject == HoldEnded {
		s.How, s.Ended = s.Result.Ended, s.Result.First
		if !s.Ended.IsZero() {
			s.End = b.other(r.first)
		}
	}
	if !r.committed() {
		return s
	}
	if r.act != ActReverse {
		s.Backs = b.backs(n)
	}
	s.Postings, s.Reversed = b.postings(r), b.back(n).sum
	if r.holds() && b.holdOf(r.id) == 0 {
		s.Over, s.How = true, ActExpire
		if end := b.endOf(n); end != 0 {
			s.End = b.other(end)
			s.How, s.Ended = s.End.Act, s.End.ID
		}
	}
	return s
}

// other tells of a record by its number+1.
func (b *Book) other(n uint64) *Other {
	r := b.records.at(n - 1)
	return &Other{ID: r.id, Act: r.act, Kind: r.kind, Receipt: b.receipt(r), Place: r.place(), At: r.at, Amount: r.amount, Fee: r.fee}
}

// backs is what brought parts of a record back, the oldest first.
func (b *Book) backs(n uint64) (list []Other) {
	for at := b.back(n).last; at != 0 && len(list) < maxBacks; at = b.records.at(at - 1).last {
		list = append(list, *b.other(at))
	}
	slices.Reverse(list)
	return list
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
			list = append(list, Told{Side: Side(i + 1), Lane: at, Seq: seq, Acked: b.outbox.acked(b.outbox.lane(at), seq)})
		}
	}
	return list
}

// acked tells whether every consumer has acknowledged a notice.
func (o *outbox) acked(l *lane, seq uint64) bool {
	for i := range l.cursors {
		c := &l.cursors[i]
		if o.consumers[i].On && (seq > c.Upto || slices.ContainsFunc(c.Parked, func(p parked) bool { return p.Seq == seq })) {
			return false
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
	case AskPayment:
		return []ID{c.ID}
	case Approved:
		return IDs(c.Cmd)
	}
	return nil
}
