package table

import (
	"fmt"
	"io"
)

// Log is a list that only grows and whose items never change. Its last pages
// stand in memory; older ones are spilled to a store and read back when somebody
// asks. Every page that is read back is checked.
type Log[T any] struct {
	tail Line[T] // its front is the first item that was not spilled
	keep int     // full pages to keep
	old  *shelf[T]
}

// NewLog makes an empty log that keeps so many full pages in memory.
func NewLog[T any](s Store, keep int) (*Log[T], error) {
	old, err := newShelf[T](s)
	if err != nil {
		return nil, err
	}
	return &Log[T]{tail: Line[T]{per: old.per}, keep: max(1, keep), old: old}, nil
}

// Len is how many items the log holds.
func (l *Log[T]) Len() uint64 { return l.tail.next }

// Spilled is how many of them stand in the store.
func (l *Log[T]) Spilled() uint64 { return l.tail.first }

// Add appends a zero item, to be filled before the next one comes.
func (l *Log[T]) Add() (uint64, *T) { return l.tail.Add() }

// At is an item to be read. As items never change it is good for ever.
func (l *Log[T]) At(n uint64) (*T, error) {
	switch {
	case n >= l.tail.next:
		return nil, fmt.Errorf("%w: %d of %d", ErrBeyond, n, l.tail.next)
	case n >= l.tail.first:
		return l.tail.At(n), nil
	}
	return l.old.at(n)
}

// Spill moves up to most pages to the store, if more stand in memory than are to
// be kept. Called with every few items it never has much to do.
func (l *Log[T]) Spill(most int) error {
	for ; most > 0 && l.tail.next/l.tail.per-l.tail.base > uint64(l.keep); most-- {
		if err := l.old.put(l.tail.base, l.tail.list[0]); err != nil {
			return err
		}
		l.tail.Cut((l.tail.base + 1) * l.tail.per)
	}
	return nil
}

// LogView is a frozen log.
type LogView[T any] struct {
	tail *Line[T]
	old  *shelf[T]
}

// Freeze gives the log as it is now. It copies nothing.
func (l *Log[T]) Freeze() *LogView[T] { return &LogView[T]{tail: l.tail.Freeze(), old: l.old} }

// Len is how many items the view holds.
func (v *LogView[T]) Len() uint64 { return v.tail.next }

// At is an item to be read.
func (v *LogView[T]) At(n uint64) (*T, error) {
	frozen := Log[T]{tail: *v.tail, old: v.old}
	return frozen.At(n)
}

// Write writes out what stands in memory. What does not must survive as well, or
// what is written is worth nothing: the store is synced first.
func (v *LogView[T]) Write(w io.Writer) error {
	if v.tail.first > 0 {
		if err := v.old.store.Sync(); err != nil {
			return fmt.Errorf("table: sync the store: %w", err)
		}
	}
	return v.tail.Write(w)
}

// Load reads what a view wrote, in place of what the log held, and makes sure
// that the store has the last page that was spilled.
func (l *Log[T]) Load(r io.Reader) error {
	if err := l.tail.Load(r); err != nil {
		return err
	}
	if l.tail.first%l.tail.per != 0 {
		return damaged("a log spilled up to the midst of a page")
	}
	l.old.forget()
	if l.tail.first == 0 {
		return nil
	}
	_, err := l.old.at(l.tail.first - 1)
	return err
}
