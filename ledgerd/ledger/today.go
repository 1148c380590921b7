package ledger

// today is what accounts sent and received on the operator's day, but for what
// stands with the account itself. Only the day that is matters, so with midnight
// the list begins anew.
type today struct {
	day  int32
	sums pages[daySum]
}

// kindSum is one account's sum of one kind on the day.
type kindSum struct {
	sum  Amount
	kind Kind // zero has no sum yet
}

// daySum is one more of a side.
type daySum struct {
	kindSum
	side Side
	next uint32 // number+1 of the account's next one
}

// dayOf is the number of the operator's day.
func (b *Book) dayOf(now int64) int32 {
	t := now + b.zone
	d := t / day
	if t%day < 0 {
		d--
	}
	return int32(d)
}

// used is what an account has sent or received by transfers of one kind today.
func (b *Book) used(a *account, kind Kind, side Side, now int64) Amount {
	if a.day != b.today.day || b.dayOf(now) > b.today.day {
		return 0
	}
	if first := &a.sums[side-1]; first.kind == kind {
		return first.sum
	}
	for n := a.more; n != 0; {
		s := b.today.sums.at(n - 1)
		if s.kind == kind && s.side == side {
			return s.sum
		}
		n = s.next
	}
	return 0
}

// use adds to a day's sum. A hold that comes free takes off what it had added, if
// that was on this very day.
func (b *Book) use(who seat, kind Kind, side Side, amount Amount) {
	a := b.edit(who)
	if a.day != b.today.day {
		a.day, a.more, a.sums = b.today.day, 0, [2]kindSum{}
	}
	if first := &a.sums[side-1]; first.kind == kind || first.kind == 0 {
		first.kind = kind
		first.sum += amount
		return
	}
	for n := a.more; n != 0; {
		s := b.today.sums.at(n - 1)
		if s.kind == kind && s.side == side {
			b.today.sums.edit(n - 1).sum += amount
			return
		}
		n = s.next
	}
	a.more = b.today.sums.put(daySum{kindSum{amount, kind}, side, a.more}) + 1
}

// turn begins a new day. If the clock stepped back over midnight the later day
// goes on.
func (d *today) turn(day int32) {
	if day > d.day {
		d.day, d.sums.n = day, 0
	}
}
