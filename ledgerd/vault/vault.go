// Package vault keeps the keys of people, seals and ids. It lives beside the
// journal on every voter and never in it: what the journal must not be able to
// tell, or must be able to forget, is sealed under a key from here.
package vault

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// The files of a vault. The folder is 0700 and each file 0600.
const (
	keysFile   = "keys"   // made once
	sealsFile  = "seals"  // rewritten at each rotation
	peopleFile = "people" // grows
)

var (
	// ErrPermissions says that others than the owner may read the vault.
	ErrPermissions = errors.New("vault: others than the owner can reach it")
	// ErrDamaged says that a file is not what was written. The error that wraps it
	// says where.
	ErrDamaged = errors.New("vault: damaged")
	// ErrIncomplete says that a file of the vault is missing.
	ErrIncomplete = errors.New("vault: incomplete")
	// ErrClosed says that the vault was closed.
	ErrClosed = errors.New("vault: closed")
)

// Vault is one open folder of keys. Its methods may be called at the same time.
type Vault struct {
	dir    string
	static static

	mu     sync.RWMutex
	seals  seals
	people *people
}

// Open opens the vault in dir and makes it, with every key at random, if there
// is none. Half a vault is refused: new keys beside old data would be worse than
// no start at all.
func Open(dir string) (*Vault, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("vault: make folder: %w", err)
	}
	made, err := exists(filepath.Join(dir, keysFile))
	if err != nil {
		return nil, err
	}
	if !made {
		if err := create(dir); err != nil {
			return nil, err
		}
	}
	return Load(dir)
}

// Load opens the vault in dir and makes nothing that is not there.
func Load(dir string) (*Vault, error) {
	if err := private(dir); err != nil {
		return nil, err
	}
	v := &Vault{dir: dir}
	var err error
	if v.static, err = loadStatic(filepath.Join(dir, keysFile)); err != nil {
		return nil, err
	}
	if v.seals, err = loadSeals(filepath.Join(dir, sealsFile)); err != nil {
		return nil, err
	}
	if v.people, err = openPeople(filepath.Join(dir, peopleFile)); err != nil {
		return nil, err
	}
	return v, nil
}

// create makes a vault. The keys file comes last: while it is missing there is
// no vault, and a creation that was cut short is simply done again.
func create(dir string) error {
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("vault: close folder to others: %w", err)
	}
	people := filepath.Join(dir, peopleFile)
	if info, err := os.Stat(people); err == nil && info.Size() > peopleHeader {
		return fmt.Errorf("%w: %s: there are people, but the file %q is missing; bring it back from a copy", ErrIncomplete, dir, keysFile)
	}
	if err := createPeople(people); err != nil {
		return err
	}
	if err := storeSeals(filepath.Join(dir, sealsFile), seals{nextID: 1}); err != nil {
		return err
	}
	return storeStatic(filepath.Join(dir, keysFile))
}

// Close forgets every key in memory and closes the files.
func (v *Vault) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.static = static{}
	clear(v.seals.keys)
	v.seals.keys = nil
	return v.people.close()
}
