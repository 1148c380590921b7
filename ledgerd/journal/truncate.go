package journal

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
)

const (
	cutMagic = "MLANGOCT"
	cutSize  = 80
)

// Truncate takes back every entry behind after. Only entries that were never
// committed can go: with several voters a new leader may have others in their
// place. One voter never needs it.
func (j *Journal) Truncate(after uint64) error {
	j.chores.Lock()
	defer j.chores.Unlock()
	j.disk.Lock()
	defer j.disk.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.err != nil:
		return j.err
	case j.opt.ReadOnly:
		return ErrReadOnly
	case after >= j.last.index:
		return nil
	case after < j.committed || after < j.segments[0].before.index:
		return fmt.Errorf("%w: cut after %d, committed is %d", ErrCommitted, after, j.committed)
	}
	if after < j.durable.index {
		return j.cutBack(after)
	}
	return j.forget(after)
}

// forget takes back what was appended and not yet synced.
func (j *Journal) forget(after uint64) error {
	keep := j.durable
	b := j.pending
	for keep.index < after {
		f := decodeFrame(b)
		keep = place{index: f.Index, term: f.Term, hash: f.Hash}
		b = b[f.size:]
	}
	j.pending = j.pending[:len(j.pending)-len(b)]
	s := j.active()
	s.offsets = slices.Clone(s.offsets[:len(s.offsets)-int(j.last.index-after)]) // readers have the others
	j.last = keep
	j.terms.cut(after)
	return nil
}

// cutBack takes back durable entries, too. From the moment its intent is durable,
// every start finishes it.
func (j *Journal) cutBack(after uint64) error {
	if err := j.forget(j.durable.index); err != nil {
		return err
	}
	at, err := j.cutPlace(after)
	if err != nil {
		return err
	}
	if err := writeWhole(j.fs, j.dir, cutName, j.encodeCut(at)); err != nil {
		return j.fail("write "+cutName, err)
	}
	j.cuts++
	if err := j.dropFiller(); err != nil {
		return j.fail("drop the next segment", err)
	}
	if err := j.file.Close(); err != nil {
		return j.fail("close "+j.active().name(), err)
	}
	j.file = nil
	if err := j.applyCut(at); err != nil {
		return err
	}
	if err := j.reopen(); err != nil {
		return err
	}
	j.durable, j.last = at, at
	j.terms.cut(after)
	return nil
}

// cutPlace is the place of the last entry kept.
func (j *Journal) cutPlace(after uint64) (at place, err error) {
	i := j.segmentOf(after + 1)
	s := j.segments[i]
	if s.before.index == after {
		return s.before, nil
	}
	b, err := j.load(s, headerSize, s.size, nil)
	if err != nil {
		return at, err
	}
	w := walker{name: s.name(), base: headerSize, b: b, at: s.before}
	for w.at.index < after && w.next() {
	}
	if w.at.index != after {
		return at, w.damage("the entry is not there: " + w.why)
	}
	return w.at, nil
}

// segmentOf is where the segment of an entry stands in the list.
func (j *Journal) segmentOf(index uint64) int {
	for i := len(j.segments) - 1; i > 0; i-- {
		if j.segments[i].first <= index {
			return i
		}
	}
	return 0
}

// applyCut writes the segment of the last entry kept again, without what follows,
// removes later ones and then the intent. Doing it twice does it once.
func (j *Journal) applyCut(at place) error {
	i := j.segmentOf(at.index + 1)
	if err := j.rewrite(j.segments[i], at); err != nil {
		return err
	}
	for n := len(j.segments) - 1; n > i; n-- {
		if err := j.fs.Remove(j.path(j.segments[n].name())); err != nil {
			return j.fail("remove "+j.segments[n].name(), err)
		}
	}
	j.segments = slices.Clone(j.segments[:i+1])
	if err := j.fs.SyncDir(j.dir); err != nil {
		return j.fail("sync the folder", err)
	}
	if err := j.fs.Remove(j.path(cutName)); err != nil {
		return j.fail("remove "+cutName, err)
	}
	if err := j.fs.SyncDir(j.dir); err != nil {
		return j.fail("sync the folder", err)
	}
	return nil
}

// rewrite puts a copy in a segment's place that ends with the entry at.
func (j *Journal) rewrite(s segment, at place) error {
	b, err := j.load(s, 0, s.size, nil)
	if err != nil {
		return err
	}
	w := walker{name: s.name(), base: headerSize, b: b[headerSize:], at: s.before}
	for w.at.index < at.index && w.next() {
	}
	if w.err != nil || w.at != at {
		return w.damage("the entry that was to be the last is not there: " + w.why)
	}
	clear(b[headerSize+w.off:])
	f, err := j.fs.Create(j.path(nextName))
	if err != nil {
		return j.fail("cut "+s.name(), err)
	}
	_, err = f.WriteAt(b, 0)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = j.fs.Rename(j.path(nextName), j.path(s.name()))
	}
	if err == nil {
		err = j.fs.SyncDir(j.dir)
	}
	if err != nil {
		return j.fail("cut "+s.name(), err)
	}
	return nil
}

// reopen goes on behind the last entry of the last segment.
func (j *Journal) reopen() error {
	c := j.checkSegment(len(j.segments)-1, new([]byte))
	if c.err != nil {
		return c.err
	}
	j.active().offsets = c.offsets
	j.durable = c.end.at
	if err := j.resume(*j.active(), c.end); err != nil {
		return err
	}
	return j.mark()
}

// finishCut ends at a start what a crash has interrupted.
func (j *Journal) finishCut(names []string) ([]string, error) {
	b, err := readWhole(j.fs, j.path(cutName), cutSize+1)
	if err != nil {
		return nil, fmt.Errorf("journal: read %s: %w", cutName, err)
	}
	if len(b) != cutSize || string(b[:8]) != cutMagic || crc32.Checksum(b[:cutSize-4], tableCRC) != binary.LittleEndian.Uint32(b[cutSize-4:]) {
		return nil, &DamageError{File: cutName, What: "it does not hold"}
	}
	if err := j.belong(cutName, [16]byte(b[12:28]), binary.LittleEndian.Uint64(b[28:])); err != nil {
		return nil, err
	}
	at := place{index: binary.LittleEndian.Uint64(b[36:]), hash: [32]byte(b[44:76])}
	if err := j.readHeaders(slices.DeleteFunc(names, func(n string) bool { return !isSegment(n) })); err != nil {
		return nil, err
	}
	if at.term, err = j.cutTerm(at); err != nil {
		return nil, err
	}
	if err := j.applyCut(at); err != nil {
		return nil, err
	}
	j.segments = nil
	return j.fs.ReadDir(j.dir)
}

// cutTerm is the term of the last entry kept, which the intent does not say.
func (j *Journal) cutTerm(at place) (uint64, error) {
	found, err := j.cutPlace(at.index)
	if err == nil && found.hash != at.hash {
		err = &DamageError{File: cutName, Index: at.index, What: "the entry in the journal has another hash"}
	}
	return found.term, err
}

func (j *Journal) encodeCut(at place) []byte {
	b := make([]byte, 0, cutSize)
	b = append(b, cutMagic...)
	b = binary.LittleEndian.AppendUint32(b, version)
	b = append(b, j.cluster[:]...)
	b = binary.LittleEndian.AppendUint64(b, j.node)
	b = binary.LittleEndian.AppendUint64(b, at.index)
	b = append(b, at.hash[:]...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, tableCRC))
}
