package ledger

// open opens an account. The same opening again changes nothing.
func (b *Book) open(c OpenAccount) Reject {
	if c.Account == 0 || !c.Kind.known() || c.Currency == (Currency{}) || len(c.Sealed) > MaxSealedPerson ||
		c.Tier > MaxTier || c.Maximum < 0 || c.Home >= MaxHomes {
		return CommandForbidden
	}
	if a := b.account(c.Account); a != nil {
		if a.kind != c.Kind || a.currency != c.Currency || a.home != c.Home {
			return OtherContent
		}
		return OK
	}
	n := b.accounts.Put(account{
		number: c.Account, kind: c.Kind, currency: c.Currency, home: c.Home, language: c.Language, tier: c.Tier,
	})
	if c.Maximum > 0 {
		b.editExtra(seat(n + 1)).maximum = c.Maximum
	}
	if len(c.Sealed) > 0 {
		b.editIdentity(seat(n + 1)).sealed = b.texts.Keep(c.Sealed)
	}
	b.numbers.Put(b.seed.account(c.Account), n, never)
	if !c.Kind.Holder() && b.houseAccount(c.Kind, c.Currency) == 0 {
		b.houses = append(b.houses, seat(n+1))
	}
	return OK
}

func (b *Book) setPIN(c SetPIN) Reject {
	who, reject := b.holder(c.Account) // what belongs to the house pays by no PIN
	if reject == OK {
		b.keepPIN(who, c.Salt, c.MAC)
	}
	return reject
}

func (b *Book) setTier(c SetTier) Reject {
	if c.Tier > MaxTier || c.Maximum < 0 {
		return CommandForbidden
	}
	who := b.seat(c.Account)
	if who == 0 {
		return UnknownPayer
	}
	b.edit(who).tier = c.Tier
	b.editExtra(who).maximum = c.Maximum
	return OK
}

// close ends an account. The house's own stay open: transfers find them by kind.
func (b *Book) close(c Close) Reject {
	who, reject := b.holder(c.Account)
	if reject == OK && !b.empty(b.at(who)) {
		reject = NotEmpty
	}
	if reject != OK {
		return reject
	}
	b.edit(who).set(closed, true)
	return OK
}

// erase forgets a person. Verdicts on the PIN that was are void.
func (b *Book) erase(c ErasePerson) Reject {
	who, reject := b.holder(c.Account)
	if reject != OK {
		return reject
	}
	b.dropAliases(who)
	p := b.editIdentity(who)
	b.texts.Erase(p.sealed)
	*p = identity{}
	b.edit(who).dropPIN()
	return OK
}

// holder is where an account of somebody's stands; the house's own are not.
func (b *Book) holder(n Account) (seat, Reject) {
	who := b.seat(n)
	switch {
	case who == 0:
		return 0, UnknownPayer
	case !b.at(who).kind.Holder():
		return 0, CommandForbidden
	}
	return who, OK
}

// dropPIN leaves an account without one.
func (a *account) dropPIN() {
	a.set(pinSet, false)
	a.newEpoch(false)
}

func (b *Book) onAccount(n Account, change func(*account)) Reject {
	who := b.seat(n)
	if who == 0 {
		return UnknownPayer
	}
	change(b.edit(who))
	return OK
}

func (b *Book) repeatWindow(c SetRepeatWindow) Reject {
	if c.Window < 0 || c.Window > maxRepeatWindow {
		return CommandForbidden
	}
	b.window = c.Window
	return OK
}

// houseAccount is the account of a kind that commands do not name by number: the
// first that was opened.
func (b *Book) houseAccount(kind AccountKind, currency Currency) seat {
	for _, s := range b.houses {
		if a := b.at(s); a.kind == kind && a.currency == currency {
			return s
		}
	}
	return 0
}
