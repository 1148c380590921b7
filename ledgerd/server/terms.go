package server

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"mlango/ledgerd/vault"
)

// termsFile holds what the books were begun with and must be replayed with: the
// zone in which their days end, and which vault has their keys. It stands beside
// journal and vault.
const (
	termsFile = "books"
	termsLine = "zone_minutes="
	vaultLine = "vault="
	maxTerms  = 64 // bytes
)

// ErrZone says that the configuration's zone is not the books'.
var ErrZone = errors.New("server: the books were begun in another zone")

// ErrVault says that the vault is another's: no PIN, number or name would fit it.
var ErrVault = errors.New("server: the vault is not the one the books were begun with")

// Zone is the zone the books in a data folder were begun with, in minutes east of
// UTC; fs.ErrNotExist when there are none.
func Zone(data string) (int, error) {
	text, err := term(data, termsLine)
	if err != nil {
		return 0, fmt.Errorf("server: zone of the books: %w", err)
	}
	minutes, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("server: %s: not a line %s<minutes>", filepath.Join(data, termsFile), termsLine)
	}
	return minutes, nil
}

// term is what a line of the books' file says.
func term(data, line string) (string, error) {
	path := filepath.Join(data, termsFile)
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	for said := range strings.Lines(string(b[:min(len(b), maxTerms)])) {
		if text, ok := strings.CutPrefix(said, line); ok {
			return strings.TrimSpace(text), nil
		}
	}
	return "", fmt.Errorf("%s: no line %s", path, line)
}

// OwnVault refuses a vault that is not the one the books in a data folder were
// begun with.
func OwnVault(data string, v *vault.Vault) error {
	want, err := term(data, vaultLine)
	if err != nil {
		return fmt.Errorf("server: vault of the books: %w", err)
	}
	if mark := v.Mark(); want != hex.EncodeToString(mark[:]) {
		return fmt.Errorf("%w: it is %x, the books' is %s", ErrVault, mark, want)
	}
	return nil
}

// begun tells whether a data folder holds books, and holds the configuration's
// zone to theirs.
func begun(data string, minutes int) (bool, error) {
	was, err := Zone(data)
	switch {
	case err == nil && was != minutes:
		return false, fmt.Errorf("%w: %+d minutes, now %+d", ErrZone, was, minutes)
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	}
	return err == nil, err
}

// begin writes zone and vault beside new books. It comes after vault and journal: from
// then on both must be there, and a start that finds one gone makes no new one.
func begin(data string, minutes int, v *vault.Vault) error {
	text := fmt.Sprintf("%s%d\n%s%x\n", termsLine, minutes, vaultLine, v.Mark())
	if err := writeDurable(data, termsFile, []byte(text)); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(data)) // the folder itself may be new
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
	return syncFolder(dir)
}

// syncFolder makes a folder's names durable.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("server: sync folder: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("server: sync folder: %w", err)
	}
	return nil
}
