package journal

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// FS is the disk as the journal sees it: a folder of files. The journal keeps to
// these calls so that a test can stand in for a disk that fails, tears and
// forgets. With Options.Inline, calls never come at the same time unless the
// journal's methods are called so.
type FS interface {
	// MkdirAll makes the folder.
	MkdirAll(dir string) error
	// ReadDir lists the names in the folder, sorted.
	ReadDir(dir string) ([]string, error)
	// Open opens an existing file.
	Open(path string, write bool) (File, error)
	// Create makes an empty file, in place of one with that name.
	Create(path string) (File, error)
	// Rename gives a file another name, in place of one with that name.
	Rename(from, to string) error
	// Remove takes a file's name away.
	Remove(path string) error
	// SyncDir makes the folder's names durable.
	SyncDir(dir string) error
	// Free is how many bytes of disk are free for us.
	Free(dir string) (uint64, error)
	// Lock holds path for this process alone, or says that another has it.
	Lock(path string) (io.Closer, error)
}

// File is one open file.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Size is the file's length.
	Size() (int64, error)
	// Sync makes what was written durable; when it fails nobody knows what is.
	Sync() error
	// Drop forgets what the system remembers of the file, so that the next read
	// comes from the disk.
	Drop() error
}

// osFS is the real disk.
type osFS struct{}

func (osFS) MkdirAll(dir string) error { return os.MkdirAll(dir, 0o700) }

func (osFS) ReadDir(dir string) ([]string, error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(list))
	for i, e := range list {
		names[i] = e.Name()
	}
	return names, nil
}

func (osFS) Open(path string, write bool) (File, error) {
	flag := os.O_RDONLY
	if write {
		flag = os.O_RDWR
	}
	return wrap(os.OpenFile(path, flag, 0))
}

func (osFS) Create(path string) (File, error) {
	return wrap(os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600))
}

func (osFS) Rename(from, to string) error { return os.Rename(from, to) }
func (osFS) Remove(path string) error     { return os.Remove(path) }

func (osFS) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if cerr := d.Close(); err == nil {
		err = cerr
	}
	return err
}

// osFile is a file on the real disk; Sync and Drop are the system's.
type osFile struct{ *os.File }

func wrap(f *os.File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// Size is the file's length.
func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// syncPiece is how much a file that is made beside the writer grows between two
// syncs: small ones hold the writer's own up less.
const syncPiece = 1 << 20

// tableZeroes is what new segments are filled with, a piece at a time.
var tableZeroes = [256 << 10]byte{}

// fill makes a file of size zeros, durable. A file whose blocks are written once
// syncs half again as fast as one that grows: the sync has no metadata to write.
func fill(f File, size int64, stop func() bool) error {
	for off := int64(0); off < size; {
		if stop() {
			return errStopped
		}
		n := min(size-off, int64(len(tableZeroes)))
		if _, err := f.WriteAt(tableZeroes[:n], off); err != nil {
			return fmt.Errorf("fill with zeros: %w", err)
		}
		off += n
		if off%syncPiece == 0 || off == size {
			if err := f.Sync(); err != nil {
				return fmt.Errorf("sync zeros: %w", err)
			}
		}
	}
	return nil
}

// writeWhole makes a file, durable under its name or not there at all.
func writeWhole(fs FS, dir, name string, b []byte) error {
	tmp := filepath.Join(dir, name+tmpSuffix)
	f, err := fs.Create(tmp)
	if err != nil {
		return err
	}
	for off := 0; err == nil && (off < len(b) || off == 0); off += syncPiece {
		if _, err = f.WriteAt(b[off:min(off+syncPiece, len(b))], int64(off)); err == nil {
			err = f.Sync()
		}
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = fs.Rename(tmp, filepath.Join(dir, name))
	}
	if err == nil {
		err = fs.SyncDir(dir)
	}
	return err
}

// readWhole reads a small file; at most limit bytes of it.
func readWhole(fs FS, path string, limit int) ([]byte, error) {
	f, err := fs.Open(path, false)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	b := make([]byte, min(size, int64(limit)))
	if _, err := io.ReadFull(io.NewSectionReader(f, 0, size), b); err != nil {
		return nil, err
	}
	return b, nil
}
