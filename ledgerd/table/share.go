package table

import "sync/atomic"

// share tells which pages of a table are still held by a frozen view. A page
// carries the epoch it was made in; freezing ends an epoch. The zero value is a
// table that was never frozen.
type share struct {
	epoch uint32
	views *atomic.Int32 // not yet released
}

// hold is one view's claim on the pages of its table.
type hold struct{ views *atomic.Int32 }

// freeze ends the epoch: from now on a page made in it is copied before it is
// changed, as long as any view is held.
func (s *share) freeze() hold {
	if s.views == nil {
		s.views = new(atomic.Int32)
	}
	s.views.Add(1)
	s.epoch++
	return hold{s.views}
}

// ours tells whether a page made in an epoch may be changed in place.
func (s *share) ours(born uint32) bool {
	return born == s.epoch || s.views.Load() == 0
}

// Release tells the table that the view is not read any more.
func (h *hold) Release() {
	if h.views != nil {
		h.views.Add(-1)
		h.views = nil
	}
}
