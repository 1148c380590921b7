package journal

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
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
	pending []naming
	rng     *rand.Rand
	loss    loss

	ops    int // calls that change something, so far
	failAt int // this one fails, once; 0 never
	cutAt  int // from this one on there is no power; 0 never
	failed string
	log    []string // what the calls were
	free   uint64
	full   bool   // no room for new blocks
	lies   string // a file with this name reads differently once it is forgotten
	locked map[string]bool
}

// loss is what a power cut does to what was not synced.
type loss int

const (
	torn    loss = iota // any of it arrived
	dropped             // nothing
	kept                // everything
)

// naming is a name that was made, moved or removed in a folder and not yet synced.
type naming struct {
	dir string
	do  func(map[string]*inode)
}

// inode is a file's bytes, or a folder.
type inode struct {
	folder bool
	cache  []byte
	disk   []byte
	dirty  map[int]bool // sectors that are newer in cache
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
	after.loss = d.loss
	names := maps.Clone(d.onDisk)
	upto := map[string]int{} // of each folder, how many changes arrived
	for _, c := range d.pending {
		upto[c.dir]++
	}
	for _, dir := range slices.Sorted(maps.Keys(upto)) {
		upto[dir] = d.arrives(upto[dir])
	}
	for _, c := range d.pending {
		if upto[c.dir]--; upto[c.dir] >= 0 {
			c.do(names)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if _, ok := names[filepath.Dir(name)]; !ok && filepath.Dir(name) != "." {
			continue // its folder is gone
		}
		b := d.survivor(names[name])
		after.names[name] = &inode{folder: names[name].folder, cache: b, disk: slices.Clone(b), dirty: map[int]bool{}}
	}
	after.onDisk = maps.Clone(after.names)
	return after
}

// arrives is how many of n changes reached the disk.
func (d *fakeDisk) arrives(n int) int {
	switch d.loss {
	case dropped:
		return 0
	case kept:
		return n
	}
	return d.rng.IntN(n + 1)
}

// survivor is a file after a power cut: each dirty sector old or new.
func (d *fakeDisk) survivor(n *inode) []byte {
	mode := d.loss // all, none, or any of the dirty sectors arrived
	if mode == torn {
		mode = loss(d.rng.IntN(4))
	}
	size := len(n.disk)
	if len(n.cache) > size && (mode == kept || (mode != dropped && d.rng.IntN(2) == 0)) {
		size = len(n.cache)
	}
	b := make([]byte, size)
	copy(b, n.disk)
	for _, s := range slices.Sorted(maps.Keys(n.dirty)) {
		if mode != dropped && (mode == kept || d.rng.IntN(2) == 0) {
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
	d.log = append(d.log, what)
	if d.cutAt > 0 && d.ops >= d.cutAt {
		return errCut
	}
	if d.failAt > 0 && d.ops == d.failAt {
		d.failed = what
		return errEIO
	}
	return nil
}

func (d *fakeDisk) change(what, path string, do func(map[string]*inode)) error {
	if err := d.op(what + " " + filepath.Base(path)); err != nil {
		return err
	}
	do(d.names)
	d.pending = append(d.pending, naming{filepath.Dir(path), do})
	return nil
}

func (d *fakeDisk) Free(string) (uint64, error) { return d.free, nil }

func (d *fakeDisk) MkdirAll(path string) error {
	if _, ok := d.names[path]; ok || path == "." {
		return nil
	}
	if err := d.MkdirAll(filepath.Dir(path)); err != nil {
		return err
	}
	return d.change("make folder", path, func(names map[string]*inode) { names[path] = &inode{folder: true} })
}

func (d *fakeDisk) ReadDir(dir string) (names []string, err error) {
	if _, ok := d.names[dir]; !ok {
		return nil, fs.ErrNotExist
	}
	for name := range d.names {
		if filepath.Dir(name) == dir {
			names = append(names, filepath.Base(name))
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
	if _, ok := d.names[filepath.Dir(path)]; !ok && filepath.Dir(path) != "." {
		return nil, fs.ErrNotExist
	}
	n := &inode{dirty: map[int]bool{}}
	if err := d.change("create", path, func(names map[string]*inode) { names[path] = n }); err != nil {
		return nil, err
	}
	return &fakeFile{d: d, n: n, name: filepath.Base(path), write: true}, nil
}

func (d *fakeDisk) Rename(from, to string) error {
	n, ok := d.names[from]
	if !ok {
		return fs.ErrNotExist
	}
	return d.change("rename to", to, func(names map[string]*inode) {
		delete(names, from)
		names[to] = n
	})
}

func (d *fakeDisk) Remove(path string) error {
	if _, ok := d.names[path]; !ok {
		return fs.ErrNotExist
	}
	return d.change("remove", path, func(names map[string]*inode) { delete(names, path) })
}

func (d *fakeDisk) SyncDir(dir string) error {
	if err := d.op("sync folder"); err != nil {
		return err
	}
	d.pending = slices.DeleteFunc(d.pending, func(c naming) bool {
		if c.dir == dir {
			c.do(d.onDisk)
		}
		return c.dir == dir
	})
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
		b = b[:f.d.arrives(len(b))] // some of it got through
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
	if f.d.lies == f.name {
		f.n.disk[len(f.n.disk)-1] ^= 1
	}
	for at := 0; at < len(f.n.cache); at += sector {
		if !f.n.dirty[at/sector] {
			end := min(at+sector, len(f.n.cache))
			clear(f.n.cache[at:end])
			copy(f.n.cache[at:end], f.n.disk[min(at, len(f.n.disk)):min(end, len(f.n.disk))])
		}
	}
	return nil
}
