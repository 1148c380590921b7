package approval

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"mlango/gateway/session"
	"mlango/internal/disk"
)

// Limits of the file.
const (
	fileName  = "approvals.log"
	maxSlips  = 100_000
	rewriteAt = 8 << 20 // bytes; a longer file with little left in it is written anew
)

// File keeps slips of one gateway that has no Redis: in memory, and in an append-only
// file of lines, so that nobody is asked twice after a restart.
type File struct {
	mu    sync.Mutex
	path  string
	f     *os.File
	size  int64
	least int64 // its size when it was written anew last
	torn  bool  // a line may stand there in part: nothing is written behind it
	slips map[string]line
	now   func() time.Time
}

// line is one slip as it is written.
type line struct {
	Name string `json:"name"`
	Slip []byte `json:"slip"`
	Ends int64  `json:"ends"` // ms
}

var _ session.Slips = (*File)(nil)

var errFull = errors.New("approval: as many requests are kept as may be")

// OpenFile opens, or makes, the file in a folder. A torn last line is cut; now is its
// clock, nil the machine's.
func OpenFile(dir string, now func() time.Time) (*File, error) {
	if now == nil {
		now = time.Now
	}
	f := &File{path: filepath.Join(dir, fileName), slips: map[string]line{}, now: now}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open approvals: %w", err)
	}
	b, err := os.ReadFile(f.path)
	if err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("open approvals: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, 8*session.MaxSlip)
	for lines.Scan() {
		var l line
		if json.Unmarshal(lines.Bytes(), &l) == nil && len(l.Slip) >= 9 {
			f.slips[l.Name] = l
		}
	}
	return f, f.rewrite()
}

// rewrite writes what is left to a new file in place of the old.
func (f *File) rewrite() error {
	var b []byte
	f.forget()
	for _, l := range f.slips {
		b = append(appendLine(b, &l), '\n')
	}
	next, err := os.OpenFile(f.path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("rewrite approvals: %w", err)
	}
	if _, err = next.Write(b); err == nil {
		if err = next.Sync(); err == nil {
			err = disk.Take(next, f.path)
		}
	}
	if err != nil {
		return fmt.Errorf("rewrite approvals: %w", errors.Join(err, next.Close()))
	}
	if f.f != nil {
		_ = f.f.Close() // its name is another file's now
	}
	f.f, f.size, f.least, f.torn = next, int64(len(b)), int64(len(b)), false
	return nil
}

// forget lets go of what is over.
func (f *File) forget() {
	now := f.now().UnixMilli()
	maps.DeleteFunc(f.slips, func(_ string, l line) bool { return l.Ends <= now })
}

// add writes a line to the disk. What failed may stand there in part, so that the next
// line would be lost with it: the file is written anew before that.
func (f *File) add(text []byte) error {
	if f.torn {
		if err := f.rewrite(); err != nil {
			return err
		}
	}
	_, err := f.f.Write(text)
	if err == nil {
		err = f.f.Sync()
	}
	if f.torn = err != nil; f.torn {
		return fmt.Errorf("keep an approval: %w", err)
	}
	f.size += int64(len(text))
	return nil
}

func appendLine(dst []byte, l *line) []byte {
	b, _ := json.Marshal(l) // strings and numbers always are JSON
	return append(dst, b...)
}

// Put is session.Slips'; it returns when the disk has the slip.
func (f *File) Put(_ context.Context, name string, expect uint64, b []byte, ttl time.Duration) ([]byte, error) {
	if len(b) < 9 || len(b) > session.MaxSlip {
		return nil, session.ErrTooBig
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	old, known := f.slips[name]
	if known && old.Ends <= now.UnixMilli() {
		known = false
	}
	switch {
	case known && bytes.Equal(old.Slip, b):
		return nil, nil
	case known && (expect == 0 || binary.BigEndian.Uint64(old.Slip[1:]) != expect):
		return old.Slip, session.ErrConflict
	case !known && expect != 0:
		return nil, session.ErrNone
	case !known && f.full():
		return nil, errFull
	}
	l := line{Name: name, Slip: b, Ends: now.Add(ttl).UnixMilli()}
	text := append(appendLine(nil, &l), '\n')
	if err := f.add(text); err != nil {
		return nil, err
	}
	f.slips[name] = l
	if f.size > max(rewriteAt, 2*f.least) {
		f.torn = f.rewrite() != nil // it is kept; the next one tries again
	}
	return nil, nil
}

// full tells whether as many are kept as may be, once what is over was let go of.
func (f *File) full() bool {
	if len(f.slips) >= maxSlips {
		f.forget()
	}
	return len(f.slips) >= maxSlips
}

// Get is session.Slips'.
func (f *File) Get(_ context.Context, name string) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	l, known := f.slips[name]
	if !known || l.Ends <= f.now().UnixMilli() {
		return nil, session.ErrNone
	}
	return l.Slip, nil
}

// Close closes the file.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.f.Close()
}
