package bundle

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestFile(t *testing.T) {
	suite(t, func(t *testing.T) (a, b Store, pass func(time.Duration)) {
		dir, now := t.TempDir(), noon
		open := func() Store {
			s, err := OpenFile(dir, func() time.Time { return now })
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		return open(), open(), func(d time.Duration) { now = now.Add(d) }
	})
}

// TestWhatACrashLeavesInTheFolder: each row is a folder as a killed writer or a failing
// disk can leave it.
func TestWhatACrashLeavesInTheFolder(t *testing.T) {
	whole := func(dir string, name, value string) {
		s := &File{dir: dir, now: time.Now}
		temp, err := s.write([]byte(value), 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(temp, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	bare := func(dir, name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		left func(dir string)
		want string
		err  error
	}{
		{"nothing", func(string) {}, "", ErrNone},
		{"half written beside", func(dir string) { bare(dir, "tmp-1", "mlango 1 ab") }, "", ErrNone},
		{"whole beside, not renamed", func(dir string) { whole(dir, "fleet=", "a"); whole(dir, "tmp-1", "b") }, "a", nil},
		{"a lock whose holder died", func(dir string) { whole(dir, "fleet=", "a"); bare(dir, "lock", "") }, "a", nil},
		{"a foreign file", func(dir string) { whole(dir, "fleet=", "a"); bare(dir, "fleet", "b"); bare(dir, "fleet=.swp", "b") }, "a", nil},
		{"another key's", func(dir string) { whole(dir, "fleet+a=", "a") }, "", ErrNone},
		{"it is torn", func(dir string) { bare(dir, "fleet=", "mlango 1 00") }, "", ErrDamaged},
		{"it is empty", func(dir string) { bare(dir, "fleet=", "") }, "", ErrDamaged},
		{"a bit has turned", func(dir string) { bare(dir, "fleet=", "mlango 1 0000000000000000 0\nvalue") }, "", ErrDamaged},
		{"a lease is torn", func(dir string) { whole(dir, "fleet=", "a"); bare(dir, "gateway+gw1~", "mlango") }, "a", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			c.left(dir)
			s, err := OpenFile(dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Get(t.Context(), "fleet")
			if string(got) != c.want || !errors.Is(err, c.err) {
				t.Fatalf("%q, %v; want %q, %v", got, err, c.want, c.err)
			}
			if all, err := s.Announced(t.Context(), ""); err != nil || len(all) != 0 {
				t.Fatalf("%v, %v", all, err)
			}
			if c.err == ErrDamaged {
				return // what is damaged is not written over: somebody looks first
			}
			if c.err != nil {
				got = nil
			}
			if err := s.Swap(t.Context(), "fleet", got, []byte("next")); err != nil {
				t.Fatal(err)
			}
			if got, err := s.Get(t.Context(), "fleet"); err != nil || string(got) != "next" {
				t.Fatalf("%q, %v", got, err)
			}
		})
	}
}
