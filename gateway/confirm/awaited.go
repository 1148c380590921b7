package confirm

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"mlango/internal/disk"
)

// Limits of the file of awaited receipts.
const (
	awaitedName   = "awaited-receipts.log"
	awaitedEach   = 100 * time.Millisecond // what a killed gateway forgets at most: receipts about it are strangers
	awaitedAgain  = 10 * time.Second       // after a write that failed
	awaitedFresh  = time.Hour              // what is over leaves the file at least so often
	awaitedMore   = 2 * maxAwaited         // lines that are over, until the file is written anew
	mostUnwritten = 8 << 20                // octets that wait for a slow disk; above it the file is written anew
	mostAwaited   = 256 << 20              // octets of a file that are read
)

// shelf keeps what receipts are awaited of through a restart: SMSCs report for days. A
// line is an SMS, "+" with all of it, or what became of one, "=" with its number. Nothing
// is synced: what a machine's crash takes is counted among strangers, no more. The
// zero value keeps nothing.
type shelf struct {
	path  string
	buf   []byte // lines that are not written yet
	whole bool   // the file does not hold what it should: it is written anew
	last  uint64 // number of the latest SMS
	lines int    // of the file
	fresh time.Time
	rest  time.Time // nothing is written until then
}

// put adds an SMS; mark what became of it. Whoever calls holds receipts.mu.
func (s *shelf) put(a *awaited) {
	s.last++
	a.n = s.last
	s.add(a.line)
}

func (s *shelf) mark(a *awaited) {
	s.add(func(b []byte) []byte { return fmt.Appendf(b, "=%d %d %d\n", a.n, a.until.Unix(), a.fate) })
}

func (s *shelf) add(line func([]byte) []byte) {
	if s.path == "" || s.whole {
		return
	}
	s.lines++
	if s.buf = line(s.buf); len(s.buf) > mostUnwritten {
		s.whole = true
	}
}

// line is all of an SMS.
func (a *awaited) line(b []byte) []byte {
	return fmt.Appendf(b, "+%d %d %d %t %q %q %q %q %q\n", a.n, a.until.Unix(), a.fate, a.quiet, a.operator, a.bind, a.id, a.to, a.about)
}

// restore reads what the gateway before awaited. What is damaged is left out, and told.
func (r *receipts) restore(dir string, now time.Time) error {
	path := filepath.Join(dir, awaitedName)
	f, err := os.Open(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("confirm: awaited receipts: %w", err)
	}
	var b []byte
	if err == nil {
		b, err = io.ReadAll(io.LimitReader(f, mostAwaited))
		f.Close()
		if err != nil {
			return fmt.Errorf("confirm: awaited receipts: %w", err)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if damaged := r.replay(b); damaged > 0 {
		r.log.Warn("lines of the awaited receipts cannot be read: receipts about those SMS will be strangers", "file", path, "lines", damaged)
	}
	r.shelf = shelf{path: path, whole: true, last: r.shelf.last, fresh: now}
	return nil
}

// replay takes in the lines of a file; r.mu is held.
func (r *receipts) replay(b []byte) (damaged int) {
	known := map[uint64]*awaited{}
	for len(b) > 0 {
		var line []byte
		line, b, _ = bytes.Cut(b, []byte("\n"))
		var a awaited
		var until int64
		if _, err := fmt.Sscanf(string(line), "=%d %d %d", &a.n, &until, &a.fate); err == nil && a.fate <= lost {
			if it := known[a.n]; it != nil {
				it.fate, it.until = a.fate, time.Unix(until, 0)
			}
			continue
		}
		_, err := fmt.Sscanf(string(line), "+%d %d %d %t %q %q %q %q %q", &a.n, &until, &a.fate, &a.quiet, &a.operator, &a.bind, &a.id, &a.to, &a.about)
		if err != nil || a.fate > lost || a.id == "" || known[a.n] != nil {
			damaged++
			continue
		}
		a.until, known[a.n] = time.Unix(until, 0), &a
		r.shelf.last = max(r.shelf.last, a.n)
		r.keep(&a)
	}
	return damaged
}

// save writes what is new, or all of it anew. It is called by one goroutine.
func (r *receipts) save(now time.Time) {
	r.mu.Lock()
	s := &r.shelf
	if s.path == "" || now.Before(s.rest) {
		r.mu.Unlock()
		return
	}
	over := s.lines - len(r.queue)
	whole := s.whole || over > awaitedMore || over > 0 && now.Sub(s.fresh) > awaitedFresh
	var all []awaited
	if whole {
		for _, a := range r.queue {
			all = append(all, *a)
		}
		s.whole, s.lines, s.fresh, s.buf = false, len(all), now, nil
	}
	lines := s.buf
	s.buf = nil
	r.mu.Unlock()
	var err error
	switch {
	case whole:
		err = rewrite(s.path, all)
	case len(lines) > 0:
		err = extend(s.path, lines)
	}
	if err == nil {
		return
	}
	r.log.Error("the awaited receipts were not written: after a restart what comes is a stranger", "err", err)
	r.mu.Lock()
	defer r.mu.Unlock()
	s.whole, s.buf, s.rest = true, nil, now.Add(awaitedAgain)
}

func extend(path string, lines []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(lines)
	return errors.Join(err, f.Close())
}

// rewrite makes a file of what is still awaited, and puts it in the old one's place.
func rewrite(path string, all []awaited) error {
	var lines []byte
	for i := range all {
		lines = all[i].line(lines)
	}
	return disk.Put(path, lines, 0o600)
}
