package server

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"mlango/ledgerd/journal"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/vault"
)

// ClusterID is a cluster's name as the journal writes it; no name is no id.
func ClusterID(name string) [16]byte {
	if name == "" {
		return [16]byte{}
	}
	sum := sha256.Sum256([]byte("mlango/cluster/" + name))
	return [16]byte(sum[:16])
}

// recover opens the journal and books what it holds, reading it once: the same
// commands at the same places and times make the same books.
func (s *Server) recover(old bool) (err error) {
	start := time.Now()
	if s.pages, err = OpenPages(filepath.Join(s.cfg.Data, PagesDir)); err != nil {
		return err
	}
	books := newReplay(func(b *Booked) error {
		s.snaps.since++ // the next snapshot is due for them too
		return s.missKey(b)
	})
	s.journal, err = books.open(filepath.Join(s.cfg.Data, JournalDir), journal.Options{Cluster: ClusterID(s.cfg.Cluster), Node: s.cfg.Node,
		MinFree: s.cfg.MinFree, AcceptFailed: s.cfg.Accept, Existing: old, FS: s.cfg.Disk, SegmentBytes: s.cfg.Segment, Rest: s.snaps.pace.pause}, s.loadBooks)
	if err != nil {
		return errors.Join(err, s.pages.Close())
	}
	s.book, s.snaps.bytes = books.book, books.bytes
	if err := s.sound(); err != nil {
		return errors.Join(err, s.journal.Close(), s.pages.Close())
	}
	s.upto, _, _ = s.journal.Head()
	s.book.FreshLanes(nil)
	s.clock.start(s.cfg.Wall, books.at)
	if cut := s.journal.Recovered(); cut.Cut > 0 {
		s.log.Warn("the journal's torn end was cut: its last group was never promised", "file", cut.File, "byte", cut.Offset, "bytes", cut.Cut)
	}
	counts := s.book.Counts()
	s.log.Info("journal replayed", "snapshot", s.journal.Recovered().Snapshot, "entries", s.upto, "accounts", counts.Accounts, "transfers", counts.Transfers,
		"ids", counts.IDs, "took", time.Since(start))
	return nil
}

// missKey says which people cannot be opened any more. Who was erased must not be
// one who can: a crash may have come between the journal and the vault, or the
// vault is an older copy.
func (s *Server) missKey(b *Booked) error {
	if c, ok := ledger.Bare(b.Cmd).(ledger.ErasePerson); ok && b.Result.Reject == ledger.OK {
		return Forget(s.vault, c.Account)
	}
	if err := KeyGone(s.vault, b); err != nil {
		s.log.Error("a person is lost to us; the account goes on without name and SMS", "error", err)
	}
	return nil
}

// ErrKeyGone says that the journal holds a person whose key the vault has not. A
// key is durable before anything is journaled under it, so it was lost since.
var ErrKeyGone = errors.New("the vault has no key for a person of the journal; bring the vault back from a copy")

// KeyGone looks whether the vault can open whom a command names.
func KeyGone(v *vault.Vault, b *Booked) error {
	if c, ok := ledger.Bare(b.Cmd).(ledger.OpenAccount); ok && len(c.Sealed) > 0 && !v.Knows(uint64(c.Account)) {
		return fmt.Errorf("entry %d, command %d: account %d: %w", b.Place.Index, b.Place.Offset, c.Account, ErrKeyGone)
	}
	return nil
}
