package confirm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"mlango/internal/disk"
)

// letter is one SMS that was given up, as people find it: the recipient masked,
// the text not at all. Receipt and id lead to everything else in the ledger.
type letter struct {
	At       time.Time `json:"at"`
	Operator string    `json:"operator"`
	To       string    `json:"to"`
	Receipt  string    `json:"receipt,omitempty"`
	ID       string    `json:"id"`
	Side     uint8     `json:"side"`
	Lane     uint32    `json:"lane,omitempty"`
	Seq      uint64    `json:"seq,omitempty"`
	Why      string    `json:"why"`
}

var errLettersFull = errors.New("confirm: the dead letters are full")

// deadLetters is a bounded file, one JSON line a letter, synced with each.
type deadLetters struct {
	mu    sync.Mutex
	file  *os.File
	lines int
	limit int
}

func openLetters(path string, limit int) (*deadLetters, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("confirm: dead letters: %w", err)
	}
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("confirm: dead letters: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("confirm: dead letters: %w", err)
	}
	if err := disk.Folder(filepath.Dir(path)); err != nil { // it may be new
		return nil, fmt.Errorf("confirm: dead letters: %w", errors.Join(err, f.Close()))
	}
	d := &deadLetters{file: f, lines: bytes.Count(old, []byte("\n")), limit: limit}
	if len(old) > 0 && old[len(old)-1] != '\n' { // a crash cut the last line
		_, err = f.WriteString("\n")
		d.lines++
	}
	return d, err
}

// add keeps one letter through a crash, or says that there is no room.
func (d *deadLetters) add(l letter) error {
	line, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("confirm: dead letter: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lines >= d.limit {
		return errLettersFull
	}
	if _, err := d.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("confirm: dead letter: %w", err)
	}
	d.lines++
	if err := d.file.Sync(); err != nil {
		return fmt.Errorf("confirm: dead letter: %w", err)
	}
	return nil
}

func (d *deadLetters) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lines
}

func (d *deadLetters) close() error { return d.file.Close() }
