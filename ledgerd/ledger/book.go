package ledger

// Options are what a book needs besides its commands.
type Options struct {
	ReceiptKey  [16]byte // keeps receipts unguessable; decides nothing else
	ZoneMinutes int      // the operator's clock, minutes east of UTC: days end by it
}

// Book is the books of one unit. Apply changes it and is called from one place;
// reads may run together, but not beside Apply.
type Book struct {
	zone      int64 // ms east of UTC
	seed      seed
	accounts  pages[account]
	numbers   index // of accounts
	aliases   pages[alias]
	tokens    index  // of the alias in which a token stands now
	houses    []seat // the house's first account of each kind and currency
	tariffs   [kindCount]versioned[[]Band]
	limits    [kindCount][MaxTier + 1]versioned[SetLimits]
	window    int64 // looks repeated, ms
	two       bool  // RequireTwo was said
	alone     bool  // only while a command is applied: two are required and one stands behind it
	late      int64 // only then: how much older its id may be, in ms, for two to have agreed
	today     today
	records   pages[record]
	ids       index // of records
	lines     pages[line]
	commits   pages[uint32] // records that got a receipt, in order
	repeats   index         // the latest commit of a wish
	stale     uint32        // commits before this one are out of repeats
	holds     pages[hold]
	held      index // of holds, by the id of what is held
	due       dues
	reversed  pages[reversed]
	reversals index // of reversed, by the record that came back
	ahead     ahead
	receipts  receipts
	outbox    outbox
	texts     arena
	operators names[string]
	gateways  names[string]
	bundles   names[[32]byte]
	counts    Counts
}

// New makes empty books.
func New(o Options) *Book {
	return &Book{
		zone:      int64(o.ZoneMinutes) * minute,
		seed:      newSeed(o.ReceiptKey),
		window:    repeatWindow,
		receipts:  newReceipts(o.ReceiptKey),
		outbox:    newOutbox(),
		operators: newNames[string](),
		gateways:  newNames[string](),
		bundles:   newNames[[32]byte](),
	}
}

// Apply books one command that stands at a place of the journal, at a time in
// milliseconds since the Unix epoch. It is deterministic. With again the PIN's
// epoch moved since the judge looked: nothing was booked, judge once more.
func (b *Book) Apply(cmd Command, at Place, now int64) (res Result, again bool) {
	b.alone, b.late = b.two, 0
	if c, ok := cmd.(Approved); ok {
		if c.First == "" || c.Second == "" || c.First == c.Second {
			return Result{Reject: NeedsSecondPerson, Place: at, At: now}, false
		}
		cmd, b.alone, b.late = c.Cmd, false, ApproveWithin
	}
	switch c := cmd.(type) {
	case *Move:
		return b.move(c, at, now)
	case *Answer:
		return b.check(c, nil, at, now)
	case *ChangePIN:
		return b.check(&Answer{Check: c.Check, PayerToken: c.PayerToken, Verdict: c.Verdict, Epoch: c.Epoch}, c, at, now)
	case Resolve:
		return b.resolve(c, at, now), false
	case Post:
		return b.endHold(&ending{id: c.ID, hold: c.Hold, act: ActPost, amount: c.Amount, expires: c.Expires, origin: &c.Origin}, at, now), false
	case Void:
		return b.endHold(&ending{id: c.ID, hold: c.Hold, act: ActVoid, expires: c.Expires, origin: &c.Origin}, at, now), false
	case Reverse:
		return b.reverse(&c, at, now), false
	case Linked:
		return b.linked(&c, at, now), false
	}
	version, reject := b.govern(cmd, at, now)
	return Result{Reject: reject, Version: version, Place: at, At: now}, false
}

// govern applies what is not about one id. Of a versioned table it tells which
// version is the last now.
func (b *Book) govern(cmd Command, at Place, now int64) (version uint32, reject Reject) {
	switch c := cmd.(type) {
	case OpenAccount:
		return 0, b.open(c)
	case SetAlias:
		return 0, b.setAlias(c, now)
	case SetTariff:
		return b.tariff(c, now)
	case SetLimits:
		return b.limit(c, now)
	case SetRepeatWindow:
		return 0, b.repeatWindow(c)
	case Grant:
		return 0, b.outbox.grant(c)
	case Ack:
		return 0, b.outbox.ack(c)
	case RequireTwo:
		b.two = true
		return 0, OK
	case Tick:
		b.forgetRepeats(now, forgetPerTick)
		b.expire(at, now)
		return 0, OK
	}
	return 0, b.governAccount(cmd, now)
}

// governAccount applies what is about one account.
func (b *Book) governAccount(cmd Command, now int64) Reject {
	switch c := cmd.(type) {
	case SetPIN:
		return b.setPIN(c)
	case UnlockPIN:
		return b.onAccount(c.Account, func(a *account) { a.newEpoch(false) })
	case LockPIN:
		return b.onAccount(c.Account, func(a *account) { a.newEpoch(true) })
	case Freeze:
		return b.onAccount(c.Account, func(a *account) { a.frozen = c.On })
	case SetLanguage:
		return b.onAccount(c.Account, func(a *account) { a.language = c.Language })
	case SetTier:
		return b.setTier(c)
	case Close:
		return b.close(c)
	case ErasePerson:
		return b.erase(c, now)
	}
	return CommandForbidden
}

// RequiresTwo tells whether money is made, taken out and brought back by two
// people only.
func (b *Book) RequiresTwo() bool { return b.two }
