package main

import (
	"errors"
	"fmt"
	"os"

	"mlango/gateway/versions"
)

// rollback brings an older version back, whole: into the file, so that the next
// start runs it too, and into force. When it is refused the file is as it was.
func (g *gateway) rollback(name string) (did reloaded, err error) {
	f := g.operators
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.path == "" {
		return did, errNoFile
	}
	v, err := f.store.Get(name)
	if err != nil {
		return did, err
	}
	undo, err := swapFiles(f.path, &v)
	if err != nil {
		return did, errors.Join(fmt.Errorf("the file could not be changed, so the next start would undo this: %w", err), undo())
	}
	if did, err = g.reloadLocked(fmt.Sprintf("rollback to %d", v.Number), false); err != nil {
		return did, errors.Join(err, undo())
	}
	return did, nil
}

// swapFiles puts a version's text and dialects where they came from; undo puts back
// what was there.
func swapFiles(path string, v *versions.Version) (undo func() error, err error) {
	old := map[string][]byte{}
	undo = func() error {
		var errs []error
		for name, raw := range old {
			errs = append(errs, replaceFile(name, raw))
		}
		return errors.Join(errs...)
	}
	swap := func(name string, text func(was string) string) error {
		was, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		now := text(string(was))
		if now == string(was) {
			return nil
		}
		if err := replaceFile(name, []byte(now)); err != nil {
			return err
		}
		old[name] = was
		return nil
	}
	for name, text := range v.Files {
		if err := swap(name, func(string) string { return text }); err != nil {
			return undo, err
		}
	}
	return undo, swap(path, func(was string) string { return versions.Swap(was, v.Text) })
}

// replaceFile keeps the mode of the file in whose place the new one comes.
func replaceFile(name string, raw []byte) error {
	mode := os.FileMode(0o600)
	if info, err := os.Stat(name); err == nil {
		mode = info.Mode().Perm()
	}
	return versions.WriteFile(name, raw, mode)
}
