package pagefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"mlango/ledgerd/table"
)

// Over is a table.Store that reads the pages of a file nobody may change and keeps
// what is written in another.
type Over struct {
	base *File // nil: there is none
	own  *File

	mu   sync.RWMutex
	mine map[uint64]bool // pages of own
}

var _ table.Store = (*Over)(nil)

// Look opens the file at path for reading only, if there is one, and makes the file
// own for what is written.
func Look(path, own string) (*Over, error) {
	o := &Over{mine: map[uint64]bool{}}
	f, err := os.Open(path)
	switch {
	case err == nil:
		o.base = &File{f: f}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("pagefile: open: %w", err)
	}
	if o.own, err = Open(own); err != nil {
		return nil, errors.Join(err, o.closeBase())
	}
	return o, nil
}

// WritePage keeps a page beside the file.
func (o *Over) WritePage(n uint64, page []byte) error {
	if err := o.own.WritePage(n, page); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.mine[n] = true
	return nil
}

// ReadPage fills page with what was written under its number: here, or in the file.
func (o *Over) ReadPage(n uint64, page []byte) error {
	o.mu.RLock()
	mine := o.mine[n]
	o.mu.RUnlock()
	switch {
	case mine:
		return o.own.ReadPage(n, page)
	case o.base == nil:
		return fmt.Errorf("pagefile: page %d: %w", n, table.ErrBeyond)
	}
	return o.base.ReadPage(n, page)
}

// Sync has nothing to do: what is kept here is of no use to anybody later.
func (o *Over) Sync() error { return nil }

// Close closes both.
func (o *Over) Close() error { return errors.Join(o.own.Close(), o.closeBase()) }

func (o *Over) closeBase() error {
	if o.base == nil {
		return nil
	}
	return o.base.Close()
}
