// Package oracle is an auditor's own books. It is told what was asked of a ledger
// and what the ledger says came of it, keeps every account by rules written here
// once more, and finds where the two part. It knows nothing of ours: a mistake in
// the ledger's rules is not in here too.
package oracle

import (
	"container/heap"
	"encoding/hex"
	"fmt"
)

// Account is an account's number.
type Account uint64

// Amount is money in minor units.
type Amount int64

// ID names one wish for ever.
type ID [16]byte

// String is the id in 32 hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// Currency is an ISO 4217 code.
type Currency [3]byte

// Kind is what a transfer is for, by its number in the journal (ledgerd/wire/FORMAT.md).
type Kind uint8

// The kinds of transfer.
const (
	Send     Kind = 1
	Airtime  Kind = 2
	Issue    Kind = 3
	Deposit  Kind = 4
	Withdraw Kind = 5
	Paybill  Kind = 6
	Till     Kind = 7
	Redeem   Kind = 8
	Reversal Kind = 9
	Payout   Kind = 10
	kinds         = int(Payout) + 1
)

// asksPIN tells whether the payer must have given a PIN.
func (k Kind) asksPIN() bool {
	switch k {
	case Issue, Redeem, Reversal, Payout:
		return false
	}
	return true
}

// AccountKind is what an account is for, by its number in the journal.
type AccountKind uint8

// The kinds of account.
const (
	Wallet         AccountKind = 1
	Agent          AccountKind = 2
	TillAccount    AccountKind = 3
	PaybillAccount AccountKind = 4
	Trust          AccountKind = 5
	Fees           AccountKind = 6
	AirtimeAccount AccountKind = 7
	Tax            AccountKind = 8
	Commission     AccountKind = 9
	accountKinds               = int(Commission) + 1
	lastHolderKind             = PaybillAccount // the kinds after it are the house's
)

// refusedForMoney is a ledger's word that the oracle holds against its own balances.
const refusedForMoney = "not_enough_funds"

// Wrong is one thing that is not as it must be.
type Wrong struct {
	At      int64   // ms, of the entry
	Payer   Account // who paid, when it is about a wish
	Session string  // where the wish came from; empty when nobody dialled it
	Text    string
}

// Books are the oracle's. They are not safe for concurrent use, and take some 200 bytes
// for each wish that they remember, see Forget, and 100 for each account.
type Books struct {
	wrong    func(Wrong)
	now      int64 // ms, of the entry that is read
	accounts map[Account]*account
	house    [accountKinds]map[Currency]Account
	tariffs  [kinds][]tariff
	limits   [kinds][tiers][]Limit
	zone     int64 // ms east of UTC
	day      int64 // the operator's, that goes on
	ids      memory
	due      queue // holds by their time
	two      bool  // two people must stand behind what nobody gave a PIN for
	asked    map[ID]*Asked
	sum      Amount // of the balances the ledger says
	broken   bool   // it was not zero once
	marking  bool   // what moves is noted
	unjudged int    // reversals of what was forgotten
}

// New makes empty books; wrong is called with each thing that is not as it must be.
func New(wrong func(Wrong)) *Books {
	b := &Books{wrong: wrong, accounts: map[Account]*account{}, ids: newMemory()}
	for i := range b.house {
		b.house[i] = map[Currency]Account{}
	}
	return b
}

// Begin reads the next entry of the journal, made at an instant in ms.
func (b *Books) Begin(at int64) {
	b.now = at
	b.ids.turn(at)
}

// End holds what the ledger says its balances are, all of them, to zero.
func (b *Books) End(index uint64) {
	if b.sum != 0 {
		b.wrong(Wrong{At: b.now, Text: fmt.Sprintf("after entry %d the ledger's balances add up to %s, not to zero", index, b.sum)})
		b.sum, b.broken = 0, true // said once
	}
}

// Conserved tells whether the ledger's balances added up to zero after every entry.
func (b *Books) Conserved() bool { return !b.broken }

// RequireTwo begins the rule that two people stand behind what nobody gave a PIN for.
func (b *Books) RequireTwo() { b.two = true }

// String is the amount as people read it.
func (a Amount) String() string {
	sign := ""
	if a < 0 {
		sign, a = "-", -a
	}
	return fmt.Sprintf("%s%d.%02d", sign, a/100, a%100)
}

// queue is holds, the one that is due first in front.
type queue []due

type due struct {
	until int64
	made  *made
}

// Len is how many there are.
func (q queue) Len() int { return len(q) }

// Less tells which of two is due first.
func (q queue) Less(i, j int) bool { return q[i].until < q[j].until }

// Swap lets two change places.
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push puts one at the end, for the heap.
func (q *queue) Push(x any) { *q = append(*q, x.(due)) }

// Pop takes the last one, for the heap.
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

var _ heap.Interface = (*queue)(nil)
