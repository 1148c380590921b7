package ledger

// today is what accounts sent and received on the operator's day. Only the day
// that is matters, so with midnight the list begins anew.
type today struct {
	day  int32
	sums pages[daySum]
}

// daySum is one account's sum of one kind and side on the day.
type daySum struct {
	sum  Amount
	next uint32 // number+1 of the account's next sum
	kind Kind
	side Side
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
	if a.used == 0 || a.day != b.today.day || b.dayOf(now) > b.today.day {
		return 0
	}
	for n := a.used; n != 0; {
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
		a.day, a.used = b.today.day, 0
	}
	for n := a.used; n != 0; {
		s := b.today.sums.at(n - 1)
		if s.kind == kind && s.side == side {
			b.today.sums.edit(n - 1).sum += amount
			return
		}
		n = s.next
	}
	a.used = b.today.sums.put(daySum{sum: amount, next: a.used, kind: kind, side: side}) + 1
}

// turn begins a new day. If the clock stepped back over midnight the later day
// goes on.
func (d *today) turn(day int32) {
	if day > d.day {
		d.day, d.sums.n = day, 0
	}
}
