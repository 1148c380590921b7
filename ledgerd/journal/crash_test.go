package journal

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"
)

const folder = "data"

// on is small on a fake disk.
func on(d *fakeDisk) Options {
	o := small
	o.FS = d
	o.Cluster = [16]byte{7}
	return o
}

// world remembers what was appended and what was promised.
type world struct {
	appended [][]byte // by index-1
	promised uint64
}

// run writes groups of entries until it is done or the journal fails, over two
// starts. It returns the first error.
func (w *world) run(opt Options, total int) error {
	for len(w.appended) < total {
		j, err := Open(folder, opt)
		if err != nil {
			return err
		}
		half := min(total, len(w.appended)+total/2+1)
		if err := w.fill(j, half); err != nil {
			return errors.Join(err, poisoned(j))
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
			p := payload(uint64(len(w.appended)))
			if _, err := j.Append(p, 1, 0); err != nil {
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

// poisoned tells if a failed journal would still do anything.
func poisoned(j *Journal) error {
	_, aerr := j.Append(nil, 1, 0)
	for _, err := range []error{aerr, j.Sync(), j.Read(1, nil), j.Close()} {
		if !errors.Is(err, ErrFailed) {
			return errors.New("a failed journal goes on")
		}
	}
	return nil
}

// checker is a *testing.T or a *rapid.T.
type checker interface {
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// check reopens the journal and compares it with what was promised; everything
// beyond that must be what was appended, or nothing.
func (w *world) check(t checker, d *fakeDisk) {
	opt := on(d)
	opt.AcceptFailed = true
	j, err := Open(folder, opt)
	if err != nil {
		t.Fatalf("start after a crash: %v", err)
	}
	head, _, _ := j.Head()
	if head < w.promised || head > uint64(len(w.appended)) {
		t.Fatalf("head is %d; promised were %d, appended %d", head, w.promised, len(w.appended))
	}
	err = j.Read(1, func(h Header, p []byte) error {
		if !bytes.Equal(p, w.appended[h.Index-1]) {
			t.Fatalf("entry %d reads %q", h.Index, p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.appended, w.promised = w.appended[:head], head
	if err := w.fill(j, len(w.appended)+40); err != nil {
		t.Fatalf("go on after a crash: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

const entries = 120

// calls is how many changing calls a whole run makes.
func calls(t testing.TB) int {
	d := newDisk(1)
	var w world
	if err := w.run(on(d), entries); err != nil {
		t.Fatal(err)
	}
	return d.ops
}

func TestPowerCutAtEveryCall(t *testing.T) {
	for k := 1; k <= calls(t); k++ {
		for seed := range uint64(6) {
			d := newDisk(seed*1000 + uint64(k))
			d.cutAt = k
			var w world
			if err := w.run(on(d), entries); !errors.Is(err, errCut) {
				t.Fatalf("call %d: %v", k, err)
			}
			d = d.powerCut()
			w.check(t, d)
			w.check(t, d)
		}
	}
}

func TestKillAtEveryCall(t *testing.T) {
	for k := 1; k <= calls(t); k++ {
		d := newDisk(uint64(k))
		d.cutAt = k
		var w world
		_ = w.run(on(d), entries)
		d = d.restart()
		w.check(t, d)
		w.check(t, d.powerCut())
	}
}

func TestFailureAtEveryCall(t *testing.T) {
	for k := 1; k <= calls(t); k++ {
		for seed := range uint64(4) {
			d := newDisk(seed*1000 + uint64(k))
			d.failAt = k
			var w world
			if err := w.run(on(d), entries); err == nil || d.failed == "" {
				t.Fatalf("call %d (%s) failed and nobody noticed: %v", k, d.failed, err)
			}
			if seed%2 == 0 {
				d = d.restart() // the cache still shows what never arrived
				w.check(t, d)
				w.check(t, d.powerCut())
			} else {
				w.check(t, d.powerCut())
			}
		}
	}
}

func TestPowerCutDuringRecovery(t *testing.T) {
	for k := 1; k <= calls(t); k += 3 {
		for m := 1; ; m++ {
			d := newDisk(uint64(k*100 + m))
			d.cutAt = k
			var w world
			_ = w.run(on(d), entries)
			d = d.powerCut()
			d.cutAt = m
			j, err := Open(folder, on(d))
			if err == nil {
				_ = j.Close()
				break
			}
			w.check(t, d.powerCut())
		}
	}
}

// TestAnyHistory draws starts, groups, kills, power cuts and failing calls.
func TestAnyHistory(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := newDisk(rapid.Uint64().Draw(rt, "seed"))
		var w world
		for range rapid.IntRange(1, 6).Draw(rt, "lives") {
			d.ops = 0
			switch at := rapid.IntRange(1, 120).Draw(rt, "at"); rapid.IntRange(0, 2).Draw(rt, "end") {
			case 0:
				d.cutAt = at
				_ = w.run(on(d), len(w.appended)+rapid.IntRange(1, 60).Draw(rt, "entries"))
				d = d.powerCut()
			case 1:
				d.failAt = at
				_ = w.run(on(d), len(w.appended)+rapid.IntRange(1, 60).Draw(rt, "entries"))
				d = d.restart()
			case 2:
				d.cutAt = at
				_ = w.run(on(d), len(w.appended)+rapid.IntRange(1, 60).Draw(rt, "entries"))
				d = d.restart()
			}
			w.check(rt, d)
		}
	})
}
