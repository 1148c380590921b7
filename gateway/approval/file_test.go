package approval

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mlango/gateway/session"
)

// TestFileKeepsThroughDamage: a torn last line is cut, what stood before it is kept, and
// what is over is forgotten.
func TestFileKeepsThroughDamage(t *testing.T) {
	s, d := newStreet(t)
	if _, err := d.Ask(t.Context(), s.request("a")); err != nil {
		t.Fatal(err)
	}
	path := s.slips.(*File).path
	b, _ := os.ReadFile(path)
	if err := os.WriteFile(path, append(b, `{"name":"approval/mama/b","slip":"AAA`...), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		pass time.Duration
		want error
	}{{0, nil}, {Kept + time.Second, ErrUnknown}} {
		s.pass(row.pass)
		f, err := OpenFile(filepath.Dir(path), s.now)
		if err != nil {
			t.Fatal(err)
		}
		s.slips = f
		if _, err := s.desk().Look(t.Context(), "mama/a"); !errors.Is(err, row.want) {
			t.Errorf("after %v: %v", row.pass, err)
		}
		_ = f.Close()
	}
}

// TestFileKeepsBehindATear: what a full disk took a part of does not take the next line
// with it.
func TestFileKeepsBehindATear(t *testing.T) {
	s, d := newStreet(t)
	f := s.slips.(*File)
	if _, err := d.Ask(t.Context(), s.request("a")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.f.WriteString(`{"name":"approval/mama/b","sl`); err != nil { // as far as it came
		t.Fatal(err)
	}
	whole := f.f
	f.f, _ = os.Open(f.path) // nothing can be written there
	if _, err := d.Ask(t.Context(), s.request("b")); err == nil {
		t.Fatal("kept on a disk that takes nothing")
	}
	_ = f.f.Close()
	f.f = whole
	q := s.request("c")
	q.Payer = "254722000002"
	if _, err := d.Ask(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	again, err := OpenFile(filepath.Dir(f.path), s.now)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	s.slips = again
	for name, want := range map[string]error{"mama/a": nil, "mama/b": ErrUnknown, "mama/c": nil} {
		if _, err := s.desk().Look(t.Context(), name); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFileIsNotWrittenAnewEachTime: a file of many requests that still stand is long, and
// takes the next as a line.
func TestFileIsNotWrittenAnewEachTime(t *testing.T) {
	s, d := newStreet(t)
	path, b := s.slips.(*File).path, []byte(nil)
	for n := 0; len(b) < rewriteAt+1<<20; n++ {
		b = append(appendLine(b, &line{Name: fmt.Sprint("approval/mama/", n), Slip: make([]byte, session.MaxSlip), Ends: s.now().Add(Kept).UnixMilli()}), '\n')
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := OpenFile(filepath.Dir(path), s.now)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	before, _ := os.Stat(path)
	d.cfg.Slips = f
	if _, err := d.Ask(t.Context(), s.request("a")); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(path)
	if err != nil || !os.SameFile(before, after) || after.Size() <= before.Size() {
		t.Errorf("%d bytes were written anew to keep one request: %v", after.Size(), err)
	}
}
