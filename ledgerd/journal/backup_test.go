package journal

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// TestANodeComesBackFromItsBackup: the folder is deleted, and elsewhere the same
// chain, with the same head, goes on.
func TestANodeComesBackFromItsBackup(t *testing.T) {
	top := t.TempDir()
	home, copied, again := filepath.Join(top, "home"), filepath.Join(top, "copy"), filepath.Join(top, "again")
	j := open(t, home, stateOptions())
	write(t, j, 1, 300, 3)
	save(t, j, 100, 70_000)
	save(t, j, 250, 70_000)
	if err := j.Retire(250); err != nil {
		t.Fatal(err)
	}
	done, err := j.Backup(copied)
	if err != nil || done.Index != 300 || done.Snapshot != 250 {
		t.Fatal(done, err)
	}
	write(t, j, 301, 320, 3) // not in the backup
	if err := errors.Join(j.Close(), os.RemoveAll(home)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(copied, stateOptions()); !errors.Is(err, ErrBackup) {
		t.Error(err)
	}
	for _, upto := range []uint64{0, 300, 299, 250, 200, 117, 1} {
		into := filepath.Join(again, strconv.FormatUint(upto, 10))
		got, err := Restore(copied, upto, into, Options{})
		if err != nil {
			t.Fatal(upto, err)
		}
		want := upto
		if upto == 0 {
			want = 300
		}
		j := open(t, into, stateOptions())
		expect(t, j, 1, want)
		if _, hash, _ := j.Head(); hash != got.Hash || (want == 300 && hash != done.Hash) {
			t.Errorf("up to %d: another head", upto)
		}
		if want := map[bool]uint64{true: 250, false: 0}[want >= 250]; got.Snapshot != want {
			t.Errorf("up to %d: the snapshot is of %d", upto, got.Snapshot)
		}
		write(t, j, want+1, want+30, 1)
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Restore(copied, 301, filepath.Join(top, "x"), Options{}); !errors.Is(err, ErrBeyond) {
		t.Error(err)
	}
	if _, err := Restore(copied, 0, copied, Options{}); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	if _, err := Restore(again, 0, filepath.Join(top, "y"), Options{}); err == nil {
		t.Error("restored from what is no backup")
	}
}

// TestABackupBesideTheWriter is taken while entries come and segments go.
func TestABackupBesideTheWriter(t *testing.T) {
	o := stateOptions()
	o.Inline = false
	j := open(t, t.TempDir(), o)
	write(t, j, 1, 200, 3)
	over := make(chan error)
	go func() {
		for i := range 4 {
			to := filepath.Join(t.TempDir(), "copy")
			done, err := j.Backup(to)
			if err == nil {
				_, err = Restore(to, 0, filepath.Join(t.TempDir(), string(rune('a'+i))), Options{})
			}
			if err != nil || done.Index < 200 {
				over <- errors.Join(errors.New("a backup"), err)
				return
			}
		}
		over <- nil
	}()
	for next := uint64(201); ; next += 50 {
		write(t, j, next, next+49, 5)
		save(t, j, next, 1000)
		if err := j.Retire(next); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-over:
			if err != nil {
				t.Fatal(err)
			}
			expect(t, j, 1, next+49)
			return
		default:
		}
	}
}

// TestABackupThatWasChanged is noticed when it is restored.
func TestABackupThatWasChanged(t *testing.T) {
	h := house{t, t.TempDir()}
	h.chain()
	j := open(t, h.dir, stateOptions())
	write(t, j, 81, 90, 1)
	for i, name := range []string{"archive", "segment", "manifest", "gone"} {
		to := house{t, filepath.Join(t.TempDir(), "copy")}
		if _, err := j.Backup(to.dir); err != nil {
			t.Fatal(err)
		}
		switch name {
		case "archive":
			to.edit(to.archives()[1], func(b []byte) []byte { b[len(b)/2] ^= 1; return b })
		case "segment":
			to.inLast(func(b []byte, offs []int) { clear(b[offs[len(offs)-3]:]) })
		case "manifest":
			to.edit(to.path(backupName), func(b []byte) []byte { b[36]++; return b })
		case "gone":
			to.move(to.path(backupName), "")
		}
		again := filepath.Join(t.TempDir(), string(rune('a'+i)))
		_, err := Restore(to.dir, 0, again, Options{})
		if !errors.Is(err, ErrDamaged) && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Open(again, Options{Existing: true}); err == nil {
			t.Errorf("%s: the half of a restore was served", name)
		}
	}
}

// TestABackupLeavesABadSnapshotOut, says so, and takes the one before.
func TestABackupLeavesABadSnapshotOut(t *testing.T) {
	d, j := longLife(t)
	d.names[j.path(Snapshot{Index: 78}.name())].cache[snapHeader+10] ^= 1
	done, err := j.Backup("copy")
	if err != nil || done.Snapshot != 40 || len(done.Refused) != 1 {
		t.Fatal(done, err)
	}
	d.full = true
	if _, err := j.Backup("another"); !errors.Is(err, ErrLowDisk) && !noRoom(err) {
		t.Error(err)
	}
	d.full = false
	expect(t, j, 1, 80)
}

// TestABackupIsReadInPlace: verify may look at a backup, snapshot and all.
func TestABackupIsReadInPlace(t *testing.T) {
	h := house{t, t.TempDir()}
	h.chain()
	to := filepath.Join(t.TempDir(), "copy")
	if _, err := open(t, h.dir, stateOptions()).Backup(to); err != nil {
		t.Fatal(err)
	}
	j := open(t, to, Options{ReadOnly: true})
	expect(t, j, 1, 80)
	if _, _, err := j.LoadSnapshot(func(_ Snapshot, r io.Reader) error {
		b, err := io.ReadAll(r)
		if !bytes.Equal(b, content(80, 100)) {
			t.Error("another snapshot")
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}
