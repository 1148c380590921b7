package journal

import (
	"errors"
	"path/filepath"
	"testing"
)

// TestRetiredSegmentsAreReadFromTheArchive: one chain, wherever it stands.
func TestRetiredSegmentsAreReadFromTheArchive(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, small)
	write(t, j, 1, 300, 3)
	_, head, _ := j.Head()
	for _, upto := range []uint64{0, 120, 120, 299, 300} {
		if err := j.Retire(upto); err != nil {
			t.Fatal(err)
		}
		if first := j.First(); first > upto+1 || (first == 1) != (upto == 0) {
			t.Fatalf("retired up to %d, first is %d", upto, first)
		}
		for from := uint64(1); from <= 301; from += 13 {
			expect(t, j, from, 300)
		}
	}
	if err := j.Retire(1 << 60); err != nil || j.First() > 301 {
		t.Fatal(j.First(), err)
	}
	first := j.First()
	write(t, j, 301, 400, 3)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, dir, small)
	expect(t, j, 1, 400)
	if j.First() != first {
		t.Fatalf("first is %d after a start, was %d", j.First(), first)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, archiveDir, "*.arc")); len(files) != len(j.archives) || len(files) < 4 {
		t.Fatalf("%d archives", len(files))
	}
	if err := j.Read(300, func(h Header, _ []byte) error {
		if h.Hash != head {
			t.Error("another hash")
		}
		return errEnough
	}); err != errEnough {
		t.Error(err)
	}
}

// TestSegmentsAreUsedAgain: a journal that is retired as it grows needs no new
// blocks.
func TestSegmentsAreUsedAgain(t *testing.T) {
	d := newDisk(1)
	j, err := Open(folder, on(d))
	if err != nil {
		t.Fatal(err)
	}
	write(t, j, 1, 300, 3)
	if err := j.Retire(300); err != nil {
		t.Fatal(err)
	}
	spares := len(j.spares)
	if spares != min(maxSpares, len(j.archives)) {
		t.Fatalf("%d spares of %d", spares, len(j.archives))
	}
	d.full = true // no block that was not there before
	write(t, j, 301, 380, 3)
	if len(j.spares) == spares {
		t.Error("none was used")
	}
	expect(t, j, 1, 380)
	d.full = false
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, reopened(t, d), 1, 380)
}

// reopened is the journal after another start on the same disk.
func reopened(t *testing.T, d *fakeDisk) *Journal {
	t.Helper()
	j, err := Open(folder, on(d.restart()))
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// TestRaftAsksForEntries is what a consensus core wants of its storage.
func TestRaftAsksForEntries(t *testing.T) {
	j := open(t, t.TempDir(), small)
	write(t, j, 1, 200, 4)
	for i := uint64(201); i <= 205; i++ { // appended, not synced
		if err := j.AppendAt(i, 30, payload(i), int64(1000+i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.AppendAt(204, 30, nil, 0); !errors.Is(err, ErrOrder) {
		t.Error(err)
	}
	if err := j.Retire(100); err != nil {
		t.Fatal(err)
	}
	if j.Last() != 205 || j.First() < 2 {
		t.Fatal(j.First(), j.Last())
	}
	for i := j.First() - 1; i <= 205; i++ {
		want := 1 + i/10
		if i > 200 {
			want = 30
		}
		if term, err := j.Term(i); err != nil || term != want {
			t.Fatalf("term of %d is %d, %v", i, term, err)
		}
	}
	if _, err := j.Term(j.First() - 2); !errors.Is(err, ErrArchived) {
		t.Error(err)
	}
	if _, err := j.Term(206); !errors.Is(err, ErrBeyond) {
		t.Error(err)
	}
	for lo := uint64(1); lo <= 205; lo += 11 {
		got, err := j.Entries(lo, min(lo+20, 206), 1<<20)
		if err != nil || len(got) != int(min(20, 206-lo)) || got[0].Index != lo || string(got[0].Payload) != string(payload(lo)) {
			t.Fatalf("entries from %d: %d, %v", lo, len(got), err)
		}
	}
	if got, err := j.Entries(10, 206, 1); err != nil || len(got) == 0 || len(got) == 196 {
		t.Error(len(got), err)
	}
	if _, err := j.Entries(200, 207, 1<<20); !errors.Is(err, ErrBeyond) {
		t.Error(err)
	}
}

func TestVotesAreRemembered(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, small)
	write(t, j, 1, 30, 1)
	if term, vote, _ := j.State(); term != 4 || vote != 0 {
		t.Error(term, vote)
	}
	j.Commit(20)
	if err := j.SaveState(9, 3); err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][2]uint64{{8, 3}, {9, 2}} {
		if err := j.SaveState(bad[0], bad[1]); !errors.Is(err, ErrOrder) {
			t.Error(bad, err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, dir, small)
	if term, vote, commit := j.State(); term != 9 || vote != 3 || commit != 20 {
		t.Error(term, vote, commit)
	}
	if err := j.Truncate(19); !errors.Is(err, ErrCommitted) {
		t.Error(err)
	}
}

// TestEntriesAreTakenBack: what no leader committed makes room for what another
// says.
func TestEntriesAreTakenBack(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, small)
	write(t, j, 1, 300, 3)
	for _, after := range []uint64{299, 290, 200, 137, 40, 0} {
		if j.Last() < 320 && j.Last() > after { // some that are not synced, too
			if err := j.AppendAt(j.Last()+1, 90, nil, 0); err != nil {
				t.Fatal(err)
			}
		}
		if err := j.Truncate(after); err != nil {
			t.Fatal(err)
		}
		expect(t, j, 1, after)
		write(t, j, after+1, after+2, 1)
		expect(t, j, 1, after+2)
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		j = open(t, dir, small)
		expect(t, j, 1, after+2)
	}
}
