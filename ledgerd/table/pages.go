package table

import "io"

// page is what a write may have to copy.
type page[T any] [pageLen]T

// Pages is a list that grows without moving what it holds. Items are read with
// At and changed with Edit. The zero value is an empty list.
type Pages[T any] struct {
	list  []*page[T]
	born  []uint32 // epoch of each page
	n     int
	share share
}

// Len is how many items the list holds.
func (p *Pages[T]) Len() int { return p.n }

// At is an item to be read. It is good until the same item is edited.
func (p *Pages[T]) At(n uint32) *T { return &p.list[n/pageLen][n%pageLen] }

// Edit is an item to be changed. It is good until the next Freeze.
func (p *Pages[T]) Edit(n uint32) *T { return &p.own(n / pageLen)[n%pageLen] }

// own gives a page to be changed: a copy if a view holds the one that stands.
func (p *Pages[T]) own(at uint32) *page[T] {
	if p.born[at] != p.share.epoch {
		if !p.share.ours(p.born[at]) {
			mine := *p.list[at]
			p.list[at] = &mine
		}
		p.born[at] = p.share.epoch
	}
	return p.list[at]
}

// renew gives a page to be changed that nobody has read: always a copy.
func (p *Pages[T]) renew(at uint32) *page[T] {
	mine := *p.list[at]
	p.list[at], p.born[at] = &mine, p.share.epoch
	return &mine
}

// Add appends a zero item and gives its number and the item as Edit does.
func (p *Pages[T]) Add() (uint32, *T) {
	if p.n == len(p.list)*pageLen {
		p.list = append(p.list, new(page[T]))
		p.born = append(p.born, p.share.epoch)
	}
	n := uint32(p.n)
	p.n++
	item := p.Edit(n)
	var zero T
	*item = zero
	return n, item
}

// Put appends an item and gives its number.
func (p *Pages[T]) Put(v T) uint32 {
	n, item := p.Add()
	*item = v
	return n
}

// Clear takes all items off.
func (p *Pages[T]) Clear() { p.list, p.born, p.n = nil, nil, 0 }

// Drop takes the last item off.
func (p *Pages[T]) Drop() { p.n-- }

// View is a frozen list.
type View[T any] struct {
	hold
	list []*page[T]
	n    int
}

// Freeze gives the list as it is now. It copies one pointer for each page.
func (p *Pages[T]) Freeze() *View[T] {
	return &View[T]{hold: p.share.freeze(), list: append([]*page[T](nil), p.list...), n: p.n}
}

// Len is how many items the view holds.
func (v *View[T]) Len() int { return v.n }

// At is an item to be read.
func (v *View[T]) At(n uint32) *T { return &v.list[n/pageLen][n%pageLen] }

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
		items := v.list[at][:min(left, pageLen)]
		if err := writePage(w, bytesOf(items)); err != nil {
			return err
		}
		left -= len(items)
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
	*p = Pages[T]{n: int(h.count)}
	for left := p.n; left > 0; {
		mine := new(page[T])
		items := mine[:min(left, pageLen)]
		if err := readPage(r, bytesOf(items)); err != nil {
			return err
		}
		p.list, p.born = append(p.list, mine), append(p.born, 0)
		left -= len(items)
	}
	return nil
}
