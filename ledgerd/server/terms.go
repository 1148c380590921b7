package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// termsFile holds what the books were begun with and must be replayed with: the
// zone in which their days end. It stands beside journal and vault.
const (
	termsFile = "books"
	termsLine = "zone_minutes="
	maxTerms  = 64 // bytes
)

// ErrZone says that the configuration's zone is not the books'.
var ErrZone = errors.New("server: the books were begun in another zone")

// Zone is the zone the books in a data folder were begun with, in minutes east of
// UTC; fs.ErrNotExist when there are none.
func Zone(data string) (int, error) {
	path := filepath.Join(data, termsFile)
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("server: zone of the books: %w", err)
	}
	text, ok := strings.CutPrefix(string(b[:min(len(b), maxTerms)]), termsLine)
	minutes, err := strconv.Atoi(strings.TrimSpace(text))
	if !ok || err != nil {
		return 0, fmt.Errorf("server: %s: not a line %s<minutes>", path, termsLine)
	}
	return minutes, nil
}

// begin writes the zone beside new books, or holds the configuration to it.
func begin(data string, minutes int) error {
	was, err := Zone(data)
	switch {
	case err == nil && was != minutes:
		return fmt.Errorf("%w: %+d minutes, now %+d", ErrZone, was, minutes)
	case err == nil:
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return fmt.Errorf("server: make folder: %w", err)
	}
	return writeDurable(data, termsFile, []byte(termsLine+strconv.Itoa(minutes)+"\n"))
}

// writeDurable puts a small file in place, whole or not at all.
func writeDurable(dir, name string, b []byte) error {
	path := filepath.Join(dir, name)
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("server: write: %w", err)
	}
	_, werr := f.Write(b)
	if err := errors.Join(werr, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("server: write %s: %w", path, err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("server: write: %w", err)
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("server: write: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
