package oracle

import "slices"

// account is one account as the oracle keeps it.
type account struct {
	kind            AccountKind
	currency        Currency
	frozen, closed  bool
	locked          bool // its PIN, by wrong ones or by somebody's word
	wrong           int  // PINs since a right one
	unsure          bool // how many they are
	posted          Amount
	heldOut, heldIn Amount // by holds that stand: what will leave, what may come
	said            Amount // the balance that the ledger said last
	marked          bool   // it moved since Mark
	off             Amount // by how much it was off then: each difference is found once
	sent            ID     // of what it sent last
	tier            uint8
	maximum         Amount   // of its own; zero is none
	sums            *daySums // nil: it moved nothing yet
}

// free is what may leave an account.
func (a *account) free() Amount { return a.posted - a.heldOut }

// Mark begins what Accounts tells of: those that move from now on.
func (b *Books) Mark() { b.marking = true }

// Accounts are all that were opened, in the order of their numbers: the house's, those of
// holders that moved since Mark, and those that did not.
func (b *Books) Accounts() (house, moved, still []Account) {
	for n, a := range b.accounts {
		switch {
		case a.kind > lastHolderKind:
			house = append(house, n)
		case a.marked:
			moved = append(moved, n)
		default:
			still = append(still, n)
		}
	}
	slices.Sort(house)
	slices.Sort(moved)
	slices.Sort(still)
	return house, moved, still
}

// Held is an account's balances.
type Held struct {
	Posted  Amount
	HeldOut Amount // will leave, or be free again
	HeldIn  Amount // will come, or not
}

// Open opens an account; the same once more changes nothing.
func (b *Books) Open(n Account, kind AccountKind, currency Currency) {
	if b.accounts[n] != nil || int(kind) >= accountKinds {
		return
	}
	b.accounts[n] = &account{kind: kind, currency: currency}
	if _, known := b.house[kind][currency]; !known && kind > lastHolderKind {
		b.house[kind][currency] = n
	}
}

// Freeze stops an account, or lets it go on.
func (b *Books) Freeze(n Account, on bool) {
	if a := b.accounts[n]; a != nil {
		a.frozen = on
	}
}

// Close ends an account, which must be empty.
func (b *Books) Close(n Account) {
	a := b.accounts[n]
	if a == nil {
		return
	}
	if a.closed = true; a.posted != 0 || a.heldOut != 0 || a.heldIn != 0 {
		b.find(nil, "account %d was closed with %s in it, %s held", n, a.posted, a.heldOut)
	}
}

// Balance is what an account has; false when it was never opened.
func (b *Books) Balance(n Account) (Held, bool) {
	a := b.accounts[n]
	if a == nil {
		return Held{}, false
	}
	return Held{a.posted, a.heldOut, a.heldIn}, true
}

// tariff is what a kind costs from an instant on.
type tariff struct {
	since int64 // ms
	bands []Band
}

// Band is one step of a tariff: amounts up to and including Upto.
type Band struct{ Upto, Fee, Tax, Commission Amount }

// Tariff notes new charges for a kind, from an instant on in ms.
func (b *Books) Tariff(kind Kind, since int64, bands []Band) {
	if int(kind) >= kinds {
		return
	}
	list := b.tariffs[kind]
	for len(list) > 1 && list[1].since <= b.now {
		list = list[1:] // the first never holds again
	}
	b.tariffs[kind] = append(list, tariff{since, bands})
}

// charge is what a transfer costs and earns.
type charge struct{ fee, tax, commission Amount }

// charge asks the tariff in force: the latest command whose time has come.
func (b *Books) charge(kind Kind, amount Amount) (c charge) {
	if int(kind) >= kinds {
		return c
	}
	list := b.tariffs[kind]
	for len(list) > 0 && list[len(list)-1].since > b.now {
		list = list[:len(list)-1]
	}
	if len(list) == 0 {
		return c
	}
	for _, band := range list[len(list)-1].bands {
		if c = (charge{band.Fee, band.Tax, min(band.Commission, max(amount, 0))}); amount <= band.Upto {
			break
		}
	}
	return c
}
