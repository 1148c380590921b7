// Package incident is the record of what changed state and when – binds, breakers,
// verdicts, configurations, the queue's age – in two files of bounded size in the
// data folder, and the timeline that is read from them after a bad night.
package incident

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
	"unicode/utf8"
)

// Limits of the record.
const (
	MaxFile  = 2 << 20 // bytes of a file; then it becomes the old one, whose lines go
	MaxText  = 512     // bytes of what is said of one change
	MaxRead  = 5000    // changes of one timeline; the newest of them
	mostEach = 30      // changes of one thing in a minute; the rest is counted
	maxLine  = 4 << 10

	mostThings = 4096 // whose changes are counted
)

// names of the files.
const (
	newFile = "incidents.jsonl"
	oldFile = "incidents.old.jsonl"
)

// Change is one thing that changed state.
type Change struct {
	At   time.Time `json:"at"`
	What string    `json:"what"` // bind safari/ussd-1.1, operator safari, ledger, queue, gateway
	Text string    `json:"text"` // to which state, and why
	Bad  bool      `json:"bad"`  // for the worse
	Lost int       `json:"lost,omitempty"`
}

// Record takes changes down. A nil Record takes nothing.
type Record struct {
	mu     sync.Mutex
	dir    string
	file   *os.File
	size   int64
	recent map[string]*pulse
}

// pulse is how often one thing changed in its minute.
type pulse struct {
	began   time.Time
	n, lost int
}

// Open goes on with the record in a folder.
func Open(dir string) (*Record, error) {
	r := &Record{dir: dir, recent: map[string]*pulse{}}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("incident: %w", err)
	}
	return r, r.open()
}

func (r *Record) open() error {
	f, err := os.OpenFile(filepath.Join(r.dir, newFile), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("incident: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(fmt.Errorf("incident: %w", err), f.Close())
	}
	r.file, r.size = f, info.Size()
	return r.mend()
}

// mend ends a line that a crash cut, so that the next one stands alone.
func (r *Record) mend() error {
	last := []byte{'\n'}
	if r.size > 0 {
		if _, err := r.file.ReadAt(last, r.size-1); err != nil {
			return fmt.Errorf("incident: %w", err)
		}
	}
	if last[0] == '\n' {
		return nil
	}
	return r.write([]byte{'\n'})
}

// Note takes one change down. What changes too often is counted and told with the
// next change that is taken.
func (r *Record) Note(c Change) error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.recent[c.What]
	if p == nil || c.At.Sub(p.began) >= time.Minute || c.At.Before(p.began) {
		lost := 0
		if p != nil {
			lost = p.lost
		}
		if len(r.recent) >= mostThings {
			clear(r.recent)
		}
		p = &pulse{began: c.At, lost: lost}
		r.recent[c.What] = p
	}
	if p.n++; p.n > mostEach {
		p.lost++
		return nil
	}
	c.Text, c.Lost = cut(c.Text), p.lost
	p.lost = 0
	line, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("incident: %w", err)
	}
	return r.write(append(line, '\n'))
}

func cut(s string) string {
	if len(s) <= MaxText {
		return s
	}
	n := MaxText
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// write appends, and turns the files round when the new one is full; r.mu is held. What
// could not be turned is tried again with the next line, not for the last time.
func (r *Record) write(line []byte) error {
	if r.size+int64(len(line)) > MaxFile {
		if err := os.Rename(filepath.Join(r.dir, newFile), filepath.Join(r.dir, oldFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("incident: %w", err)
		}
		full := r.file
		err := r.open()
		if r.file != full {
			_ = full.Close() // every line of it is written
		}
		if err != nil {
			return err
		}
	}
	n, err := r.file.Write(line)
	if r.size += int64(n); err != nil {
		return fmt.Errorf("incident: %w", err)
	}
	return nil
}

// Close ends the record.
func (r *Record) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.file.Close(); err != nil {
		return fmt.Errorf("incident: %w", err)
	}
	return nil
}

// Read is what changed in a folder's record from one instant to another, oldest
// first, and whether there was more before it than is read. It may be read while it
// is written.
func Read(dir string, from, to time.Time) (changes []Change, more bool, err error) {
	for _, name := range []string{oldFile, newFile} {
		if err := read(filepath.Join(dir, name), func(c Change) {
			if !c.At.Before(from) && !c.At.After(to) {
				changes = append(changes, c)
			}
			if len(changes) > 2*MaxRead {
				changes, more = slices.Delete(changes, 0, MaxRead), true
			}
		}); err != nil {
			return nil, false, err
		}
	}
	slices.SortStableFunc(changes, func(a, b Change) int { return a.At.Compare(b.At) })
	if len(changes) > MaxRead {
		changes, more = changes[len(changes)-MaxRead:], true
	}
	return changes, more, nil
}

// read calls f for every line of a file that is one; a line that a crash cut, or
// somebody else wrote, is passed over.
func read(path string, f func(Change)) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("incident: %w", err)
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, maxLine)
	for skip := false; ; {
		line, tooLong, err := in.ReadLine()
		if err != nil {
			return nil
		}
		var c Change
		if !skip && !tooLong && json.Unmarshal(line, &c) == nil && !c.At.IsZero() {
			f(c)
		}
		skip = tooLong
	}
}
