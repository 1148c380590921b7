package table

import (
	"io"
	"math/bits"
)

// Pages is a list that grows without moving what it holds. Items are read with
// At and changed with Edit. The zero value is an empty list.
type Pages[T any] struct {
	list  [][]T
	born  []uint32 // epoch of each page
	n     int
	shift uint8 // log2 of the items in a page; 0 until the first
	share share
}

// pageShift is log2 of how many items share a page.
func pageShift[T any]() uint8 {
	return uint8(bits.Len(uint(max(2, pageBytes/max(1, sizeOf[T]()))))) - 1
}

// Len is how many items the list holds.
func (p *Pages[T]) Len() int { return p.n }

// At is an item to be read. It is good until the same item is edited.
func (p *Pages[T]) At(n uint32) *T {
	return &p.list[n>>p.shift][n&(1<<p.shift-1)]
}

// Edit is an item to be changed. It is good until the next Freeze.
func (p *Pages[T]) Edit(n uint32) *T {
	at := n >> p.shift
	if p.born[at] != p.share.epoch {
		p.own(at)
	}
	return &p.list[at][n&(1<<p.shift-1)]
}

// own makes a page of an earlier epoch one of this.
func (p *Pages[T]) own(at uint32) {
	if !p.share.ours(p.born[at]) {
		p.list[at] = append([]T(nil), p.list[at]...)
	}
	p.born[at] = p.share.epoch
}

// Add appends a zero item and gives its number and the item as Edit does.
func (p *Pages[T]) Add() (uint32, *T) {
	if p.shift == 0 {
		p.shift = pageShift[T]()
	}
	if p.n == len(p.list)<<p.shift {
		p.list = append(p.list, make([]T, 1<<p.shift))
		p.born = append(p.born, p.share.epoch)
	}
	n := uint32(p.n)
	p.n++
	item := p.Edit(n)
	var zero T
	*item = zero
	return n, item
}

// Drop takes the last item off.
func (p *Pages[T]) Drop() { p.n-- }

// View is a frozen list.
type View[T any] struct {
	hold
	list  [][]T
	n     int
	shift uint8
}

// Freeze gives the list as it is now. It copies one slice header for each page.
func (p *Pages[T]) Freeze() *View[T] {
	return &View[T]{hold: p.share.freeze(), list: append([][]T(nil), p.list...), n: p.n, shift: p.shift}
}

// Len is how many items the view holds.
func (v *View[T]) Len() int { return v.n }

// At is an item to be read.
func (v *View[T]) At(n uint32) *T {
	return &v.list[n>>v.shift][n&(1<<v.shift-1)]
}

// Write writes the view out.
func (v *View[T]) Write(w io.Writer) error {
	layout, err := layoutOf[T]()
	if err != nil {
		return err
	}
	if err := (head{kind: kindPages, layout: layout, count: uint64(v.n)}).write(w); err != nil {
		return err
	}
	for left, at := v.n, 0; left > 0; at++ {
		page := v.list[at][:min(left, 1<<v.shift)]
		if err := writePage(w, bytesOf(page)); err != nil {
			return err
		}
		left -= len(page)
	}
	return nil
}

// Load reads what a view wrote, in place of what the list held.
func (p *Pages[T]) Load(r io.Reader) error {
	layout, err := layoutOf[T]()
	if err != nil {
		return err
	}
	h, err := readHead(r, kindPages, layout)
	if err != nil {
		return err
	}
	if h.count >= 1<<32 {
		return damaged("a list of %d items", h.count)
	}
	*p = Pages[T]{n: int(h.count), shift: pageShift[T]()}
	for left := p.n; left > 0; {
		page := make([]T, 1<<p.shift)
		part := page[:min(left, len(page))]
		if err := readPage(r, bytesOf(part)); err != nil {
			return err
		}
		p.list, p.born = append(p.list, page), append(p.born, 0)
		left -= len(part)
	}
	return nil
}
