//go:build linux && (amd64 || arm64)

package vault

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lock holds the file for this process until it ends, however it ends.
func lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("vault: lock: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %s: %w", ErrInUse, path, err), f.Close())
	}
	return f, nil
}

// fadviseDontNeed asks the kernel to forget a file's clean pages.
const fadviseDontNeed = 4

// forgetCached makes the next read come from the disk: after a failed sync the
// kernel may show bytes that never arrived.
func forgetCached(f *os.File) error {
	if err := f.Sync(); err != nil {
		return fmt.Errorf("vault: sync %s: %w", f.Name(), err)
	}
	if _, _, errno := syscall.Syscall6(syscall.SYS_FADVISE64, f.Fd(), 0, 0, fadviseDontNeed, 0, 0); errno != 0 {
		return fmt.Errorf("vault: drop cached %s: %w", f.Name(), errno)
	}
	return nil
}
