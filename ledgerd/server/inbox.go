package server

import (
	"slices"
	"sync"
	"time"

	"mlango/ledgerd/ledger"
)

// item is one thing to be journaled: a request to be judged, or a command.
type item struct {
	req     *ledger.Request
	cmd     ledger.Command // when req is nil
	arrived time.Time
	id      uint64 // the asker's number for it
	to      answerer
}

// answerer hears what became of an item. Epoch is of a grant.
type answerer interface {
	answer(id uint64, res ledger.Result, epoch uint64)
}

// inbox is what waits for the writer. It is bounded by count; the writer refuses
// what is too old.
type inbox struct {
	wake chan struct{} // something waits, or the inbox was closed

	mu     sync.Mutex
	items  []item // those before head are taken
	head   int
	closed bool
}

func (b *inbox) init() { b.wake = make(chan struct{}, 1) }

// put adds all items or none.
func (b *inbox) put(items ...item) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || b.row()+len(items) > maxBacklog {
		return false
	}
	if 2*b.head > len(b.items) && len(b.items)+len(items) > cap(b.items) { // half of it or more: each item is moved twice at most
		b.closeUp()
	}
	b.items = append(b.items, items...)
	b.ring()
	return true
}

// row is how many items wait; b.mu is held.
func (b *inbox) row() int { return len(b.items) - b.head }

func (b *inbox) ring() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// take appends up to most of what waits to dst.
func (b *inbox) take(dst []item, most int) []item {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := min(b.row(), most)
	taken := b.items[b.head : b.head+n]
	dst = append(dst, taken...)
	clear(taken)
	if b.head += n; b.row() > 0 {
		b.ring()
	} else {
		b.items, b.head = b.items[:0], 0
	}
	return dst
}

// putBack puts items that were taken before all others.
func (b *inbox) putBack(items []item) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.items = slices.Replace(b.items, 0, b.head, items...)
	b.head = 0
}

// closeUp moves what waits to the beginning of its memory.
func (b *inbox) closeUp() {
	n := copy(b.items, b.items[b.head:])
	clear(b.items[n:])
	b.items, b.head = b.items[:n], 0
}

// takeOld takes the requests that came before an instant out of the row.
func (b *inbox) takeOld(before time.Time) (old []item) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closeUp()
	n := 0
	for n < len(b.items) && b.items[n].arrived.Before(before) {
		n++
	}
	kept := b.items[:0]
	for i, it := range b.items {
		if i < n && it.req != nil {
			old = append(old, it)
			continue
		}
		kept = append(kept, it)
	}
	clear(b.items[len(kept):])
	b.items = kept
	return old
}

// over tells whether nothing waits and nothing will ever come.
func (b *inbox) over() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closed && b.row() == 0
}

// room is how many more items would fit.
func (b *inbox) room() int { return maxBacklog - b.waits() }

// waits is how many items wait.
func (b *inbox) waits() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.row()
}

func (b *inbox) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.ring()
}
