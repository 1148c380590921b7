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
	"strings"
	"sync"
	"time"

	"mlango/internal/disk"
)

// The folder: a file for each key of what lasts, `fleet=`, and for each lease,
// `gateway+gw1~`; a slash in a key is a plus. A file is a line and the value:
//
//	mlango 1 SUM ENDS\n
//
// SUM is 16 hexadecimal digits of the value's SHA-256, ENDS when its lease does, in ms
// since the Unix epoch, 0 for what lasts.
//
// A value is written beside, forced to the disk and renamed, with the folder locked for
// other processes: that is the compare-and-set. The lock falls with the process that
// holds it. A crash leaves the value before or after, and files `tmp-*`, which nobody
// reads and a later Swap sweeps.
const (
	fileHead    = "mlango 1 "
	fileTemp    = "tmp-"
	fileLock    = "lock"
	fileStale   = time.Minute // a file of a writer that died
	fileLasting = "="
	fileLeased  = "~"
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
	value, _, err := f.read(fileName(key) + fileLasting)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	return value, err
}

// Swap puts now where was stands; see Store.
func (f *File) Swap(ctx context.Context, key string, was, now []byte) error {
	if err := fits(key, now); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	unlock, err := lockFile(filepath.Join(f.dir, fileLock))
	if err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	defer unlock()
	f.sweep()
	stands, err := f.Get(ctx, key)
	switch {
	case errors.Is(err, ErrNone) && was != nil, err == nil && (was == nil || !bytes.Equal(stands, was)):
		return ErrConflict
	case err != nil && !errors.Is(err, ErrNone):
		return err
	}
	if err := f.place(filepath.Join(f.dir, fileName(key)+fileLasting), now); err != nil {
		return err
	}
	if err := disk.Folder(f.dir); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	return nil
}

// place puts a value where its name is, or takes the name away.
func (f *File) place(name string, value []byte) error {
	if value == nil {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("bundle: %w", err)
		}
		return nil
	}
	temp, err := f.write(value, 0)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, name); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	return nil
}

// sweep removes what dead writers left.
func (f *File) sweep() {
	temps, _ := filepath.Glob(filepath.Join(f.dir, fileTemp+"*"))
	for _, name := range temps {
		if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > fileStale {
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
		switch left := time.UnixMilli(ends).Sub(f.now()); {
		case err != nil:
		case left > 0:
			out[key] = value
		case left < -fileStale: // nobody renews it
			_ = os.Remove(filepath.Join(f.dir, e.Name()))
		}
	}
	return out, nil
}

// write puts a value into a file of its own; what lasts it forces to the disk.
func (f *File) write(value []byte, ends int64) (name string, err error) {
	file, err := os.CreateTemp(f.dir, fileTemp)
	if err != nil {
		return "", fmt.Errorf("bundle: %w", err)
	}
	_, err = fmt.Fprintf(file, "%s%x %d\n%s", fileHead, fileSum(value), ends, value)
	if err == nil && ends == 0 { // a lease need not outlive the machine
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
