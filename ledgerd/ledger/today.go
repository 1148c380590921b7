package ledger

import "mlango/ledgerd/table"

// today is what accounts sent and received on the operator's day. Only the day
// that is matters, so with midnight the list begins anew.
type today struct {
	day  int32
	sums table.Pages[daySum]
}

// daySum is what one account moved by one kind on the day.
type daySum struct {
	moved [2]Amount // by side
	next  uint32    // number+1 of the account's next sum
	kind  Kind
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
		s := b.today.sums.At(n - 1)
		if s.kind == kind {
			return s.moved[side-1]
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
		s := b.today.sums.At(n - 1)
		if s.kind == kind {
			b.today.sums.Edit(n - 1).moved[side-1] += amount
			return
		}
		n = s.next
	}
	s := daySum{next: a.used, kind: kind}
	s.moved[side-1] = amount
	a.used = b.today.sums.Put(s) + 1
}

// turn begins a new day. If the clock stepped back over midnight the later day
// goes on.
func (d *today) turn(day int32) {
	if day > d.day {
		d.day = day
		d.sums.Clear()
	}
}
