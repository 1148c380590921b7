// Package vault keeps the keys of people, seals and ids. It lives beside the
// journal on every voter and never in it: what the journal must not be able to
// tell, or must be able to forget, is sealed under a key from here.
package vault

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// The files of a vault. The folder is 0700 and each file 0600.
const (
	keysFile   = "keys"   // made once
	sealsFile  = "seals"  // rewritten at each rotation
	peopleFile = "people" // grows
	lockFile   = "LOCK"   // held by the one process that may write
)

var (
	// ErrPermissions says that others than the owner may read the vault.
	ErrPermissions = errors.New("vault: others than the owner can reach it")
	// ErrDamaged says that a file is not what was written. The error that wraps it
	// says where.
	ErrDamaged = errors.New("vault: damaged")
	// ErrIncomplete says that a file of the vault is missing.
	ErrIncomplete = errors.New("vault: incomplete")
	// ErrInUse says that another process has this vault open.
	ErrInUse = errors.New("vault: in use by another process")
	// ErrReadOnly says that the vault was opened for reading.
	ErrReadOnly = errors.New("vault: opened for reading only")
	// ErrClosed says that the vault was closed.
	ErrClosed = errors.New("vault: closed")
)

// Vault is one open folder of keys. Its methods may be called at the same time.
type Vault struct {
	dir  string
	lock *os.File // nil when opened for reading

	mu     sync.RWMutex
	static static
	tokens *sync.Pool // of rooms to make a token in, under its key
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
	held, err := lock(filepath.Join(dir, lockFile))
	if err != nil {
		return nil, err
	}
	v, err := openLocked(dir)
	if err != nil {
		return nil, errors.Join(err, held.Close())
	}
	v.lock = held
	return v, nil
}

// Reopen opens the vault in dir and never makes one: beside books that were
// begun, new keys would fit no PIN, no number and no name.
func Reopen(dir string) (*Vault, error) {
	if err := private(filepath.Join(dir, keysFile)); err != nil {
		return nil, err
	}
	return Open(dir)
}

func openLocked(dir string) (*Vault, error) {
	made, err := exists(filepath.Join(dir, keysFile))
	if err != nil {
		return nil, err
	}
	if !made {
		if err := create(dir); err != nil {
			return nil, err
		}
	}
	return load(dir, true)
}

// Load opens the vault in dir for reading and changes nothing, not even a torn
// end.
func Load(dir string) (*Vault, error) { return load(dir, false) }

func load(dir string, write bool) (*Vault, error) {
	if err := private(dir); err != nil {
		return nil, err
	}
	v := &Vault{dir: dir}
	var err error
	if v.static, err = loadStatic(filepath.Join(dir, keysFile)); err != nil {
		return nil, err
	}
	v.tokens = newTokens(v.static.token)
	if v.seals, err = loadSeals(filepath.Join(dir, sealsFile)); err != nil {
		return nil, err
	}
	if v.people, err = openPeople(filepath.Join(dir, peopleFile), write); err != nil {
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
	if err := syncDir(filepath.Dir(dir)); err != nil { // the folder itself may be new
		return err
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

// Format tells nothing, for every verb: printing a vault prints no key.
func (v *Vault) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "vault") }

// Close forgets every key in memory and closes the files.
func (v *Vault) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if errors.Is(v.people.err, ErrClosed) {
		return nil
	}
	v.static, v.tokens = static{}, newTokens([32]byte{})
	clear(v.seals.keys)
	v.seals.keys = nil
	err := v.people.close()
	if v.lock != nil {
		err = errors.Join(err, v.lock.Close())
	}
	return err
}
