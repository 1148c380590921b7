package ledger

// account is one account of the books. Money is sums that only grow, but for what
// is held; a balance is a difference of two.
type account struct {
	number          Account
	debits, credits Amount // posted
	heldDebits      Amount // will leave, or be free again
	heldCredits     Amount // will come, or not
	maximum         Amount // of its own
	token           Token  // one that points here, most likely the one to be asked for
	epoch           uint32
	history         history
	day             int32      // of sums and more
	more            uint32     // number+1 of the first of its day's other sums
	sums            [2]kindSum // of the day, one for each side: most accounts have no more
	aliases         uint32     // number+1 of the latest alias that pointed here
	home            uint16
	wrong           uint8 // PINs since the epoch began
	kind            AccountKind
	tier            Tier
	currency        Currency
	language        Language
	frozen, closed  bool
	pinSet, locked  bool
	sealed          text // from here on what a transfer does not touch
	salt            [16]byte
	mac             [32]byte
}

// seat is where an account stands in the books: its number in the pages + 1, or
// zero for nobody.
type seat uint32

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

// Holder tells whether the account is somebody's: it never goes below zero, and
// is told. The others belong to the house.
func (k AccountKind) Holder() bool { return k >= AccountWallet && k <= AccountPaybill }

func (k AccountKind) known() bool { return k >= AccountWallet && k <= AccountCommission }

func (a *account) balance() Amount { return a.credits - a.debits }

// available is what may be spent: what is held is not.
func (a *account) available() Amount { return a.balance() - a.heldDebits }

// empty tells whether nothing is in the account and nothing can come of a hold.
func (a *account) empty() bool { return a.balance() == 0 && a.heldDebits == 0 && a.heldCredits == 0 }

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

// keepPIN stores a PIN and begins an epoch.
func (a *account) keepPIN(salt [16]byte, mac [32]byte) {
	a.salt, a.mac, a.pinSet = salt, mac, true
	a.newEpoch(false)
}

// seat finds an account.
func (b *Book) seat(n Account) seat {
	i, ok := b.numbers.find(b.seed.account(n), func(i uint32) bool { return b.accounts.at(i).number == n })
	if !ok {
		return 0
	}
	return seat(i + 1)
}

// at is an account for reading; nil for nobody.
func (b *Book) at(s seat) *account {
	if s == 0 {
		return nil
	}
	return b.accounts.at(uint32(s - 1))
}

// edit is an account for changing.
func (b *Book) edit(s seat) *account { return b.accounts.edit(uint32(s - 1)) }

func (b *Book) account(n Account) *account { return b.at(b.seat(n)) }

// Account shows one account.
func (b *Book) Account(n Account) (View, bool) {
	a := b.account(n)
	if a == nil {
		return View{}, false
	}
	v := View{
		Account: a.number, Kind: a.kind, Currency: a.currency, Home: a.home, Language: a.language, Tier: a.tier,
		Sealed: b.texts.get(a.sealed), Debits: a.debits, Credits: a.credits, HeldDebits: a.heldDebits,
		HeldCredits: a.heldCredits, Balance: a.balance(), Available: a.available(), Maximum: a.maximum,
		Frozen: a.frozen, Closed: a.closed, PINSet: a.pinSet, Locked: a.locked, Epoch: a.epoch,
	}
	if a.pinSet && !a.locked {
		v.TriesLeft = MaxTries - a.wrong
	}
	return v, true
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
