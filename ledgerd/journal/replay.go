package journal

import (
	"errors"
	"fmt"
	"io"
)

// promise is the last entry that something outside the segments knows of. It was
// durable once, whatever stands there now.
type promise struct {
	index uint64
	file  string // that knows it
}

func (p *promise) raise(index uint64, file string) {
	if index > p.index {
		*p = promise{index: index, file: file}
	}
}

// replaySnapshot begins with the newest snapshot, if there is an owner to load it
// into, and tells it what the archive has behind that.
func (j *Journal) replaySnapshot() error {
	if err := j.promiseSnapshot(); err != nil {
		return err
	}
	r := j.opt.Replay
	if r == nil {
		return nil
	}
	if r.Load != nil {
		if err := j.loadNewest(r.Load); err != nil {
			return err
		}
	}
	return j.replayArchive(r.Entry)
}

// promiseSnapshot finds the newest snapshot whose header holds.
func (j *Journal) promiseSnapshot() error {
	names, err := j.snapshots()
	if err != nil {
		return err
	}
	for _, name := range names {
		at, err := j.loadHeader(name)
		if errors.Is(err, ErrForeign) {
			return err
		}
		if err == nil {
			j.promise.raise(at.Index, name)
			j.committed = max(j.committed, at.Index)
			return nil
		}
	}
	return nil
}

func (j *Journal) loadHeader(name string) (Snapshot, error) {
	f, err := j.fs.Open(j.path(name), false)
	if err != nil {
		return Snapshot{}, fmt.Errorf("journal: open: %w", err)
	}
	defer f.Close()
	at, _, err := j.openSnapshot(name, f)
	return at, err
}

// loadNewest loads the newest snapshot that holds, or begins with nothing.
func (j *Journal) loadNewest(load func(Snapshot, io.Reader) error) error {
	at, refused, err := j.newest(load)
	j.recovered.Refused = refused
	if err == nil {
		j.loaded, j.recovered.Snapshot = at, at.Index
		return nil
	}
	if err := load(Snapshot{}, nil); err != nil {
		return fmt.Errorf("journal: begin: %w", err)
	}
	return nil
}

// meets checks that the chain has the entry the snapshot is of.
func (s Snapshot) meets(at place) error {
	if s.Index == 0 || at.index != s.Index || (at.hash == s.Hash && at.term == s.Term) {
		return nil
	}
	return &DamageError{File: s.name(), Offset: 56, Index: s.Index, What: "the entry in the journal has another hash"}
}

// replayArchive tells what is retired and not in the snapshot.
func (j *Journal) replayArchive(entry func(Header, []byte) error) error {
	first := j.segments[0]
	if j.loaded.Index+1 >= first.first {
		return nil
	}
	v := &view{j: j, from: j.loaded.Index + 1}
	v.archives = j.archives[j.archiveOf(v.from):]
	if err := v.allArchives(entry); err != nil {
		return err
	}
	if v.at != first.before {
		return &DamageError{File: first.name(), Index: first.first, What: "it does not continue the archive"}
	}
	return nil
}
