package table

import (
	"encoding/binary"
	"fmt"
	"sync"
)

// Store keeps pages of PageBytes outside memory. What was written under a number
// is written again only as the same bytes. A read of a page that was never
// written is ErrBeyond. Reads may run beside a write.
type Store interface {
	WritePage(n uint64, page []byte) error
	ReadPage(n uint64, page []byte) error
	Sync() error // what was written survives a power cut
}

// A page of a store is a head and items:
//
//	CRC u32 of all that follows · kind u32 · layout u64 · number u64 · count u64 · items · zeros
const storeHead = 32

// seal makes the head of a page whose items stand behind it.
func seal(page []byte, k kind, layout, number, count uint64) {
	binary.LittleEndian.PutUint32(page[4:], uint32(k))
	binary.LittleEndian.PutUint64(page[8:], layout)
	binary.LittleEndian.PutUint64(page[16:], number)
	binary.LittleEndian.PutUint64(page[24:], count)
	binary.LittleEndian.PutUint32(page, pageCRC(PageBytes, page[4:]))
}

// unseal reads a page and checks that it is the one.
func unseal(s Store, page []byte, k kind, layout, number, count uint64) error {
	if err := s.ReadPage(number, page); err != nil {
		return fmt.Errorf("table: read page %d: %w", number, err)
	}
	switch {
	case binary.LittleEndian.Uint32(page) != pageCRC(PageBytes, page[4:]):
		return damaged("page %d: its CRC", number)
	case binary.LittleEndian.Uint64(page[16:]) != number:
		return damaged("page %d: page %d stands there", number, binary.LittleEndian.Uint64(page[16:]))
	case binary.LittleEndian.Uint32(page[4:]) != uint32(k), binary.LittleEndian.Uint64(page[8:]) != layout:
		return fmt.Errorf("%w: page %d", ErrForeign, number)
	case binary.LittleEndian.Uint64(page[24:]) != count:
		return damaged("page %d: %d items where %d should stand", number, binary.LittleEndian.Uint64(page[24:]), count)
	}
	return nil
}

// Memory is a Store for tests and for books that are never written down: it
// grows for ever.
type Memory struct {
	mu    sync.RWMutex
	pages [][]byte
}

// WritePage keeps a copy of a page.
func (m *Memory) WritePage(n uint64, page []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for uint64(len(m.pages)) <= n {
		m.pages = append(m.pages, nil)
	}
	m.pages[n] = append([]byte(nil), page...)
	return nil
}

// ReadPage fills page with what was written.
func (m *Memory) ReadPage(n uint64, page []byte) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if n >= uint64(len(m.pages)) || m.pages[n] == nil {
		return ErrBeyond
	}
	copy(page, m.pages[n])
	return nil
}

// Sync has nothing to do.
func (m *Memory) Sync() error { return nil }
