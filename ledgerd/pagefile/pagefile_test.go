package pagefile

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"mlango/ledgerd/table"
)

func TestPagesComeBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pages")
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	page := bytes.Repeat([]byte{7}, table.PageBytes)
	for _, n := range []uint64{0, 2} {
		page[0] = byte(n)
		if err := f.WritePage(n, page); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		t.Fatal(err)
	}
	f, err = Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got := make([]byte, table.PageBytes)
	if err := f.ReadPage(2, got); err != nil || !bytes.Equal(got, page) {
		t.Fatal(err)
	}
	for _, n := range []uint64{3, 1 << 40, 1<<64 - 1} {
		if err := f.ReadPage(n, got); !errors.Is(err, table.ErrBeyond) {
			t.Fatalf("page %d: %v", n, err)
		}
	}
}

// TestFailedWriteIsTheEnd: after a write that failed nothing is accepted.
func TestFailedWriteIsTheEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pages")
	page := make([]byte, table.PageBytes)
	if f, err := Open(path); err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path) // which takes no writes
	if err != nil {
		t.Fatal(err)
	}
	f := &File{f: file}
	defer f.Close()
	if err := f.WritePage(0, page); err == nil || errors.Is(err, ErrFailed) {
		t.Fatal(err)
	}
	if err := f.WritePage(0, page); !errors.Is(err, ErrFailed) {
		t.Fatal(err)
	}
	if err := f.Sync(); !errors.Is(err, ErrFailed) {
		t.Fatal(err)
	}
}

// TestFailedSyncTakesTheFileAway, so that the next start makes it anew.
func TestFailedSyncTakesTheFileAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pages")
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil { // a sync of what is closed fails
		t.Fatal(err)
	}
	if err := f.Sync(); err == nil || errors.Is(err, ErrFailed) {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
}

// TestLogOnDisk spills a log into a file, damages the file, and is told.
func TestLogOnDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records")
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l, err := table.NewLog[[8]uint64](f, 1)
	if err != nil {
		t.Fatal(err)
	}
	for range 10_000 {
		n, v := l.Add()
		v[0] = n
		if err := l.Spill(1); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []uint64{0, 5000, 9999} {
		if v, err := l.At(n); err != nil || v[0] != n {
			t.Fatal(n, v, err)
		}
	}
	raw, _ := os.ReadFile(path)
	raw[3*table.PageBytes+99] ^= 1
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	per := uint64(table.PageBytes-32) / 64
	if v, err := l.At(3 * per); !errors.Is(err, table.ErrDamaged) {
		t.Fatal(v, err)
	}
}
