// Package bundle keeps the menu bundles of a running gateway: the active one,
// that new sessions begin with, and the ones before it, for as long as a session
// or an order may still be pinned to them.
package bundle

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"mlango/menus"
)

// Limits of a store.
const (
	MinKeep = 10 * time.Minute // a replaced bundle stays at least this long: longer than any session and any order
	MaxOld  = 32               // replaced bundles within that time; more changes are refused
)

// Config says where a store's menu comes from.
type Config struct {
	Path      string // the menu's file; empty is the built-in wallet
	Catalogue menus.Catalogue
	Keep      time.Duration // of a replaced bundle; at least MinKeep
	Now       func() time.Time
}

// Store holds bundles, for any number of readers at once.
type Store struct {
	cfg   Config
	mu    sync.Mutex // one Reload at a time
	shelf atomic.Pointer[shelf]
}

// shelf is what the store holds; it is replaced, never changed.
type shelf struct {
	active *menus.Bundle
	all    map[[32]byte]entry
}

type entry struct {
	bundle   *menus.Bundle
	replaced time.Time // zero: it is the active one
}

// Open reads the menu and proves it.
func Open(cfg Config) (*Store, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.Keep = max(cfg.Keep, MinKeep)
	s := &Store{cfg: cfg}
	s.shelf.Store(&shelf{})
	if _, err := s.Reload(); err != nil {
		return nil, err
	}
	return s, nil
}

// Active is the bundle that new sessions begin with.
func (s *Store) Active() *menus.Bundle { return s.shelf.Load().active }

// Get finds a bundle by its hash: the active one, or one that was replaced a
// short while ago; else nil.
func (s *Store) Get(hash [32]byte) *menus.Bundle { return s.shelf.Load().all[hash].bundle }

// Reload reads the menu's file again. When anything is wrong with it, the active
// bundle stays and the error says what to mend.
func (s *Store) Reload() (changed bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, src, err := s.source()
	if err != nil {
		return false, err
	}
	fresh, err := menus.Parse(name, src, s.cfg.Catalogue)
	if err != nil {
		return false, fmt.Errorf("bundle: the menu is refused, the active one stays:\n%w", err)
	}
	return s.put(fresh)
}

// put makes a bundle the active one.
func (s *Store) put(fresh *menus.Bundle) (changed bool, err error) {
	old, now := s.shelf.Load(), s.cfg.Now()
	if old.active != nil && old.active.Hash() == fresh.Hash() {
		return false, nil
	}
	next := &shelf{active: fresh, all: maps.Clone(old.all)}
	if next.all == nil {
		next.all = map[[32]byte]entry{}
	}
	maps.DeleteFunc(next.all, func(_ [32]byte, e entry) bool {
		return e.bundle != old.active && now.Sub(e.replaced) > s.cfg.Keep
	})
	if len(next.all) > MaxOld {
		return false, fmt.Errorf("bundle: %d menus were replaced within %v, wait before the next", len(next.all), s.cfg.Keep)
	}
	if old.active != nil {
		next.all[old.active.Hash()] = entry{old.active, now}
	}
	next.all[fresh.Hash()] = entry{bundle: fresh}
	s.shelf.Store(next)
	return true, nil
}

func (s *Store) source() (name string, src []byte, err error) {
	if s.cfg.Path == "" {
		return menus.WalletName, menus.Wallet(), nil
	}
	src, err = menus.Read(os.DirFS(filepath.Dir(s.cfg.Path)), filepath.Base(s.cfg.Path))
	if err != nil {
		return "", nil, fmt.Errorf("bundle: %w", err)
	}
	return s.cfg.Path, src, nil
}
