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
	tokens    index    // of aliases
	houses    []uint32 // the house's first account of each kind and currency
	tariffs   [kindCount][]Band
	limits    [kindCount]SetLimits
	window    int64 // looks repeated, ms
	records   pages[record]
	ids       index         // of records
	commits   pages[uint32] // records that moved money, in order
	repeats   index         // the latest commit of a wish
	stale     uint32        // commits before this one are out of repeats
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
	switch c := cmd.(type) {
	case *Move:
		return b.move(c, at, now)
	case *Answer:
		return b.check(c, at, now)
	case Resolve:
		return b.resolve(c, at, now), false
	}
	return Result{Reject: b.govern(cmd, now), Place: at, At: now}, false
}

// govern applies what is not about one id.
func (b *Book) govern(cmd Command, now int64) Reject {
	switch c := cmd.(type) {
	case OpenAccount:
		return b.open(c)
	case SetAlias:
		return b.setAlias(c)
	case SetTariff:
		return b.tariff(c)
	case SetLimits:
		return b.limit(c)
	case SetRepeatWindow:
		return b.repeatWindow(c)
	case Grant:
		return b.outbox.grant(c)
	case Ack:
		return b.outbox.ack(c)
	case Tick:
		b.forgetRepeats(now, forgetPerTick)
		return OK
	}
	return b.governAccount(cmd)
}

// governAccount applies what is about one account.
func (b *Book) governAccount(cmd Command) Reject {
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
	}
	return CommandForbidden
}

// dayOf is the number of the operator's day.
func (b *Book) dayOf(now int64) int32 {
	t := now + b.zone
	d := t / day
	if t%day < 0 {
		d--
	}
	return int32(d)
}
