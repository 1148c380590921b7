package ledger

import "slices"

// version is one state of a table: which one it is, and from when it holds.
type version struct {
	No    uint32
	Since int64 // ms
}

// versioned is a small table with its versions, in their order: the one that holds
// and those that wait for their time.
type versioned[T any] struct {
	Versions []version
	States   []T
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

// succeed puts a version behind the others and drops those that can never hold
// again: the ones before what holds now. It tells which is the last then.
func (t *versioned[T]) succeed(asked uint32, from int64, state T, now int64) (uint32, Reject) {
	last := t.last()
	switch {
	case asked != 0 && asked != last+1:
		return last, StaleVersion
	case from > now && t.pending(now) >= maxVersions:
		return last, CommandForbidden
	}
	versions := append(append([]version(nil), t.Versions...), version{last + 1, from})
	states := append(append([]T(nil), t.States...), state)
	holds := len(versions) - 1
	for holds > 0 && versions[holds].Since > now {
		holds--
	}
	t.Versions, t.States = versions[holds:], states[holds:]
	return last + 1, OK
}

// tariff takes a new tariff and tells which version is the last now.
func (b *Book) tariff(c SetTariff, now int64) (uint32, Reject) {
	switch {
	case b.alone && c.Pays():
		return 0, NeedsSecondPerson
	case !c.Kind.Asked() || len(c.Bands) > maxBands || !sound(c.Kind, c.Bands):
		return 0, CommandForbidden
	}
	return b.tariffs[c.Kind-1].succeed(c.Version, c.From, append([]Band(nil), c.Bands...), now)
}

// Pays tells whether the house pays by it: such a tariff is two people's, as a payout
// is.
func (c SetTariff) Pays() bool {
	return slices.ContainsFunc(c.Bands, func(band Band) bool { return band.Commission != 0 })
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
func (b *Book) limit(c SetLimits, now int64) (uint32, Reject) {
	if !c.Kind.Asked() || c.Tier > MaxTier || c.Min < 0 || c.Max < 0 || c.PayerDaily < 0 || c.PayeeDaily < 0 ||
		c.PayeeBalance < 0 || c.Max > 0 && c.Min > c.Max {
		return 0, CommandForbidden
	}
	return b.limits[c.Kind-1][c.Tier].succeed(c.Version, c.From, c, now)
}

// limitsOf are the limits of a kind for a tier. The first tier's are everybody's
// that has none of its own.
func (b *Book) limitsOf(kind Kind, tier Tier, now int64) *SetLimits {
	l := b.limits[kind-1][tier].at(now)
	if l == nil {
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
