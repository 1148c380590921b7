package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/simulator/oracle"
)

// deed is one journaled answer to a wish. Its figures are the oracle's own.
type deed struct {
	id       ledger.ID
	session  string
	act      ledger.Act
	asker    ledger.Account // who took a send back; zero: the payer asked
	payer    ledger.Account
	payee    ledger.Account
	kind     ledger.Kind // zero: a question
	query    ledger.Query
	amount   ledger.Amount
	fee      ledger.Amount
	balance  ledger.Amount // the payer's right after
	payeeHas ledger.Amount // the payee's right after
	free     ledger.Amount // what the payer could spend right after
	released ledger.Amount // of the end of a hold, what is free again
	at       int64         // ms
	until    int64         // ms, of a hold
	reject   ledger.Reject
	language ledger.Language // the payer's
	payeeIn  ledger.Language // the payee's
	tells    [2]bool         // payer and payee: there must be a notice
	heard    [2]bool         // and there was one
	receipt  ledger.Receipt  // in it
	ref      bool            // it says whose bill it pays
	ours     bool            // the run ordered it, and no handset
	quoted   ledger.Amount   // the fee that the payer was shown, as the gateway says
	verdict  ledger.PINVerdict
	line     *line  // that a question for the last one found; nil: there is none
	sides    []side // who is told what; made when it is asked for
}

// made tells whether money moved.
func (d *deed) made() bool { return d.told() && d.until == 0 && !d.frees() && !d.newPIN() }

// told tells whether people are told of it: money moved, is held, or is free again, or a
// PIN was set.
func (d *deed) told() bool { return d.reject == ledger.OK && d.kind != 0 || d.newPIN() }

// newPIN tells whether a handset set a PIN by it.
func (d *deed) newPIN() bool { return d.reject == ledger.OK && d.kind == 0 && d.query.BringsPIN() }

// frees tells whether it ended a hold and moved nothing.
func (d *deed) frees() bool { return d.act == ledger.ActVoid || d.act == ledger.ActExpire }

// origin finds a session's deeds: the payer and the operator's session key.
type origin struct {
	payer   ledger.Account
	session string
}

// arrived is when a first deed came under an origin.
type arrived struct {
	origin
	at int64 // ms
}

// rules say what comes of a command, and what they know of an id and an account.
type rules interface {
	Apply(cmd ledger.Command, at ledger.Place, now int64) (res ledger.Result, again bool)
	Show(id ledger.ID) (ledger.Shown, bool)
	Account(n ledger.Account) (ledger.View, bool)
}

// auditor reads the ledger's feed and tells the oracle what was asked and what came of
// it. What came of it is what the ledger's rules say when they read the same journal;
// the oracle keeps books of its own beside them.
type auditor struct {
	mu        sync.Mutex
	replay    rules
	books     *oracle.Books
	deeds     map[origin][]*deed
	told      told
	arrivals  []arrived // of deeds, by their time
	ordered   ordered
	undialled []*deed // nobody dialled for them, and people are told
	start     uint64  // entries up to this one are of another run
	at        int64   // ms, of the last entry
	index     uint64
	head      [32]byte  // of the journal's chain after that entry
	stirred   time.Time // when something came last, by our clock
	live      bool      // the feed has answered since it was last taken up
	broke     error     // why it broke last
	files     *scratch  // of the replay; nil: it is in memory
	spoilt    error     // what was let go of from memory cannot be kept: nothing more is booked
	findings  findings
	rec       *recorder // nil keeps nothing
}

// recorded has what the audit sees kept for the report's page.
func (a *auditor) recorded(rec *recorder) {
	a.rec = rec
	a.findings.noted = func(at int64) { rec.anomaly(time.UnixMilli(at)) }
}

// errFeedEnded is the reason of a feed that ended without one.
var errFeedEnded = errors.New("load: the ledger's feed ended")

func newAuditor(start uint64, zone int) *auditor {
	a := &auditor{replay: ledger.New(ledger.Options{ZoneMinutes: zone}), deeds: map[origin][]*deed{}, told: newTold(), ordered: newOrdered(), start: start}
	a.books = oracle.New(func(w oracle.Wrong) {
		a.findings.add(finding{at: w.At, payer: ledger.Account(w.Payer), session: w.Session, text: w.Text})
	})
	a.books.Zone(zone)
	return a
}

// follow reads the feed until ctx ends, and takes it up again when it breaks: a
// ledger may die and come back during a run. It goes on at the last entry it has,
// not after it, so that an entry a ledger forgot is seen.
func (a *auditor) follow(ctx context.Context, feed Feed) {
	for again := true; again; again = rest(ctx, settleEvery) {
		err := feed.Entries(ctx, max(a.index, 1), func(index uint64, at int64, head [32]byte, cmds []ledger.Command) error {
			a.ahead(index, at, time.Now())
			a.entry(index, at, head, cmds)
			return nil
		})
		if ctx.Err() == nil {
			a.broken(err)
		}
	}
}

// broken notes that the feed ended before the run did.
func (a *auditor) broken(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.live, a.broke = false, err; err == nil {
		a.broke = errFeedEnded
	}
}

// following tells whether the journal is being read: only then does an answer
// that is not in it mean anything.
func (a *auditor) following() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.live
}

// entry tells the oracle one journal entry; the last one again only proves that the
// journal has kept it.
func (a *auditor) entry(index uint64, at int64, head [32]byte, cmds []ledger.Command) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.live = true
	if index == a.index {
		if head != a.head {
			a.found(at, "entry %d is not the one it was before the feed broke", index)
		}
		return
	}
	if index != a.index+1 {
		a.found(at, "the feed jumps from entry %d to %d", a.index, index)
	}
	a.index, a.head = index, head
	if len(cmds) > 0 { // a new leader's first entry is of nothing, and has no instant
		a.rises(index, at)
	}
	if a.spoilt != nil {
		return
	}
	if a.mine() {
		a.books.Mark()
	}
	a.books.Begin(at)
	for i, cmd := range cmds {
		place := ledger.Place{Index: index, Offset: uint32(i)}
		res, again := a.replay.Apply(cmd, place, at)
		f := fact{auditor: a, res: res, at: at, first: res.Place == place, again: again || res.Reject.Transient() || res.Reject == ledger.NeedsSecondPerson}
		f.read(cmd)
	}
	a.books.End(index)
	if store, fails := a.replay.(interface{ Err() error }); fails && store.Err() != nil {
		a.spoilt = store.Err()
		a.found(at, "the audit cannot go on after entry %d: %v", index, a.spoilt)
	}
}

func (a *auditor) found(at int64, format string, args ...any) {
	a.findings.add(finding{at: at, text: fmt.Sprintf(format, args...)})
}

// about notes what was found about a deed.
func (a *auditor) about(d *deed, format string, args ...any) {
	one := d.who()
	one.text = fmt.Sprintf(format, args...)
	a.findings.add(one)
}

// origin is where a deed came from.
func (d *deed) origin() origin { return origin{cmp.Or(d.asker, d.payer), d.session} }

// who is whose a deed is, for what is found about it.
func (d *deed) who() finding {
	o := d.origin()
	return finding{at: d.at, payer: o.payer, session: o.session}
}

// of is what the journal holds for a session.
func (a *auditor) of(payer ledger.Account, session string) []*deed {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.deeds[origin{payer, session}]
}

// keep keeps a deed under its origin; the lock is held.
func (a *auditor) keep(d *deed) {
	a.stirred = time.Now()
	key := d.origin()
	if a.deeds[key] == nil {
		a.arrivals = append(a.arrivals, arrived{key, d.at})
	}
	a.deeds[key] = append(a.deeds[key], d)
}

// before are the origins whose first deed came before an instant, each told once.
func (a *auditor) before(at time.Time) (list []origin) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for ; n < len(a.arrivals) && a.arrivals[n].at < at.UnixMilli(); n++ {
		list = append(list, a.arrivals[n].origin)
	}
	a.arrivals = append(a.arrivals[:0], a.arrivals[n:]...)
	return list
}

// take is what the journal holds for an origin, which is forgotten.
func (a *auditor) take(key origin) []*deed {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := a.deeds[key]
	delete(a.deeds, key)
	return list
}

// receiptOf is the receipt number that the ledger's notices say of a deed; empty when
// none has come.
func (a *auditor) receiptOf(d *deed) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return d.receipt.String()
}

// balance is what the oracle says an account has.
func (a *auditor) balance(n ledger.Account) (oracle.Held, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.books.Balance(oracle.Account(n))
}

// say notes what was found about no session.
func (a *auditor) say(text string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.findings.add(finding{at: time.Now().UnixMilli(), text: text})
}

// wrong is how much was found.
func (a *auditor) wrong() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.findings.count
}

// conserved tells whether no entry left a sum of balances that is not zero.
func (a *auditor) conserved() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.books.Conserved()
}
