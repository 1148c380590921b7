package incident

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func at(second int) time.Time { return time.Date(2026, 11, 22, 3, 0, second, 0, time.UTC) }

func TestRecord(t *testing.T) {
	dir := t.TempDir()
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if err := r.Note(Change{At: at(i * 60), What: "bind a", Text: fmt.Sprint("state ", i), Bad: i%2 == 0}); err != nil {
			t.Fatal(err)
		}
	}
	_ = r.Note(Change{At: at(601), What: "bind b", Text: strings.Repeat("é", MaxText)})
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	f, _ := os.OpenFile(filepath.Join(dir, newFile), os.O_APPEND|os.O_WRONLY, 0o600)
	_, _ = f.WriteString(strings.Repeat("x", 3*maxLine) + "\n{}\n{\"at\":\"2026-11-22T03:1") // somebody's, and a cut one
	_ = f.Close()
	if r, err = Open(dir); err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	_ = r.Note(Change{At: at(700), What: "gateway", Text: "starts"})
	got, more, err := Read(dir, at(120), at(700))
	if err != nil || more || len(got) != 10 || got[0].Text != "state 2" || got[9].What != "gateway" || len(got[8].Text) > MaxText+3 {
		t.Errorf("%v %v %d %+v", err, more, len(got), got)
	}
	if got, _, _ = Read(dir, at(701), at(800)); len(got) != 0 {
		t.Error(got)
	}
	if got, _, err = Read(t.TempDir(), at(0), at(1)); err != nil || got != nil {
		t.Error(got, err)
	}
	var none *Record
	if none.Note(Change{}) != nil {
		t.Error("a nil record fails")
	}
}

// TestFlood: what changes all the time fills neither disk nor timeline, and how much
// was left out is told.
func TestFlood(t *testing.T) {
	dir := t.TempDir()
	r, _ := Open(dir)
	defer r.Close()
	for i := range 1000 {
		_ = r.Note(Change{At: at(0).Add(time.Duration(i) * 10 * time.Millisecond), What: "bind a", Text: "up"})
	}
	_ = r.Note(Change{At: at(61), What: "bind a", Text: "down"})
	got, _, _ := Read(dir, at(0), at(100))
	if len(got) != mostEach+1 || got[mostEach].Lost != 1000-mostEach {
		t.Errorf("%d, the last of them %+v", len(got), got[len(got)-1])
	}
	for i := range 2_000 {
		for k := range 10 {
			_ = r.Note(Change{At: at(100 + 60*i), What: fmt.Sprint("bind ", k), Text: strings.Repeat("y", 300)})
		}
	}
	for _, name := range []string{newFile, oldFile} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() > MaxFile {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	if got, more, err := Read(dir, time.Time{}, at(1<<30)); err != nil || !more || len(got) != MaxRead {
		t.Errorf("%d %v %v", len(got), more, err)
	}
}

// TestTurnThatFails: the files cannot be turned for a while, and the record goes on once
// they can.
func TestTurnThatFails(t *testing.T) {
	dir := t.TempDir()
	r, _ := Open(dir)
	defer r.Close()
	inTheWay := filepath.Join(dir, oldFile, "x")
	if err := os.MkdirAll(inTheWay, 0o700); err != nil {
		t.Fatal(err)
	}
	r.size = MaxFile
	for range 2 {
		if err := r.Note(Change{At: at(0), What: "bind a", Text: "up"}); err == nil {
			t.Error("nothing is said of a record that is full")
		}
	}
	if err := os.RemoveAll(filepath.Dir(inTheWay)); err != nil {
		t.Fatal(err)
	}
	if err := r.Note(Change{At: at(1), What: "bind a", Text: "down"}); err != nil {
		t.Error(err)
	}
	if got, _, err := Read(dir, at(0), at(2)); err != nil || len(got) != 1 || got[0].Text != "down" {
		t.Errorf("%+v, %v", got, err)
	}
}
