package table

import (
	"fmt"
	"sync"
)

// shelf is pages of items in a store, with a few of them read back.
type shelf[T any] struct {
	store  Store
	layout uint64
	per    uint64
	out    []byte // the page that put makes
	mu     sync.Mutex
	cache  [cachePages]struct {
		number uint64
		items  []T // nil: none
	}
}

func newShelf[T any](s Store) (*shelf[T], error) {
	layout, err := layoutOf[T]()
	if err != nil {
		return nil, err
	}
	per := uint64(PageBytes-storeHead) / uint64(sizeOf[T]())
	if per == 0 {
		return nil, fmt.Errorf("%w: larger than a page", ErrForeign)
	}
	return &shelf[T]{store: s, layout: layout, per: per}, nil
}

// put writes a full page.
func (s *shelf[T]) put(number uint64, items []T) error {
	if s.out == nil {
		s.out = make([]byte, PageBytes)
	}
	copy(s.out[storeHead:], bytesOf(items))
	seal(s.out, kindLog, s.layout, number, s.per)
	if err := s.store.WritePage(number, s.out); err != nil {
		return fmt.Errorf("table: spill page %d: %w", number, err)
	}
	return nil
}

// at reads an item back. The page it stands in is let go by the cache but never
// changed.
func (s *shelf[T]) at(n uint64) (*T, error) {
	number := n / s.per
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &s.cache[number%cachePages]
	if c.items == nil || c.number != number {
		page := make([]byte, PageBytes)
		if err := unseal(s.store, page, kindLog, s.layout, number, s.per); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrPage, err)
		}
		c.number, c.items = number, make([]T, s.per)
		copy(bytesOf(c.items), page[storeHead:])
	}
	return &c.items[n%s.per], nil
}

func (s *shelf[T]) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.cache {
		s.cache[i].items = nil
	}
}
