package table

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

// HourMS is the time that one bucket of ids covers.
const HourMS = 3600_000

// IDs remembers a number for every id. An id is 16 bytes of which the first six
// are an instant in milliseconds; those of an hour stand together, so that an
// hour that is over leaves memory as a whole: sorted, into a store, where its ids
// are still found, but more slowly. An id costs 34 to 37 bytes of memory.
type IDs struct {
	seed    Seed
	horizon int64
	hours   []*hour // in memory, rising
	runs    Pages[run]
	pages   uint64          // of the store that the runs take
	old     *shelf[idEntry] // nil: what leaves memory is forgotten
	out     *leaving
}

// idEntry is an id and its number.
type idEntry struct {
	ID    [16]byte
	Value uint64
}

// hour is the ids of one hour.
type hour struct {
	number  int64
	entries Line[idEntry]
	index   Index
}

// run is the ids of an hour in the store, in the order of their hashes.
type run struct {
	Hour        int64
	First, Many uint64 // page; ids
}

// NewIDs makes an empty memory of ids. An hour leaves it once it has been over
// for the horizon, in milliseconds. Without a store it is then forgotten.
func NewIDs(seed Seed, horizon int64, s Store) (*IDs, error) {
	d := &IDs{seed: seed, horizon: horizon}
	if s == nil {
		return d, nil
	}
	old, err := newShelf[idEntry](s)
	d.old = old
	return d, err
}

// Len is how many ids stand in memory.
func (d *IDs) Len() (n int) {
	for _, h := range d.hours {
		n += h.entries.Len()
	}
	return n
}

func hourOf(id [16]byte) int64 {
	var t [8]byte
	copy(t[2:], id[:6])
	return int64(binary.BigEndian.Uint64(t[:]) / HourMS)
}

// hour finds an hour in memory, and its place or where it would be. Most ids are
// of the last.
func (d *IDs) hour(number int64) (at int, ok bool) {
	for at = len(d.hours); at > 0 && d.hours[at-1].number >= number; at-- {
		if d.hours[at-1].number == number {
			return at - 1, true
		}
	}
	return at, false
}

// Find is the number of an id that stands in memory.
func (d *IDs) Find(id [16]byte) (uint64, bool) {
	at, ok := d.hour(hourOf(id))
	if !ok {
		return 0, false
	}
	h := d.hours[at]
	n, ok := h.index.Find(d.seed.Key(id), func(n uint32) bool { return h.entries.At(uint64(n)).ID == id })
	if !ok {
		return 0, false
	}
	return h.entries.At(uint64(n)).Value, true
}

// Put remembers an id that is new. It is refused when its hour has left, or is
// leaving, memory.
func (d *IDs) Put(id [16]byte, value uint64) bool {
	number := hourOf(id)
	at, ok := d.hour(number)
	if n := uint32(d.runs.Len()); n > 0 && number <= d.runs.At(n-1).Hour || ok && at == 0 && d.out != nil {
		return false
	}
	if !ok {
		d.hours = slices.Insert(d.hours, at, &hour{number: number})
	}
	h := d.hours[at]
	n, e := h.entries.Add()
	e.ID, e.Value = id, value
	h.index.Put(d.seed.Key(id), uint32(n), never)
	return true
}

// order compares two ids by their hashes, as runs stand.
func (d *IDs) order(a, b [16]byte) int {
	if c := cmp.Compare(d.seed.Key(a)>>32, d.seed.Key(b)>>32); c != 0 {
		return c
	}
	return bytes.Compare(a[:], b[:])
}
