package journal

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
)

// content is what a snapshot of an entry holds in the tests.
func content(index uint64, n int) []byte {
	b := make([]byte, n)
	rng := rand.New(rand.NewPCG(index, 5))
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

func save(t *testing.T, j *Journal, index uint64, n int) {
	t.Helper()
	err := j.SaveSnapshot(index, func(w io.Writer) error {
		for b := content(index, n); len(b) > 0; {
			m := min(len(b), 100_001)
			if _, err := w.Write(b[:m]); err != nil {
				return err
			}
			b = b[m:]
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSnapshotsComeBack(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, small)
	write(t, j, 1, 200, 3)
	none := func(Snapshot, io.Reader) error { return nil }
	if _, _, err := j.LoadSnapshot(none); !errors.Is(err, ErrNoSnapshot) {
		t.Fatal(err)
	}
	for i, n := range []int{0, 1, snapBlock - 1, snapBlock, snapBlock + 1, 3*snapBlock + 77} {
		index := uint64(20 + 30*i)
		save(t, j, index, n)
		if _, _, err := j.LoadSnapshot(func(s Snapshot, r io.Reader) error {
			b, err := io.ReadAll(r)
			if s.Index != index || s.Term != 1+index/10 || !bytes.Equal(b, content(index, n)) {
				t.Errorf("snapshot of %d reads %d bytes of %d", index, len(b), s.Index)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if names, err := j.snapshots(); err != nil || len(names) != keepSnapshots {
		t.Error(names, err)
	}
	if err := j.SaveSnapshot(201, func(io.Writer) error { return nil }); !errors.Is(err, ErrBeyond) {
		t.Error(err)
	}
}

// TestAStartReadsOnce: Open loads the newest snapshot and tells what is behind it.
func TestAStartReadsOnce(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, small)
	write(t, j, 1, 300, 3)
	save(t, j, 100, 1000)
	save(t, j, 220, 1000)
	if err := j.Retire(220); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []uint64{0, 220, 100} { // refuse the newest, then both
		next, o := uint64(1), small
		o.Replay = &Replay{Load: func(s Snapshot, r io.Reader) error {
			if s.Index >= bad && bad > 0 && s.Index > 0 {
				return errors.New("another build's")
			}
			next = s.Index + 1
			return nil
		}, Entry: func(h Header, p []byte) error {
			if h.Index != next || !bytes.Equal(p, payload(next)) {
				t.Fatalf("told entry %d, want %d", h.Index, next)
			}
			next++
			return nil
		}}
		j := open(t, dir, o)
		if next != 301 {
			t.Errorf("told up to %d", next-1)
		}
		if want := map[uint64]uint64{0: 220, 220: 100, 100: 0}[bad]; j.Recovered().Snapshot != want || len(j.Recovered().Refused) > 2 {
			t.Errorf("%+v, want the snapshot of %d", j.Recovered(), want)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAFailedSnapshotTouchesNothing: neither its owner's error nor a full disk is
// the journal's end.
func TestAFailedSnapshotTouchesNothing(t *testing.T) {
	d := newDisk(1)
	j, err := Open(folder, on(d))
	if err != nil {
		t.Fatal(err)
	}
	write(t, j, 1, 20, 1)
	save(t, j, 10, 50)
	mine := errors.New("mine")
	if err := j.SaveSnapshot(20, func(io.Writer) error { return mine }); !errors.Is(err, mine) {
		t.Error(err)
	}
	d.full = true
	if err := j.SaveSnapshot(20, func(w io.Writer) error { return nil }); !errors.Is(err, ErrLowDisk) {
		t.Error(err)
	}
	d.full = false
	err = j.SaveSnapshot(20, func(w io.Writer) error {
		d.full = true
		_, err := w.Write(content(20, snapBlock*2))
		return errors.Join(errors.New("wrapped"), err)
	})
	if !errors.Is(err, ErrLowDisk) {
		t.Error(err)
	}
	d.full = false
	j.opt.MinFree = 1000
	if err := j.SaveSnapshot(20, func(w io.Writer) error {
		d.free = 999 // it is the snapshot that fills the disk
		_, err := w.Write(content(20, snapBlock*2))
		return err
	}); !errors.Is(err, ErrLowDisk) {
		t.Error(err)
	}
	if names, err := d.ReadDir(folder); err != nil || slices.Contains(names, Snapshot{Index: 20}.name()+tmpSuffix) {
		t.Error(names, err)
	}
	d.free = 1000
	write(t, j, 21, 60, 1)
	if _, _, err := j.LoadSnapshot(func(s Snapshot, _ io.Reader) error {
		if s.Index != 10 {
			t.Errorf("snapshot of %d", s.Index)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}
