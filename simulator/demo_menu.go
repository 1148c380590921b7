package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"mlango/menus"
)

// How the demo's menu is followed.
const (
	draftName = "wallet.yaml"
	partMark  = "--- # " // above each file that a built-in menu includes
	menuEach  = 500 * time.Millisecond
)

// draft puts the built-in wallet into the data folder, for people to change: a save
// runs at once. One that is there stays.
func draft(data string) (path string, err error) {
	path = filepath.Join(data, draftName)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return path, err
	}
	for i, part := range bytes.Split(append([]byte("\n"), menus.Wallet()...), []byte("\n"+partMark)) {
		name, text := draftName, part[min(1, len(part)):]
		if i > 0 {
			first, rest, _ := bytes.Cut(part, []byte("\n"))
			name, text = string(bytes.TrimSpace(first)), rest
		}
		at := filepath.Join(data, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			return "", fmt.Errorf("the menu's folder: %w", err)
		}
		if err := os.WriteFile(at, text, 0o600); err != nil {
			return "", fmt.Errorf("the menu's file: %w", err)
		}
	}
	return path, nil
}

// tellMenu says what became of each save of the menu.
func (d *demo) tellMenu(ctx context.Context) {
	tick := time.NewTicker(menuEach)
	defer tick.Stop()
	var hash, refused string
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		b, err := d.stack.Bundle(ctx)
		if err != nil || b.Hash == "" {
			continue // a gateway that was killed for show
		}
		switch {
		case b.Refused != refused && b.Refused != "":
			fmt.Fprintf(d.w.out, "\nThe menu that was saved does not run; %s (%.12s) goes on.\n%s\n", b.Name, b.Hash, b.Refused)
		case hash != "" && b.Hash != hash, refused != "" && b.Refused == "":
			fmt.Fprintf(d.w.out, "\nThe menu %s (%.12s) runs: dial to see it. Who was inside finishes under the one before.\n", b.Name, b.Hash)
		}
		hash, refused = b.Hash, b.Refused
	}
}
