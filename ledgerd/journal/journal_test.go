package journal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// small is the smallest segment: a few entries fill one.
var small = Options{SegmentBytes: 8192, Inline: true}

func open(t *testing.T, dir string, opt Options) *Journal {
	t.Helper()
	j, err := Open(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func payload(i uint64) []byte { return bytes.Repeat([]byte(fmt.Sprintf("entry %d;", i)), int(i%7)*5) }

// write appends and syncs entries from..to, in groups of the given size.
func write(t *testing.T, j *Journal, from, to uint64, group int) {
	t.Helper()
	for i := from; i <= to; i++ {
		got, err := j.Append(payload(i), 1+i/10, int64(1000+i))
		if err != nil || got != i {
			t.Fatalf("append %d: index %d, %v", i, got, err)
		}
		if int(i-from+1)%group == 0 || i == to {
			if err := j.Sync(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// expect reads from an index on and checks every entry up to the last.
func expect(t *testing.T, j *Journal, from, to uint64) {
	t.Helper()
	next := from
	err := j.Read(from, func(h Header, p []byte) error {
		if h.Index != next || h.Term != 1+next/10 || h.TimeMS != int64(1000+next) || !bytes.Equal(p, payload(next)) {
			t.Fatalf("entry %d reads as %+v %q", next, h, p)
		}
		next++
		return nil
	})
	if err != nil || next != to+1 {
		t.Fatalf("read from %d ended before %d, want %d: %v", from, next, to+1, err)
	}
	if index, _, _ := j.Head(); index != to {
		t.Fatalf("head is %d, want %d", index, to)
	}
}

func TestEntriesComeBackOverSegmentsAndStarts(t *testing.T) {
	dir := t.TempDir()
	var head [32]byte
	for round := range uint64(4) {
		j := open(t, dir, small)
		if _, hash, _ := j.Head(); hash != head && round > 0 {
			t.Fatal("another head after a start")
		}
		write(t, j, round*50+1, round*50+50, int(round)+1)
		for from := uint64(1); from <= round*50+51; from += 7 {
			expect(t, j, from, round*50+50)
		}
		_, head, _ = j.Head()
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.seg"))
	if len(files) < 4 {
		t.Fatalf("%d segments", len(files))
	}
}

func TestTwoDaemonsNeverShareAFolder(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, small)
	if _, err := Open(dir, small); !errors.Is(err, ErrInUse) {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir, small)
}

func TestNothingIsReadBeforeItIsDurable(t *testing.T) {
	j := open(t, t.TempDir(), small)
	write(t, j, 1, 3, 1)
	if _, err := j.Append(payload(4), 1, 1); err != nil {
		t.Fatal(err)
	}
	expect(t, j, 1, 3)
	if err := j.Read(5, nil); !errors.Is(err, ErrBeyond) {
		t.Fatal(err)
	}
}

func TestRefusals(t *testing.T) {
	j := open(t, t.TempDir(), small)
	write(t, j, 1, 10, 3)
	if _, err := j.Append(make([]byte, MaxPayload+1), 9, 0); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	if _, err := j.Append(make([]byte, 4096), 9, 0); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	if _, err := j.Append(nil, 1, 0); !errors.Is(err, ErrOrder) {
		t.Error(err)
	}
	expect(t, j, 1, 10)
	for _, size := range []int64{1, 4096, 8191, 1 << 40} {
		if _, err := Open(t.TempDir(), Options{SegmentBytes: size}); err == nil {
			t.Errorf("segments of %d bytes", size)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none"), Options{ReadOnly: true}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
