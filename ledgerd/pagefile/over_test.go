package pagefile

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"

	"mlango/ledgerd/table"
)

// TestALookChangesNothing: what is written stands beside the file, and is read back from
// there.
func TestALookChangesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "pages")
	page := func(b byte) []byte { return bytes.Repeat([]byte{b}, table.PageBytes) }
	f, err := Open(path)
	if err == nil {
		err = errors.Join(f.WritePage(0, page(1)), f.WritePage(1, page(2)), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		want byte // of page 0; zero: there is none
	}{{"pages", 1}, {"none", 0}} {
		o, err := Look(filepath.Join(dir, c.name), filepath.Join(dir, c.name+".own"))
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, table.PageBytes)
		if err := o.ReadPage(0, got); c.want == 0 && !errors.Is(err, table.ErrBeyond) || c.want != 0 && (err != nil || got[0] != c.want) {
			t.Errorf("%s: %d, %v", c.name, got[0], err)
		}
		if err := o.WritePage(1, page(9)); err != nil {
			t.Fatal(err)
		}
		if err := o.ReadPage(1, got); err != nil || got[0] != 9 {
			t.Errorf("%s: what was written reads as %d, %v", c.name, got[0], err)
		}
		if err := errors.Join(o.Sync(), o.Close()); err != nil {
			t.Error(err)
		}
	}
	f, err = Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got := make([]byte, table.PageBytes)
	if err := f.ReadPage(1, got); err != nil || got[0] != 2 {
		t.Errorf("the file was changed: %d, %v", got[0], err)
	}
}
