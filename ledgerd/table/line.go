package table

import "io"

// Line is items that join at its end and leave at its front. An item has a
// number for ever, from 0, and does not change once another joined or the line
// was frozen; so a frozen line shares all its pages. The zero value is an empty
// line.
type Line[T any] struct {
	list        [][]T // pages; the first has number base
	base        uint64
	first, next uint64 // numbers of the front item and of the one to join
	per         uint64 // items in a page
	gone        int    // pages let go since list was made anew
}

func (l *Line[T]) perPage() uint64 {
	if l.per == 0 {
		l.per = uint64(max(1, linePage/max(1, sizeOf[T]())))
	}
	return l.per
}

// First is the number of the front item, Next that of the one to join.
func (l *Line[T]) First() uint64 { return l.first }

// Next is the number of the item to join.
func (l *Line[T]) Next() uint64 { return l.next }

// Len is how many items stand in the line.
func (l *Line[T]) Len() int { return int(l.next - l.first) }

// Add joins a zero item, to be filled before the next one joins.
func (l *Line[T]) Add() (uint64, *T) {
	per := l.perPage()
	if l.next == (l.base+uint64(len(l.list)))*per {
		l.list = append(l.list, make([]T, per))
	}
	n := l.next
	l.next++
	return n, l.At(n)
}

// At is an item to be read; its number must be in the line. Most are asked for in
// the last page, and a division is slow.
func (l *Line[T]) At(n uint64) *T {
	last := len(l.list) - 1
	if start := (l.base + uint64(last)) * l.per; n >= start {
		return &l.list[last][n-start]
	}
	return &l.list[n/l.per-l.base][n%l.per]
}

// Cut lets all items below a number leave.
func (l *Line[T]) Cut(below uint64) {
	if below = min(below, l.next); below <= l.first {
		return
	}
	l.first = below
	pages := int(below/l.per - l.base)
	l.list, l.base, l.gone = l.list[pages:], l.base+uint64(pages), l.gone+pages
	if l.gone > len(l.list) { // let the pages before the front be collected
		l.list, l.gone = append([][]T(nil), l.list...), 0
	}
}

// Freeze gives the line as it is now, to be read only. It copies nothing.
func (l *Line[T]) Freeze() *Line[T] {
	frozen := *l
	return &frozen
}

// Write writes the line out.
func (l *Line[T]) Write(w io.Writer) error {
	layout, err := layoutOf[T]()
	if err != nil {
		return err
	}
	if err := (head{kind: kindLine, layout: layout, count: l.next, extra: l.first}).write(w); err != nil {
		return err
	}
	for i, page := range l.list {
		if start := (l.base + uint64(i)) * l.per; start < l.next {
			if err := writePage(w, bytesOf(page[:min(l.per, l.next-start)])); err != nil {
				return err
			}
		}
	}
	return nil
}

// Load reads what Write wrote, in place of what the line held.
func (l *Line[T]) Load(r io.Reader) error {
	layout, err := layoutOf[T]()
	if err != nil {
		return err
	}
	h, err := readHead(r, kindLine, layout)
	if err != nil {
		return err
	}
	if h.extra > h.count || h.count > 1<<62 {
		return damaged("a line from %d to %d", h.extra, h.count)
	}
	*l = Line[T]{per: l.perPage(), first: h.extra, next: h.count}
	l.base = l.first / l.per
	for start := l.base * l.per; start < l.next; start += l.per {
		page := make([]T, l.per)
		if err := readPage(r, bytesOf(page[:min(l.per, l.next-start)])); err != nil {
			return err
		}
		l.list = append(l.list, page)
	}
	return nil
}
