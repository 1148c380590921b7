package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// Query is what somebody asks about an account.
type Query uint8

// The questions. All but the last two ask for the PIN of now. A change brings a new
// one beside it, a first PIN nothing else, and who asks about a receipt was paid.
const (
	QueryBalance   Query = 1
	QueryLast      Query = 2
	QueryVerify    Query = 3 // nothing but whether the PIN is right
	QueryChange    Query = 4
	QueryStatement Query = 5 // the last lines, at most MaxLines
	QueryFirstPIN  Query = 6 // sets a PIN where there is none
	QueryReceipt   Query = 7 // what became of a payment that came here
)

// MaxLines bounds the lines that one answer carries.
const MaxLines = 5

func (q Query) known() bool { return q >= QueryBalance && q <= QueryReceipt }

// AsksPIN tells whether the question is answered only to a right PIN.
func (q Query) AsksPIN() bool { return q.known() && q != QueryFirstPIN && q != QueryReceipt }

// BringsPIN tells whether the question brings a PIN to be set.
func (q Query) BringsPIN() bool { return q == QueryChange || q == QueryFirstPIN }

// State is what became of a payment.
type State uint8

// The states.
const (
	StateDone     State = 1
	StatePartly   State = 2 // a part of it came back
	StateReversed State = 3 // all of it did
	StateHeld     State = 4 // it is reserved: nothing moved yet
	StateReleased State = 5 // it was reserved and nothing came of it
)

// tableStates are the states' words, the same in tools and menus' outcomes.
var tableStates = [...]string{StateDone: "done", StatePartly: "partly_reversed", StateReversed: "reversed", StateHeld: "held", StateReleased: "released"}

// String is the state in a word.
func (s State) String() string {
	if s == 0 || int(s) >= len(tableStates) {
		return "unknown"
	}
	return tableStates[s]
}

// tableQuestion is what any question can be refused for, beside its own.
var tableQuestion = []Reject{OtherContent, IDTime, Expired, Busy, Overloaded, UnknownPayer, AliasMoved, PayerClosed, CommandForbidden}

// Rejects are those in which a question can end, in order of precedence.
func (q Query) Rejects() []Reject {
	list := slices.Clone(tableQuestion)
	if q.AsksPIN() {
		list = append(list, PINKeyGone, PINNotSet, PINLocked, PINWrong)
	}
	switch q {
	case QueryChange:
		list = append(list, PINTooEasy)
	case QueryFirstPIN:
		list = append(list, PINIsSet, PINKeyGone, PINTooEasy, PayerFrozen)
	case QueryReceipt:
		list = append(list, AskedTooOften, ReceiptUnknown)
	}
	slices.Sort(list)
	return list
}

// firstPIN sets the PIN of an account that has none. Nobody can be asked to prove
// that they are its holder, so only a number which leads to it now may: a wish
// without one is refused, and so is one for an account that is stopped.
func (b *Book) firstPIN(c *ChangePIN, who seat) Reject {
	a := b.at(who)
	owner, known := b.Find(c.PayerToken)
	switch {
	case a != nil && a.is(pinSet):
		return PINIsSet
	case c.Verdict == VerdictKeyGone:
		return PINKeyGone
	case c.Easy:
		return PINTooEasy
	case a == nil:
		return UnknownPayer
	case !known || owner != a.number:
		return AliasMoved
	case a.is(frozen):
		return PayerFrozen
	case a.is(closed):
		return PayerClosed
	case !a.kind.Holder():
		return CommandForbidden
	}
	b.keepPIN(who, c.Salt, c.MAC)
	return OK
}

// clearPIN forgets a PIN: whoever dials from the account's number sets another.
func (b *Book) clearPIN(c ClearPIN) Reject {
	who, reject := b.holder(c.Account)
	if reject != OK {
		return reject
	}
	if b.at(who).is(pinSet) {
		p := b.editIdentity(who)
		p.salt, p.mac = [16]byte{}, [32]byte{}
	}
	b.edit(who).dropPIN()
	return OK
}

// receiptAskers are the kinds of account that ask about receipts: whoever serves a
// customer whose SMS is late.
const receiptAskers kinds = 1<<AccountAgent | 1<<AccountTill

// askReceipt finds what became of a payment. Only its payee learns anything: to all
// others a receipt is unknown, as one that never was. Each question counts, found or
// not, over all gateways.
func (b *Book) askReceipt(c *Answer, who seat, r *record, now int64) Reject {
	if !receiptAskers.has(b.at(who).kind) {
		return CommandForbidden
	}
	window, e := uint32(now/receiptWindow), b.editExtra(who)
	if window > e.askedIn { // a clock that steps back does not begin anew
		e.askedIn, e.asked = window, 0
	}
	if e.asked >= MaxReceiptsAsked {
		return AskedTooOften
	}
	e.asked++
	at := b.number(c.Paid)
	if at == 0 || b.records.at(at-1).to != c.Account || !b.records.at(at-1).committed() {
		return ReceiptUnknown
	}
	n, state := b.becameOf(at-1, now)
	if state == 0 {
		return ReceiptUnknown
	}
	r.last, r.found = n+1, state
	return OK
}

// Paid is the id of what a receipt is of; zero when it is of nothing. A judge asks:
// the receipts' key is the leader's, and what the books decide may not hang on it.
func (b *Book) Paid(receipt Receipt) ID {
	defer b.guard()
	if n, ok := b.receiptRecord(receipt); ok {
		return b.records.at(n).id
	}
	return ID{}
}

// becameOf is the state of a payment, and the record of the money: of a hold that
// was posted its post. What is no payment has none.
func (b *Book) becameOf(n uint64, now int64) (uint64, State) {
	r := b.records.at(n)
	if r.holds() {
		if b.holdOf(r.id) != 0 && now <= r.until {
			return n, StateHeld
		}
		end := b.endOf(n)
		if end == 0 || b.records.at(end-1).act != ActPost {
			return n, StateReleased
		}
		n = end - 1
		r = b.records.at(n)
	}
	if r.act != ActTransfer && r.act != ActLeg && r.act != ActPost {
		return n, 0
	}
	switch back := b.back(n).sum; {
	case back == 0:
		return n, StateDone
	case back < r.amount:
		return n, StatePartly
	}
	return n, StateReversed
}

// toldLines is what a question was answered with, the same for ever: lines never change,
// and what can is kept in the question's own record.
func (b *Book) toldLines(r *record) (list []Statement) {
	if r.last == 0 {
		return nil
	}
	if r.query == QueryReceipt {
		paid := b.records.at(r.last - 1)
		return []Statement{{Kind: paid.kind, In: true, Amount: paid.amount, Receipt: b.receipt(paid), At: paid.at, Other: paid.from, State: r.found}}
	}
	most := 1
	if r.query == QueryStatement {
		most = MaxLines
	}
	for at := r.last; at != 0 && len(list) < most; at = b.lines.at(at - 1).before {
		list = append(list, *b.statement(at - 1))
	}
	return list
}

// ofReceipt is the digest of what a question says beside its other fields.
func ofReceipt(c *Check) uint64 {
	if c.Receipt == (Receipt{}) {
		return 0
	}
	said := append([]byte{byte(c.Query)}, c.Receipt[:]...)
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(said, uint64(c.Account)))
	return binary.BigEndian.Uint64(sum[:8]) | 1
}
