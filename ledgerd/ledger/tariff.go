package ledger

import "slices"

// version is one state of a table: which one it is, from when it holds, and where
// and by whom it was said.
type version struct {
	No      uint32
	In      uint32 // version of all rules in which it came
	Since   int64  // ms
	Set     int64  // ms
	At      Place
	Signers signed
}

// signed are the people behind a command: two, one, or of a node without certificates
// nobody who is known.
type signed struct{ First, Second string }

// versioned is a small table with its versions, in their order: the one that holds
// and those that wait for their time. Those that can never hold again stay for who
// asks what was in force; they decide nothing.
type versioned[T any] struct {
	Versions       []version
	States         []T
	FormerVersions []version
	FormerStates   []T
}

// at is the latest state that holds at an instant; nil before the first.
func (t *versioned[T]) at(now int64) *T {
	for i := len(t.Versions) - 1; i >= 0; i-- {
		if t.Versions[i].Since <= now {
			return &t.States[i]
		}
	}
	return nil
}

// last is the number of the last version; zero when there is none.
func (t *versioned[T]) last() uint32 {
	if len(t.Versions) == 0 {
		return 0
	}
	return t.Versions[len(t.Versions)-1].No
}

// pending is how many versions wait for their time. One that holds at once takes the
// place of all of them.
func (t *versioned[T]) pending(now int64) (n int) {
	for _, v := range t.Versions {
		if v.Since > now {
			n++
		}
	}
	return n
}

// succeed puts a version behind the others and sets those aside that can never hold
// again: the ones before what holds now. It tells which is the last then.
func (t *versioned[T]) succeed(asked uint32, said version, state T) (uint32, Reject) {
	last, now := t.last(), said.Set
	switch {
	case asked != 0 && asked != last+1:
		return last, StaleVersion
	case said.Since > now && t.pending(now) >= maxVersions:
		return last, CommandForbidden
	}
	said.No = last + 1
	versions := append(append([]version(nil), t.Versions...), said)
	states := append(append([]T(nil), t.States...), state)
	holds := len(versions) - 1
	for holds > 0 && versions[holds].Since > now {
		holds--
	}
	t.retire(versions[:holds], states[:holds])
	t.Versions, t.States = versions[holds:], states[holds:]
	return last + 1, OK
}

// retire sets versions aside; the oldest of too many are let go of. Its lists are
// made anew: a view may hold them.
func (t *versioned[T]) retire(versions []version, states []T) {
	v := append(append([]version(nil), t.FormerVersions...), versions...)
	s := append(append([]T(nil), t.FormerStates...), states...)
	drop := max(0, len(v)-maxFormer)
	t.FormerVersions, t.FormerStates = v[drop:], s[drop:]
}

// tariff takes a new tariff and tells which version is the last now.
func (b *Book) tariff(c SetTariff, at Place, now int64) (uint32, Reject) {
	switch {
	case b.alone:
		return 0, NeedsSecondPerson
	case !c.Kind.Asked() || len(c.Bands) > maxBands || !sound(c.Kind, c.Bands):
		return 0, CommandForbidden
	}
	last, reject := b.tariffs[c.Kind-1].succeed(c.Version, b.said(c.From, at, now), slices.Clone(c.Bands))
	return last, b.ruled(reject, Ruling{Tables: 1}, b.said(c.From, at, now))
}

// sound tells whether the bands rise and no figure in them is out of bounds.
func sound(kind Kind, bands []Band) bool {
	upto := Amount(0)
	for _, band := range bands {
		if band.Upto <= upto || band.Fee < 0 || band.Fee > MaxAmount || band.Tax < 0 || band.Tax > band.Fee ||
			band.Commission < 0 || band.Commission > MaxAmount || band.Commission > 0 && tableKinds[kind].agent == 0 {
			return false
		}
		upto = band.Upto
	}
	return true
}

// limit takes new limits and tells which version is the last now.
func (b *Book) limit(c SetLimits, at Place, now int64) (uint32, Reject) {
	switch {
	case b.alone:
		return 0, NeedsSecondPerson
	case !c.sound():
		return 0, CommandForbidden
	}
	last, reject := b.limits[c.Kind-1][c.Tier].succeed(c.Version, b.said(c.From, at, now), c)
	return last, b.ruled(reject, Ruling{Tables: 1}, b.said(c.From, at, now))
}

// sound tells whether no figure is out of bounds.
func (c *SetLimits) sound() bool {
	none := c.Min|c.Max|c.PayerDaily|c.PayeeDaily|c.PayeeBalance == 0
	return c.Kind.Asked() && c.Tier <= MaxTier && c.Min >= 0 && c.Max >= 0 && c.PayerDaily >= 0 && c.PayeeDaily >= 0 &&
		c.PayeeBalance >= 0 && (c.Max == 0 || c.Min <= c.Max) && (!c.AsFirst || none && c.Tier > 0)
}

// said is a version as it is told now.
func (b *Book) said(from int64, at Place, now int64) version {
	return version{In: b.rulings + 1, Since: from, Set: now, At: at, Signers: b.signed}
}

// limitsOf are the limits of a kind for a tier. The first tier's are everybody's
// that has none of its own.
func (b *Book) limitsOf(kind Kind, tier Tier, now int64) *SetLimits {
	l := b.limits[kind-1][tier].at(now)
	if l == nil || l.AsFirst {
		l = b.limits[kind-1][0].at(now)
	}
	if l == nil {
		l = &tableNoLimits
	}
	return l
}

// tableNoLimits are the limits of those who were given none.
var tableNoLimits = SetLimits{}

// charge is what a transfer costs and earns.
type charge struct {
	fee        Amount // all that the payer is charged
	tax        Amount // of the fee
	commission Amount // the agent's, from the house
}

// charge is what the tariff asks for a transfer. Above the last band its figures
// stay. An agent never earns more than was moved.
func (b *Book) charge(kind Kind, amount Amount, now int64) (c charge) {
	if !kind.Asked() {
		return c
	}
	t := b.tariffs[kind-1].at(now)
	if t == nil || len(*t) == 0 {
		return c
	}
	bands := *t
	band := &bands[len(bands)-1]
	for i := range bands {
		if amount <= bands[i].Upto {
			band = &bands[i]
			break
		}
	}
	return charge{fee: band.Fee, tax: band.Tax, commission: min(band.Commission, max(amount, 0))}
}

// Fee is all that a transfer would cost its payer at an instant.
func (b *Book) Fee(kind Kind, amount Amount, now int64) Amount {
	return b.charge(kind, amount, now).fee
}
