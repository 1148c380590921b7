package ledger

import (
	"bufio"
	"bytes"
	"encoding/gob"
	"fmt"
	"io"

	"mlango/ledgerd/table"
)

// Frozen is the books as they were at an instant. It is its own: another
// goroutine may write it out while the books go on.
type Frozen struct {
	err   error
	rest  rest
	parts []part
}

// part is a frozen table.
type part interface{ Write(io.Writer) error }

// rest is all of the books that is not a table.
type rest struct {
	Format                 int
	Key                    uint64 // tells the receipt key by which the tables are ordered
	Zone                   int64
	Window                 int64
	Two                    bool
	Day                    int32
	Houses                 []seat
	Tariffs                [kindCount]versioned[[]Band]
	Limits                 [kindCount][MaxTier + 1]versioned[SetLimits]
	Rulings                uint32
	History                []Ruling
	Stale                  uint64
	Free, AsksFree         uint32
	Days                   []firstOfDay
	Operators              []string
	Gateways               []string
	Bundles                [][32]byte
	OperatorsBy, BundlesBy []uint32
	Counts                 Counts
	Folded                 folded
	Consumers              [len(tableConsumers)]consumer
	Lanes                  []restLane
}

// restLane is a lane without its queue.
type restLane struct {
	At      Lane
	Cursors [len(tableConsumers)]cursor
}

// format is of what Frozen writes.
const format = 6

// Freeze gives the books as they are now. It copies lists of pages and no pages:
// some milliseconds for ten million accounts. It is called where Apply is, and its
// Release anywhere. Until then a page that Apply changes is copied once.
func (b *Book) Freeze() *Frozen {
	f := &Frozen{err: b.Err(), rest: b.rest(), parts: []part{
		b.accounts.Freeze(), b.numbers.Freeze(), b.extras.Freeze(), b.identities.Freeze(), b.texts.Freeze(),
		b.aliases.Freeze(), b.tokens.Freeze(), b.today.sums.Freeze(),
		b.records.Freeze(), b.lines.Freeze(), b.commits.Freeze(), b.ids.Freeze(), b.repeats.Freeze(),
		b.holds.Freeze(), b.held.Freeze(), b.ends.Freeze(), b.due.Freeze(), b.reversed.Freeze(), b.reversals.Freeze(), b.refs.Freeze(), b.asks.list.Freeze(), b.asks.index.Freeze(),
	}}
	for at, l := range b.outbox.all() {
		f.rest.Lanes = append(f.rest.Lanes, restLane{at, l.cursors})
		f.parts = append(f.parts, l.queue.Freeze())
	}
	return f
}

// rest copies what is small. Its lists are never changed in place, only made anew
// or added to, so their heads will do.
func (b *Book) rest() rest {
	return rest{
		Format: format, Key: b.seed.Number(format), Zone: b.zone, Window: b.window, Two: b.two, Day: b.today.day,
		Houses: b.houses, Tariffs: b.tariffs, Limits: b.limits, Rulings: b.rulings, History: b.history, Stale: b.stale, Free: b.free, AsksFree: b.asks.free, Days: b.receipts.days,
		Operators: b.operators.list, Gateways: b.gateways.list, Bundles: b.bundles.list, OperatorsBy: b.operators.by, BundlesBy: b.bundles.by,
		Counts: b.counts, Folded: b.folded, Consumers: b.outbox.consumers,
	}
}

// Write writes the books out. What had left memory is not written again: its
// stores are synced, and belong to what is written.
func (f *Frozen) Write(w io.Writer) error {
	if f.err != nil {
		return f.err
	}
	out := bufio.NewWriterSize(w, frozenBuffer)
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(&f.rest); err != nil {
		return fmt.Errorf("ledger: write the books: %w", err)
	}
	if err := table.WriteBlob(out, b.Bytes()); err != nil {
		return fmt.Errorf("ledger: write the books: %w", err)
	}
	for _, p := range f.parts {
		if err := p.Write(out); err != nil {
			return fmt.Errorf("ledger: write the books: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("ledger: write the books: %w", err)
	}
	return nil
}

// Release tells the books that the frozen ones are not needed any more.
func (f *Frozen) Release() {
	for _, p := range f.parts {
		if held, ok := p.(interface{ Release() }); ok {
			held.Release()
		}
	}
	f.parts = nil
}
