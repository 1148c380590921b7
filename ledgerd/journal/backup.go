package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
)

// copyGroup is how many bytes a copy appends between two syncs.
const copyGroup = 1 << 20

// Copied is what a backup or a restored folder holds.
type Copied struct {
	Index    uint64 // the last entry
	Term     uint64
	Hash     [32]byte
	Snapshot uint64  // the entry of the snapshot with it; zero: none
	Refused  []error // what is wrong with newer snapshots
}

// Backup copies the journal into an empty folder while it goes on: every entry
// that is durable now, and the newest snapshot. All of it is checked on the way.
// What the vault keeps is not in it, and must be copied to somewhere else. A backup
// onto the journal's own disk ends when that has only Options.MinFree left.
func (j *Journal) Backup(to string) (Copied, error) {
	index, hash, term := j.Head()
	done := Copied{Index: index, Term: term, Hash: hash}
	if err := j.copyTo(to, &done, true); err != nil {
		return done, fmt.Errorf("journal: backup to %s: %w", to, err)
	}
	return done, nil
}

// Restore makes a node's folder out of a backup, in an empty folder: every entry
// up to upto (zero: all), checked, and the newest snapshot that is not behind it.
// Of opt only SegmentBytes, FS and Inline count.
func Restore(from string, upto uint64, to string, opt Options) (done Copied, err error) {
	src, err := Open(from, Options{ReadOnly: true, Existing: true, FS: opt.FS, unlocked: true})
	if err != nil {
		return done, fmt.Errorf("journal: restore from %s: %w", from, err)
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	src.opt.Inline = opt.Inline
	if opt.SegmentBytes != 0 {
		src.opt.SegmentBytes = opt.SegmentBytes
	}
	if done, err = src.wholeBackup(); err == nil && upto != 0 {
		done, err = src.upTo(upto)
	}
	if err == nil {
		err = src.copyTo(to, &done, false)
	}
	if err != nil {
		return done, fmt.Errorf("journal: restore from %s: %w", from, err)
	}
	return done, nil
}

// wholeBackup checks that the folder holds what its BACKUP says.
func (j *Journal) wholeBackup() (done Copied, err error) {
	b, err := readWhole(j.fs, j.path(backupName), voteSize+1)
	if err != nil {
		return done, fmt.Errorf("read %s: %w", backupName, err)
	}
	cluster, node, figures, hash, ok := parseVote(backupMagic, b)
	if !ok {
		return done, &DamageError{File: backupName, What: "it does not hold"}
	}
	if err := j.belong(backupName, cluster, node); err != nil {
		return done, err
	}
	done.Index, done.Term, done.Hash = figures[0], figures[1], hash
	if index, head, _ := j.Head(); index != done.Index || head != hash {
		return done, &DamageError{File: backupName, Index: done.Index,
			What: fmt.Sprintf("it is of entry %d %x, the chain ends at %d %x", done.Index, hash[:4], index, head[:4])}
	}
	return done, nil
}

// upTo is an earlier end.
func (j *Journal) upTo(index uint64) (done Copied, err error) {
	at, err := j.find(index)
	return Copied{Index: at.Index, Term: at.Term, Hash: at.Hash}, err
}

// copyTo makes a folder with the chain up to an entry. While COPYING is in it,
// nobody takes it for a journal or for a backup.
func (j *Journal) copyTo(dir string, done *Copied, backup bool) error {
	dst := &Journal{dir: dir, fs: j.fs, cluster: j.cluster, node: j.node,
		opt: Options{SegmentBytes: j.opt.SegmentBytes, FS: j.fs, Inline: j.opt.Inline}}
	if err := dst.claim(); err != nil {
		return err
	}
	err := dst.fill(j, done)
	if err == nil && backup {
		b := encodeVote(backupMagic, j.cluster, j.node, [3]uint64{done.Index, done.Term}, done.Hash)
		err = writeWhole(j.fs, dir, backupName, b)
	}
	if cerr := dst.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = j.fs.Remove(dst.path(copyingName))
	}
	if err == nil {
		err = j.fs.SyncDir(dir)
	}
	return err
}

// claim makes the folder, which must be empty, and says what is going on in it.
func (j *Journal) claim() error {
	if err := j.fs.MkdirAll(j.dir); err != nil {
		return err
	}
	names, err := j.fs.ReadDir(j.dir)
	if err != nil {
		return err
	}
	if names = slices.DeleteFunc(names, func(n string) bool { return n == lockName }); len(names) > 0 {
		return fmt.Errorf("%w: %s is not empty", fs.ErrExist, j.dir)
	}
	if j.lock, err = j.fs.Lock(j.path(lockName)); err != nil {
		return err
	}
	err = j.fs.SyncDir(filepath.Dir(j.dir))
	if err == nil {
		err = writeWhole(j.fs, j.dir, copyingName, nil)
	}
	if err != nil {
		return errors.Join(err, j.lock.Close())
	}
	return nil
}

// fill copies archives as they are, appends the other entries, and takes the
// newest snapshot.
func (j *Journal) fill(src *Journal, done *Copied) error {
	v, err := src.look(1, false)
	if err != nil {
		return err
	}
	at := place{hash: genesis(j.cluster)}
	for len(v.archives) > 0 && v.archives[0].last <= done.Index {
		if at, err = j.copyArchive(src, v.archives[0], at); err != nil {
			return err
		}
		v.archives = v.archives[1:]
	}
	if err := j.startSegment(uint64(len(j.archives))+1, at); err != nil {
		return err
	}
	if err := j.writeIdentity(); err != nil {
		return err
	}
	v.from = at.index + 1
	if err := j.copyEntries(v, src, done); err != nil {
		return err
	}
	return j.copySnapshot(src, done)
}

// copyArchive copies one archive, checked, that goes on where at is.
func (j *Journal) copyArchive(src *Journal, a archived, at place) (place, error) {
	if err := src.mayGoOn(); err != nil {
		return at, err
	}
	p, err := src.archiveFile(a, uint64(len(j.archives))+1)
	if err != nil {
		return at, err
	}
	if p.before != at {
		return at, a.damage(0, a.first, "it does not continue the chain")
	}
	frames, why := p.unpack(nil)
	if why != "" {
		return at, a.damage(archiveHeader, a.first, why)
	}
	if err := p.check(a, frames); err != nil {
		return at, err
	}
	if err := j.makeArchive(); err != nil {
		return at, err
	}
	if err := writeWhole(j.fs, j.archivePath("."), a.name(), append(p.encode(), p.content...)); err != nil {
		return at, err
	}
	j.archives = append(j.archives, a)
	return p.end, nil
}

// copyEntries appends what is not copied as archives. The same entries make the
// same chain, however they are grouped.
func (j *Journal) copyEntries(v *view, src *Journal, done *Copied) error {
	bytes := 0
	err := v.all(func(h Header, payload []byte) error {
		if h.Index > done.Index {
			return errEnough
		}
		if err := j.AppendAt(h.Index, h.Term, payload, h.TimeMS); err != nil {
			return err
		}
		if bytes += frameBytes(len(payload)); bytes < copyGroup {
			return nil
		}
		bytes = 0
		if err := src.mayGoOn(); err != nil {
			return err
		}
		return j.Sync()
	})
	if err != nil && err != errEnough {
		return err
	}
	if err := j.Sync(); err != nil {
		return err
	}
	if index, hash, _ := j.Head(); index != done.Index || hash != done.Hash {
		return &DamageError{File: j.dir, Index: index, What: fmt.Sprintf("the copy ends at entry %d %x, not at %d %x", index, hash[:4], done.Index, done.Hash[:4])}
	}
	return nil
}

// copySnapshot copies the newest snapshot that is of a copied entry, if there is
// one.
func (j *Journal) copySnapshot(src *Journal, done *Copied) error {
	src.chores.Lock()
	defer src.chores.Unlock()
	at, refused, err := src.newest(func(s Snapshot, r io.Reader) error {
		if s.Index > done.Index {
			return ErrBeyond
		}
		found, err := j.find(s.Index)
		if err != nil {
			return err
		}
		if err := s.meets(place{index: found.Index, term: found.Term, hash: found.Hash}); err != nil {
			return err
		}
		return j.SaveSnapshot(s.Index, func(w io.Writer) error { _, err := io.Copy(w, r); return err })
	})
	for _, why := range refused {
		switch {
		case errors.Is(why, ErrDamaged):
			done.Refused = append(done.Refused, why)
		case !errors.Is(why, ErrBeyond): // of a later entry
			return why
		}
	}
	if errors.Is(err, ErrNoSnapshot) {
		return nil
	}
	done.Snapshot = at.Index
	return err
}
