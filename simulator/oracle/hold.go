package oracle

import "container/heap"

// Ending is a command that ends a hold, or brings a transfer back.
type Ending struct {
	ID, Of  ID     // Of is the hold, or the transfer
	Amount  Amount // zero is all of it
	Expires int64  // ms: past it nothing may be made; zero: nobody knows
	Fee     bool   // of a reversal: the fee comes back too
	Two     bool   // two people stand behind it
	Session string
}

// reserve adds what a hold keeps back to both sides, or with sign -1 takes it off.
func (b *Books) reserve(m *made, sign Amount) {
	w, c := &m.wish, m.charge
	in := w.Amount
	if c.commission > 0 {
		if house := b.accounts[b.house[Commission][w.Currency]]; house != nil {
			house.heldOut += sign * c.commission
		}
		if m.agent() == m.credited {
			in += c.commission
		}
	}
	if a := b.accounts[w.From]; a != nil {
		a.heldOut += sign * (w.Amount + c.fee)
	}
	if a := b.accounts[m.credited]; a != nil {
		a.heldIn += sign * in
	}
	if sign > 0 {
		heap.Push(&b.due, due{w.Until, m})
	}
}

// hold is what an ending ends; nil when it may end nothing.
func (b *Books) hold(e *Ending, s *Said) (h *made, w Wish, ok bool) {
	h = b.ids.moved(e.Of)
	w = Wish{Transfer{ID: e.ID}, e.Session}
	switch {
	case b.settled(&w, s):
		return nil, w, false
	case h == nil || h.wish.Until == 0:
		b.find(&w, "it ends a hold that never was")
		return nil, w, false
	}
	w.Transfer = h.wish
	w.ID, w.Until, w.Two, w.Expires = e.ID, 0, e.Two, e.Expires
	b.timely(&w)
	switch {
	case h.over:
		b.find(&w, "it ends hold %s, which had ended", e.Of)
	case b.now > h.wish.Until:
		b.find(&w, "it ends hold %s, whose time is over", e.Of)
	case b.two && !e.Two:
		b.find(&w, "it takes two people, and one stands behind it")
	}
	return h, w, true
}

// settled tells whether an ending changes nothing: it was refused, or its id has its
// answer.
func (b *Books) settled(w *Wish, s *Said) bool {
	was := b.ids.of(w.ID)
	switch {
	case was == b.ids.no && s.Made:
		b.find(w, "it was made, and the answer of its id had been no")
	case was == nil && !s.Made && !s.Again:
		b.ids.now[w.ID] = b.ids.no
	}
	return was != nil || !s.Made
}

// free ends a hold: nothing is kept back any more.
func (b *Books) free(h *made) {
	if !h.over {
		h.over = true
		b.reserve(h, -1)
	}
}

// Post ends a hold by a transfer of all or a part of it.
func (b *Books) Post(e Ending, s *Said) Figures {
	h, w, ok := b.hold(&e, s)
	if !ok {
		return Figures{}
	}
	if w.Amount = e.Amount; e.Amount == 0 {
		w.Amount = h.wish.Amount
	}
	if w.Amount < 0 || w.Amount > h.wish.Amount {
		b.find(&w, "it posts %s of %s that are held", w.Amount, h.wish.Amount)
	}
	b.free(h)
	if payer, payee := b.accounts[w.From], b.accounts[h.credited]; payer != nil && payee != nil && (payer.frozen || payee.frozen) {
		b.find(&w, "one of its accounts is frozen")
	}
	m := made{wish: w.Transfer, credited: h.credited, charge: h.charge}
	if w.Amount != h.wish.Amount {
		m.charge = b.part(h, w.Amount)
		b.use(h, h.wish.Amount-w.Amount, -1)
	}
	b.keep(&m)
	b.same(&w, s, b.lines(&m))
	f := b.figures(&m)
	f.Released = h.wish.Amount + h.charge.fee - w.Amount - m.charge.fee
	return f
}

// part is what a part of a hold costs: what the tariff of now asks, never more than
// was held, and nothing that nothing was held for.
func (b *Books) part(h *made, amount Amount) charge {
	now := b.charge(h.wish.Kind, amount)
	c := charge{min(now.fee, h.charge.fee), min(now.tax, h.charge.tax), min(now.commission, h.charge.commission)}
	if c.tax = min(c.tax, c.fee); h.charge.fee == h.charge.tax {
		c.fee = c.tax
	}
	return c
}

// Void ends a hold: all is free again.
func (b *Books) Void(e Ending, s *Said) Figures {
	h, w, ok := b.hold(&e, s)
	if !ok {
		return Figures{}
	}
	b.free(h)
	b.use(h, h.wish.Amount, -1)
	b.ids.now[e.ID] = b.ids.ended
	if payer := b.accounts[w.From]; payer != nil && s.Balance != payer.posted+payer.off {
		b.find(&w, "the answer says that the payer has %s, and it is %s", s.Balance, payer.posted)
	}
	if len(s.Lines) > 0 {
		b.find(&w, "it moves money, and only frees it")
	}
	return b.freed(h)
}

// freed are the figures of a hold that ended without a transfer.
func (b *Books) freed(h *made) Figures {
	f := b.figures(h)
	f.Fee, f.PayeeBalance, f.Released = 0, 0, h.wish.Amount+h.charge.fee
	return f
}

// Overdue calls fn with the holds that stand though their time was over at an instant,
// in ms.
func (b *Books) Overdue(at int64, fn func(hold ID, until int64)) {
	for _, d := range b.due {
		if h := d.made; !h.over && d.until < at {
			fn(h.wish.ID, d.until)
		}
	}
}

// Tick ends holds whose time is over: those of which the ledger says so. ended is
// called with each.
func (b *Books) Tick(over func(hold ID) bool, ended func(hold ID, f Figures)) {
	var stay []due
	for len(b.due) > 0 && b.due[0].until < b.now {
		d := heap.Pop(&b.due).(due)
		h := d.made
		switch {
		case h.over:
		case over(h.wish.ID):
			b.free(h)
			b.use(h, h.wish.Amount, -1)
			ended(h.wish.ID, b.freed(h))
		default:
			stay = append(stay, d) // it ends so many at once
		}
	}
	for _, d := range stay {
		heap.Push(&b.due, d)
	}
}
