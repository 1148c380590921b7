package ledger

import (
	"errors"
	"fmt"
)

// ErrPageDiffers says that a page which left memory is not what the journal makes.
var ErrPageDiffers = errors.New("is not what the journal makes")

// Paged is how many pages of books stand in their stores.
func (b *Book) Paged() uint64 {
	return b.records.SpilledPages() + b.lines.SpilledPages() + b.commits.SpilledPages() + b.refs.SpilledPages() + b.ids.StoredPages() + b.ends.StoredPages()
}

// ComparePages reads every page that these books have in their stores and holds what
// stands in it to other books, which are at the same entry or further on. An error
// names the store and the page. No receipt stands in a page: they are made of the
// commit's number when somebody asks.
func (b *Book) ComparePages(with *Book) error {
	defer with.guard()
	if err := comparePast("records", b.records, with.records, func(a, c *record) bool { return *a == *c }); err != nil {
		return err
	}
	if err := comparePast("lines", b.lines, with.lines, func(a, c *line) bool { return *a == *c }); err != nil {
		return err
	}
	if err := comparePast("commits", b.commits, with.commits, func(a, c *uint64) bool { return *a == *c }); err != nil {
		return err
	}
	if err := comparePast("refs", b.refs, with.refs, func(a, c *ref) bool { return *a == *c }); err != nil {
		return err
	}
	return b.compareIDs(with)
}

// comparePast holds the items that left memory to the others'.
func comparePast[T any](name string, mine, theirs past[T], same func(a, b *T) bool) error {
	for n := range mine.Spilled() {
		page := mine.PageOf(n)
		a, err := mine.At(n)
		if err != nil {
			return fmt.Errorf("pages/%s: page %d: %w", name, page, err)
		}
		if n >= theirs.Len() || !same(a, theirs.at(n)) {
			return fmt.Errorf("pages/%s: page %d: item %d %w", name, page, n, ErrPageDiffers)
		}
	}
	return nil
}

// compareIDs holds the ids that left memory to the records they lead to.
func (b *Book) compareIDs(with *Book) error {
	err := b.ids.EachStored(func(page uint64, id [16]byte, value uint64) error {
		if value >= with.records.Len() || with.records.at(value).id != id {
			return fmt.Errorf("page %d: id %x %w", page, id, ErrPageDiffers)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("pages/ids: %w", err)
	}
	err = b.ends.EachStored(func(page uint64, id [16]byte, value uint64) error {
		if value >= with.records.Len() {
			return fmt.Errorf("page %d: end %x %w", page, id, ErrPageDiffers)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("pages/ends: %w", err)
	}
	return nil
}
