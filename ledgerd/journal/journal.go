// Package journal keeps hash-chained entries on disk so that they survive a
// crash at any byte. It knows no money: an entry is an index, a term, a time and
// bytes. FORMAT.md draws what is on the disk and says what a crash can leave.
package journal

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// Options say how to open a journal. The zero value opens what is there, or makes
// a journal of a new cluster.
type Options struct {
	Cluster      [16]byte // zero: that of the folder, or a random one if it is new
	Node         uint64   // zero: that of the folder, or 1 if it is new
	SegmentBytes int64    // size of new segment files; zero: SegmentBytes
	MinFree      uint64   // bytes of disk below which Append refuses
	ReadOnly     bool     // change nothing, not even a torn end
	Existing     bool     // refuse a folder that holds no journal
	AcceptFailed bool     // start although the last run ended on a failed write
	Replay       *Replay  // whom Open tells what it reads
	FS           FS       // nil: the real disk
	Rest         func()   // called between the pieces of work beside the writer; it may sleep
	Inline       bool     // fill a segment when it is needed, not ahead: tests that must run the same each time

	unlocked bool // nobody writes there: it may be a medium where nobody can
}

// Replay is told what the journal holds while Open reads and checks it, so that a
// start reads everything once. If Open fails in the end, what was told counts for
// nothing.
type Replay struct {
	// Load begins anew with the newest snapshot that holds; with an older one when
	// it returns an error; and when there is none, with Snapshot{} and no reader.
	// Nil: every entry is told, from the first on.
	Load func(Snapshot, io.Reader) error
	// Entry is told every entry behind what was loaded, in order. What it is told is
	// on the disk. The payload is its own for the length of the call.
	Entry func(Header, []byte) error
}

// Recovery is what Open found.
type Recovery struct {
	Entries  uint64 // how many there are
	Cut      int64  // bytes of a torn end that were taken off, with nothing anyone was promised
	File     string // where it was cut
	Offset   int64
	Snapshot uint64  // the entry of the snapshot that was loaded; zero: none
	Refused  []error // why newer snapshots were not
}

// Journal is one open folder. Its methods may be called at the same time, but
// entries are meant to come from one writer.
type Journal struct {
	dir       string
	opt       Options
	fs        FS
	lock      io.Closer
	cluster   [16]byte
	node      uint64
	recovered Recovery

	// Locks, in the order they are taken. Only mu is ever held for a short time.
	chores sync.Mutex   // one snapshot, retirement or backup at a time
	disk   sync.Mutex   // who writes the active segment, and begins another
	files  sync.RWMutex // who reads a segment's file; who takes one away
	mu     sync.Mutex   // everything below

	err      error      // once set, nothing works any more
	archives []archived // oldest first
	segments []segment  // those outside the archive, oldest first; the last is being written
	file     File       // of the last segment; under disk
	written  int64      // durable up to here in that file; changed under disk and mu
	marked   bool       // the last durable frame is a mark, or there is none
	writing  []byte     // the group that is being synced
	pending  []byte     // frames that were appended since
	idle     []byte     // room for the next group
	terms    terms      // of the entries outside the archive
	last     place      // the last entry appended
	durable  place      // the last entry synced
	next     *filler    // the segment that is being prepared, if any
	spares   []string   // retired files that can be the next ones

	term      uint64 // the newest seen
	vote      uint64 // given in it
	committed uint64
	cuts      uint64 // how often durable entries were taken back

	promise promise     // what recovery knows must be there
	loaded  Snapshot    // what recovery began with
	closing atomic.Bool // chores give up
}

// Open opens the journal in dir, or makes one. It reads and checks everything.
// A torn end is cut; whatever else is wrong stops the start, with its place.
func Open(dir string, opt Options) (*Journal, error) {
	opt, err := opt.checked()
	if err != nil {
		return nil, err
	}
	j := &Journal{dir: dir, opt: opt, fs: opt.FS}
	if !opt.ReadOnly {
		if err := j.fs.MkdirAll(dir); err != nil {
			return nil, fmt.Errorf("journal: make folder: %w", err)
		}
	}
	if err := j.takeLock(); err != nil {
		return nil, err
	}
	if err := j.recover(); err != nil {
		return nil, errors.Join(err, j.release())
	}
	return j, nil
}

// takeLock holds the folder for this process.
func (j *Journal) takeLock() (err error) {
	if j.opt.unlocked {
		j.lock = io.NopCloser(nil)
		return nil
	}
	if j.lock, err = j.fs.Lock(j.path(lockName)); err != nil {
		return fmt.Errorf("journal: lock: %w", err)
	}
	return nil
}

// checked fills in what was left out and refuses what cannot be.
func (o Options) checked() (Options, error) {
	if o.FS == nil {
		o.FS = osFS{}
	}
	if o.SegmentBytes == 0 {
		o.SegmentBytes = SegmentBytes
	}
	if o.SegmentBytes < minSegment || o.SegmentBytes > maxSegment || o.SegmentBytes%headerSize != 0 {
		return o, fmt.Errorf("journal: segment size %d is not a multiple of %d between %d and %d",
			o.SegmentBytes, headerSize, minSegment, maxSegment)
	}
	return o, nil
}

// Cluster is whose journal it is.
func (j *Journal) Cluster() [16]byte { return j.cluster }

// Node is which of the cluster's nodes wrote it.
func (j *Journal) Node() uint64 { return j.node }

// Recovered tells what Open found.
func (j *Journal) Recovered() Recovery { return j.recovered }

// Head is the last durable entry: its index, hash and term. Index zero means that
// there is none.
func (j *Journal) Head() (index uint64, hash [32]byte, term uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.durable.index, j.durable.hash, j.durable.term
}

// Close syncs what is pending, marks the end and gives the folder back. After a
// failed write it writes nothing and returns that failure.
func (j *Journal) Close() error {
	j.closing.Store(true)
	j.chores.Lock()
	defer j.chores.Unlock()
	j.disk.Lock()
	defer j.disk.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	if errors.Is(j.err, ErrClosed) {
		return nil
	}
	err := j.err
	if err == nil && j.file != nil {
		if err = j.sync(); err == nil {
			err = j.mark()
		}
	}
	j.err = ErrClosed
	if serr := j.dropFiller(); err == nil {
		err = serr
	}
	if rerr := j.release(); err == nil {
		err = rerr
	}
	return err
}

// release closes the file and the lock.
func (j *Journal) release() error {
	var err error
	if j.file != nil {
		err = j.file.Close()
		j.file = nil
	}
	if err := errors.Join(err, j.lock.Close()); err != nil {
		return fmt.Errorf("journal: close: %w", err)
	}
	return nil
}

// fail poisons the journal: whatever is asked from now on is answered with this.
// It leaves a note for the next start, as well as the disk still can.
func (j *Journal) fail(operation string, err error) error {
	j.err = fmt.Errorf("%w: %s: %w", ErrFailed, operation, err)
	_ = writeWhole(j.fs, j.dir, failedName, []byte(j.err.Error()+"\n")) // the disk is failing; the note is a courtesy
	return j.err
}

// active is the segment that is being written.
func (j *Journal) active() *segment { return &j.segments[len(j.segments)-1] }

func (j *Journal) path(name string) string { return filepath.Join(j.dir, name) }
