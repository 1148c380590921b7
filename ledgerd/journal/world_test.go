package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

const folder = "data"

// on is small on a fake disk.
func on(d *fakeDisk) Options {
	o := small
	o.FS = d
	o.Cluster = [16]byte{7}
	return o
}

// world remembers what was asked of a journal and what was promised.
type world struct {
	appended  [][]byte // by index-1
	promised  uint64
	committed uint64
	cutTo     uint64 // entries behind it are being taken back; zero: none are
	made      int    // entries ever, so that no two are alike
	term      uint64 // the last vote that was asked for
	voted     uint64 // the last that was promised
	snapshot  uint64 // the newest that was promised
	begun     uint64 // the newest that was asked for
	replayed  uint64 // how far the last start told us
}

// run lives twice: entries in groups, and between them what a node does beside.
// It returns the first error.
func (w *world) run(opt Options, total int) error {
	for len(w.appended) < total {
		j, err := Open(folder, w.replaying(opt))
		if err != nil {
			return err
		}
		half := min(total, len(w.appended)+total/2+1)
		for len(w.appended) < half && err == nil {
			if err = w.fill(j, min(half, len(w.appended)+13)); err == nil {
				err = w.chores(j)
			}
		}
		if err != nil {
			return poisoned(j, err)
		}
		if err := j.Close(); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) fill(j *Journal, total int) error {
	for len(w.appended) < total {
		for range 1 + len(w.appended)%5 {
			w.made++
			p := append(payload(uint64(w.made)), fmt.Sprint(w.made)...)
			if err := j.AppendAt(uint64(len(w.appended)+1), 1, p, 0); err != nil {
				return err
			}
			w.appended = append(w.appended, p)
		}
		if err := j.Sync(); err != nil {
			return err
		}
		w.promised = uint64(len(w.appended))
	}
	return nil
}

// chores is a vote, sometimes a few entries taken back, a snapshot, and what is
// old retired.
func (w *world) chores(j *Journal) error {
	w.committed = max(w.committed, w.promised-min(w.promised, 9))
	j.Commit(w.committed)
	w.term++
	if err := j.SaveState(w.term, 1+w.term%3); err != nil {
		return err
	}
	w.voted = w.term
	if w.term%3 == 2 {
		if err := w.takeBack(j); err != nil {
			return err
		}
	}
	if w.committed == 0 {
		return nil
	}
	w.begun = w.committed
	if err := j.SaveSnapshot(w.begun, func(out io.Writer) error { _, err := out.Write(content(w.begun, 700)); return err }); err != nil {
		return err
	}
	w.snapshot = w.begun
	return j.Retire(w.snapshot)
}

func (w *world) takeBack(j *Journal) error {
	w.cutTo = w.promised - min(w.promised-w.committed, 5)
	if err := j.Truncate(w.cutTo); err != nil {
		return err
	}
	w.appended, w.promised, w.cutTo = w.appended[:w.cutTo], w.cutTo, 0
	return nil
}

// replaying is told by Open what there is, and holds it against the snapshot.
func (w *world) replaying(opt Options) Options {
	opt.Replay = &Replay{Load: func(s Snapshot, r io.Reader) error {
		w.replayed = s.Index
		if r == nil {
			return nil
		}
		b, err := io.ReadAll(r)
		if err == nil && !bytes.Equal(b, content(s.Index, 700)) {
			err = errors.New("another snapshot")
		}
		return err
	}, Entry: func(h Header, p []byte) error {
		if h.Index != w.replayed+1 || h.Index > uint64(len(w.appended)) || !bytes.Equal(p, w.appended[h.Index-1]) {
			return fmt.Errorf("entry %d is told after %d as %q", h.Index, w.replayed, p)
		}
		w.replayed++
		return nil
	}}
	return opt
}

// errGoesOn is the worst there is.
var errGoesOn = errors.New("a failed journal goes on")

// poisoned tells if a failed journal would still do anything.
func poisoned(j *Journal, cause error) error {
	_, aerr := j.Append(nil, 1, 0)
	for _, err := range []error{aerr, j.Sync(), j.Read(1, nil), j.SaveState(1<<40, 1), j.Retire(1), j.Truncate(0),
		j.SaveSnapshot(1, func(io.Writer) error { return nil }), j.Close()} {
		if !errors.Is(err, ErrFailed) {
			return fmt.Errorf("%w: %w after %w", errGoesOn, err, cause)
		}
	}
	return cause
}

// checker is a *testing.T or a *rapid.T.
type checker interface {
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// check opens the journal after a crash, and life goes on.
func (w *world) check(t checker, d *fakeDisk) {
	j := w.open(t, d)
	if err := errors.Join(w.fill(j, len(w.appended)+16), w.chores(j), w.fill(j, len(w.appended)+16)); err != nil {
		t.Fatalf("go on after a crash: %v", err)
	}
	w.readAll(t, j)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// found opens the journal and closes it.
func (w *world) found(t checker, d *fakeDisk) {
	if err := w.open(t, d).Close(); err != nil {
		t.Fatal(err)
	}
}

// open opens the journal and compares it with what was promised; everything
// beyond that must be what was asked for, or nothing.
func (w *world) open(t checker, d *fakeDisk) *Journal {
	opt := on(d)
	opt.AcceptFailed = true
	j, err := Open(folder, w.replaying(opt))
	if err != nil {
		t.Fatalf("start after a crash: %v", err)
	}
	head, _, _ := j.Head()
	least := w.promised
	if w.cutTo > 0 {
		least = min(least, w.cutTo)
	}
	if head < least || head > uint64(len(w.appended)) || w.replayed != head || (w.cutTo > 0 && head > w.cutTo && head < w.promised) {
		t.Fatalf("head is %d, told were %d; promised were %d, appended %d, cut to %d", head, w.replayed, w.promised, len(w.appended), w.cutTo)
	}
	if got := j.Recovered().Snapshot; got < w.snapshot || got > w.begun || len(j.Recovered().Refused) > 0 {
		t.Fatalf("the snapshot of %d; promised %d, begun %d; %v", got, w.snapshot, w.begun, j.Recovered())
	}
	if term, _, _ := j.State(); term < w.voted || term > max(w.term, 1) {
		t.Fatalf("term %d; promised %d, asked for %d", term, w.voted, w.term)
	}
	w.readAll(t, j)
	w.appended, w.promised, w.cutTo = w.appended[:head], head, 0
	w.term, _, _ = j.State()
	return j
}

// readAll reads the whole chain, archive and all.
func (w *world) readAll(t checker, j *Journal) {
	next := uint64(1)
	err := j.Read(1, func(h Header, p []byte) error {
		if h.Index != next || !bytes.Equal(p, w.appended[h.Index-1]) {
			t.Fatalf("entry %d reads %q, want entry %d", h.Index, p, next)
		}
		next++
		return nil
	})
	if head, _, _ := j.Head(); err != nil || next != head+1 {
		t.Fatalf("read up to %d of %d: %v", next-1, head, err)
	}
}

const entries = 90

// calls is how many changing calls a whole run makes.
func calls(t testing.TB) int {
	d := newDisk(1)
	var w world
	if err := w.run(on(d), entries); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"rename to VOTE", "rename to CUT", "remove CUT", "rename to next.tmp",
		"rename to 00000000000000000004.snap", "remove 00000000000000000004.snap", "make folder archive", ".arc.tmp", "rename to spare-", "remove spare-"} {
		if !slices.ContainsFunc(d.log, func(s string) bool { return strings.Contains(s, want) }) {
			t.Fatalf("nothing is like %q in this life: %q", want, d.log)
		}
	}
	if !slices.ContainsFunc(d.log, func(s string) bool { return strings.HasPrefix(s, "remove ") && isSegment(s[7:]) }) {
		t.Fatalf("no cut goes over a segment's end in this life: %q", d.log)
	}
	return d.ops
}
