package oracle

// recallWithin is how long after it, in ms, a payer may take the own latest send back.
const recallWithin = 10 * 60 * 1000

// refusedAsSpent is a ledger's word that the oracle holds against its own balances.
const refusedAsSpent = "payee_spent"

// Recall books that a payer takes their latest send back by their own PIN: all of it,
// once, from wallet to wallet, while it is young and its payee still has it. The fee
// stays.
func (b *Books) Recall(w Wish, of ID, s *Said) Figures {
	asker := w.From
	was := b.ids.moved(of)
	w.From, w.To = w.To, asker // the money goes back
	known := b.ids.of(w.ID) != nil
	switch {
	case b.settled(&w, s):
		if giver := b.accounts[w.From]; s.Reject == refusedAsSpent && !known && giver != nil && giver.free() >= w.Amount {
			b.find(&w, "it was refused as spent, and %s are there", giver.free())
		}
		return Figures{From: w.From, Told: w.To, Amount: w.Amount}
	case was == nil:
		b.find(&w, "it takes back %s, which was never made", of)
		return Figures{From: w.From, Told: w.To, Amount: w.Amount}
	}
	b.timely(&w)
	m := made{wish: w.Transfer, credited: w.To}
	giver, taker := b.accounts[w.From], b.accounts[w.To]
	switch {
	case was.wish.Kind != Send || was.wish.Until != 0 || was.wish.From != asker || was.credited != w.From || was.wish.Amount != w.Amount:
		b.find(&w, "it takes back %s, which is not all of a send of its asker", of)
	case taker != nil && taker.sent != of:
		b.find(&w, "it takes back %s, which is not the latest send of its asker", of)
	case was.back != 0 || was.feeBack:
		b.find(&w, "%s had come back before", of)
	case b.now-was.at > recallWithin:
		b.find(&w, "%s is too long ago to be taken back", of)
	case !w.PIN:
		b.find(&w, "nobody gave a right PIN for it")
	case giver == nil || taker == nil || giver.kind != Wallet || taker.kind != Wallet || giver.frozen || taker.frozen || giver.closed || taker.closed:
		b.find(&w, "one of its accounts is no wallet that is open")
	case giver.free() < w.Amount:
		b.find(&w, "who gives back had %s free, and %s went", giver.free(), w.Amount)
	}
	was.back += w.Amount
	b.keep(&m)
	b.same(&w, s, []Line{{Account: w.From, Moved: -w.Amount}, {Account: w.To, Moved: w.Amount}})
	return b.figures(&m)
}
