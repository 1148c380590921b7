package ledger

import "slices"

// consumer is who owns which lanes: ranges that do not overlap, in order.
type consumer struct {
	On     bool // it reads
	Known  bool // it was told to, once
	Grants []grant
	Epoch  uint64 // of the latest grant, of all times: one of before it was retired never counts again
	Missed uint64 // notices that were given up because it was too far behind
}

type grant struct {
	From, To Lane
	Owner    string
	Epoch    uint64
}

// Cursor is how far a consumer has come in a lane, and who owns it there.
type Cursor struct {
	Owner string // nobody yet when empty
	Epoch uint64
	Upto  uint64 // acknowledged up to here, but for Open behind it
	Open  int    // notices not acknowledged
	Next  uint64 // sequence number of the notice to come
}

// grant gives lanes to an owner and takes them from whoever had them.
func (o *outbox) grant(c Grant) Reject {
	i, ok := o.reader(c.Consumer)
	if !ok || c.From > c.To || c.Owner == "" || len(c.Owner) > maxOwner {
		return CommandForbidden
	}
	who := &o.consumers[i]
	given := grant{From: c.From, To: c.To, Owner: c.Owner, Epoch: who.Epoch + 1}
	rest := []grant{given}
	for _, g := range who.Grants {
		rest = append(rest, g.without(given)...)
	}
	slices.SortFunc(rest, func(a, b grant) int { return int(int64(a.From) - int64(b.From)) })
	if len(rest) > maxGrants {
		return CommandForbidden
	}
	who.Grants, who.Epoch = rest, given.Epoch
	return OK
}

// without is what is left of g when another takes its lanes.
func (g grant) without(taken grant) (rest []grant) {
	if taken.From > g.To || taken.To < g.From {
		return []grant{g}
	}
	if g.From < taken.From {
		left := g
		left.To = taken.From - 1
		rest = append(rest, left)
	}
	if g.To > taken.To {
		right := g
		right.From = taken.To + 1
		rest = append(rest, right)
	}
	return rest
}

func (w *consumer) grantOf(l Lane) grant {
	for _, g := range w.Grants {
		if g.From <= l && l <= g.To {
			return g
		}
	}
	return grant{}
}

// ack moves a cursor. It is refused from any but the lane's present owner.
func (o *outbox) ack(c Ack) Reject {
	i, ok := o.reader(c.Consumer)
	if !ok || len(c.Except) > MaxExceptions || c.Epoch == 0 || o.consumers[i].grantOf(c.Lane).Epoch != c.Epoch {
		return CommandForbidden
	}
	l := o.lane(c.Lane)
	if l == nil || c.Upto > l.count() {
		return CommandForbidden
	}
	open, fits := l.behind(&l.cursors[i], c)
	if !fits {
		return CommandForbidden
	}
	o.change(o.home(int(c.Lane/LanesPerOperator)), l, func() {
		l.cursors[i] = cursor{Upto: max(l.cursors[i].Upto, c.Upto), Parked: open}
	})
	return OK
}

// behind lists what stays open behind the cursor once it has moved.
func (l *lane) behind(at *cursor, c Ack) (open []parked, fits bool) {
	for _, p := range at.Parked {
		if p.Seq > c.Upto || slices.Contains(c.Except, p.Seq) {
			open = append(open, p)
		}
	}
	except := slices.Clone(c.Except)
	slices.Sort(except)
	for _, seq := range slices.Compact(except) {
		if at.Upto < seq && seq <= c.Upto {
			open = append(open, parked{l.at(seq), seq})
		}
	}
	return open, len(open) <= MaxExceptions
}

// FreshLanes appends the lanes that got a notice since the last call, each once.
// It serves to wake their readers and is no part of the books' state.
func (b *Book) FreshLanes(dst []Lane) []Lane {
	for _, at := range b.outbox.fresh {
		b.outbox.lane(at).fresh = false
	}
	dst = append(dst, b.outbox.fresh...)
	b.outbox.fresh = b.outbox.fresh[:0]
	return dst
}

// OpenLanes lists the lanes in [from, to] that hold something a consumer has not
// acknowledged, in order.
func (b *Book) OpenLanes(consumer string, from, to Lane) []Lane {
	i, ok := b.outbox.reader(consumer)
	var list []Lane
	for at, l := range b.outbox.all() {
		if ok && from <= at && at <= to && l.open(i) > 0 {
			list = append(list, at)
		}
	}
	return list
}

func (l *lane) open(consumer int) int {
	c := &l.cursors[consumer]
	return len(c.Parked) + int(l.count()-c.Upto)
}

// Cursor tells how a consumer stands in a lane.
func (b *Book) Cursor(consumer string, at Lane) (Cursor, bool) {
	i, ok := b.outbox.reader(consumer)
	if !ok {
		return Cursor{}, false
	}
	g := b.outbox.consumers[i].grantOf(at)
	c := Cursor{Owner: g.Owner, Epoch: g.Epoch, Next: 1}
	if l := b.outbox.lane(at); l != nil {
		c.Upto, c.Open, c.Next = l.cursors[i].Upto, l.open(i), l.count()+1
	}
	return c, true
}

// Notices lists up to most unacknowledged notices of a lane after a sequence
// number, in order. Addresses and names are the server's to add.
func (b *Book) Notices(consumer string, at Lane, after uint64, most int) []Notice {
	return b.AppendNotices(nil, consumer, at, after, most)
}

// AppendNotices is Notices behind a list.
func (b *Book) AppendNotices(list []Notice, consumer string, at Lane, after uint64, most int) []Notice {
	defer b.guard()
	i, ok := b.outbox.reader(consumer)
	l := b.outbox.lane(at)
	if !ok || l == nil {
		return list
	}
	c, full := &l.cursors[i], len(list)+most
	for _, p := range c.Parked {
		if p.Seq > after && len(list) < full {
			list = append(list, b.notice(at, p.Seq, p.What))
		}
	}
	for seq := max(after, c.Upto) + 1; seq <= l.count() && len(list) < full; seq++ {
		list = append(list, b.notice(at, seq, l.at(seq)))
	}
	return list
}

// notice is one side of a committed record, as it was right after.
func (b *Book) notice(at Lane, seq uint64, t told) Notice {
	r := b.records.at(t.Record)
	n := Notice{
		Lane: at, Seq: seq, Place: r.place(), ID: r.id, Side: t.Side, Kind: r.kind, Act: r.act, Account: r.from, Other: r.to,
		Amount: r.amount, Fee: r.fee, Balance: r.balance, Receipt: b.receipt(r), At: r.at,
		Language: r.language, Bundle: b.bundles.list[r.bundle],
	}
	if t.Side == SidePayee {
		n.Account, n.Other, n.Fee = r.to, r.from, 0
		n.Balance, n.NoBalance, n.Language = r.payeeBalance, r.kind == KindAirtime, r.payeeSees
	}
	if r.holds() || r.act == ActAsk {
		n.Until, n.Available = r.until, r.free
	}
	if r.act >= ActPost && r.act <= ActExpire && t.Side == SidePayer {
		b.ofHold(&n, r)
	}
	if r.act == ActAsk {
		b.tellAsk(&n)
	}
	if r.kind == KindReversal { // its fee is one that came back to whom the money came back
		if n.Fee = 0; t.Side == SidePayee {
			n.Amount += r.fee
		}
	}
	return n
}

// ofHold adds to the end of a hold what its payer held: a post took it but for what is
// free again, by the two other ends all of it is.
func (b *Book) ofHold(n *Notice, r *record) {
	held := b.records.at(r.first - 1)
	n.Released = held.amount + held.fee
	if r.act == ActPost {
		n.Released -= r.amount + r.fee
		return
	}
	n.Receipt, n.Available = b.receipt(held), r.free
}
