package ledger

// account is one account of the books. Money is two sums that only grow; the
// balance is their difference. Holds will stand between balance and available.
type account struct {
	number          Account
	debits, credits Amount // posted
	token           Token  // one that points here, most likely the one to be asked for
	epoch           uint32
	last            uint32 // number+1 of the record that moved it last
	day             int32  // of sent
	sent            [kindCount]Amount
	home            uint16
	wrong           uint8 // PINs since the epoch began
	kind            AccountKind
	currency        Currency
	language        Language
	frozen          bool
	pinSet, locked  bool
	sealed          text // from here on what a transfer does not touch
	salt            [16]byte
	mac             [32]byte
}

// alias points a token to an account; to none with account zero.
type alias struct {
	token   Token
	account Account
}

// View is an account as reads show it.
type View struct {
	Account         Account
	Kind            AccountKind
	Currency        Currency
	Home            uint16
	Language        Language
	Tier            Tier
	Sealed          []byte // name and number under the person's key
	Debits, Credits Amount // posted
	HeldDebits      Amount // will leave, or be free again
	HeldCredits     Amount // will come, or not
	Balance         Amount // posted
	Available       Amount // of it, what is not held
	Maximum         Amount // of its own; zero when it has none
	Frozen, Closed  bool
	PINSet, Locked  bool
	TriesLeft       uint8
	Epoch           uint32
}

// Holder tells whether the account is somebody's: it pays with a PIN, never goes
// below zero, and is told. The others belong to the house.
func (k AccountKind) Holder() bool { return k >= AccountWallet && k <= AccountPaybill }

func (k AccountKind) known() bool { return k >= AccountWallet && k <= AccountAirtime }

func (a *account) balance() Amount { return a.credits - a.debits }

// available is what may be spent. Holds come off here.
func (a *account) available() Amount { return a.balance() }

// sentOn is what the account sent by transfers of one kind on a day so far.
func (a *account) sentOn(kind Kind, day int32) Amount {
	if day > a.day {
		return 0
	}
	return a.sent[kind-1]
}

func (a *account) send(kind Kind, day int32, amount Amount) {
	if day > a.day {
		a.day, a.sent = day, [kindCount]Amount{}
	}
	a.sent[kind-1] += amount
}

// tryPIN counts a verdict that was judged against the present epoch. The count
// stands whatever later checks say. No PIN at all is a wrong one.
func (a *account) tryPIN(v PINVerdict) (reject Reject, triesLeft uint8) {
	switch {
	case v == VerdictKeyGone:
		return PINKeyGone, 0
	case !a.pinSet:
		return PINNotSet, 0
	case a.locked:
		return PINLocked, 0
	case v != VerdictRight:
		a.wrong++
		if triesLeft = MaxTries - a.wrong; triesLeft == 0 {
			a.newEpoch(true)
		}
		return PINWrong, triesLeft
	case a.wrong > 0:
		a.newEpoch(false)
	}
	return OK, 0
}

// newEpoch starts the count afresh; verdicts of the old epoch are void.
func (a *account) newEpoch(locked bool) {
	a.epoch++
	a.wrong, a.locked = 0, locked
}

func (b *Book) account(n Account) *account {
	i, ok := b.numbers.find(b.seed.account(n), func(i uint32) bool { return b.accounts.at(i).number == n })
	if !ok {
		return nil
	}
	return b.accounts.at(i)
}

// Account shows one account.
func (b *Book) Account(n Account) (View, bool) {
	a := b.account(n)
	if a == nil {
		return View{}, false
	}
	v := View{
		Account: a.number, Kind: a.kind, Currency: a.currency, Home: a.home, Language: a.language,
		Sealed: b.texts.get(a.sealed), Debits: a.debits, Credits: a.credits, Balance: a.balance(),
		Frozen: a.frozen, PINSet: a.pinSet, Locked: a.locked, Epoch: a.epoch,
	}
	if a.pinSet && !a.locked {
		v.TriesLeft = MaxTries - a.wrong
	}
	return v, true
}

// Find tells which account an alias points to.
func (b *Book) Find(t Token) (Account, bool) {
	a := b.alias(t)
	if a == nil || a.account == 0 {
		return 0, false
	}
	return a.account, true
}

func (b *Book) alias(t Token) *alias {
	i, ok := b.tokens.find(b.seed.wide(t), func(i uint32) bool { return b.aliases.at(i).token == t })
	if !ok {
		return nil
	}
	return b.aliases.at(i)
}

// PIN is what a judge needs to look at a PIN. An account that does not exist has
// none.
func (b *Book) PIN(n Account) (salt [16]byte, mac [32]byte, epoch uint32, locked, set bool) {
	a := b.account(n)
	if a == nil {
		return
	}
	return a.salt, a.mac, a.epoch, a.locked, a.pinSet
}
