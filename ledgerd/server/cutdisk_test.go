package server

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"mlango/ledgerd/journal"
)

const cutSector = 512

var errPower = errors.New("cut disk: the power is off")

// cutDisk is a disk with a page cache in front whose power is cut at a call that
// was chosen beforehand. What was not synced is then on it or not, sector by
// sector; names that were not synced are, in the order they were made. The files
// that will be the next segments are nobody's: they are filled beside the writer,
// and count for nothing.
type cutDisk struct {
	mu     sync.Mutex
	names  map[string]*cutFile // as the process sees them
	onDisk map[string]*cutFile // as a power cut leaves them
	owed   []func(map[string]*cutFile)
	ops    int // calls that change something, so far
	cutAt  int // from this one on there is no power; 0 never
	failAt int // this one fails, once; 0 never
	dead   bool
}

// cutFile is a file's bytes.
type cutFile struct {
	cache, disk []byte
	dirty       map[int]bool // sectors that are newer in the cache
}

func newCutDisk() *cutDisk {
	return &cutDisk{names: map[string]*cutFile{}, onDisk: map[string]*cutFile{}}
}

// after is the disk of the next process: after a power cut, or after a kill that
// leaves the cache as it is.
func (d *cutDisk) after(rng *rand.Rand, power bool) *cutDisk {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead = true
	next := newCutDisk()
	names := d.names
	if power {
		names = maps.Clone(d.onDisk)
		for _, do := range d.owed[:rng.IntN(len(d.owed)+1)] {
			do(names)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		f := &cutFile{disk: names[name].survivor(rng, power), dirty: map[int]bool{}}
		f.cache = slices.Clone(f.disk)
		next.names[name] = f
	}
	next.onDisk = maps.Clone(next.names)
	return next
}

// survivor is what is left of a file: each dirty sector old or new.
func (f *cutFile) survivor(rng *rand.Rand, power bool) []byte {
	if !power {
		return slices.Clone(f.cache)
	}
	b := slices.Clone(f.cache)
	if rng.IntN(2) == 0 {
		b = b[:len(f.disk)] // the new length did not arrive
	}
	for _, s := range slices.Sorted(maps.Keys(f.dirty)) {
		if from, to := s*cutSector, min((s+1)*cutSector, len(b)); from < to && rng.IntN(2) == 0 {
			clear(b[from:to])
			copy(b[from:to], f.disk[min(from, len(f.disk)):])
		}
	}
	return b
}

// op counts a call, and fails it if it is its turn.
func (d *cutDisk) op(path string) error {
	if d.dead {
		return errPower
	}
	if name := filepath.Base(path); strings.HasPrefix(name, "next") || strings.HasPrefix(name, "spare") {
		return nil
	}
	d.ops++
	if d.cutAt > 0 && d.ops >= d.cutAt {
		return errPower
	}
	if d.ops == d.failAt {
		return syscall.EIO
	}
	return nil
}

func (d *cutDisk) change(path string, do func(map[string]*cutFile)) error {
	if err := d.op(path); err != nil {
		return err
	}
	do(d.names)
	d.owed = append(d.owed, do)
	return nil
}

func (d *cutDisk) MkdirAll(string) error       { return nil }
func (d *cutDisk) Free(string) (uint64, error) { return 1 << 40, nil }

func (d *cutDisk) Lock(string) (io.Closer, error) { return io.NopCloser(nil), nil }

func (d *cutDisk) ReadDir(dir string) (names []string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for name := range d.names {
		if filepath.Dir(name) == dir {
			names = append(names, filepath.Base(name))
		}
	}
	slices.Sort(names)
	return names, nil
}

func (d *cutDisk) Open(path string, _ bool) (journal.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, ok := d.names[path]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return &cutHandle{d, f, path}, nil
}

func (d *cutDisk) Create(path string) (journal.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := &cutFile{dirty: map[int]bool{}}
	if err := d.change(path, func(names map[string]*cutFile) { names[path] = f }); err != nil {
		return nil, err
	}
	return &cutHandle{d, f, path}, nil
}

func (d *cutDisk) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, ok := d.names[from]
	if !ok {
		return fs.ErrNotExist
	}
	return d.change(to, func(names map[string]*cutFile) {
		delete(names, from)
		names[to] = f
	})
}

func (d *cutDisk) Remove(path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.names[path]; !ok {
		return fs.ErrNotExist
	}
	return d.change(path, func(names map[string]*cutFile) { delete(names, path) })
}

func (d *cutDisk) SyncDir(dir string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.op(dir); err != nil {
		return err
	}
	for _, do := range d.owed {
		do(d.onDisk)
	}
	d.owed = nil
	return nil
}

// cutHandle is an open file.
type cutHandle struct {
	d    *cutDisk
	f    *cutFile
	path string
}

func (h *cutHandle) Close() error { return nil }

func (h *cutHandle) Size() (int64, error) {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	return int64(len(h.f.cache)), nil
}

func (h *cutHandle) ReadAt(b []byte, off int64) (int, error) {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	n := copy(b, h.f.cache[min(off, int64(len(h.f.cache))):])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (h *cutHandle) WriteAt(b []byte, off int64) (int, error) {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if err := h.d.op(h.path); err != nil {
		return 0, err
	}
	if grown := int(off) + len(b) - len(h.f.cache); grown > 0 {
		h.f.cache = append(h.f.cache, make([]byte, grown)...)
	}
	copy(h.f.cache[off:], b)
	for s := int(off) / cutSector; s*cutSector < int(off)+len(b); s++ {
		h.f.dirty[s] = true
	}
	return len(b), nil
}

// Sync writes the dirty sectors. One that fails forgets what it owes, as Linux
// does.
func (h *cutHandle) Sync() error {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	err := h.d.op(h.path)
	if errors.Is(err, errPower) {
		return err
	}
	if err == nil {
		h.f.disk = append(h.f.disk, make([]byte, len(h.f.cache)-len(h.f.disk))...)
		for s := range h.f.dirty {
			copy(h.f.disk[s*cutSector:], h.f.cache[s*cutSector:min((s+1)*cutSector, len(h.f.cache))])
		}
	}
	clear(h.f.dirty)
	return err
}

// Drop forgets the cache: the next read comes from the disk.
func (h *cutHandle) Drop() error {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	for s := 0; s*cutSector < len(h.f.cache); s++ {
		if from, to := s*cutSector, min((s+1)*cutSector, len(h.f.cache)); !h.f.dirty[s] {
			clear(h.f.cache[from:to])
			copy(h.f.cache[from:to], h.f.disk[min(from, len(h.f.disk)):min(to, len(h.f.disk))])
		}
	}
	return nil
}
