package ledger

// Options are what a book needs besides its commands.
type Options struct {
	ReceiptKey  [16]byte // keeps receipts unguessable; decides nothing else
	ZoneMinutes int      // the operator's clock, minutes east of UTC: days end by it
}

// Book is the books of one unit. Apply changes it and is called from one place;
// reads may run together, but not beside Apply.
type Book struct {
	zone     int64 // ms east of UTC
	accounts pages[account]
	numbers  map[Account]uint32
	aliases  map[Token]Account
	houses   map[house]uint32 // the first account of each kind and currency
	tariffs  [kindCount][]Band
	limits   [kindCount]SetLimits
	window   int64 // looks repeated, ms
	records  pages[record]
	ids      map[ID]uint32
	commits  pages[uint32] // records that moved money, in order
	repeats  map[wish]uint32
	stale    uint32 // commits before this one are out of repeats
	receipts receipts
	outbox   outbox
	texts    arena
	words    names[string] // operators and gateways
	bundles  names[[32]byte]
	counts   Counts
}

// house names a kind of account that commands do not name by number.
type house struct {
	kind     AccountKind
	currency Currency
}

// New makes empty books.
func New(o Options) *Book {
	return &Book{
		zone:     int64(o.ZoneMinutes) * minute,
		numbers:  map[Account]uint32{},
		aliases:  map[Token]Account{},
		houses:   map[house]uint32{},
		window:   repeatWindow,
		ids:      map[ID]uint32{},
		repeats:  map[wish]uint32{},
		receipts: newReceipts(o.ReceiptKey),
		outbox:   newOutbox(),
		words:    newNames[string](),
		bundles:  newNames[[32]byte](),
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
		return b.alias(c)
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
