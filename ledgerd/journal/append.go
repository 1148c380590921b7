package journal

import (
	"errors"
	"fmt"
	"syscall"
)

// Append adds an entry behind the last and returns its index. It is not durable
// before Sync returns: until then it is nobody's. The journal keeps a copy of
// payload.
func (j *Journal) Append(payload []byte, term uint64, timeMS int64) (index uint64, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.admit(len(payload), term); err != nil {
		return 0, err
	}
	f := frame{kind: kindEntry, payload: payload, durable: j.durable.index}
	f.Index, f.Term, f.TimeMS, f.Prev = j.last.index+1, term, timeMS, j.last.hash
	j.offsets = append(j.offsets, uint32(j.end()))
	j.pending = appendFrame(j.pending, &f)
	j.last = place{index: f.Index, term: term, hash: f.Hash}
	return f.Index, nil
}

// admit refuses what must not be written and finds room for the rest.
func (j *Journal) admit(payload int, term uint64) error {
	switch {
	case j.err != nil:
		return j.err
	case j.opt.ReadOnly:
		return ErrReadOnly
	case payload > MaxPayload || int64(frameBytes(payload)) > j.opt.SegmentBytes-headerSize-markRoom:
		return fmt.Errorf("%w: %d bytes", ErrTooLarge, payload)
	case term < j.last.term:
		return fmt.Errorf("%w: %d after %d", ErrOrder, term, j.last.term)
	}
	if err := j.enoughDisk(); err != nil {
		return err
	}
	for j.end()+int64(frameBytes(payload)) > j.active().size-markRoom {
		if err := j.roll(); err != nil {
			return err
		}
	}
	return nil
}

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
func (j *Journal) end() int64 { return j.written + int64(len(j.pending)) }

// Sync makes every appended entry durable: one write and one sync for all of
// them, the group. When it fails, no entry of the group was promised, and none
// ever will be.
func (j *Journal) Sync() error {
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

func (j *Journal) sync() error {
	if len(j.pending) == 0 {
		return nil
	}
	if err := j.put(j.pending); err != nil {
		return err
	}
	j.pending = reuse(j.pending)
	j.durable = j.last
	j.marked = false
	return nil
}

// put writes frames at the durable end and syncs them.
func (j *Journal) put(b []byte) error {
	if _, err := j.file.WriteAt(b, j.written); err != nil {
		return j.fail("write "+j.active().name(), err)
	}
	if err := j.file.Sync(); err != nil {
		return j.fail("sync "+j.active().name(), err)
	}
	j.written += int64(len(b))
	return nil
}

// mark writes down that everything so far is durable, unless that is already
// there. A bad entry before a mark is damage, never a torn end.
func (j *Journal) mark() error {
	if j.marked {
		return nil
	}
	if err := j.put(j.markFrame(kindMark)); err != nil {
		return err
	}
	j.marked = true
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
