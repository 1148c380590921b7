package server

import (
	"crypto/sha256"
	"fmt"
	"time"

	"mlango/ledgerd/journal"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
)

// ClusterID is a cluster's name as the journal writes it; no name is no id.
func ClusterID(name string) [16]byte {
	if name == "" {
		return [16]byte{}
	}
	sum := sha256.Sum256([]byte("mlango/cluster/" + name))
	return [16]byte(sum[:16])
}

// recover replays the journal: the same commands at the same places and times
// make the same books.
func (s *Server) recover() error {
	begin := time.Now()
	last, err := Replay(s.journal, s.book, 0)
	if err != nil {
		return fmt.Errorf("server: recover: %w", err)
	}
	s.upto, _, _ = s.journal.Head()
	s.book.FreshLanes(nil)
	s.clock.start(s.cfg.Wall, last)
	counts := s.book.Counts()
	s.log.Info("journal replayed", "entries", s.upto, "accounts", counts.Accounts, "transfers", counts.Transfers,
		"ids", counts.IDs, "took", time.Since(begin))
	return nil
}

// Replay applies a journal's entries to books, up to and including index to (0:
// all), and returns the time of the last. Tools use it offline.
func Replay(j *journal.Journal, book *ledger.Book, to uint64) (last int64, err error) {
	err = j.Read(1, func(h journal.Header, payload []byte) error {
		if to != 0 && h.Index > to {
			return errEnough
		}
		e, err := wire.DecodeEntry(payload)
		if err != nil {
			return fmt.Errorf("entry %d: %w", h.Index, err)
		}
		for i, cmd := range e.Commands {
			book.Apply(cmd, ledger.Place{Index: h.Index, Offset: uint32(i)}, e.At)
		}
		last = e.At
		return nil
	})
	if err == errEnough {
		err = nil
	}
	return last, err
}
