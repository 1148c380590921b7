package disk

import (
	"os"
	"path/filepath"
	"testing"
)

// TestPutLeavesOneWholeFile: a new one, one in another's place, and none beside it; a
// folder that is not there is an error that leaves nothing.
func TestPutLeavesOneWholeFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	for _, text := range []string{"first", "second and longer", ""} {
		if err := Put(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if info, _ := os.Stat(path); err != nil || string(got) != text || info.Mode().Perm() != 0o600 {
			t.Fatalf("%q, %v", got, err)
		}
	}
	if err := Put(filepath.Join(dir, "none", "a"), nil, 0o600); err == nil {
		t.Error("a folder that is not there took a file")
	}
	if err := os.Mkdir(filepath.Join(dir, "b"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Put(filepath.Join(dir, "b"), []byte("x"), 0o600); err == nil {
		t.Error("a folder gave its name to a file")
	}
	if left, _ := os.ReadDir(dir); len(left) != 2 {
		t.Errorf("%d files are left", len(left))
	}
}
