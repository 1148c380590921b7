package ledger

// version is one state of a table: which one it is, and from when it holds.
type version struct {
	number uint32
	from   int64 // ms
}

// tariff is the fees of a kind of transfer.
type tariff struct {
	version
	bands []Band
}

// limits are those of a kind of transfer and a tier.
type limits struct {
	version
	SetLimits
}

// rule is what a table's versions have in common.
type rule interface{ since() int64 }

func (v version) since() int64 { return v.from }

// inForce is the latest version that holds at an instant; nil before the first.
func inForce[T rule](list []T, now int64) *T {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].since() <= now {
			return &list[i]
		}
	}
	return nil
}

// follow puts a version behind the others and drops those that can never hold
// again: the ones before what holds now.
func follow[T rule](list []T, next T, now int64) []T {
	list = append(append([]T(nil), list...), next)
	for i := len(list) - 1; i > 0; i-- {
		if list[i].since() <= now {
			return list[i:]
		}
	}
	return list
}

// succeeds makes the version that comes after a last one, or refuses it.
func succeeds(last, asked uint32, from int64, waiting int) (version, Reject) {
	switch {
	case asked != 0 && asked != last+1:
		return version{}, StaleVersion
	case waiting > maxVersions:
		return version{}, CommandForbidden
	}
	return version{last + 1, from}, OK
}

// tariff takes a new tariff and tells which version is the last now.
func (b *Book) tariff(c SetTariff, now int64) (uint32, Reject) {
	if !c.Kind.asked() || len(c.Bands) > maxBands || !sound(c.Kind, c.Bands) {
		return 0, CommandForbidden
	}
	list := b.tariffs[c.Kind-1]
	last := uint32(0)
	if len(list) > 0 {
		last = list[len(list)-1].number
	}
	v, reject := succeeds(last, c.Version, c.From, len(list))
	if reject != OK {
		return last, reject
	}
	b.tariffs[c.Kind-1] = follow(list, tariff{v, append([]Band(nil), c.Bands...)}, now)
	return v.number, OK
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
	if !c.Kind.asked() || c.Tier > MaxTier || c.Min < 0 || c.Max < 0 || c.PayerDaily < 0 || c.PayeeDaily < 0 ||
		c.PayeeBalance < 0 || c.Max > 0 && c.Min > c.Max {
		return 0, CommandForbidden
	}
	list := b.limits[c.Kind-1][c.Tier]
	last := uint32(0)
	if len(list) > 0 {
		last = list[len(list)-1].number
	}
	v, reject := succeeds(last, c.Version, c.From, len(list))
	if reject != OK {
		return last, reject
	}
	b.limits[c.Kind-1][c.Tier] = follow(list, limits{v, c}, now)
	return v.number, OK
}

// limitsOf are the limits of a kind for a tier. The first tier's are everybody's
// that has none of its own.
func (b *Book) limitsOf(kind Kind, tier Tier, now int64) *SetLimits {
	l := inForce(b.limits[kind-1][tier], now)
	if l == nil {
		l = inForce(b.limits[kind-1][0], now)
	}
	if l == nil {
		return &tableNoLimits
	}
	return &l.SetLimits
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
	if !kind.asked() {
		return c
	}
	t := inForce(b.tariffs[kind-1], now)
	if t == nil || len(t.bands) == 0 {
		return c
	}
	band := &t.bands[len(t.bands)-1]
	for i := range t.bands {
		if amount <= t.bands[i].Upto {
			band = &t.bands[i]
			break
		}
	}
	return charge{fee: band.Fee, tax: band.Tax, commission: min(band.Commission, max(amount, 0))}
}

// Fee is all that a transfer would cost its payer at an instant.
func (b *Book) Fee(kind Kind, amount Amount, now int64) Amount {
	return b.charge(kind, amount, now).fee
}
