package journal

import (
	"fmt"
	"sync/atomic"
)

// filler prepares the next segment while the active one fills up.
type filler struct {
	file File
	err  error
	done chan struct{}
	stop atomic.Bool
}

// prepareNext starts to fill the next segment's file once half of the active one
// is used.
func (j *Journal) prepareNext() {
	if j.next == nil && j.written > j.active().size/2 && !j.opt.Inline {
		j.next = j.startFiller()
	}
}

func (j *Journal) startFiller() *filler {
	n, spare := &filler{done: make(chan struct{})}, j.takeSpare()
	go func() {
		defer close(n.done)
		n.run(j.fs, j.path(nextName), spare, j.opt.SegmentBytes)
	}()
	return n
}

// run fills a spare file again, or a new one.
func (n *filler) run(fs FS, path, spare string, size int64) {
	if spare == "" {
		n.file, n.err = fs.Create(path)
	} else if n.err = fs.Rename(spare, path); n.err == nil {
		n.file, n.err = fs.Open(path, true)
	}
	if n.err == nil {
		n.err = fill(n.file, size, n.stop.Load)
	}
}

// takeSpare is the path of a retired file, or nothing.
func (j *Journal) takeSpare() string {
	if len(j.spares) == 0 {
		return ""
	}
	spare := j.spares[0]
	j.spares = j.spares[1:]
	return spare
}

// take waits for the filled file. A full disk is no failure: nothing was lost,
// and there may be room again.
func (j *Journal) take() (File, error) {
	n := j.next
	if n == nil {
		n = &filler{done: make(chan struct{})}
		n.run(j.fs, j.path(nextName), j.takeSpare(), j.opt.SegmentBytes)
		close(n.done)
	}
	<-n.done
	j.next = nil
	if n.err == nil {
		return n.file, nil
	}
	if n.file != nil {
		_ = n.file.Close() // it holds nothing
	}
	if noRoom(n.err) {
		_ = j.fs.Remove(j.path(nextName)) // give back what it took; the next start does too
		return nil, fmt.Errorf("%w: no next segment: %w", ErrLowDisk, n.err)
	}
	return nil, j.fail("prepare the next segment", n.err)
}

// dropFiller ends a preparation that is not needed any more.
func (j *Journal) dropFiller() error {
	if j.next == nil {
		return nil
	}
	n := j.next
	j.next = nil
	n.stop.Store(true)
	<-n.done
	if n.file == nil {
		return nil
	}
	if err := n.file.Close(); err != nil {
		return fmt.Errorf("journal: close: %w", err)
	}
	_ = j.fs.Remove(j.path(nextName)) // the next start does it too
	return nil
}

// roll goes on in a new segment. The order is what recovery counts on: first
// everything in the old one is durable, then the new one is there, durable, with
// the old one's end in its header, then the old one says that it has ended, and
// only then does an entry go into the new one.
func (j *Journal) roll() error {
	for len(j.pending) > 0 { // others append while one group is synced
		if err := j.sync(); err != nil {
			return err
		}
	}
	file, err := j.take()
	if err != nil {
		return err
	}
	if j.durable == j.active().before {
		return j.replace(file)
	}
	s := j.newSegment(j.active().number+1, j.durable)
	if err := j.publish(file, s); err != nil {
		_ = file.Close() // the journal is poisoned
		return err
	}
	if err := j.putMark(kindEnd); err != nil {
		_ = file.Close() // the journal is poisoned
		return err
	}
	if err := j.file.Close(); err != nil {
		return j.fail("close "+j.active().name(), err)
	}
	j.enter(file, s)
	return nil
}

// replace puts a larger file in the place of an active segment without entries.
func (j *Journal) replace(file File) error {
	s := j.newSegment(j.active().number, j.durable)
	if err := j.publish(file, s); err != nil {
		_ = file.Close() // the journal is poisoned
		return err
	}
	if err := j.file.Close(); err != nil {
		return j.fail("close "+s.name(), err)
	}
	j.segments = j.segments[: len(j.segments)-1 : len(j.segments)-1]
	j.enter(file, s)
	return nil
}

func (j *Journal) newSegment(number uint64, before place) segment {
	return segment{size: j.opt.SegmentBytes, cluster: j.cluster, node: j.node,
		number: number, first: before.index + 1, before: before}
}

// publish writes a filled file's header and gives the file its name.
func (j *Journal) publish(file File, s segment) error {
	if _, err := file.WriteAt(s.encode(), 0); err != nil {
		return j.fail("write the header of "+s.name(), err)
	}
	if err := file.Sync(); err != nil {
		return j.fail("sync the header of "+s.name(), err)
	}
	if err := j.fs.Rename(j.path(nextName), j.path(s.name())); err != nil {
		return j.fail("name "+s.name(), err)
	}
	if err := j.fs.SyncDir(j.dir); err != nil {
		return j.fail("sync the folder", err)
	}
	return nil
}

// enter makes a published segment the active one.
func (j *Journal) enter(file File, s segment) {
	j.segments = append(j.segments, s)
	j.file = file
	j.written = headerSize
	j.marked = true
}
