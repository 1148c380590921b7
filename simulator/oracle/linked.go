package oracle

// Leg makes the answer to the whole of some linked transfers that of one leg: the fee
// in it is the first one's, the balances are the last one's, and what is not in it
// stands in the leg's lines.
func (s *Said) Leg(i, of int, fee Amount) {
	if i > 0 {
		s.Fee = fee
	}
	if i < of-1 && len(s.Lines) > 1 {
		s.Balance, s.PayeeBalance = s.Lines[0].Balance, s.Lines[1].Balance
	}
}

// Linked books transfers that are made all together or not at all; said has one
// answer for each, or one that refuses the whole.
func (b *Books) Linked(legs []Wish, said []Said) []Figures {
	out := make([]Figures, len(legs))
	none, all := true, true
	for i := range said {
		none, all = none && !said[i].Made, all && said[i].Made
	}
	if len(legs) == 0 || none {
		for i := range legs {
			if i == 0 && b.ids.of(legs[i].ID) == nil && !said[0].Again {
				b.ids.now[legs[i].ID] = b.ids.no
			}
		}
		return out
	}
	if !all || len(said) != len(legs) {
		b.find(&legs[0], "of its legs some were made and some were not")
	}
	for i := range legs {
		if i >= len(said) || !said[i].Made {
			continue
		}
		if was := b.ids.of(legs[i].ID); was != nil {
			out[i] = b.notMade(&legs[i], was, &said[i])
			continue
		}
		b.timely(&legs[i])
		m := b.terms(&legs[i])
		m.leg = true
		b.may(&legs[i], &m)
		b.within(&legs[i], &m)
		b.use(&m, m.wish.Amount, 1)
		b.keep(&m)
		b.same(&legs[i], &said[i], b.lines(&m))
		out[i] = b.figures(&m)
	}
	return out
}
