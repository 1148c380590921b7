package journal

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
)

// flips changes each byte of a file in turn, in cache and on disk.
func flips(t *testing.T, d *fakeDisk, path string, each func(off int)) {
	t.Helper()
	n, ok := d.names[path]
	if !ok {
		t.Fatal("there is no ", path)
	}
	for off, old := range n.cache {
		n.cache[off] ^= byte(1 + off%255)
		n.disk[off] = n.cache[off]
		each(off)
		n.cache[off], n.disk[off] = old, old
	}
}

// longLife is a journal with archives, two snapshots and a vote.
func longLife(t *testing.T) (*fakeDisk, *Journal) {
	t.Helper()
	d := newDisk(1)
	j, err := Open(folder, on(d))
	if err != nil {
		t.Fatal(err)
	}
	write(t, j, 1, 80, 3)
	save(t, j, 40, 300)
	save(t, j, 78, 300)
	if err := errors.Join(j.SaveState(90, 1), j.Retire(78)); err != nil {
		t.Fatal(err)
	}
	return d, j
}

// damagedAt tells whether an error is damage in that file, and gives its place.
func damagedAt(err error, file string) (*DamageError, bool) {
	var damage *DamageError
	return damage, errors.As(err, &damage) && filepath.Base(damage.File) == file
}

// TestEveryByteOfTheArchiveFlipped: whoever reads it is told which archive and
// which entries, and gets none of them. A start that needs it stops.
func TestEveryByteOfTheArchiveFlipped(t *testing.T) {
	d, j := longLife(t)
	if len(j.archives) < 4 {
		t.Fatal(j.archives)
	}
	for i, a := range j.archives {
		flips(t, d, filepath.Join(folder, archiveDir, a.name()), func(off int) {
			next := uint64(1)
			err := j.Read(1, func(h Header, p []byte) error {
				if h.Index != next || !bytes.Equal(p, payload(next)) {
					t.Fatalf("%s byte %d: entry %d reads %q", a.name(), off, h.Index, p)
				}
				next++
				return nil
			})
			if damage, ok := damagedAt(err, a.name()); !ok || damage.Index != a.first || next != a.first {
				t.Fatalf("%s byte %d: read up to %d: %v", a.name(), off, next-1, err)
			}
			if i != 1 && i != len(j.archives)-1 {
				return
			}
			o := on(d.restart())
			o.ReadOnly, o.Replay = true, &Replay{Entry: func(Header, []byte) error { return nil }}
			if _, err := Open(folder, o); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), a.name()) {
				t.Fatalf("%s byte %d: start: %v", a.name(), off, err)
			}
		})
	}
}

// TestEveryByteOfASnapshotFlipped: it is refused with its place, the one before is
// loaded, and what was handed out before the place is what was written.
func TestEveryByteOfASnapshotFlipped(t *testing.T) {
	d, j := longLife(t)
	name := Snapshot{Index: 78}.name()
	flips(t, d, filepath.Join(folder, name), func(off int) {
		at, refused, err := j.LoadSnapshot(func(s Snapshot, r io.Reader) error {
			b, err := io.ReadAll(r)
			if !bytes.HasPrefix(content(s.Index, 300), b) || (err == nil && s.Index != 40) {
				t.Fatalf("byte %d: snapshot of %d reads %d bytes, %v", off, s.Index, len(b), err)
			}
			return nil
		})
		if err != nil || at.Index != 40 || len(refused) != 1 {
			t.Fatalf("byte %d: %v %v %v", off, at, refused, err)
		}
		if damage, ok := damagedAt(refused[0], name); !ok || damage.Offset > int64(off) || (off < snapHeader) != (damage.Offset == 0) {
			t.Fatalf("byte %d: %v", off, refused[0])
		}
	})
	for _, other := range []uint64{78, 40} {
		d.names[filepath.Join(folder, Snapshot{Index: other}.name())].cache[200] ^= 1
	}
	if _, refused, err := j.LoadSnapshot(func(_ Snapshot, r io.Reader) error { return nil }); !errors.Is(err, ErrNoSnapshot) || len(refused) != 2 {
		t.Error(refused, err)
	}
}

// TestEveryByteOfTheSmallFilesFlipped stops whoever depends on one.
func TestEveryByteOfTheSmallFilesFlipped(t *testing.T) {
	d, j := longLife(t)
	if _, err := j.Backup("copy"); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	flips(t, d, filepath.Join(folder, voteName), func(off int) {
		if _, err := Open(folder, on(d.restart())); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), voteName) {
			t.Fatalf("byte %d: %v", off, err)
		}
	})
	flips(t, d, filepath.Join("copy", backupName), func(off int) {
		if _, err := Restore("copy", 0, "again", on(d.restart())); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), backupName) {
			t.Fatalf("byte %d: %v", off, err)
		}
	})
	at, err := reopened(t, d).cutPlace(79)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeWhole(d, folder, cutName, j.encodeCut(at)); err != nil {
		t.Fatal(err)
	}
	flips(t, d, filepath.Join(folder, cutName), func(off int) {
		if _, err := Open(folder, on(d.restart())); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), cutName) {
			t.Fatalf("byte %d: %v", off, err)
		}
	})
}
