package journal

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// Stands is what a journal has on the disk.
type Stands struct {
	First, Last   uint64     // outside the archive
	Segments      int        // files of it
	Archives      int        // files in the archive
	ArchivedFirst uint64     // zero when nothing is
	ArchivedLast  uint64     //
	Snapshots     []Snapshot // those whose header holds, the newest first
	BadSnapshots  []error    // what is wrong with the others
	Free, MinFree uint64     // bytes of the disk; below the mark nothing is accepted
}

// Stands looks what there is. It reads names and headers only.
func (j *Journal) Stands() (s Stands, err error) {
	j.mu.Lock()
	s.First, s.Last, s.Segments = j.segments[0].first, j.durable.index, len(j.segments)
	if s.Archives = len(j.archives); s.Archives > 0 {
		s.ArchivedFirst, s.ArchivedLast = j.archives[0].first, j.archives[len(j.archives)-1].last
	}
	j.mu.Unlock()
	names, err := j.snapshots()
	if err != nil {
		return s, err
	}
	for _, name := range names {
		at, err := j.loadHeader(name)
		if err != nil {
			s.BadSnapshots = append(s.BadSnapshots, err)
			continue
		}
		s.Snapshots = append(s.Snapshots, at)
	}
	s.MinFree = j.opt.MinFree
	if s.Free, err = j.fs.Free(j.dir); err != nil {
		return s, fmt.Errorf("journal: ask for free disk: %w", err)
	}
	return s, nil
}

// SnapshotsIn lists the entries of which a journal's folder has snapshots, in order,
// by their files' names.
func SnapshotsIn(dir string) (list []uint64, err error) {
	names, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("journal: list folder: %w", err)
	}
	for _, e := range names {
		if isSnapshot(e.Name()) {
			index, _ := strconv.ParseUint(strings.TrimSuffix(e.Name(), snapSuffix), 10, 64) // of more than fits there is none
			list = append(list, index)
		}
	}
	return list, nil
}

// File is the name of a snapshot's file.
func (s Snapshot) File() string { return s.name() }

// ReadSnapshot gives one snapshot to load, checked to its end. Nothing but a chore of
// the journal's own may take it away meanwhile.
func (j *Journal) ReadSnapshot(at Snapshot, load func(io.Reader) error) error {
	j.chores.Lock()
	defer j.chores.Unlock()
	_, err := j.loadSnapshot(at.name(), func(_ Snapshot, r io.Reader) error { return load(r) })
	return err
}
