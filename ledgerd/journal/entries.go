package journal

import (
	"fmt"
	"slices"
)

// Entry is one entry with a payload of its own.
type Entry struct {
	Header
	Payload []byte
}

// First is the oldest entry that is not in the archive, or the next one when
// there is none.
func (j *Journal) First() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.segments[0].first
}

// Last is the last entry appended; whether it is durable, Head knows.
func (j *Journal) Last() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.last.index
}

// Term is the term of an entry from First()-1 to Last(), without a look at the
// disk.
func (j *Journal) Term(index uint64) (uint64, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch before := j.segments[0].before; {
	case index > j.last.index:
		return 0, fmt.Errorf("%w: %d, the last is %d", ErrBeyond, index, j.last.index)
	case index < before.index:
		return 0, fmt.Errorf("%w: %d, the oldest outside is %d", ErrArchived, index, before.index+1)
	case index == before.index:
		return before.term, nil
	}
	return j.terms.of(index), nil
}

// Entries returns the entries from lo up to but not hi, durable or not, checked.
// It stops where maxBytes are reached, but returns at least one.
func (j *Journal) Entries(lo, hi, maxBytes uint64) (entries []Entry, err error) {
	if lo >= hi {
		return nil, nil
	}
	v, err := j.look(lo, true)
	if err != nil {
		return nil, err
	}
	v.before = hi
	hi, bytes := v.shorten(maxBytes), uint64(0)
	take := func(h Header, payload []byte) error {
		bytes += uint64(len(payload))
		if h.Index >= hi || (len(entries) > 0 && bytes > maxBytes) {
			return errEnough
		}
		entries = append(entries, Entry{Header: h, Payload: append([]byte(nil), payload...)})
		return nil
	}
	if err := v.give(take); err != nil && err != errEnough {
		return nil, err
	}
	if n := lo + uint64(len(entries)); n < hi && (len(entries) == 0 || bytes <= maxBytes) {
		return nil, fmt.Errorf("%w: %d", ErrBeyond, n)
	}
	return entries, nil
}

// shorten brings the end of a view nearer, so that no more is read than is wanted.
func (v *view) shorten(maxBytes uint64) (before uint64) {
	i := len(v.segments) - 1
	for i > 0 && v.segments[i].first > v.from {
		i--
	}
	s := v.segments[i]
	if n := v.from - s.first; v.from >= s.first && n < uint64(len(s.offsets)) {
		limit := uint64(s.offsets[n]) + maxBytes
		more, _ := slices.BinarySearchFunc(s.offsets[n:], limit, func(off uint32, limit uint64) int {
			if uint64(off) <= limit {
				return -1
			}
			return 1
		})
		if n+uint64(more) < uint64(len(s.offsets)) {
			v.before = min(v.before, v.from+uint64(more))
		}
	}
	return v.before
}
