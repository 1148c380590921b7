package vault

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Written tells when the keys that are never changed were made, and when a person's
// key was made or destroyed last.
func (v *Vault) Written() (keys, people time.Time, err error) {
	for name, to := range map[string]*time.Time{keysFile: &keys, peopleFile: &people} {
		info, err := os.Stat(filepath.Join(v.dir, name))
		if err != nil {
			return keys, people, fmt.Errorf("vault: look at %s: %w", name, err)
		}
		*to = info.ModTime()
	}
	return keys, people, nil
}
