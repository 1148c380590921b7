package bundle

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The folder: one file for each version of what lasts, `fleet@7`, one for each lease,
// `gateway+gw1~`; a slash in a key is a plus. A file is a line and the value:
//
//	mlango 1 SUM ENDS\n
//
// SUM is 16 hexadecimal digits of the value's SHA-256, ENDS when its lease does, in ms
// since the Unix epoch, 0 for what lasts. A value of no bytes with ENDS -1 was taken
// away.
//
// A version is written beside, forced to the disk and linked to its number, which
// fails where the number is taken: that is the compare-and-set, between processes too.
// The highest number counts; a crash leaves lower ones and files `tmp-*`, which
// nobody reads and the next Swap sweeps.
const (
	fileHead   = "mlango 1 "
	fileTemp   = "tmp-"
	fileGone   = -1
	fileStale  = time.Minute // a file of a writer that died
	fileLeased = "~"
)

// File keeps a fleet's bundles in a folder of this machine.
type File struct {
	dir string
	now func() time.Time
	mu  sync.Mutex
}

// OpenFile makes the folder when it is not there. now is its clock; nil is the
// machine's.
func OpenFile(dir string, now func() time.Time) (*File, error) {
	if now == nil {
		now = time.Now
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	return &File{dir: dir, now: now}, nil
}

func fileName(key string) string { return strings.ReplaceAll(key, "/", "+") }

// Get returns what lasts under a key, or ErrNone.
func (f *File) Get(_ context.Context, key string) ([]byte, error) {
	if err := fits(key, nil); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for range 3 { // another process may sweep the version that was just found
		value, _, err := f.newest(key)
		if !errors.Is(err, fs.ErrNotExist) {
			return value, err
		}
	}
	return nil, ErrConflict
}

// newest is the value of the highest version, and its number: 0 when there is none.
func (f *File) newest(key string) (value []byte, n int, err error) {
	all, err := f.versions(key)
	if err != nil {
		return nil, 0, err
	}
	if n = highest(all); n == 0 {
		return nil, 0, ErrNone
	}
	value, ends, err := f.read(fmt.Sprintf("%s@%d", fileName(key), n))
	if err == nil && ends == fileGone {
		err = ErrNone
	}
	return value, n, err
}

func (f *File) versions(key string) (all []int, err error) {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	for _, e := range entries {
		if rest, ok := strings.CutPrefix(e.Name(), fileName(key)+"@"); ok {
			if n, err := strconv.Atoi(rest); err == nil && n > 0 {
				all = append(all, n)
			}
		}
	}
	return all, nil
}

func highest(all []int) (n int) {
	for _, v := range all {
		n = max(n, v)
	}
	return n
}

// Swap puts now where was stands; see Store.
func (f *File) Swap(_ context.Context, key string, was, now []byte) error {
	if err := fits(key, now); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	stands, n, err := f.newest(key)
	switch {
	case errors.Is(err, ErrNone) && was != nil, err == nil && (was == nil || !bytes.Equal(stands, was)):
		return ErrConflict
	case err != nil && !errors.Is(err, ErrNone):
		return err
	}
	ends := int64(0)
	if now == nil {
		ends = fileGone
	}
	temp, err := f.write(now, ends)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if err := os.Link(temp, filepath.Join(f.dir, fmt.Sprintf("%s@%d", fileName(key), n+1))); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return ErrConflict
		}
		return fmt.Errorf("bundle: %w", err)
	}
	if err := f.sync(); err != nil {
		return err
	}
	f.sweep(key, n)
	return nil
}

// sweep removes the versions below the one that was replaced, and what dead writers left.
func (f *File) sweep(key string, replaced int) {
	all, _ := f.versions(key)
	for _, n := range all {
		if n < replaced {
			_ = os.Remove(filepath.Join(f.dir, fmt.Sprintf("%s@%d", fileName(key), n)))
		}
	}
	temps, _ := filepath.Glob(filepath.Join(f.dir, fileTemp+"*"))
	for _, name := range temps {
		if info, err := os.Stat(name); err == nil && f.now().Sub(info.ModTime()) > fileStale {
			_ = os.Remove(name)
		}
	}
}

// Announce puts a value that the store forgets after the lease.
func (f *File) Announce(_ context.Context, key string, value []byte, lease time.Duration) error {
	if err := fits(key, value); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	name := filepath.Join(f.dir, fileName(key)+fileLeased)
	if _, err := os.Stat(name); err != nil && f.leases() >= MaxAnnounced {
		return ErrTooBig
	}
	temp, err := f.write(value, f.now().Add(lease).UnixMilli())
	if err != nil {
		return err
	}
	if err := os.Rename(temp, name); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	return nil
}

func (f *File) leases() int {
	all, _ := filepath.Glob(filepath.Join(f.dir, "*"+fileLeased))
	return len(all)
}

// Announced are the values with a lease under keys that begin so. One that is
// damaged is as one that ended.
func (f *File) Announced(_ context.Context, prefix string) (map[string][]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	out := map[string][]byte{}
	for _, e := range entries {
		name, leased := strings.CutSuffix(e.Name(), fileLeased)
		key := strings.ReplaceAll(name, "+", "/")
		if !leased || !strings.HasPrefix(key, prefix) {
			continue
		}
		value, ends, err := f.read(e.Name())
		if err != nil || ends <= f.now().UnixMilli() {
			_ = os.Remove(filepath.Join(f.dir, e.Name()))
			continue
		}
		out[key] = value
	}
	return out, nil
}

// write puts a value into a file of its own and forces it to the disk.
func (f *File) write(value []byte, ends int64) (name string, err error) {
	file, err := os.CreateTemp(f.dir, fileTemp)
	if err != nil {
		return "", fmt.Errorf("bundle: %w", err)
	}
	_, err = fmt.Fprintf(file, "%s%x %d\n%s", fileHead, fileSum(value), ends, value)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		_ = os.Remove(file.Name())
		return "", fmt.Errorf("bundle: %w", err)
	}
	return file.Name(), nil
}

func fileSum(value []byte) []byte {
	sum := sha256.Sum256(value)
	return sum[:8]
}

// read is a file's value and when its lease ends.
func (f *File) read(name string) (value []byte, ends int64, err error) {
	raw, err := os.ReadFile(filepath.Join(f.dir, name))
	if err != nil {
		return nil, 0, fmt.Errorf("bundle: %w", err)
	}
	head, value, whole := bytes.Cut(raw, []byte("\n"))
	var sum string
	if _, err := fmt.Sscanf(string(head), fileHead+"%s %d", &sum, &ends); !whole || err != nil || sum != fmt.Sprintf("%x", fileSum(value)) {
		return nil, 0, fmt.Errorf("%w: %s", ErrDamaged, filepath.Join(f.dir, name))
	}
	return value, ends, nil
}

func (f *File) sync() error {
	d, err := os.Open(f.dir)
	if err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	return nil
}
