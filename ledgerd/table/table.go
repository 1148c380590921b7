// Package table keeps big lists and indexes in memory without pointers: they
// grow without moving, are frozen in an instant while they go on changing, and
// are written and loaded page by page. It knows nothing of money.
//
// One goroutine changes a table; others may read it, but not beside a change. A
// frozen view is its own: it may be read and written out by another goroutine
// while the table changes.
package table

import (
	"errors"
	"fmt"
)

// The sizes of tables, in one place. They are part of what is written: changing
// one makes older files unreadable.
const (
	// PageBytes is a page of a Store.
	PageBytes = 64 << 10

	pageLen    = 32      // items in a page of a list: what one edit may have to copy
	shardSlots = 1024    // bounds a shard of an index: what one put may have to move
	shardStart = 8       // slots of a new index
	maxDepth   = 22      // of an index: beyond so many shards they grow instead
	cachePages = 64      // of a log, read back from its store
	arenaItem  = 256     // bytes; a text is at most pageLen of them
	linePage   = 4 << 10 // bytes of a line's page unless it says otherwise
	maxBlob    = 1 << 28 // bytes of a blob, so that a damaged length asks for no more
)

// Errors a caller may tell apart.
var (
	// ErrDamaged says that bytes are not as they were written.
	ErrDamaged = errors.New("table: damaged")
	// ErrForeign says that what is read was written by a build that lays its items
	// out otherwise, or is another table.
	ErrForeign = errors.New("table: written by another build or another table")
	// ErrPointers says that items with pointers in them cannot be written.
	ErrPointers = errors.New("table: items must hold no pointers")
	// ErrPage says that it is a page of the store that cannot be read back.
	ErrPage = errors.New("table: a page of the store")
	// ErrBeyond says that there is no such item or page.
	ErrBeyond = errors.New("table: no such item")
)

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}
