package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"syscall"
)

// Append adds an entry behind the last and returns its index. It is not durable
// before Sync returns: until then it is nobody's. The journal keeps a copy of
// payload. Entries may be appended while an earlier group is being synced.
func (j *Journal) Append(payload []byte, term uint64, timeMS int64) (index uint64, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.admit(len(payload), term); err != nil {
		return 0, err
	}
	j.append(payload, term, timeMS)
	return j.last.index, nil
}

// AppendAt is Append for who counts the entries itself: index must be the one
// behind the last. What stands there and was never committed is taken back first,
// with Truncate.
func (j *Journal) AppendAt(index, term uint64, payload []byte, timeMS int64) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.admit(len(payload), term); err != nil {
		return err
	}
	if index != j.last.index+1 {
		return fmt.Errorf("%w: entry %d was to follow %d", ErrOrder, index, j.last.index)
	}
	j.append(payload, term, timeMS)
	return nil
}

// append adds what admit let in.
func (j *Journal) append(payload []byte, term uint64, timeMS int64) {
	f := frame{kind: kindEntry, payload: payload, durable: j.durable.index}
	f.Index, f.Term, f.TimeMS, f.Prev = j.last.index+1, term, timeMS, j.last.hash
	j.active().offsets = append(j.active().offsets, uint32(j.end()))
	j.pending = appendFrame(j.pending, &f)
	j.last = place{index: f.Index, term: term, hash: f.Hash}
	j.terms.add(f.Index, term)
}

// admit refuses what must not be written and finds room for the rest.
func (j *Journal) admit(payload int, term uint64) error {
	for {
		switch {
		case j.err != nil:
			return j.err
		case j.opt.ReadOnly:
			return ErrReadOnly
		case payload > MaxPayload || int64(frameBytes(payload)) > j.opt.SegmentBytes-headerSize-markRoom:
			return fmt.Errorf("%w: %d bytes", ErrTooLarge, payload)
		case term < j.last.term:
			return fmt.Errorf("%w: term %d after %d", ErrOrder, term, j.last.term)
		}
		if err := j.enoughDisk(); err != nil {
			return err
		}
		if j.fits(payload) {
			return nil
		}
		if err := j.makeRoom(payload); err != nil {
			return err
		}
	}
}

// fits tells whether the active segment has room for the entry and its marks.
func (j *Journal) fits(payload int) bool {
	return j.end()+int64(frameBytes(payload)) <= j.active().size-markRoom
}

// makeRoom goes on in a new segment. It gives j.mu up for a moment: others may
// have come first.
func (j *Journal) makeRoom(payload int) error {
	j.mu.Unlock()
	j.disk.Lock()
	j.mu.Lock()
	defer j.disk.Unlock()
	if j.err != nil || j.fits(payload) {
		return j.err
	}
	return j.roll()
}

// Room tells with ErrLowDisk that an entry would be refused: what is proposed to
// others first must know it before.
func (j *Journal) Room() error { return j.enoughDisk() }

// enoughDisk holds the low mark.
func (j *Journal) enoughDisk() error {
	if j.opt.MinFree == 0 {
		return nil
	}
	free, err := j.fs.Free(j.dir)
	if err != nil {
		return fmt.Errorf("journal: ask for free disk: %w", err)
	}
	if free < j.opt.MinFree {
		return fmt.Errorf("%w: %d bytes are free, %d are kept", ErrLowDisk, free, j.opt.MinFree)
	}
	return nil
}

// end is where the next frame goes in the active segment.
func (j *Journal) end() int64 { return j.written + int64(len(j.writing)) + int64(len(j.pending)) }

// Sync makes every entry appended before the call durable: one write and one sync
// for all of them, the group. When it fails, no entry of the group was promised,
// and none ever will be. Reading and appending go on meanwhile.
func (j *Journal) Sync() error {
	j.disk.Lock()
	defer j.disk.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return j.err
	}
	if err := j.sync(); err != nil {
		return err
	}
	j.prepareNext()
	return nil
}

// sync writes what is pending. It gives j.mu up while the disk works; j.disk
// keeps everyone else from the file.
func (j *Journal) sync() error {
	if len(j.pending) == 0 {
		return nil
	}
	upto := j.last
	j.pending, j.writing = j.idle[:0], j.pending
	witness(j.writing, j.durable.index)
	j.mu.Unlock()
	operation, err := j.put(j.writing)
	j.mu.Lock()
	if err != nil {
		return j.fail(operation, err)
	}
	j.written += int64(len(j.writing))
	j.idle, j.writing = reuse(j.writing), nil
	j.durable = upto
	j.marked = false
	return nil
}

// witness writes into each frame of a group up to where the journal is durable
// now: while the frames were appended the group before was perhaps still on its
// way, and it must not look torn once it has arrived.
func witness(group []byte, durable uint64) {
	for len(group) > 0 {
		if binary.LittleEndian.Uint64(group[104:]) != durable {
			binary.LittleEndian.PutUint64(group[104:], durable)
			binary.LittleEndian.PutUint32(group[116:], crc32.Checksum(group[:116], tableCRC))
		}
		group = group[frameBytes(int(binary.LittleEndian.Uint32(group[8:]))):]
	}
}

// put writes frames at the durable end and syncs them; operation is what failed.
func (j *Journal) put(b []byte) (operation string, err error) {
	if _, err := j.file.WriteAt(b, j.written); err != nil {
		return "write " + j.active().name(), err
	}
	if err := j.file.Sync(); err != nil {
		return "sync " + j.active().name(), err
	}
	return "", nil
}

// mark writes down that everything so far is durable, unless that is already
// there. A bad entry before a mark is damage, never a torn end.
func (j *Journal) mark() error {
	if j.marked {
		return nil
	}
	if err := j.putMark(kindMark); err != nil {
		return err
	}
	j.marked = true
	return nil
}

func (j *Journal) putMark(kind uint16) error {
	b := j.markFrame(kind)
	if operation, err := j.put(b); err != nil {
		return j.fail(operation, err)
	}
	j.written += int64(len(b))
	return nil
}

func (j *Journal) markFrame(kind uint16) []byte {
	f := frame{kind: kind, durable: j.durable.index}
	f.Index, f.Term, f.Prev = j.durable.index, j.durable.term, j.durable.hash
	return appendFrame(nil, &f)
}

// reuse empties a buffer, and gives up one that a rare large group made large.
func reuse(b []byte) []byte {
	if cap(b) > 2*MaxPayload {
		return nil
	}
	return b[:0]
}

// noRoom tells whether an error means a full disk.
func noRoom(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
