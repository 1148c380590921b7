package ledger

// open opens an account. The same opening again changes nothing.
func (b *Book) open(c OpenAccount) Reject {
	if c.Account == 0 || !c.Kind.known() || c.Currency == (Currency{}) || len(c.Sealed) > MaxSealedPerson ||
		c.Tier > MaxTier || c.Maximum < 0 {
		return CommandForbidden
	}
	if a := b.account(c.Account); a != nil {
		if a.kind != c.Kind || a.currency != c.Currency || a.home != c.Home {
			return OtherContent
		}
		return OK
	}
	n := b.accounts.put(account{
		number: c.Account, kind: c.Kind, currency: c.Currency, home: c.Home, language: c.Language,
		tier: c.Tier, maximum: c.Maximum, sealed: b.texts.keep(string(c.Sealed)),
	})
	b.numbers.put(b.seed.account(c.Account), n, never)
	if !c.Kind.Holder() && b.houseAccount(c.Kind, c.Currency) == 0 {
		b.houses = append(b.houses, seat(n+1))
	}
	return OK
}

// never is for items that are known to be new.
func never(uint32) bool { return false }

func (b *Book) setPIN(c SetPIN) Reject {
	who := b.seat(c.Account)
	switch {
	case who == 0:
		return UnknownPayer
	case !b.at(who).kind.Holder():
		return CommandForbidden // what belongs to the house pays by no PIN
	}
	b.edit(who).keepPIN(c.Salt, c.MAC)
	return OK
}

func (b *Book) setTier(c SetTier) Reject {
	if c.Tier > MaxTier || c.Maximum < 0 {
		return CommandForbidden
	}
	return b.onAccount(c.Account, func(a *account) { a.tier, a.maximum = c.Tier, c.Maximum })
}

// close ends an account. The house's own stay open: transfers find them by kind.
func (b *Book) close(c Close) Reject {
	who := b.seat(c.Account)
	switch {
	case who == 0:
		return UnknownPayer
	case !b.at(who).kind.Holder():
		return CommandForbidden
	case !b.at(who).empty():
		return NotEmpty
	}
	b.edit(who).closed = true
	return OK
}

// erase forgets a person. Verdicts on the PIN that was are void.
func (b *Book) erase(c ErasePerson, now int64) Reject {
	who := b.seat(c.Account)
	switch {
	case who == 0:
		return UnknownPayer
	case !b.at(who).kind.Holder():
		return CommandForbidden
	}
	b.dropAliases(who, now)
	a := b.edit(who)
	a.sealed, a.salt, a.mac, a.pinSet = text{}, [16]byte{}, [32]byte{}, false
	a.newEpoch(false)
	return OK
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
