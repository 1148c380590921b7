package journal

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// keepSnapshots is how many stay: the newest, and one in case it does not hold.
const keepSnapshots = 2

// SaveSnapshot keeps what write writes as a snapshot as of a durable entry, which is
// committed by that. It may run beside the writer. A full disk, or an error of write, gives the snapshot up
// and touches nothing else; a failing disk ends the journal.
func (j *Journal) SaveSnapshot(index uint64, write func(io.Writer) error) error {
	j.chores.Lock()
	defer j.chores.Unlock()
	if err := j.mayWrite(); err != nil {
		return err
	}
	at, err := j.find(index)
	if err != nil {
		return err
	}
	j.Commit(index)
	tmp := j.path(at.name() + tmpSuffix)
	operation, err := j.writeSnapshot(at, tmp, write)
	if err == nil {
		return j.dropSnapshots()
	}
	_ = j.fs.Remove(tmp) // the next start does it too
	switch {
	case noRoom(err):
		return fmt.Errorf("%w: snapshot of entry %d: %w", ErrLowDisk, index, err)
	case operation == "":
		return fmt.Errorf("journal: snapshot of entry %d: %w", index, err)
	}
	return j.poison(operation+" "+at.name(), err)
}

// mayWrite says why nothing more is written, if nothing is.
func (j *Journal) mayWrite() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil && j.opt.ReadOnly {
		return ErrReadOnly
	}
	return j.err
}

// find is the place of a durable entry.
func (j *Journal) find(index uint64) (at Snapshot, err error) {
	if i, hash, term := j.Head(); i == index && i > 0 {
		return Snapshot{Index: i, Term: term, Hash: hash}, nil
	}
	if index == 0 {
		return at, fmt.Errorf("%w: 0", ErrBeyond)
	}
	err = j.Read(index, func(h Header, _ []byte) error {
		at = Snapshot{Index: h.Index, Term: h.Term, Hash: h.Hash}
		return errEnough
	})
	if err == nil {
		return at, fmt.Errorf("%w: %d", ErrBeyond, index)
	}
	if err == errEnough {
		err = nil
	}
	return at, err
}

// writeSnapshot makes the file. An empty operation means that it was not the disk
// that failed.
func (j *Journal) writeSnapshot(at Snapshot, tmp string, write func(io.Writer) error) (operation string, err error) {
	f, err := j.fs.Create(tmp)
	if err != nil {
		return "create", err
	}
	w, err := newSnapWriter(f, at.encode(j.cluster, j.node), j.mayGoOn)
	if err != nil {
		_ = f.Close() // it goes
		return "write", err
	}
	disk := &diskErrors{w: w}
	err = write(disk)
	if err == nil {
		err = disk.tell(w.end())
	}
	if disk.err != nil {
		operation = "write"
	}
	if cerr := f.Close(); err == nil && cerr != nil {
		operation, err = "close", cerr
	}
	if err != nil {
		return operation, err
	}
	if err := j.fs.Rename(tmp, j.path(at.name())); err != nil {
		return "name", err
	}
	if err := j.fs.SyncDir(j.dir); err != nil {
		return "sync the name of", err
	}
	return "", nil
}

// diskErrors remembers whether it was the disk that failed, whatever is made of
// its error on the way.
type diskErrors struct {
	w   *snapWriter
	err error
}

// Write hands on.
func (d *diskErrors) Write(b []byte) (int, error) {
	n, err := d.w.Write(b)
	return n, d.tell(err)
}

func (d *diskErrors) tell(err error) error {
	if err != nil && !errors.Is(err, ErrLowDisk) && !errors.Is(err, ErrClosed) {
		d.err = err
	}
	return err
}

// mayGoOn gives a snapshot or a backup up when the disk fills or the journal ends.
func (j *Journal) mayGoOn() error {
	if j.closing.Load() {
		return ErrClosed
	}
	return j.enoughDisk()
}

// dropSnapshots removes all but the newest.
func (j *Journal) dropSnapshots() error {
	names, err := j.snapshots()
	if err != nil || len(names) <= keepSnapshots {
		return err
	}
	for _, name := range names[keepSnapshots:] {
		if err := j.fs.Remove(j.path(name)); err != nil {
			return j.poison("remove "+name, err)
		}
	}
	if err := j.fs.SyncDir(j.dir); err != nil {
		return j.poison("sync the folder", err)
	}
	return nil
}

// snapshots are the files' names, the newest first.
func (j *Journal) snapshots() ([]string, error) {
	names, err := j.fs.ReadDir(j.dir)
	if err != nil {
		return nil, fmt.Errorf("journal: list folder: %w", err)
	}
	names = slices.DeleteFunc(names, func(n string) bool { return !isSnapshot(n) })
	slices.Reverse(names)
	return names, nil
}

// isSnapshot tells a snapshot's file by its name.
func isSnapshot(name string) bool {
	digits, ok := strings.CutSuffix(name, snapSuffix)
	return ok && len(digits) == 20 && strings.Trim(digits, "0123456789") == ""
}

// LoadSnapshot gives the newest snapshot that holds to load, which begins anew
// each time: with an older one when the newer does not hold to its end, or when
// load returns an error. What load was given counts only when LoadSnapshot returns
// no error; refused says what is wrong with newer snapshots. ErrNoSnapshot: there
// is none that holds.
func (j *Journal) LoadSnapshot(load func(Snapshot, io.Reader) error) (at Snapshot, refused []error, err error) {
	j.chores.Lock()
	defer j.chores.Unlock()
	return j.newest(load)
}

// newest loads the newest that holds, and says why others were refused.
func (j *Journal) newest(load func(Snapshot, io.Reader) error) (at Snapshot, refused []error, err error) {
	names, err := j.snapshots()
	if err != nil {
		return at, nil, err
	}
	for _, name := range names {
		if at, err = j.loadSnapshot(name, load); err == nil {
			return at, refused, nil
		}
		refused = append(refused, err)
	}
	return Snapshot{}, refused, ErrNoSnapshot
}

func (j *Journal) loadSnapshot(name string, load func(Snapshot, io.Reader) error) (Snapshot, error) {
	f, err := j.fs.Open(j.path(name), false)
	if err != nil {
		return Snapshot{}, fmt.Errorf("journal: open: %w", err)
	}
	defer f.Close()
	at, checked, err := j.openSnapshot(name, f)
	if err != nil {
		return at, err
	}
	r := readAhead(checked)
	defer r.stop()
	lerr := load(at, r)
	if _, err := io.Copy(io.Discard, r); err != nil { // it counts only when it holds to its end
		return at, err
	}
	if lerr != nil {
		return at, fmt.Errorf("journal: load %s: %w", name, lerr)
	}
	return at, nil
}
