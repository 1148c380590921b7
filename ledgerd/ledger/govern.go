package ledger

// open opens an account. The same opening again changes nothing.
func (b *Book) open(c OpenAccount) Reject {
	if c.Account == 0 || !c.Kind.known() || c.Currency == (Currency{}) || len(c.Sealed) > MaxSealedPerson {
		return CommandForbidden
	}
	if a := b.account(c.Account); a != nil {
		if a.kind != c.Kind || a.currency != c.Currency || a.home != c.Home {
			return OtherContent
		}
		return OK
	}
	n, a := b.accounts.add()
	*a = account{
		number: c.Account, kind: c.Kind, currency: c.Currency, home: c.Home,
		language: c.Language, sealed: b.texts.keep(string(c.Sealed)),
	}
	b.numbers.put(b.seed.account(c.Account), n, never)
	if !c.Kind.Holder() && b.houseAccount(c.Kind, c.Currency) == nil {
		b.houses = append(b.houses, n)
	}
	return OK
}

// never is for items that are known to be new.
func never(uint32) bool { return false }

// setAlias points a token to an account, or with account zero to none.
func (b *Book) setAlias(c SetAlias) Reject {
	owner := b.account(c.Account)
	switch {
	case c.Token == (Token{}):
		return CommandForbidden
	case c.Account != 0 && owner == nil:
		return UnknownPayer
	}
	a := b.alias(c.Token)
	if a == nil {
		n, fresh := b.aliases.add()
		b.tokens.put(b.seed.wide(c.Token), n, never)
		a, fresh.token = fresh, c.Token
	}
	if was := b.account(a.account); was != nil && was.token == c.Token {
		was.token = Token{}
	}
	if a.account = c.Account; owner != nil {
		owner.token = c.Token
	}
	return OK
}

func (b *Book) setPIN(c SetPIN) Reject {
	a := b.account(c.Account)
	switch {
	case a == nil:
		return UnknownPayer
	case !a.kind.Holder():
		return CommandForbidden // what belongs to the house pays by no PIN
	}
	a.salt, a.mac, a.pinSet = c.Salt, c.MAC, true
	a.newEpoch(false)
	return OK
}

func (b *Book) onAccount(n Account, change func(*account)) Reject {
	a := b.account(n)
	if a == nil {
		return UnknownPayer
	}
	change(a)
	return OK
}

func (b *Book) tariff(c SetTariff) Reject {
	if !c.Kind.known() || len(c.Bands) > maxBands {
		return CommandForbidden
	}
	upto := Amount(0)
	for _, band := range c.Bands {
		if band.Upto <= upto || band.Fee < 0 || band.Fee > MaxAmount {
			return CommandForbidden
		}
		upto = band.Upto
	}
	b.tariffs[c.Kind-1] = append([]Band(nil), c.Bands...)
	return OK
}

func (b *Book) limit(c SetLimits) Reject {
	if !c.Kind.known() || c.Min < 0 || c.Max < 0 || c.PayerDaily < 0 || c.PayeeBalance < 0 ||
		c.Max > 0 && c.Min > c.Max {
		return CommandForbidden
	}
	b.limits[c.Kind-1] = c
	return OK
}

func (b *Book) repeatWindow(c SetRepeatWindow) Reject {
	if c.Window < 0 || c.Window > maxRepeatWindow {
		return CommandForbidden
	}
	b.window = c.Window
	return OK
}

func (k Kind) known() bool { return k >= KindSend && k <= KindPayout }

// Fee is what the tariff asks for a transfer. Above the last band its fee stays.
func (b *Book) Fee(kind Kind, amount Amount) Amount {
	if !kind.known() {
		return 0
	}
	bands := b.tariffs[kind-1]
	for _, band := range bands {
		if amount <= band.Upto {
			return band.Fee
		}
	}
	if len(bands) == 0 {
		return 0
	}
	return bands[len(bands)-1].Fee
}

// houseAccount is the account of a kind that commands do not name by number: the
// first that was opened.
func (b *Book) houseAccount(kind AccountKind, currency Currency) *account {
	for _, n := range b.houses {
		if a := b.accounts.at(n); a.kind == kind && a.currency == currency {
			return a
		}
	}
	return nil
}
