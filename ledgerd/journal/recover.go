package journal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// recover reads the folder and leaves the journal ready to be appended to.
func (j *Journal) recover() error {
	if !j.opt.ReadOnly { // a killed process may have left names that no disk has
		if err := j.fs.SyncDir(j.dir); err != nil {
			return fmt.Errorf("journal: sync folder: %w", err)
		}
	}
	names, err := j.fs.ReadDir(j.dir)
	if err != nil {
		return fmt.Errorf("journal: list folder: %w", err)
	}
	if slices.Contains(names, failedName) && !j.opt.AcceptFailed && !j.opt.ReadOnly {
		return fmt.Errorf("%w: %s", ErrFailedBefore, j.path(failedName))
	}
	if err := j.mayOpen(names); err != nil {
		return err
	}
	if err := j.identify(names); err != nil {
		return err
	}
	if slices.Contains(names, cutName) {
		if names, err = j.finishCut(names); err != nil {
			return err
		}
	}
	left, err := j.listArchive()
	if err != nil {
		return err
	}
	files := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !isSegment(n) })
	if len(files) == 0 {
		return j.begin(slices.ContainsFunc(names, isPromise) || len(j.archives) > 0)
	}
	if err := j.readHeaders(files); err != nil {
		return err
	}
	if err := j.joinArchive(); err != nil {
		return err
	}
	if err := j.replaySnapshot(); err != nil {
		return err
	}
	ends, err := j.readEntries()
	if err != nil {
		return err
	}
	if j.opt.ReadOnly {
		j.leave(ends)
		return nil
	}
	if err := j.settle(ends); err != nil {
		return err
	}
	return j.tidy(names, left)
}

// mayOpen refuses a folder that is not a node's journal, or not now.
func (j *Journal) mayOpen(names []string) error {
	switch has := func(name string) bool { return slices.Contains(names, name) }; {
	case has(copyingName):
		return fmt.Errorf("%w: a backup or restore into %s did not end; make it again in an empty folder", ErrUnfinished, j.dir)
	case has(backupName) && !j.opt.ReadOnly:
		return fmt.Errorf("%w: %s", ErrBackup, j.dir)
	case has(cutName) && j.opt.ReadOnly:
		return fmt.Errorf("%w: entries are being taken back in %s; start the node once", ErrUnfinished, j.dir)
	}
	return nil
}

// isPromise tells a file that only a journal with entries or elections has.
func isPromise(name string) bool {
	return name == identityName || name == voteName || isSnapshot(name)
}

// identify takes cluster and node from the identity file, if there is one, and
// what else the node knew of itself.
func (j *Journal) identify(names []string) error {
	j.cluster, j.node = j.opt.Cluster, j.opt.Node
	if slices.Contains(names, identityName) {
		if err := j.readIdentity(); err != nil {
			return err
		}
	}
	if slices.Contains(names, voteName) {
		return j.readVote()
	}
	return nil
}

func (j *Journal) readIdentity() error {
	b, err := readWhole(j.fs, j.path(identityName), 64)
	if err != nil {
		return fmt.Errorf("journal: read identity: %w", err)
	}
	cluster, node, ok := parseIdentity(b)
	if !ok {
		return &DamageError{File: identityName, What: "the identity does not hold"}
	}
	return j.belong(identityName, cluster, node)
}

// belong takes over an identity or refuses another one.
func (j *Journal) belong(file string, cluster [16]byte, node uint64) error {
	if j.cluster == [16]byte{} {
		j.cluster = cluster
	}
	if j.node == 0 {
		j.node = node
	}
	if j.cluster != cluster || j.node != node {
		return fmt.Errorf("%w: %s is of cluster %x node %d, not %x node %d", ErrForeign, file, cluster, node, j.cluster, j.node)
	}
	return nil
}

// begin makes the first segment of a new journal, then its identity: while that
// is missing nothing was ever promised here.
func (j *Journal) begin(known bool) error {
	if known {
		return fmt.Errorf("%w: %s is a journal's folder and has no segment; bring them back from a copy", ErrMissing, j.dir)
	}
	if j.opt.ReadOnly || j.opt.Existing {
		return fmt.Errorf("%w: there is no journal in %s; bring it back from a copy", ErrMissing, j.dir)
	}
	if j.cluster == [16]byte{} {
		_, _ = rand.Read(j.cluster[:]) // never fails: see crypto/rand
	}
	if j.node == 0 {
		j.node = 1
	}
	if err := j.fs.SyncDir(filepath.Dir(j.dir)); err != nil { // the folder itself may be new
		return fmt.Errorf("journal: sync the folder above: %w", err)
	}
	if err := j.startSegment(1, place{hash: genesis(j.cluster)}); err != nil {
		return err
	}
	if r := j.opt.Replay; r != nil && r.Load != nil {
		if err := r.Load(Snapshot{}, nil); err != nil {
			return fmt.Errorf("journal: begin: %w", err)
		}
	}
	return j.writeIdentity()
}

// startSegment makes the first segment of a folder; it may follow an archive.
func (j *Journal) startSegment(number uint64, before place) error {
	file, err := j.take()
	if err != nil {
		return err
	}
	j.durable, j.last = before, before
	s := j.newSegment(number, before)
	j.enter(file, s)
	return j.publish(file, s)
}

func (j *Journal) writeIdentity() error {
	if err := writeWhole(j.fs, j.dir, identityName, encodeIdentity(j.cluster, j.node)); err != nil {
		return fmt.Errorf("journal: write identity: %w", err)
	}
	return nil
}

// readHeaders reads and checks the segments' headers: one chain of files, none
// missing, none foreign, none under another's name.
func (j *Journal) readHeaders(files []string) error {
	for i, name := range files {
		s, err := j.readHeader(name)
		if err != nil {
			return err
		}
		if i > 0 && s.number != j.active().number+1 {
			return fmt.Errorf("%w: segment %d stands after segment %d", ErrMissing, s.number, j.active().number)
		}
		j.segments = append(j.segments, s)
	}
	if first := j.segments[0]; first.number == 1 && first.before.hash != genesis(j.cluster) {
		return &DamageError{File: first.name(), Index: 1, What: "the chain does not begin with this cluster"}
	}
	return nil
}

func (j *Journal) readHeader(name string) (segment, error) {
	f, err := j.fs.Open(j.path(name), false)
	if err != nil {
		return segment{}, fmt.Errorf("journal: open: %w", err)
	}
	defer f.Close()
	b := make([]byte, headerSize)
	n, err := f.ReadAt(b, 0)
	if n < headerSize {
		return segment{}, errors.Join(&DamageError{File: name, What: "the file is shorter than a header"}, err)
	}
	s, why := parseSegment(b)
	if why != "" {
		return segment{}, &DamageError{File: name, What: why}
	}
	if s.name() != name {
		return segment{}, &DamageError{File: name, Index: s.first, What: "the file was renamed: it is " + s.name()}
	}
	if size, err := f.Size(); err != nil || size != s.size {
		return segment{}, errors.Join(&DamageError{File: name, Offset: size, Index: s.first,
			What: fmt.Sprintf("the file has %d bytes, its header says %d", size, s.size)}, err)
	}
	return s, j.belong(name, s.cluster, s.node)
}

// tidy removes what a crash left over and what is settled now.
func (j *Journal) tidy(names, left []string) error {
	for _, name := range names {
		if name == failedName || strings.HasSuffix(name, tmpSuffix) {
			left = append(left, j.path(name))
		}
	}
	for _, path := range left {
		if err := j.fs.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("journal: remove %s: %w", path, err)
		}
	}
	if len(left) > 0 {
		if err := j.fs.SyncDir(j.dir); err != nil {
			return fmt.Errorf("journal: sync folder: %w", err)
		}
	}
	if !slices.Contains(names, identityName) {
		return j.writeIdentity()
	}
	return nil
}
