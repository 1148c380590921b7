package bundle

import (
	"context"
	"errors"
	"regexp"
	"time"
)

// Limits of a store.
const (
	MaxValue     = 4 << 20 // bytes under one key: the largest menu, and room
	MaxKey       = 160     // bytes of a key
	MaxAnnounced = 1024    // values with a lease, at once
)

// Why a store did not do it.
var (
	ErrNone     = errors.New("bundle: the store has no such thing")
	ErrConflict = errors.New("bundle: somebody else changed it meanwhile")
	ErrDamaged  = errors.New("bundle: what the store holds is damaged")
	ErrTooBig   = errors.New("bundle: more than the store takes")
)

// tableKey is what a key looks like: nothing of it can leave a folder.
var tableKey = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*$`)

// Store is where a fleet keeps its bundles: what lasts, and what gateways say of
// themselves for as long as a lease. Implementations: File and Redis, one test suite.
type Store interface {
	// Get returns what lasts under a key, or ErrNone.
	Get(ctx context.Context, key string) ([]byte, error)
	// Swap puts now where was stands; a nil was is where nothing stands, a nil now
	// takes it away. Whole or not at all. ErrConflict: something else stands there.
	Swap(ctx context.Context, key string, was, now []byte) error
	// Announce puts a value that the store forgets after the lease.
	Announce(ctx context.Context, key string, value []byte, lease time.Duration) error
	// Announced are the values under keys that begin so whose lease has not ended.
	Announced(ctx context.Context, prefix string) (map[string][]byte, error)
}

// fits refuses what no store takes.
func fits(key string, value []byte) error {
	if len(key) > MaxKey || len(value) > MaxValue || !tableKey.MatchString(key) {
		return ErrTooBig
	}
	return nil
}
