package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"mlango/gateway/versions"
	"mlango/internal/dialect"
	"mlango/internal/disk"
)

// rollback brings an older version back, whole: into the file, so that the next
// start runs it too, and into force. When it is refused the file is as it was.
func (g *gateway) rollback(name string) (did reloaded, err error) {
	f := g.operators
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.path == "" {
		return did, errNoFile
	}
	v, err := f.store.Get(name)
	if err != nil {
		return did, err
	}
	undo, err := swapFiles(f.path, &v)
	if err != nil {
		return did, errors.Join(fmt.Errorf("the file could not be changed, so the next start would undo this: %w", err), undo())
	}
	if did, err = g.reloadLocked(fmt.Sprintf("rollback to %d", v.Number), false); err != nil {
		return did, errors.Join(err, undo())
	}
	return did, nil
}

// errNotDialect says that a version would write what no version of ours does.
var errNotDialect = errors.New("is no dialect that the version's operators name")

// swapFiles puts a version's text and dialects where they came from, also one that was
// removed since; undo puts back what was there.
func swapFiles(path string, v *versions.Version) (undo func() error, err error) {
	var swaps swaps
	for name, text := range v.Files {
		if !dialect.IsFile(name) || !strings.Contains(v.Text, filepath.Base(name)) {
			return swaps.undo, fmt.Errorf("%s %w", name, errNotDialect)
		}
		was, err := os.ReadFile(name)
		if gone := errors.Is(err, fs.ErrNotExist); gone || err == nil && string(was) != text {
			err = swaps.put(name, []byte(text), swapped{name, was, gone})
		}
		if err != nil {
			return swaps.undo, err
		}
	}
	was, err := os.ReadFile(path)
	if err != nil {
		return swaps.undo, err
	}
	if now := versions.Swap(string(was), v.Text); now != string(was) {
		err = swaps.put(path, []byte(now), swapped{path, was, false})
	}
	return swaps.undo, err
}

// swapped is what stood where a file of a version stands now.
type swapped struct {
	name string
	was  []byte
	gone bool // nothing did
}

type swaps []swapped

func (s *swaps) put(name string, now []byte, was swapped) error {
	if err := replaceFile(name, now); err != nil {
		return err
	}
	*s = append(*s, was)
	return nil
}

func (s *swaps) undo() error {
	var errs []error
	for _, it := range *s {
		if it.gone {
			errs = append(errs, os.Remove(it.name))
		} else {
			errs = append(errs, replaceFile(it.name, it.was))
		}
	}
	return errors.Join(errs...)
}

// replaceFile keeps the mode of the file in whose place the new one comes.
func replaceFile(name string, raw []byte) error {
	mode := os.FileMode(0o600)
	if info, err := os.Stat(name); err == nil {
		mode = info.Mode().Perm()
	}
	return disk.Put(name, raw, mode)
}
