package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// ending is how one segment ended, and what recovery has to do there.
type ending struct {
	at      place
	off     int64 // of the first byte behind the good frames
	dirty   int64 // bytes from there to the last one that is not zero
	ended   bool  // it says that the next segment goes on
	marked  bool  // the last good frame is a mark, or there is none
	blank   bool  // nothing at all was ever written to it
	damaged error // what is wrong at off, if anything is and if it must not be cut
}

// readEntries reads and checks every segment to its end. While the owner is told
// of one, the next is already being read.
func (j *Journal) readEntries() (ends []ending, err error) {
	err = inTurn(len(j.segments), j.checkSegment, func(i int, c segmentCheck) error {
		if c.err != nil {
			return c.err
		}
		if i > 0 && ends[i-1].at != j.segments[i].before {
			return j.gap(i, ends[i-1])
		}
		ends = append(ends, c.end)
		j.segments[i].offsets = c.offsets
		return j.tell(&c)
	})
	if err != nil {
		return nil, err
	}
	return ends, j.judge(ends)
}

// segmentCheck is one segment read into memory and walked through.
type segmentCheck struct {
	frames  []byte
	end     ending
	offsets []uint32 // of the entries in the file
	terms   terms
	err     error
}

// gap says that segment i begins where the one before does not end.
func (j *Journal) gap(i int, e ending) error {
	if e.damaged != nil {
		return e.damaged
	}
	return &DamageError{File: j.segments[i-1].name(), Offset: e.off, Index: e.at.index + 1,
		What: "the segment ends here, and " + j.segments[i].name() + " does not follow"}
}

// judge tells a torn end from damage. Only the last segment may have a torn end,
// or the one before it while nothing was written to the last: a crash between the
// birth of a segment and its predecessor's last word.
func (j *Journal) judge(ends []ending) error {
	n := len(ends) - 1
	for i, e := range ends {
		switch {
		case e.damaged != nil:
			return e.damaged
		case e.ended && i == n:
			return fmt.Errorf("%w: %s says that another segment follows it", ErrMissing, j.segments[i].name())
		case !e.ended && i < n && (i < n-1 || !ends[n].blank):
			return &DamageError{File: j.segments[i].name(), Offset: e.off, Index: e.at.index + 1, What: "the segment ends too early"}
		}
	}
	if p := j.promise; ends[n].at.index < p.index {
		return &DamageError{File: p.file, Index: ends[n].at.index + 1,
			What: fmt.Sprintf("it knows of entry %d, and the chain ends at %d", p.index, ends[n].at.index)}
	}
	j.durable = ends[n].at
	j.last = j.durable
	j.recovered.Entries = j.durable.index
	for i, e := range ends {
		if e.dirty > 0 {
			j.recovered.Cut, j.recovered.File, j.recovered.Offset = e.dirty, j.segments[i].name(), e.off
		}
	}
	return nil
}

// checkSegment reads one segment and walks through it.
func (j *Journal) checkSegment(i int, room *[]byte) (c segmentCheck) {
	s := j.segments[i]
	if i >= len(j.segments)-2 { // older ones were synced long ago
		if c.err = j.forgetCached(s); c.err != nil {
			return c
		}
	}
	if *room, c.err = j.load(s, headerSize, s.size, *room); c.err != nil {
		return c
	}
	c.frames = *room
	w := walker{name: s.name(), base: headerSize, b: c.frames, at: s.before, mark: true}
	for c.err = j.loaded.meets(w.at); c.err == nil && w.next(); {
		if w.f.kind == kindEntry {
			c.offsets = append(c.offsets, uint32(w.base+int64(w.off-w.f.size)))
			c.terms.add(w.f.Index, w.f.Term)
			c.err = j.loaded.meets(w.at)
		}
	}
	if c.err = errors.Join(c.err, w.err); c.err == nil {
		c.end = w.ending(j.promise)
	}
	return c
}

// tell gives the entries of a segment that was checked to the owner.
func (j *Journal) tell(c *segmentCheck) error {
	for _, s := range c.terms {
		j.terms.add(s.first, s.term)
	}
	if j.opt.Replay == nil {
		return nil
	}
	for _, off := range c.offsets {
		f := decodeFrame(c.frames[off-headerSize:])
		if f.Index <= j.loaded.Index {
			continue
		}
		if err := j.opt.Replay.Entry(f.Header, f.payload); err != nil {
			return err
		}
	}
	return nil
}

// forgetCached makes sure that what is read comes from the disk. After a failed
// sync the system may show bytes that never arrived.
func (j *Journal) forgetCached(s segment) error {
	f, err := j.fs.Open(j.path(s.name()), !j.opt.ReadOnly)
	if err != nil {
		return fmt.Errorf("journal: open: %w", err)
	}
	defer f.Close()
	if !j.opt.ReadOnly {
		if err := f.Sync(); err != nil {
			return j.fail("sync "+s.name(), err)
		}
	}
	if err := f.Drop(); err != nil {
		return fmt.Errorf("journal: drop cached %s: %w", s.name(), err)
	}
	return nil
}

// ending is what the walk found at its end.
func (w *walker) ending(known promise) ending {
	rest := w.b[w.off:]
	e := ending{at: w.at, off: w.base + int64(w.off), ended: w.ended, marked: w.mark}
	e.dirty = int64(lastByte(rest))
	e.blank = w.off == 0 && e.dirty == 0
	switch {
	case w.ended && e.dirty > 0:
		e.damaged = w.damage("bytes behind the end of the segment")
	case e.dirty > 0 && (w.at.index < known.index || witnessed(rest, w.at.index+1)):
		e.damaged = w.damage(w.why)
	}
	return e
}

// witnessed tells whether any header in b was written when the entry with that
// index was already durable. Then somebody may have been told about the entry,
// and a bad one in its place is damage. Without a witness it belongs to a group
// whose sync never returned: the disk may have kept any part of it.
func witnessed(b []byte, index uint64) bool {
	for off := 0; off+frameSize <= len(b); off += frameAlign {
		h := b[off : off+frameSize]
		if string(h[:4]) == frameMagic && crc32.Checksum(h[:116], tableCRC) == binary.LittleEndian.Uint32(h[116:]) &&
			binary.LittleEndian.Uint64(h[104:]) >= index {
			return true
		}
	}
	return false
}

// lastByte is the length of b without the zeros at its end.
func lastByte(b []byte) int {
	for n := len(b); n > 0; n-- {
		if n%4096 == 0 && n >= 4096 && allZero(b[n-4096:n]) {
			n -= 4095
			continue
		}
		if b[n-1] != 0 {
			return n
		}
	}
	return 0
}

// settle cuts torn ends, makes everything that was read durable, and says so on
// disk: from here on it is promised, whatever the last run knew about it.
func (j *Journal) settle(ends []ending) error {
	n := len(ends) - 1
	if n > 0 && !ends[n-1].ended {
		if err := j.finish(j.segments[n-1], ends[n-1]); err != nil {
			return err
		}
	}
	if err := j.resume(*j.active(), ends[n]); err != nil {
		return err
	}
	if !ends[n].marked {
		return j.mark()
	}
	return nil
}

// leave reads no further than the good frames, and not into a segment whose
// predecessor has not said its last word.
func (j *Journal) leave(ends []ending) {
	n := len(ends) - 1
	if n > 0 && !ends[n-1].ended {
		n--
		j.segments = j.segments[:n+1]
	}
	j.written = ends[n].off
}

// finish writes the last word of a segment that already has a successor.
func (j *Journal) finish(s segment, e ending) error {
	f, err := j.fs.Open(j.path(s.name()), true)
	if err != nil {
		return fmt.Errorf("journal: open: %w", err)
	}
	defer f.Close()
	if err := j.cut(f, s, e); err != nil {
		return err
	}
	if _, err := f.WriteAt(j.markFrame(kindEnd), e.off); err != nil {
		return j.fail("write "+s.name(), err)
	}
	if err := f.Sync(); err != nil {
		return j.fail("sync "+s.name(), err)
	}
	return nil
}

// resume opens the last segment for writing.
func (j *Journal) resume(s segment, e ending) error {
	f, err := j.fs.Open(j.path(s.name()), true)
	if err != nil {
		return fmt.Errorf("journal: open: %w", err)
	}
	j.file, j.written, j.marked = f, e.off, e.marked
	return j.cut(f, s, e)
}

// cut writes zeros over a torn end.
func (j *Journal) cut(f File, s segment, e ending) error {
	if e.dirty == 0 {
		return nil
	}
	if _, err := f.WriteAt(make([]byte, e.dirty), e.off); err != nil {
		return j.fail("cut the torn end of "+s.name(), err)
	}
	if err := f.Sync(); err != nil {
		return j.fail("cut the torn end of "+s.name(), err)
	}
	return nil
}
