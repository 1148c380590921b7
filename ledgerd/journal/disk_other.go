//go:build !linux

package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
)

// Sync is the system's full sync.
func (f osFile) Sync() error { return f.File.Sync() }

// Drop does nothing: there is no portable way to ask.
func (f osFile) Drop() error { return nil }

// Free is unknown, so the low mark never holds anything up.
func (osFS) Free(string) (uint64, error) { return math.MaxUint64, nil }

// fileLock is a file that stands there as long as the lock is held.
type fileLock struct{ f *os.File }

// Close gives the lock back.
func (l fileLock) Close() error { return errors.Join(l.f.Close(), os.Remove(l.f.Name())) }

// Lock makes the file or finds it made. After a crash somebody has to take it
// away by hand, which is safer than guessing.
func (osFS) Lock(path string) (io.Closer, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%w: %s (after a crash: remove it)", ErrInUse, path)
	}
	if err != nil {
		return nil, err
	}
	return fileLock{f}, nil
}
