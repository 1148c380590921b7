package journal

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

const sector = 512

var (
	errCut = errors.New("fake disk: power is off")
	errEIO = error(syscall.EIO)
)

// fakeDisk is a disk with a page cache in front. What was not synced may be on it
// or not, sector by sector; names that were not synced, in the order they were
// made. A failed sync forgets that it owes anything, as Linux does.
type fakeDisk struct {
	names   map[string]*inode // as processes see them
	onDisk  map[string]*inode // as a power cut leaves them
	pending []func(map[string]*inode)
	rng     *rand.Rand

	ops    int // calls that change something, so far
	failAt int // this one fails, once; 0 never
	cutAt  int // from this one on there is no power; 0 never
	failed string
	free   uint64
	full   bool // no room for new blocks
	locked map[string]bool
}

// inode is a file's bytes.
type inode struct {
	cache []byte
	disk  []byte
	dirty map[int]bool // sectors that are newer in cache
}

// flush writes the dirty sectors, and no other: what a failed sync forgot is not
// written by the next.
func (n *inode) flush() {
	n.disk = append(n.disk, make([]byte, len(n.cache)-len(n.disk))...)
	for s := range n.dirty {
		end := min((s+1)*sector, len(n.cache))
		copy(n.disk[s*sector:end], n.cache[s*sector:end])
	}
}

func newDisk(seed uint64) *fakeDisk {
	return &fakeDisk{names: map[string]*inode{}, onDisk: map[string]*inode{}, locked: map[string]bool{},
		rng: rand.New(rand.NewPCG(seed, 1)), free: 1 << 40}
}

// powerCut is what stands on the disk when the power comes back.
func (d *fakeDisk) powerCut() *fakeDisk {
	after := newDisk(d.rng.Uint64())
	names := maps.Clone(d.onDisk)
	for _, op := range d.pending[:d.rng.IntN(len(d.pending)+1)] {
		op(names)
	}
	for name, n := range names {
		b := d.survivor(n)
		after.names[name] = &inode{cache: b, disk: slices.Clone(b), dirty: map[int]bool{}}
	}
	after.onDisk = maps.Clone(after.names)
	return after
}

// survivor is a file after a power cut: each dirty sector old or new.
func (d *fakeDisk) survivor(n *inode) []byte {
	size := len(n.disk)
	if len(n.cache) > size && d.rng.IntN(2) == 0 {
		size = len(n.cache)
	}
	b := make([]byte, size)
	copy(b, n.disk)
	mode := d.rng.IntN(4) // all, none, or any of the dirty sectors arrived
	for s := range n.dirty {
		if mode != 0 && (mode == 1 || d.rng.IntN(2) == 0) {
			copy(b[min(s*sector, size):], n.cache[s*sector:min((s+1)*sector, len(n.cache))])
		}
	}
	return b
}

// restart is another process on the same running machine: the cache is still
// there, the locks are not.
func (d *fakeDisk) restart() *fakeDisk {
	d.locked = map[string]bool{}
	d.failAt, d.cutAt = 0, 0
	return d
}

// op counts a call that changes something and fails it if it is its turn.
func (d *fakeDisk) op(what string) error {
	d.ops++
	if d.cutAt > 0 && d.ops >= d.cutAt {
		return errCut
	}
	if d.failAt > 0 && d.ops == d.failAt {
		d.failed = what
		return errEIO
	}
	return nil
}

func (d *fakeDisk) change(what string, do func(map[string]*inode)) error {
	if err := d.op(what); err != nil {
		return err
	}
	do(d.names)
	d.pending = append(d.pending, do)
	return nil
}

func (d *fakeDisk) MkdirAll(string) error       { return nil }
func (d *fakeDisk) Free(string) (uint64, error) { return d.free, nil }

func (d *fakeDisk) ReadDir(dir string) (names []string, err error) {
	for name := range d.names {
		if rest, ok := strings.CutPrefix(name, dir+"/"); ok {
			names = append(names, rest)
		}
	}
	slices.Sort(names)
	return names, nil
}

func (d *fakeDisk) Open(path string, write bool) (File, error) {
	n, ok := d.names[path]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return &fakeFile{d: d, n: n, name: filepath.Base(path), write: write}, nil
}

func (d *fakeDisk) Create(path string) (File, error) {
	if d.full {
		return nil, syscall.ENOSPC
	}
	n := &inode{dirty: map[int]bool{}}
	if err := d.change("create "+filepath.Base(path), func(names map[string]*inode) { names[path] = n }); err != nil {
		return nil, err
	}
	return &fakeFile{d: d, n: n, name: filepath.Base(path), write: true}, nil
}

func (d *fakeDisk) Rename(from, to string) error {
	n := d.names[from]
	return d.change("rename "+filepath.Base(from), func(names map[string]*inode) {
		delete(names, from)
		names[to] = n
	})
}

func (d *fakeDisk) Remove(path string) error {
	return d.change("remove "+filepath.Base(path), func(names map[string]*inode) { delete(names, path) })
}

func (d *fakeDisk) SyncDir(dir string) error {
	if err := d.op("sync folder"); err != nil {
		return err
	}
	if dir != folder {
		return nil
	}
	d.onDisk = maps.Clone(d.names)
	d.pending = nil
	return nil
}

func (d *fakeDisk) Lock(path string) (io.Closer, error) {
	if d.locked[path] {
		return nil, ErrInUse
	}
	d.locked[path] = true
	return unlock(func() { delete(d.locked, path) }), nil
}

type unlock func()

func (u unlock) Close() error { u(); return nil }

// fakeFile is an open file on a fakeDisk.
type fakeFile struct {
	d     *fakeDisk
	n     *inode
	name  string
	write bool
}

func (f *fakeFile) Close() error         { return nil }
func (f *fakeFile) Size() (int64, error) { return int64(len(f.n.cache)), nil }

func (f *fakeFile) ReadAt(b []byte, off int64) (int, error) {
	if off >= int64(len(f.n.cache)) {
		return 0, io.EOF
	}
	n := copy(b, f.n.cache[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (f *fakeFile) WriteAt(b []byte, off int64) (int, error) {
	if !f.write {
		return 0, fs.ErrPermission
	}
	if f.d.full && off+int64(len(b)) > int64(len(f.n.cache)) {
		return 0, syscall.ENOSPC
	}
	err := f.d.op("write " + f.name)
	if err != nil {
		b = b[:f.d.rng.IntN(len(b)+1)] // some of it got through
	}
	if end := off + int64(len(b)); end > int64(len(f.n.cache)) {
		f.n.cache = append(f.n.cache, make([]byte, end-int64(len(f.n.cache)))...)
	}
	copy(f.n.cache[off:], b)
	for s := int(off) / sector; s*sector < int(off)+len(b); s++ {
		f.n.dirty[s] = true
	}
	return len(b), err
}

func (f *fakeFile) Sync() error {
	err := f.d.op("sync " + f.name)
	if errors.Is(err, errCut) {
		return err
	}
	if err != nil {
		f.n.disk = f.d.survivor(f.n)
	} else {
		f.n.flush()
	}
	f.n.dirty = map[int]bool{}
	return err
}

func (f *fakeFile) Drop() error {
	for at := 0; at < len(f.n.cache); at += sector {
		if !f.n.dirty[at/sector] {
			end := min(at+sector, len(f.n.cache))
			clear(f.n.cache[at:end])
			copy(f.n.cache[at:end], f.n.disk[min(at, len(f.n.disk)):min(end, len(f.n.disk))])
		}
	}
	return nil
}
