package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

const (
	maxSpares = 8        // how many retired files wait to be used again
	restEvery = 64 << 10 // bytes of a segment that are checked or compressed at a stretch
)

// rest lets the writer have the cores. One that waits for another's slice of time
// waits ten milliseconds, and a group commit of many with it.
func (j *Journal) rest() {
	if j.opt.Rest != nil {
		j.opt.Rest()
	}
}

// Retire moves every closed segment whose entries are all at or below upto into
// the archive, compressed. Entries that are retired are committed. Reading them
// goes on as before. It may run beside the writer.
func (j *Journal) Retire(upto uint64) error {
	for {
		if one, err := j.retireNext(upto); !one {
			return err
		}
	}
}

// retireNext is Retire for the oldest segment only. It tells whether there was one.
func (j *Journal) retireNext(upto uint64) (one bool, err error) {
	j.chores.Lock()
	defer j.chores.Unlock()
	s, end, err := j.retirable(upto)
	if err != nil || s.number == 0 {
		return false, err
	}
	if err := j.store(s, end); err != nil {
		return false, err
	}
	if err := j.takeAway(s, end); err != nil {
		return false, err
	}
	return true, nil
}

// retirable is the oldest segment, if it may go, and where it ends.
func (j *Journal) retirable(upto uint64) (s segment, end place, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.err != nil:
		return s, end, j.err
	case j.opt.ReadOnly:
		return s, end, ErrReadOnly
	case j.closing.Load():
		return s, end, ErrClosed
	case len(j.segments) == 1 || j.segments[1].before.index > min(upto, j.durable.index):
		return s, end, nil
	}
	j.committed = max(j.committed, j.segments[1].before.index)
	return j.segments[0], j.segments[1].before, nil
}

// store writes a segment's archive and makes sure that it is on the disk.
func (j *Journal) store(s segment, end place) error {
	frames, err := j.load(s, headerSize, s.size, nil)
	if err != nil {
		return err
	}
	a := archived{first: s.first, last: end.index}
	w := walker{name: s.name(), base: headerSize, b: frames, at: s.before}
	for rested := 0; w.next(); {
		if w.off-rested >= restEvery {
			rested = w.off
			j.rest()
		}
	}
	switch {
	case w.err != nil:
		return w.err
	case !w.ended || w.at != end || !allZero(w.b[w.off:]):
		return w.damage("the segment is not what it was when it was closed: " + w.why)
	}
	b, err := j.pack(s, end, frames[:w.off])
	if err != nil {
		return err
	}
	if err := j.storeFile(a, b); err != nil {
		_ = j.fs.Remove(j.archivePath(a.name() + tmpSuffix)) // the next start does it too
		if noRoom(err) {
			return fmt.Errorf("%w: archive %s: %w", ErrLowDisk, a.name(), err)
		}
		return j.poison("archive "+s.name(), err)
	}
	return nil
}

// storeFile makes the file durable under its name and reads it back.
func (j *Journal) storeFile(a archived, b []byte) error {
	if err := j.makeArchive(); err != nil {
		return err
	}
	if err := writeWhole(j.fs, j.archivePath("."), a.name(), b); err != nil {
		return err
	}
	f, err := j.fs.Open(j.archivePath(a.name()), false)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Drop(); err != nil {
		return err
	}
	again, err := readWhole(j.fs, j.archivePath(a.name()), len(b)+1)
	if err == nil && !bytes.Equal(b, again) {
		err = errors.New("the disk gives back something else")
	}
	return err
}

// makeArchive makes the folder, durable.
func (j *Journal) makeArchive() error {
	if err := j.fs.MkdirAll(j.archivePath(".")); err != nil {
		return err
	}
	return j.fs.SyncDir(j.dir)
}

// takeAway lets readers find the archive, then makes the segment's file a spare.
func (j *Journal) takeAway(s segment, end place) error {
	j.mu.Lock()
	j.archives = append(j.archives, archived{first: s.first, last: end.index})
	j.segments = j.segments[1:]
	keep := s.size == j.opt.SegmentBytes && len(j.spares) < maxSpares
	j.mu.Unlock()

	spare := j.path(fmt.Sprintf(spareName, s.first))
	if err := j.clear(s, spare, keep); err != nil {
		return j.poison("take away "+s.name(), err)
	}
	if keep {
		j.mu.Lock()
		j.spares = append(j.spares, spare)
		j.mu.Unlock()
	}
	return nil
}

// clear takes the segment's name from its file, when nobody is reading it.
func (j *Journal) clear(s segment, spare string, keep bool) error {
	j.files.Lock()
	defer j.files.Unlock()
	take := func() error { return j.fs.Remove(j.path(s.name())) }
	if keep {
		take = func() error { return j.fs.Rename(j.path(s.name()), spare) }
	}
	if err := take(); err != nil {
		return err
	}
	return j.fs.SyncDir(j.dir)
}

// poison is fail for who does not hold j.mu.
func (j *Journal) poison(operation string, err error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return j.err
	}
	return j.fail(operation, err)
}

// listArchive takes the names of the retired segments and knows by them that none
// is missing; left are those of archives that were never finished.
func (j *Journal) listArchive() (left []string, err error) {
	names, err := j.fs.ReadDir(j.archivePath("."))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("journal: list archive: %w", err)
	}
	for _, name := range names {
		if a, ok := parseArchived(name); ok {
			j.archives = append(j.archives, a)
		} else if strings.HasSuffix(name, tmpSuffix) {
			left = append(left, j.archivePath(name))
		}
	}
	return left, nil
}

// joinArchive checks that the archive ends where the first segment begins. An
// archive whose segment is still there is left alone: the segment counts.
func (j *Journal) joinArchive() error {
	first := j.segments[0]
	for n := len(j.archives); n > 0 && j.archives[n-1].first >= first.first; n-- {
		j.archives = j.archives[:n-1]
	}
	at := uint64(0)
	for _, a := range j.archives {
		if a.first != at+1 {
			return fmt.Errorf("%w: entries %d to %d, before archive %s", ErrMissing, at+1, a.first-1, a.name())
		}
		at = a.last
	}
	if at+1 != first.first || first.number != uint64(len(j.archives))+1 {
		return fmt.Errorf("%w: entries %d to %d (segment %d), before %s", ErrMissing, at+1, first.first-1, first.number-1, first.name())
	}
	if len(j.archives) == 0 {
		return nil
	}
	a := j.archives[len(j.archives)-1]
	p, err := j.archiveFile(a, uint64(len(j.archives)))
	if err == nil && p.end != first.before {
		err = a.damage(0, a.last, first.name()+" does not continue it")
	}
	return err
}
