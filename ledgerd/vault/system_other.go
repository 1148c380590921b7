//go:build !linux || !(amd64 || arm64)

package vault

import (
	"fmt"
	"os"
)

// lock leaves it to the journal's lock to keep others out.
func lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("vault: lock: %w", err)
	}
	return f, nil
}

// forgetCached syncs; there is no portable way to ask for more.
func forgetCached(f *os.File) error {
	if err := f.Sync(); err != nil {
		return fmt.Errorf("vault: sync %s: %w", f.Name(), err)
	}
	return nil
}
