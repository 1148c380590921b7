package ledger

import (
	"bufio"
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io"

	"mlango/ledgerd/table"
)

// Errors of Load a caller may tell apart.
var (
	// ErrOtherBooks says that what is loaded was written with another receipt key,
	// zone or format, so that it cannot be gone on with.
	ErrOtherBooks = errors.New("ledger: written with another key, zone or format")
	// ErrPage says that a page which belongs to what is loaded is lost or damaged.
	ErrPage = errors.New("ledger: a page is lost or damaged")
	// ErrInconsistent says that the parts of what is loaded do not fit together.
	ErrInconsistent = errors.New("ledger: parts do not fit together")
)

// Load reads books that Frozen wrote, with the same key, zone and stores. They go
// on exactly as those would have. When a store is behind what was written the
// error is table.ErrBeyond or table.ErrDamaged: the books must then be made from
// the journal's begin.
func Load(r io.Reader, o Options) (*Book, error) {
	b := New(o)
	if err := b.load(bufio.NewReaderSize(r, frozenBuffer), o.Compare); err != nil {
		return nil, fmt.Errorf("ledger: load the books: %w", err)
	}
	return b, b.Err()
}

func (b *Book) load(r io.Reader, anyKey bool) error {
	blob, err := table.ReadBlob(r)
	if err != nil {
		return err
	}
	var rest rest
	if err := gob.NewDecoder(bytes.NewReader(blob)).Decode(&rest); err != nil {
		return err
	}
	if rest.Format != format || rest.Key != b.seed.Number(format) && !anyKey || rest.Zone != b.zone {
		return ErrOtherBooks
	}
	b.takeRest(&rest)
	paged := map[any]string{b.records: "records", b.lines: "lines", b.commits: "commits", b.ids: "ids", b.ends: "ends", b.refs: "refs"}
	for _, part := range [...]interface{ Load(io.Reader) error }{
		&b.accounts, &b.numbers, &b.extras, &b.identities, &b.texts,
		&b.aliases, &b.tokens, &b.today.sums,
		b.records, b.lines, b.commits, b.ids, &b.repeats,
		&b.holds, &b.held, b.ends, &b.due, &b.reversed, &b.reversals, b.refs, &b.asks.list, &b.asks.index,
	} {
		if err := part.Load(r); err != nil {
			if name, is := paged[part]; is && errors.Is(err, table.ErrPage) {
				return fmt.Errorf("%w: pages/%s: %w", ErrPage, name, err)
			}
			return err
		}
	}
	for i := range rest.Lanes {
		if err := b.outbox.load(r, &rest.Lanes[i]); err != nil {
			return err
		}
	}
	return b.consistent()
}

// takeRest is what Book.rest gave.
func (b *Book) takeRest(r *rest) {
	b.window, b.two, b.today.day, b.houses = r.Window, r.Two, r.Day, r.Houses
	b.tariffs, b.limits, b.stale, b.free, b.asks.free = r.Tariffs, r.Limits, r.Stale, r.Free, r.AsksFree
	b.rulings, b.history = r.Rulings, r.History
	b.receipts.days, b.counts, b.folded = r.Days, r.Counts, r.Folded
	b.outbox.consumers = r.Consumers
	b.operators.take(r.Operators, r.OperatorsBy)
	b.gateways.take(r.Gateways, make([]uint32, len(r.Gateways)))
	b.bundles.take(r.Bundles, r.BundlesBy)
}

// take makes the names anew of lists that were written; of other lengths than each
// other's none are made, which consistent refuses.
func (s *names[K]) take(list []K, by []uint32) {
	s.list, s.by = s.list[:0], s.by[:0]
	for i := 0; i < len(list) && len(list) == len(by); i++ {
		s.add(list[i], by[i])
	}
	s.brought[0]-- // none, which nobody brought
}

// load reads the queue of a lane.
func (o *outbox) load(r io.Reader, l *restLane) error {
	h := o.settle(int(l.At / LanesPerOperator))
	to := &h.lanes[l.At%LanesPerOperator]
	to.cursors = l.Cursors
	if err := to.queue.Load(r); err != nil {
		return err
	}
	h.open += to.kept()
	for i := range o.consumers {
		if o.consumers[i].On {
			h.behind[i] += to.open(i)
		}
	}
	return nil
}

// consistent looks whether tables that belong together are of one size.
func (b *Book) consistent() error {
	switch {
	case b.numbers.Len() != b.accounts.Len(), b.asks.index.Len() > 2*b.asks.list.Len(),
		b.tokens.Len() != b.counts.Aliases,
		b.stale > b.commits.Len(), b.commits.Len() > b.records.Len(),
		b.folded.Records.Many > b.records.Len(), b.folded.Lines.Many > b.lines.Len(),
		b.reversals.Len() != b.reversed.Len(),
		len(b.operators.list) == 0, len(b.gateways.list) == 0, len(b.bundles.list) == 0:
		return ErrInconsistent
	}
	return nil
}
