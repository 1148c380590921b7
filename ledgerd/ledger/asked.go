package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"mlango/ledgerd/table"
)

// Bounds of requests to approve a payment.
const (
	MaxAskNumber = 40         // bytes of an asker's own number of a request
	MaxAskOrders = 8          // orders of one request: PINs typed wrong, quotes that changed
	MaxAskLife   = 8 * minute // its orders' ids begin with its own instant, and none is taken that is ten minutes old
	MaxAsks      = 1 << 17    // requests of a day; one more is Overloaded
	askKept      = day        // after its time its number is another's
)

// AskPayment has a subscriber asked to approve a payment: a gateway that reads the payer's
// notices shows it on the handset. It moves nothing itself. The orders that the payer's PIN
// makes of it have ids made from its own (AskOrder), so that one of them at most is a
// payment; and they say what it says.
type AskPayment struct {
	ID       ID   // its last byte is zero: the orders' have their number there
	Kind     Kind // a till's or a paybill's
	From, To Account
	Amount   Amount
	Currency Currency
	Until    int64  // ms; after it no order of it is taken
	Number   string // the asker's own, at most MaxAskNumber of A-Z a-z 0-9 . _ -
	Payee    string // the number on the payee's sign, at most MaxMSISDN digits: by it the payer is told and the order finds To
	Ref      []byte // sealed under the payer's key, to the id; at most MaxRefSealed bytes
}

// EndAsk says that no payment will come of a request, and why. What came of it before
// stands: a payment is answered with its own answer, an earlier end with nothing new.
type EndAsk struct {
	ID  ID
	How AskState
}

func (AskPayment) command() {}
func (EndAsk) command()     {}

// AskState is how a request to approve a payment stands. Its number is journaled: add,
// never renumber.
type AskState uint8

// The states. Only waiting changes any more.
const (
	AskWaiting    AskState = 1  // on its way to the handset, on it, or being paid
	AskApproved   AskState = 2  // one of its orders is a payment
	AskDeclined   AskState = 3  // the subscriber said no
	AskUnanswered AskState = 4  // the dialogue broke off, or ended without an answer
	AskAway       AskState = 5  // the handset was busy or absent
	AskBusy       AskState = 6  // the subscriber is asked for something else
	AskNowhere    AskState = 7  // the number is at no operator that the gateway can open a dialogue at
	AskNoRoom     AskState = 8  // the gateway was full, or stopping
	AskOften      AskState = 9  // the subscriber declined too often lately
	AskRefused    AskState = 10 // the last order was refused, and no other follows
	AskExpired    AskState = 11 // nobody answered in time
	AskNotNow     AskState = 12 // the gateway had no screen to show
)

// tableAskStates are the states' words, the same in tools and at the partners' door.
var tableAskStates = [...]string{AskWaiting: "waiting", AskApproved: "approved", AskDeclined: "declined", AskUnanswered: "unanswered", AskAway: "busy_or_absent",
	AskBusy: "busy", AskNowhere: "no_operator", AskNoRoom: "no_room", AskOften: "asked_too_often", AskRefused: "refused", AskExpired: "expired", AskNotNow: "not_now"}

// String is the state in a word.
func (s AskState) String() string {
	if s == 0 || int(s) >= len(tableAskStates) {
		return "unknown"
	}
	return tableAskStates[s]
}

// ends tells whether a request can be said to have ended so.
func (s AskState) ends() bool { return s >= AskDeclined && s <= AskNotNow }

// AskOrder is the id of the n-th order of a request, from 1 to MaxAskOrders.
func AskOrder(ask ID, n uint8) ID { return ask.Leg(n) }

// asked is a request that is found by its number.
type asked struct {
	id     ID
	record uint64
	until  int64
	over   bool   // its time was over so late that no id could be remembered for it
	next   uint32 // number+1 of the next free place, when this one is
	n, s   uint8
	number [MaxAskNumber]byte
	sign   [MaxMSISDN]byte
}

// asks are the requests of a day. The index finds them by id and by number.
type asks struct {
	list  table.Pages[asked]
	index table.Index
	free  uint32 // number+1 of the first place that is free
}

// numbers tells whether a text may be an asker's number of a request.
func numbers(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		if !(c >= 'a' && c <= 'z' || s[i] >= '0' && s[i] <= '9' || i > 0 && (s[i] == '.' || s[i] == '_' || s[i] == '-')) {
			return false
		}
	}
	return s != "" && len(s) <= MaxAskNumber
}

// dueAsk marks the asks among what falls due.
const dueAsk = 1 << 32

// ask books a request. The same number again, within a day, is the same request: its
// caller says it under the first one's id (AskNumbered).
func (b *Book) ask(c *AskPayment, at Place, now int64) Result {
	said := content{act: ActAsk, kind: c.Kind, from: c.From, to: c.To, amount: c.Amount, currency: c.Currency, until: c.Until}
	said.of = ofAsk(&said, c)
	if r := b.record(c.ID); r != nil {
		return b.repeat(r, &said, at, now)
	}
	payer := b.seat(c.From)
	_, taken := b.askNumbered(c.Number)
	reject := b.timely(c.ID, c.Until, now)
	switch {
	case reject != OK:
	case taken: // since its caller looked: looking again finds whose it is
		return Result{ID: c.ID, Reject: Busy, Place: at, At: now}
	case b.asks.list.Len() >= MaxAsks && b.asks.free == 0, b.outbox.full(b.at(payer)):
		return Result{ID: c.ID, Reject: Overloaded, Place: at, At: now}
	default:
		reject = b.mayAsk(c, payer, b.seat(c.To))
	}
	n, r := b.note(c.ID, &said, nil, at, now)
	if reject == OK {
		b.keepAsk(c, n)
		b.keepRef(r, c.Ref)
		b.tellPayer(n, r, payer)
	}
	return b.refuse(r, reject)
}

// mayAsk asks whether a request is one, of accounts that could pay each other now. What the
// payer has is not looked at: that is the payer's to know.
func (b *Book) mayAsk(c *AskPayment, payer, to seat) Reject {
	from, payee := b.at(payer), b.at(to)
	switch {
	case c.Kind != KindTill && c.Kind != KindPaybill, !numbers(c.Number), len(c.Payee) > MaxMSISDN || strings.Trim(c.Payee, "0123456789") != "" || c.Payee == "",
		c.ID[len(c.ID)-1] != 0, c.Until > c.ID.Time()+MaxAskLife, len(c.Ref) > 0 && !c.Kind.refers(), len(c.Ref) > MaxRefSealed:
		return CommandForbidden
	case from == nil || !tableKinds[c.Kind].payer.has(from.kind):
		return UnknownPayer
	case payee == nil || !tableKinds[c.Kind].payee.has(payee.kind):
		return UnknownPayee
	case from.is(frozen):
		return PayerFrozen
	case payee.is(frozen):
		return PayeeFrozen
	case payer == to:
		return SameAccount
	case from.currency != c.Currency || payee.currency != c.Currency:
		return WrongCurrency
	case from.is(closed):
		return PayerClosed
	case payee.is(closed):
		return PayeeClosed
	case c.Amount <= 0:
		return BelowMinimum
	case c.Amount > MaxAmount:
		return AboveMaximum
	}
	return OK
}

// ofAsk is a digest of what a request says; never zero.
func ofAsk(said *content, c *AskPayment) uint64 {
	b := binary.BigEndian.AppendUint64([]byte(c.Number+"\x00"+c.Payee+"\x00"), said.withRef(append([]byte{byte(ActAsk)}, c.Ref...)))
	sum := sha256.Sum256(b)
	return binary.BigEndian.Uint64(sum[:8]) | 1
}

// keepAsk finds a place for a request, and has its time come.
func (b *Book) keepAsk(c *AskPayment, record uint64) {
	a := asked{id: c.ID, record: record, until: c.Until}
	a.n, a.s = uint8(copy(a.number[:], c.Number)), uint8(copy(a.sign[:], c.Payee))
	n := b.asks.free - 1
	if b.asks.free == 0 {
		n = b.asks.list.Put(a)
	} else {
		b.asks.free = b.asks.list.At(n).next
		*b.asks.list.Edit(n) = a
	}
	b.asks.index.Put(b.seed.Key(c.ID), n, never)
	b.asks.index.Put(b.seed.text(c.Number), n, never)
	b.due.Push(table.Due{At: c.Until, Item: dueAsk | uint64(n)})
	b.due.Push(table.Due{At: c.Until + askKept, Item: dueAsk | uint64(n)})
}

// askOf finds a request by its id.
func (b *Book) askOf(id ID) (uint32, bool) {
	return b.asks.index.Find(b.seed.Key(id), func(n uint32) bool { return b.asks.list.At(n).id == id })
}

// askNumbered finds one by its asker's number.
func (b *Book) askNumbered(number string) (uint32, bool) {
	return b.asks.index.Find(b.seed.text(number), func(n uint32) bool { return b.asks.list.At(n).said() == number })
}

// tellAsk adds to a notice what its request says.
func (b *Book) tellAsk(n *Notice) {
	if at, known := b.askOf(n.ID); known {
		a := b.asks.list.At(at)
		n.OtherAddr = string(a.sign[:a.s])
	}
}

// said is its asker's number of it.
func (a *asked) said() string { return string(a.number[:a.n]) }

// AskNumbered is the id of the request that stands under an asker's number, and until when
// it may be paid, in ms; a day after that the number is free again.
func (b *Book) AskNumbered(number string) (id ID, until int64, known bool) {
	n, known := b.askNumbered(number)
	if !known {
		return ID{}, 0, false
	}
	a := b.asks.list.At(n)
	return a.id, a.until, true
}

// standing is how a request stands by its orders, in their turn.
type standing struct {
	state AskState
	by    uint64 // number+1 of the record that ended it, or is its payment
	last  uint64 // number+1 of the last order that was refused
	next  ID     // of the order to come, while it waits
}

// askStands looks at a request's orders.
func (b *Book) askStands(ask ID) (s standing) {
	for n := uint8(1); n <= MaxAskOrders; n++ {
		id := AskOrder(ask, n)
		at := b.number(id)
		if at == 0 {
			s.state, s.next = AskWaiting, id
			return s
		}
		switch r := b.records.at(at - 1); {
		case r.act == ActTransfer && r.committed():
			s.state, s.by = AskApproved, at
			return s
		case r.act == ActTombstone && r.first != 0:
			s.state, s.by = AskState(r.found), at
			return s
		}
		s.last = at
	}
	s.state = AskRefused
	return s
}

// ofAsked holds an order to the request that its id is of: it is the next one, in time, and
// says the same. Of most ids there is no request.
func (b *Book) ofAsked(m *Move, now int64) Reject {
	ask, nth := m.ID, m.ID[len(m.ID)-1]
	ask[len(ask)-1] = 0
	if b.asks.index.Len() == 0 || nth == 0 || nth > MaxAskOrders {
		return OK
	}
	n, known := b.askOf(ask)
	if !known {
		return OK
	}
	r := b.records.at(b.asks.list.At(n).record)
	s := b.askStands(ask)
	switch {
	case s.state != AskWaiting || s.next != m.ID || now > r.until:
		return Expired
	case r.from != m.From || r.to != m.To || r.amount != m.Amount || r.kind != m.Kind || r.currency != m.Currency:
		return CommandForbidden
	}
	return OK
}

// endAsk ends a request that waits: from then on no order of it is taken.
func (b *Book) endAsk(c EndAsk, at Place, now int64) Result {
	res := Result{ID: c.ID, Place: at, At: now}
	r := b.record(c.ID)
	if r == nil || r.act != ActAsk || r.reject != OK || !c.How.ends() {
		res.Reject = CommandForbidden
		return res
	}
	switch s := b.askStands(c.ID); {
	case s.state == AskApproved:
		return b.answer(b.records.at(s.by - 1))
	case s.state == AskWaiting && !b.astray(s.next, now):
		b.buryAsk(b.number(c.ID), s.next, c.How, at, now)
	}
	return res
}

// buryAsk plants the tombstone that no order of a request can pass, and that says how it
// ended.
func (b *Book) buryAsk(ask uint64, next ID, how AskState, at Place, now int64) {
	_, r := b.note(next, &content{act: ActTombstone}, nil, at, now)
	r.reject, r.first, r.found = Expired, ask, State(how)
}

// askDue ends a request whose time is over, and a day later lets go of it.
func (b *Book) askDue(n uint32, due int64, at Place, now int64) {
	a := b.asks.list.Edit(n)
	if due == a.until {
		switch s := b.askStands(a.id); {
		case s.state != AskWaiting:
		case b.astray(s.next, now):
			a.over = true
		default:
			b.buryAsk(a.record+1, s.next, AskExpired, at, now)
		}
		return
	}
	is := func(other uint32) bool { return other == n }
	b.asks.index.Drop(b.seed.Key(a.id), is)
	b.asks.index.Drop(b.seed.text(a.said()), is)
	*a = asked{next: b.asks.free}
	b.asks.free = n + 1
}

// Asked is how a request to approve a payment stands.
type Asked struct {
	State   AskState
	Until   int64  // ms
	Number  string // its asker's, as long as it is kept
	Payment *Other // what paid
	Refused *Other // the last order that was refused, and why
	Why     Reject
}

// asked tells how the request of a record stands; nil of what is none.
func (b *Book) asked(r *record) *Asked {
	if r.act != ActAsk || r.reject != OK {
		return nil
	}
	s := b.askStands(r.id)
	v := &Asked{State: s.state, Until: r.until}
	n, known := b.askOf(r.id)
	if known {
		v.Number = b.asks.list.At(n).said()
	}
	if s.state == AskWaiting && (!known || b.asks.list.At(n).over) {
		v.State = AskExpired
	}
	if s.state == AskApproved {
		v.Payment = b.other(s.by)
	}
	if s.last != 0 {
		v.Refused, v.Why = b.other(s.last), b.records.at(s.last-1).reject
	}
	return v
}

// digest is all requests of a day.
func (a *asks) digest(d *digest) {
	d.numbers(uint64(a.list.Len()), uint64(a.index.Len()), uint64(a.free))
	for n := range uint32(a.list.Len()) {
		one := a.list.At(n)
		d.numbers(one.record, uint64(one.until), uint64(one.next), flags(one.over))
		d.bytes(one.id[:], one.number[:one.n], one.sign[:one.s])
	}
}
