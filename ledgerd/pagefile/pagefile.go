// Package pagefile keeps what the books let go of from memory: numbered pages in
// one file. The pages carry their own numbers and checks, which their reader
// holds them to; the file is only their place. All of it can be made again by
// replaying the journal.
package pagefile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"

	"mlango/ledgerd/table"
)

// maxPages bounds a file: 16 TiB, what a file system surely takes.
const maxPages = 1 << 28

// ErrFailed says that a write or sync failed before.
var ErrFailed = errors.New("pagefile: a write failed, nothing more is accepted")

// File is a table.Store in one file.
type File struct {
	f      *os.File
	failed atomic.Bool
}

var _ table.Store = (*File)(nil)

// Open opens a file of pages, or makes it.
func Open(path string) (*File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("pagefile: open: %w", err)
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &File{f: f}, nil
}

// WritePage writes a page. It survives a power cut after the next Sync.
func (p *File) WritePage(n uint64, page []byte) error {
	if n >= maxPages || len(page) != table.PageBytes {
		return fmt.Errorf("pagefile: page %d of %d bytes: %w", n, len(page), table.ErrBeyond)
	}
	if p.failed.Load() {
		return ErrFailed
	}
	if _, err := p.f.WriteAt(page, int64(n)*table.PageBytes); err != nil {
		p.failed.Store(true)
		return fmt.Errorf("pagefile: write page %d: %w", n, err)
	}
	return nil
}

// ReadPage fills page with what was written under its number.
func (p *File) ReadPage(n uint64, page []byte) error {
	if n >= maxPages || len(page) != table.PageBytes {
		return fmt.Errorf("pagefile: page %d of %d bytes: %w", n, len(page), table.ErrBeyond)
	}
	switch _, err := p.f.ReadAt(page, int64(n)*table.PageBytes); {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("pagefile: %s ends before page %d: %w", p.f.Name(), n, table.ErrBeyond)
	case err != nil:
		return fmt.Errorf("pagefile: read page %d: %w", n, err)
	}
	return nil
}

// Sync makes what was written survive a power cut. When it fails the file is taken
// away: asked again it may succeed with the pages gone, and what is gone may be
// read from memory until the power fails.
func (p *File) Sync() error {
	if p.failed.Load() {
		return ErrFailed
	}
	if err := p.f.Sync(); err != nil {
		p.failed.Store(true)
		return errors.Join(fmt.Errorf("pagefile: sync: %w", err), os.Remove(p.f.Name()))
	}
	return nil
}

// Close closes the file.
func (p *File) Close() error { return p.f.Close() }

// syncDir makes a new file's name survive a power cut.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("pagefile: open folder: %w", err)
	}
	if err := d.Sync(); err != nil {
		return errors.Join(fmt.Errorf("pagefile: sync folder: %w", err), d.Close())
	}
	return d.Close()
}
