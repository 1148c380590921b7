// Package versions keeps the operators' configurations that a gateway ran with: each
// whole, numbered and hashed, in the data folder, so that they can be compared and
// one brought back. It knows their text, not what it means.
package versions

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"mlango/internal/disk"
)

// Limits of a store.
const (
	Keep    = 100      // versions; the oldest go first, never the newest
	MaxText = 16 << 20 // bytes of a version's file
	shown   = 12       // digits of a hash that people see
	leastOf = 4        // digits by which a version may be named
)

// Why a version is not to be had.
var (
	ErrNone    = errors.New("versions: there is no such version")
	ErrDamaged = errors.New("versions: its text does not fit its hash")
)

// Version is one configuration of the operators.
type Version struct {
	Number int               `json:"version"` // from 1, rising
	At     time.Time         `json:"at"`      // since when it was in force
	How    string            `json:"how"`     // start, reload, rollback to N
	Hash   string            `json:"hash"`    // SHA-256 of Text and Files, hexadecimal
	Text   string            `json:"text"`    // the operators: section, as it was written
	Files  map[string]string `json:"files"`   // dialects of the operator's own that it names
}

// Short is the hash as people see it.
func (v *Version) Short() string { return v.Hash[:min(shown, len(v.Hash))] }

// Sum is the hash that a text with its files has.
func Sum(text string, files map[string]string) string {
	h := sha256.New()
	part := func(s string) { fmt.Fprintf(h, "%d\n%s", len(s), s) }
	part(text)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		part(name)
		part(files[name])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Store is a folder of versions.
type Store struct {
	dir string
	mu  sync.Mutex
}

// Open makes the folder when it is not there.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("versions: %w", err)
	}
	return &Store{dir: dir}, nil
}

// List is every version that is kept, oldest first, without its text.
func (s *Store) List() ([]Version, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list()
}

func (s *Store) list() (out []Version, err error) {
	numbers, err := s.numbers()
	if err != nil {
		return nil, err
	}
	for _, n := range numbers {
		v, err := s.read(n)
		if v.Text, v.Files = "", nil; err != nil {
			v = Version{Number: n, How: err.Error()}
		}
		out = append(out, v)
	}
	return out, nil
}

func (s *Store) numbers() (out []int, err error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("versions: %w", err)
	}
	for _, e := range entries {
		name, isVersion := strings.CutSuffix(e.Name(), ".json")
		if n, err := strconv.Atoi(name); isVersion && err == nil && n > 0 {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out, nil
}

func (s *Store) path(n int) string { return filepath.Join(s.dir, fmt.Sprintf("%06d.json", n)) }

func (s *Store) read(n int) (v Version, err error) {
	info, err := os.Stat(s.path(n))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return v, ErrNone
	case err != nil:
		return v, fmt.Errorf("versions: %w", err)
	case info.Size() > MaxText:
		return v, ErrDamaged
	}
	raw, err := os.ReadFile(s.path(n))
	if err != nil {
		return v, fmt.Errorf("versions: %w", err)
	}
	if json.Unmarshal(raw, &v) != nil || v.Number != n || v.Hash != Sum(v.Text, v.Files) {
		return Version{}, ErrDamaged
	}
	return v, nil
}

// Get finds a version by its number, or by the first digits of its hash: the newest
// that has them.
func (s *Store) Get(name string) (Version, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n, err := strconv.Atoi(name); err == nil {
		if v, err := s.read(n); !errors.Is(err, ErrNone) {
			return v, err
		}
	}
	numbers, err := s.numbers()
	if err != nil || len(name) < leastOf {
		return Version{}, errors.Join(ErrNone, err)
	}
	for _, n := range slices.Backward(numbers) {
		if v, err := s.read(n); err == nil && strings.HasPrefix(v.Hash, strings.ToLower(name)) {
			return v, nil
		}
	}
	return Version{}, ErrNone
}

// Put keeps a version under the next number and tells it, unless it is the newest
// one's equal: then that is told, and fresh is false.
func (s *Store) Put(v Version) (kept Version, fresh bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	numbers, err := s.numbers()
	if err != nil {
		return v, false, err
	}
	v.Number, v.Hash = 1, Sum(v.Text, v.Files)
	if len(numbers) > 0 {
		newest := numbers[len(numbers)-1]
		if last, err := s.read(newest); err == nil && last.Hash == v.Hash {
			return last, false, nil
		}
		v.Number = newest + 1
	}
	if err := s.write(v); err != nil {
		return v, false, err
	}
	for len(numbers) >= Keep {
		if err := os.Remove(s.path(numbers[0])); err != nil {
			return v, true, fmt.Errorf("versions: %w", err)
		}
		numbers = numbers[1:]
	}
	return v, true, nil
}

func (s *Store) write(v Version) error {
	raw, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return fmt.Errorf("versions: %w", err)
	}
	return disk.Put(s.path(v.Number), append(raw, '\n'), 0o600)
}
