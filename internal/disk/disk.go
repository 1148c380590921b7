// Package disk puts a file in the place of another so that whatever crashes, and
// whenever, leaves one of the two whole: its bytes are on the disk before it takes the
// name, and so is the name before anybody is told.
package disk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Put writes a file in the place of the one there, if any, and returns when both bytes
// and name are on the disk. After an error the old one stands, or already the new one.
func Put(path string, data []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return fmt.Errorf("put %s: %w", path, err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(mode), f.Sync()); err == nil {
		err = Take(f, path)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(f.Name()) // if it has its new name this finds nothing
		return fmt.Errorf("put %s: %w", path, err)
	}
	return nil
}

// Take gives an open file of the same folder, whose bytes are on the disk, a name that
// may be another's, and returns when the folder has it.
func Take(f *os.File, path string) error {
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return Folder(filepath.Dir(path))
}

// Folder returns when the names in a folder are on the disk.
func Folder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
