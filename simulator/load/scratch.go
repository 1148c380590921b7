package load

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/pagefile"
)

// Bounds of what an audit keeps in memory of the journal it replays; the rest stands in
// files. Ids stay in memory for three hours, some 36 bytes each.
const (
	replayPages   = 16 // of 64 KiB, of each list
	replayHorizon = 1  // ms: as short as books allow
)

// scratch is the files of what the replayed books let go of from memory.
type scratch struct{ files []*pagefile.File }

// newScratch makes the files in a folder.
func newScratch(dir string) (*scratch, ledger.Stores, error) {
	s := &scratch{}
	for _, name := range []string{"records", "lines", "commits", "ids", "ends", "refs"} {
		f, err := pagefile.Open(filepath.Join(dir, name))
		if err != nil {
			return nil, ledger.Stores{}, fmt.Errorf("load: scratch: %w", errors.Join(err, s.close()))
		}
		s.files = append(s.files, f)
	}
	return s, ledger.Stores{Records: s.files[0], Lines: s.files[1], Commits: s.files[2], IDs: s.files[3], Ends: s.files[4], Refs: s.files[5]}, nil
}

// close closes the files; whoever made their folder removes it.
func (s *scratch) close() (err error) {
	for _, f := range s.files {
		err = errors.Join(err, f.Close())
	}
	return err
}

// remember makes the audit forget what is older than the horizon, and keep what its
// replay must never forget in files of a folder. Without a folder it stays in memory.
func (a *auditor) remember(dir string, zone int, horizon time.Duration) error {
	a.books.Forget(horizon.Milliseconds())
	if dir == "" {
		return nil
	}
	files, stores, err := newScratch(dir)
	if err != nil {
		return err
	}
	book := ledger.New(ledger.Options{ZoneMinutes: zone, Stores: stores, Keep: replayPages, Horizon: replayHorizon})
	a.replay, a.files = book, files
	return book.Err()
}

// close ends the replay.
func (a *auditor) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.files != nil {
		_ = a.files.close() // nobody reads them any more
	}
}
