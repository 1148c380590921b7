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
	var last int64
	err := Replay(s.journal, s.book, func(b Booked) error {
		last = b.At
		return nil
	})
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

// Booked is one command of a journal as replay books it.
type Booked struct {
	Header journal.Header // of its entry
	Place  ledger.Place
	At     int64 // ms
	Cmd    ledger.Command
	Result ledger.Result
	Again  bool // its PIN's epoch had moved: nothing was booked
}

// Replay applies a journal's entries to books and tells each command to fn,
// until fn fails. Tools use it offline.
func Replay(j *journal.Journal, book *ledger.Book, fn func(Booked) error) error {
	return j.Read(1, func(h journal.Header, payload []byte) error {
		e, err := wire.DecodeEntry(payload)
		if err != nil {
			return fmt.Errorf("entry %d: %w", h.Index, err)
		}
		for i, cmd := range e.Commands {
			b := Booked{Header: h, Place: ledger.Place{Index: h.Index, Offset: uint32(i)}, At: e.At, Cmd: cmd}
			b.Result, b.Again = book.Apply(cmd, b.Place, e.At)
			if err := fn(b); err != nil {
				return err
			}
		}
		return nil
	})
}
