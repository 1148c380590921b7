package ledger

import (
	"iter"

	"mlango/ledgerd/table"
)

// account is what a transfer touches of one account. Money is sums that only grow;
// a balance is a difference of two. It is small, for there are millions: the rest
// stands in tables of its own, where those who have it have it.
type account struct {
	number          Account
	debits, credits Amount // posted
	history         history
	extra           uint32 // number+1 of what few have
	identity        uint32 // number+1 of who it is
	mark            uint32 // of a token that points here, most likely the one to be asked for; zero is none
	aliases         uint32 // number+1 of the latest alias that pointed here
	used            uint32 // number+1 of the first of its day's sums
	day             int32  // of used
	epoch           uint32
	home            uint16
	lines           uint8 // since the latest milestone
	wrong           uint8 // PINs since the epoch began
	kind            AccountKind
	tier            Tier
	currency        Currency
	language        Language
	flags           flag
}

// flag is what an account is or is not.
type flag uint8

const (
	frozen flag = 1 << iota
	closed
	pinSet
	locked
)

func (a *account) is(f flag) bool { return a.flags&f != 0 }

func (a *account) set(f flag, on bool) {
	if a.flags &^= f; on {
		a.flags |= f
	}
}

// extra is what few accounts have.
type extra struct {
	heldDebits  Amount // will leave, or be free again
	heldCredits Amount // will come, or not
	maximum     Amount // of its own
	askedIn     uint32 // the window in which it asked about receipts last,
	asked       uint32 // and how often it did then
}

// identity is who an account is, as far as the books know: nothing they could read.
type identity struct {
	salt   [16]byte
	mac    [32]byte
	sealed table.Text
}

// extra is what few accounts have, for reading.
func (b *Book) extra(a *account) *extra {
	if a.extra == 0 {
		return &tableNoExtra[0]
	}
	return b.extras.At(a.extra - 1)
}

// tableNoExtra is what most accounts have of it.
var tableNoExtra = [1]extra{}

// editExtra is what few accounts have, for changing.
func (b *Book) editExtra(who seat) *extra {
	a := b.edit(who)
	if a.extra == 0 {
		a.extra = b.extras.Put(extra{}) + 1
	}
	return b.extras.Edit(a.extra - 1)
}

// identity is who an account is, for reading.
func (b *Book) identity(a *account) *identity {
	if a.identity == 0 {
		return &tableNobody[0]
	}
	return b.identities.At(a.identity - 1)
}

// tableNobody is who the house's own accounts are.
var tableNobody = [1]identity{}

func (b *Book) editIdentity(who seat) *identity {
	a := b.edit(who)
	if a.identity == 0 {
		a.identity = b.identities.Put(identity{}) + 1
	}
	return b.identities.Edit(a.identity - 1)
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

// overdraws tells whether an account of the kind may go below zero: only what stands
// for the real money at a bank.
func (k AccountKind) overdraws() bool { return k == AccountTrust }

// Holder tells whether the account is somebody's, who is told. The others belong to
// the house.
func (k AccountKind) Holder() bool { return k >= AccountWallet && k <= AccountPaybill }

func (k AccountKind) known() bool { return k >= AccountWallet && k <= AccountCommission }

func (a *account) balance() Amount { return a.credits - a.debits }

// available is what may be spent: what is held is not.
func (b *Book) available(a *account) Amount { return a.balance() - b.extra(a).heldDebits }

// empty tells whether nothing is in the account and nothing can come of a hold.
func (b *Book) empty(a *account) bool {
	e := b.extra(a)
	return a.balance() == 0 && e.heldDebits == 0 && e.heldCredits == 0
}

// tryPIN counts a verdict that was judged against the present epoch. The count
// stands whatever later checks say. No PIN at all is a wrong one.
func (a *account) tryPIN(v PINVerdict) (reject Reject, triesLeft uint8) {
	switch {
	case v == VerdictKeyGone:
		return PINKeyGone, 0
	case !a.is(pinSet):
		return PINNotSet, 0
	case a.is(locked):
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
func (a *account) newEpoch(lock bool) {
	a.epoch++
	a.wrong = 0
	a.set(locked, lock)
}

// keepPIN stores a PIN and begins an epoch.
func (b *Book) keepPIN(who seat, salt [16]byte, mac [32]byte) {
	p := b.editIdentity(who)
	p.salt, p.mac = salt, mac
	a := b.edit(who)
	a.set(pinSet, true)
	a.newEpoch(false)
}

// seat finds an account.
func (b *Book) seat(n Account) seat {
	i, ok := b.numbers.Find(b.seed.account(n), func(i uint32) bool { return b.accounts.At(i).number == n })
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
	return b.accounts.At(uint32(s - 1))
}

// edit is an account for changing.
func (b *Book) edit(s seat) *account { return b.accounts.Edit(uint32(s - 1)) }

func (b *Book) account(n Account) *account { return b.at(b.seat(n)) }

// Account shows one account.
func (b *Book) Account(n Account) (View, bool) {
	a := b.account(n)
	if a == nil {
		return View{}, false
	}
	e := b.extra(a)
	v := View{
		Account: a.number, Kind: a.kind, Currency: a.currency, Home: a.home, Language: a.language, Tier: a.tier,
		Sealed: b.texts.Get(b.identity(a).sealed), Debits: a.debits, Credits: a.credits, HeldDebits: e.heldDebits,
		HeldCredits: e.heldCredits, Balance: a.balance(), Available: b.available(a), Maximum: e.maximum,
		Frozen: a.is(frozen), Closed: a.is(closed), PINSet: a.is(pinSet), Locked: a.is(locked), Epoch: a.epoch,
	}
	if v.PINSet && !v.Locked {
		v.TriesLeft = MaxTries - a.wrong
	}
	return v, true
}

// Sealed is who an account is, as sealed by the vault; empty for the house, for
// those who were forgotten and for an account that does not exist. It stays as it is,
// also while Apply goes on.
func (b *Book) Sealed(n Account) []byte {
	a := b.account(n)
	if a == nil {
		return nil
	}
	return b.texts.Get(b.identity(a).sealed)
}

// PIN is what a judge needs to look at a PIN. An account that does not exist has
// none.
func (b *Book) PIN(n Account) (salt [16]byte, mac [32]byte, epoch uint32, isLocked, isSet bool) {
	a := b.account(n)
	if a == nil {
		return
	}
	p := b.identity(a)
	return p.salt, p.mac, a.epoch, a.is(locked), a.is(pinSet)
}

// People tells of each account that was somebody's whether the books still know
// who it is: an erased person they do not.
func (b *Book) People() iter.Seq2[Account, bool] {
	return func(yield func(Account, bool) bool) {
		for n := range uint32(b.accounts.Len()) {
			a := b.accounts.At(n)
			if a.identity != 0 && !yield(a.number, b.identity(a).sealed.Len > 0) {
				return
			}
		}
	}
}
