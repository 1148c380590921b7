package oracle

// Reverse books that a transfer, or a part of it, comes back from who got it.
func (b *Books) Reverse(e Ending, s *Said) Figures {
	w := Wish{Transfer{ID: e.ID, Kind: Reversal, Two: e.Two, Expires: e.Expires}, e.Session}
	was := b.ids.moved(e.Of)
	switch {
	case b.settled(&w, s):
		return Figures{}
	case was == nil && b.ids.gone(e.Of, b.now):
		return b.trust(&w, s)
	case was == nil || !was.returns():
		b.find(&w, "it brings back %s, which cannot come back", e.Of)
		return Figures{}
	}
	b.timely(&w)
	w.From, w.To, w.Currency = was.credited, was.wish.From, was.wish.Currency
	if w.Amount = e.Amount; e.Amount == 0 {
		w.Amount = was.wish.Amount - was.back
	}
	m := made{wish: w.Transfer, credited: w.To}
	if e.Fee {
		m.charge = charge{fee: was.charge.fee, tax: was.charge.tax}
	}
	b.mayReturn(&w, &m, was, e.Fee)
	was.back += w.Amount
	was.feeBack = was.feeBack || e.Fee
	b.keep(&m)
	b.same(&w, s, b.backLines(&m))
	return b.figures(&m)
}

// returns tells whether a transfer can come back.
func (m *made) returns() bool {
	switch m.wish.Kind {
	case Issue, Redeem, Reversal:
		return false
	}
	return m.wish.Until == 0
}

// mayReturn asks whether so much may come back.
func (b *Books) mayReturn(w *Wish, m, was *made, fee bool) {
	giver, taker := b.accounts[w.From], b.accounts[w.To]
	switch {
	case was.back+w.Amount > was.wish.Amount:
		b.find(w, "%s comes back of %s, of which %s had come back", w.Amount, was.wish.Amount, was.back)
	case fee && was.feeBack:
		b.find(w, "a fee comes back twice")
	case w.Amount < 0 || w.Amount == 0 && m.charge.fee == 0:
		b.find(w, "nothing comes back")
	case b.two && !w.Two:
		b.find(w, "it takes two people, and one stands behind it")
	case giver == nil || taker == nil || giver.closed || taker.closed:
		b.find(w, "one of its accounts is closed")
	case giver.kind != Trust && giver.free() < w.Amount:
		b.find(w, "who gives back had %s free, and %s went", giver.free(), w.Amount)
	}
}

// backLines are what a reversal moves: the fee and the tax come from the house.
func (b *Books) backLines(m *made) []Line {
	w, c := &m.wish, m.charge
	out := []Line{{Account: w.From, Moved: -w.Amount}, {Account: w.To, Moved: w.Amount + c.fee}}
	if c.fee > c.tax {
		out = append(out, Line{Account: b.house[Fees][w.Currency], Moved: c.tax - c.fee})
	}
	if c.tax > 0 {
		out = append(out, Line{Account: b.house[Tax][w.Currency], Moved: -c.tax})
	}
	return out
}
