package oracle

import "time"

// Asked is a request to approve a payment: its orders' ids are its own, whose last byte is
// zero, with 1 to 8 there (ledgerd/ledger/RULES.md).
type Asked struct {
	ID       ID
	Kind     Kind
	From, To Account
	Amount   Amount
	Currency Currency
	Until    int64 // ms
	paid     ID    // zero: by none
	over     bool  // somebody said so
}

// lastOrder is the highest number of an order of a request.
const lastOrder = 8

// askedKept is how long after its time a request is held against orders, in ms: none of its
// ids is taken any more then.
const askedKept = int64(time.Hour / time.Millisecond)

// Ask notes a request that the ledger took.
func (b *Books) Ask(a Asked) {
	for id, old := range b.asked {
		if old.Until+askedKept < b.now {
			delete(b.asked, id)
		}
	}
	if b.asked == nil {
		b.asked = map[ID]*Asked{}
	}
	b.asked[a.ID] = &a
}

// AskEnded notes that no order of a request may be made any more.
func (b *Books) AskEnded(id ID) {
	if a := b.asked[id]; a != nil {
		a.over = true
	}
}

// PaysAsked holds a transfer that was made to the request that its id is of: one pays it, in
// time, and it is what was asked for.
func (b *Books) PaysAsked(w *Wish) {
	id, nth := w.ID, w.ID[len(w.ID)-1]
	id[len(id)-1] = 0
	a := b.asked[id]
	if a == nil || nth == 0 || nth > lastOrder {
		return
	}
	switch none := (ID{}); {
	case a.paid != none && a.paid != w.ID:
		b.find(w, "it pays once more what was asked for, which %s paid", a.paid)
	case a.over || b.now > a.Until:
		b.find(w, "it pays what was asked for, and that was over")
	case w.From != a.From || w.To != a.To || w.Amount != a.Amount || w.Kind != a.Kind || w.Currency != a.Currency || w.Until != 0:
		b.find(w, "it pays what was asked for, and is something else")
	}
	a.paid = w.ID
}
