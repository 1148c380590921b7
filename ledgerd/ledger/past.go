package ledger

import (
	"errors"
	"fmt"

	"mlango/ledgerd/table"
)

// Stores take the pages that leave memory. A store that is nil keeps them there.
type Stores struct{ Records, Lines, Commits, IDs, Ends, Refs table.Store }

// errTurnedBack says that time went back so far that an id came for an hour that
// has left memory: whether it was seen before cannot be told.
var errTurnedBack = errors.New("ledger: the time went back past the horizon of the ids")

// spoilt ends what the books are doing when a store fails: what they would go on
// with is not known.
type spoilt struct{ err error }

// past is a list of what was booked and never changes. Its old pages stand in a
// store.
type past[T any] struct{ *table.Log[T] }

func newPast[T any](s table.Store, keep int) (past[T], error) {
	if s == nil {
		s = &table.Memory{}
	}
	if keep == 0 {
		keep = KeepPages
	}
	log, err := table.NewLog[T](s, keep)
	return past[T]{log}, err
}

// at is an item for reading.
func (p past[T]) at(n uint64) *T {
	item, err := p.At(n)
	if err != nil {
		panic(spoilt{err})
	}
	return item
}

// put appends an item and returns its number.
func (p past[T]) put(v T) uint64 {
	n, item := p.Add()
	*item = v
	return n
}

// guard ends a panic of a store that failed. From then on the books answer
// nothing that is worth anything.
func (b *Book) guard() {
	switch x := recover().(type) {
	case nil:
	case spoilt:
		b.fail(x.err)
	default:
		panic(x)
	}
}

func (b *Book) fail(err error) {
	if err != nil {
		err = fmt.Errorf("ledger: %w", err)
		b.fault.CompareAndSwap(nil, &err)
	}
}

// Err tells that a store failed. What the books answered in that call, and since,
// is void; the process must end and make them anew from snapshot and journal. It
// is asked after Apply and after each read, before anything is told to anybody.
func (b *Book) Err() error {
	if err := b.fault.Load(); err != nil {
		return *err
	}
	return nil
}

// shed lets what is old leave memory, a little with every few commands.
func (b *Book) shed(before uint64, now int64, ticked bool) {
	if before/b.every == b.records.Len()/b.every && !ticked {
		return
	}
	b.fold()
	b.fail(b.records.Spill(shedPages))
	b.fail(b.lines.Spill(shedPages))
	b.fail(b.commits.Spill(shedPages))
	b.fail(b.refs.Spill(shedPages))
	b.fail(b.ids.Retire(now, shedShards))
	b.fail(b.ends.Retire(now, shedShards))
}
