package server

import (
	"sync/atomic"
	"time"

	"mlango/ledgerd/node"
)

// stats are counters for the metrics page.
type stats struct {
	entries, commands, refused atomic.Uint64
	syncs, syncTime            atomic.Uint64 // groups made durable; ns they took
	term                       atomic.Uint64
	inFlight                   atomic.Int64
	leads                      atomic.Bool
	snapshot, unkept           atomic.Uint64 // the entry of the last one; how many were not written
	pause                      atomic.Int64  // ns the books stood still for the last one
	since                      atomic.Uint64 // commands since the last one began
}

// look notes how the node stands. The writer calls it.
func (s *stats) look(c *node.Core[asker]) {
	s.term.Store(c.Term())
	s.leads.Store(c.Leads())
	s.inFlight.Store(int64(c.InFlight()))
}

// Stats is what a node did since it started, and what it holds.
type Stats struct {
	Entries   uint64        // journaled
	Commands  uint64        // in them
	Syncs     uint64        // groups made durable, each with one sync
	SyncTime  time.Duration // what they took together
	Refused   uint64        // left no trace
	Waiting   int           // for the writer
	InFlight  int           // entries on their way through the journal
	Term      uint64        // the newest election
	Leads     bool          // this node judges
	Snapshot  uint64        // the entry of the last snapshot
	Since     uint64        // commands since it
	Pause     time.Duration // how long the books stood still for it
	Unkept    uint64        // snapshots that could not be written
	Accounts  int
	Transfers int
	Notices   int // not acknowledged
	IDs       int // in memory
	Spilled   int // records that left memory for the disk
	Index     uint64
}

// Stats reads the counters.
func (s *Server) Stats() Stats {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c := s.book.Counts()
	return Stats{Entries: s.stats.entries.Load(), Commands: s.stats.commands.Load(), Refused: s.stats.refused.Load(),
		Syncs: s.stats.syncs.Load(), SyncTime: time.Duration(s.stats.syncTime.Load()), Waiting: s.inbox.waits(),
		InFlight: int(s.stats.inFlight.Load()), Term: s.stats.term.Load(), Leads: s.stats.leads.Load(),
		Snapshot: s.stats.snapshot.Load(), Since: s.stats.since.Load(), Pause: time.Duration(s.stats.pause.Load()), Unkept: s.stats.unkept.Load(),
		Accounts: c.Accounts, Transfers: c.Transfers, Notices: c.Open, IDs: c.Recent, Spilled: c.Spilled, Index: s.upto}
}

// Digest is the state's hash: equal books have equal digests.
func (s *Server) Digest() [32]byte {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.book.Digest()
}
