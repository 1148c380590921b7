package ledger

import (
	"errors"
	"sync/atomic"

	"mlango/ledgerd/table"
)

// Options are what a book needs besides its commands. All but the zone decide
// nothing.
type Options struct {
	ReceiptKey  [16]byte // keeps receipts unguessable
	ZoneMinutes int      // the operator's clock, minutes east of UTC: days end by it
	Horizon     int64    // ms that ids stay in memory; zero is Horizon
	Stores      Stores   // where old pages go
	Compare     bool     // Load takes books of any key: they can be compared, but nothing is found in them
	Keep        int      // pages of records, and of lines, that stay in memory; zero is KeepPages

	every int // records between looks at what may leave; zero is the room's own
}

// Book is the books of one unit. Apply changes it and is called from one place;
// reads may run together, but not beside Apply.
type Book struct {
	zone       int64 // ms east of UTC
	seed       seed
	fault      atomic.Pointer[error]
	accounts   table.Pages[account]
	extras     table.Pages[extra]
	identities table.Pages[identity]
	texts      table.Arena // of identities
	numbers    table.Index // of accounts
	aliases    table.Pages[alias]
	tokens     table.Index // of the alias in which a token stands now
	houses     []seat      // the house's first account of each kind and currency
	tariffs    [kindCount]versioned[[]Band]
	limits     [kindCount][MaxTier + 1]versioned[SetLimits]
	rulings    uint32   // version of all rules
	history    []Ruling // the last changes of them
	window     int64    // looks repeated, ms
	two        bool     // RequireTwo was said
	alone      bool     // only while a command is applied: two are required and one stands behind it
	terse      bool     // answers say little: Terse
	late       int64    // only then: how much older its id may be, in ms, for two to have agreed
	signed     signed
	today      today
	records    past[record]
	ids        *table.IDs // of records
	lines      past[line]
	commits    past[uint64] // records that got a receipt, in order
	refs       past[ref]    // of payments that have one
	repeats    table.Index  // the latest commit of a wish, by the low half of its record's number
	stale      uint64       // commits before this one are out of repeats
	staleAt    int64        // ms, at most that of the stale one
	holds      table.Pages[hold]
	held       table.Index // of holds, by the id of what is held
	free       uint32      // number+1 of the first hold whose place is free
	ends       *table.IDs  // of the records that ended holds
	due        table.Queue // of holds and asks
	asks       asks
	reversed   table.Pages[reversed]
	reversals  table.Index // of reversed, by the record that came back
	receipts   receipts
	outbox     outbox
	operators  names[string]
	gateways   names[string]
	bundles    names[[32]byte]
	counts     Counts
	folded     folded
	every      uint64 // records between two looks at what may leave memory
}

// New makes empty books.
func New(o Options) *Book {
	b := &Book{
		zone:      int64(o.ZoneMinutes) * minute,
		seed:      newSeed(o.ReceiptKey),
		window:    repeatWindow,
		receipts:  newReceipts(o.ReceiptKey),
		outbox:    newOutbox(),
		operators: newNames[string](MaxOperators, maxOperatorsEach),
		gateways:  newNames[string](MaxGateways, MaxGateways),
		bundles:   newNames[[32]byte](MaxBundles, maxBundlesEach),
	}
	if o.Horizon == 0 {
		o.Horizon = Horizon
	}
	if b.every = uint64(o.every); o.every == 0 {
		b.every = shedEvery
	}
	if o.Stores.IDs == nil {
		o.Stores.IDs = &table.Memory{}
	}
	if o.Stores.Ends == nil {
		o.Stores.Ends = &table.Memory{}
	}
	var errs [6]error
	b.records, errs[0] = newPast[record](o.Stores.Records, o.Keep)
	b.lines, errs[1] = newPast[line](o.Stores.Lines, o.Keep)
	b.commits, errs[2] = newPast[uint64](o.Stores.Commits, o.Keep)
	b.ids, errs[3] = table.NewIDs(b.seed.Seed, max(o.Horizon, minHorizon), o.Stores.IDs)
	b.ends, errs[4] = table.NewIDs(b.seed.Seed, max(o.Horizon, minHorizon), o.Stores.Ends)
	b.refs, errs[5] = newPast[ref](o.Stores.Refs, o.Keep)
	b.fail(errors.Join(errs[:]...))
	return b
}

// Apply books one command that stands at a place of the journal, at a time in
// milliseconds since the Unix epoch. It is deterministic. With again the PIN's
// epoch moved since the judge looked: nothing was booked, judge once more.
func (b *Book) Apply(cmd Command, at Place, now int64) (res Result, again bool) {
	if b.fault.Load() != nil {
		return Result{Reject: Overloaded, Place: at, At: now}, false
	}
	defer b.guard()
	before := b.records.Len()
	res, again = b.apply(cmd, at, now)
	_, ticked := cmd.(Tick)
	b.shed(before, now, ticked)
	return res, again
}

func (b *Book) apply(cmd Command, at Place, now int64) (res Result, again bool) {
	b.alone, b.late, b.signed = b.two, 0, signed{}
	if c, ok := cmd.(Approved); ok {
		if c.First == "" || c.First == c.Second {
			return Result{Reject: NeedsSecondPerson, Place: at, At: now}, false
		}
		cmd, b.signed = c.Cmd, signed{c.First, c.Second}
		if c.Second != "" {
			b.alone, b.late = false, ApproveWithin
		}
	}
	id, origin, bundle := wished(cmd)
	switch {
	case id == (ID{}):
	case b.astray(id, now):
		return Result{ID: id, Reject: IDTime, Place: at, At: now}, false
	case origin != nil && !b.namable(origin, bundle) && b.number(id) == 0:
		return Result{ID: id, Reject: CommandForbidden, Place: at, At: now}, false
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
	case AskPayment:
		return b.ask(&c, at, now), false
	case EndAsk:
		return b.endAsk(c, at, now), false
	}
	version, reject := b.govern(cmd, at, now)
	return Result{Reject: reject, Version: version, Place: at, At: now}, false
}

// wished is the id, the origin and the bundle of a command that is one's wish; of all
// others the id is zero. A request to pay comes from nobody's dialogue: it has no origin.
func wished(cmd Command) (id ID, o *Origin, bundle *[32]byte) {
	switch c := cmd.(type) {
	case *Move:
		return c.ID, &c.Origin, &c.Bundle
	case *Answer:
		return c.ID, &c.Origin, nil
	case *ChangePIN:
		return c.ID, &c.Origin, nil
	case Post:
		return c.ID, &c.Origin, nil
	case Void:
		return c.ID, &c.Origin, nil
	case Reverse:
		return c.ID, &c.Origin, nil
	case Linked:
		return c.ID, &c.Origin, &c.Bundle
	case AskPayment:
		return c.ID, nil, nil
	}
	return id, nil, nil
}

// OriginOf is where a wish came from; nil of a command that is nobody's wish.
func OriginOf(cmd Command) *Origin {
	_, o, _ := wished(cmd)
	return o
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
		return b.tariff(c, at, now)
	case SetLimits:
		return b.limit(c, at, now)
	case SetRules:
		return b.rule(c, at, now)
	case SetRepeatWindow:
		return 0, b.repeatWindow(c)
	case Grant:
		return 0, b.outbox.grant(c)
	case Ack:
		return 0, b.outbox.ack(c)
	case SetConsumer:
		return 0, b.outbox.setConsumer(c)
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
	case ClearPIN:
		return b.clearPIN(c)
	case UnlockPIN:
		return b.onAccount(c.Account, func(a *account) { a.newEpoch(false) })
	case LockPIN:
		return b.onAccount(c.Account, func(a *account) { a.newEpoch(true) })
	case Freeze:
		return b.onAccount(c.Account, func(a *account) { a.set(frozen, c.On) })
	case SetLanguage:
		return b.onAccount(c.Account, func(a *account) { a.language = c.Language })
	case SetTier:
		return b.setTier(c)
	case Close:
		return b.close(c)
	case ErasePerson:
		return b.erase(c)
	}
	return CommandForbidden
}

// RequiresTwo tells whether money is made, taken out and brought back by two
// people only.
func (b *Book) RequiresTwo() bool { return b.two }
