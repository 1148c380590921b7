package vault

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// sumSize is the checksum at the end of a small file: the first half of SHA-256.
const sumSize = 16

// maxSmallFile bounds what is read of a file before anything in it is believed.
const maxSmallFile = 64 << 10

// withSum appends b's checksum.
func withSum(b []byte) []byte {
	sum := sha256.Sum256(b)
	return append(b, sum[:sumSize]...)
}

// readFile reads a small file and checks its magic and its checksum, which it
// takes off.
func readFile(path, magic string) ([]byte, error) {
	if err := private(path); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("vault: open: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSmallFile))
	if err != nil {
		return nil, fmt.Errorf("vault: read %s: %w", path, err)
	}
	if len(b) < len(magic)+sumSize || string(b[:len(magic)]) != magic {
		return nil, damaged(path, 0, "it does not begin as this version writes it")
	}
	body := b[:len(b)-sumSize]
	sum := sha256.Sum256(body)
	if string(sum[:sumSize]) != string(b[len(body):]) {
		return nil, damaged(path, int64(len(body)), "its checksum does not hold")
	}
	return body, nil
}

// replaceFile writes b to path so that a crash leaves the old file or the new
// one, and then overwrites the place where the old one was: a key that is gone
// from the folder must not linger on the disk.
func replaceFile(path string, b []byte) error {
	old, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("vault: open: %w", err)
	}
	if old != nil {
		defer old.Close()
	}
	tmp := path + ".tmp"
	if err := writeFile(tmp, b); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return fmt.Errorf("vault: rename: %w", err)
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return err
	}
	if old == nil {
		return nil
	}
	return wipe(old)
}

// writeFile writes a new file of ours alone and makes it durable.
func writeFile(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("vault: create: %w", err)
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("vault: write %s: %w", path, err)
	}
	return nil
}

// wipe overwrites a file with zeros, in place.
func wipe(f *os.File) error {
	info, err := f.Stat()
	if err == nil {
		_, err = f.WriteAt(make([]byte, info.Size()), 0)
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return fmt.Errorf("vault: wipe the old file: %w", err)
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("vault: open folder: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("vault: sync folder: %w", err)
	}
	return nil
}

// private refuses what others than the owner can reach. A missing file is named
// as what it is: half a vault.
func private(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s is missing; bring it back from a copy", ErrIncomplete, path)
	}
	if err != nil {
		return fmt.Errorf("vault: look at %s: %w", path, err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%w: %s has mode %04o; chmod go= it", ErrPermissions, path, info.Mode().Perm())
	}
	return nil
}

func exists(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("vault: look at %s: %w", path, err)
	}
	return true, nil
}

func damaged(path string, at int64, what string) error {
	return fmt.Errorf("%w: %s: byte %d: %s", ErrDamaged, path, at, what)
}
