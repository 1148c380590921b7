package server

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"mlango/ledgerd/journal"
	"mlango/ledgerd/vault"
)

// TestHalfAFolderIsNotServed: books that were begun and lost their keys or their
// journal – a disk that is not mounted, half a copy – must not go on with new ones.
func TestHalfAFolderIsNotServed(t *testing.T) {
	for lost, want := range map[string]error{VaultDir: vault.ErrIncomplete, JournalDir: journal.ErrMissing} {
		dir := t.TempDir()
		n := start(t, dir).seed()
		digest := n.srv.Digest()
		n.stop()
		aside := filepath.Join(t.TempDir(), lost)
		if err := os.Rename(filepath.Join(dir, lost), aside); err != nil {
			t.Fatal(err)
		}
		if s, err := Open(Config{Data: dir, ZoneMinutes: 180}); !errors.Is(err, want) {
			t.Fatalf("without its %s the folder was served: %v, %v", lost, s, err)
		}
		if err := os.RemoveAll(filepath.Join(dir, lost)); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(aside, filepath.Join(dir, lost)); err != nil {
			t.Fatal(err)
		}
		if n = start(t, dir); n.srv.Digest() != digest {
			t.Fatalf("with its %s brought back the books differ", lost)
		}
		n.stop()
	}
}

// TestAFirstStartThatWasCutShort: until the books' own line stands, nothing was
// promised, and what is there already is taken over.
func TestAFirstStartThatWasCutShort(t *testing.T) {
	dir := t.TempDir()
	v, err := vault.Open(filepath.Join(dir, VaultDir))
	if err != nil {
		t.Fatal(err)
	}
	key := v.IDKey()
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if n := start(t, dir).seed(); n.keys.IDKey != key {
		t.Fatal("the keys of the first try were thrown away")
	}
}
