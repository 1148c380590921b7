package server

import (
	"errors"
	"sync"
	"sync/atomic"
)

// errEnough ends a reading of the journal that has what it wanted.
var errEnough = errors.New("server: enough")

// bell wakes everyone who waits for the next applied entry.
type bell struct {
	mu sync.Mutex
	ch chan struct{}
}

// wait returns a channel that is closed at the next ring.
func (b *bell) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch == nil {
		b.ch = make(chan struct{})
	}
	return b.ch
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch != nil {
		close(b.ch)
		b.ch = nil
	}
}

// stats are counters for the metrics page.
type stats struct {
	entries, commands, refused atomic.Uint64
}

// Stats is what a node did since it started, and what it holds.
type Stats struct {
	Entries   uint64 // journaled
	Commands  uint64 // in them
	Refused   uint64 // left no trace
	Waiting   int    // for the writer
	Accounts  int
	Transfers int
	Notices   int // not acknowledged
	Index     uint64
}

// Stats reads the counters.
func (s *Server) Stats() Stats {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c := s.book.Counts()
	return Stats{Entries: s.stats.entries.Load(), Commands: s.stats.commands.Load(), Refused: s.stats.refused.Load(),
		Waiting: s.inbox.waits(), Accounts: c.Accounts, Transfers: c.Transfers, Notices: c.Open, Index: s.upto}
}

// Digest is the state's hash: equal books have equal digests.
func (s *Server) Digest() [32]byte {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.book.Digest()
}
