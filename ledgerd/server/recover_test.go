package server

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"mlango/ledgerd/ledger"
)

// TestWhatAStartFindsIsSaid: a torn end and a lost key stop nobody, and the log
// names both with their place.
func TestWhatAStartFindsIsSaid(t *testing.T) {
	dir := t.TempDir()
	n := start(t, dir).seed()
	n.stop()
	tear(t, filepath.Join(dir, JournalDir))
	shorten(t, filepath.Join(dir, VaultDir, "people"))
	var said bytes.Buffer
	n = start(t, dir, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&said, nil)) })
	n.do(n.send(1, 2, 100, 0, rightPIN), ledger.OK)
	n.stop()
	if !bytes.Contains(said.Bytes(), []byte("torn end")) || !bytes.Contains(said.Bytes(), []byte("00000000000000000001.seg")) {
		t.Errorf("the cut is not said: %s", said.String())
	}
	if bytes.Count(said.Bytes(), []byte("bring the vault back")) != 1 {
		t.Errorf("the lost key is not said: %s", said.String())
	}
}

// tear puts half a write behind the last entry.
func tear(t *testing.T, folder string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.seg"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no journal: %v", err)
	}
	last := slices.Max(names)
	b, err := os.ReadFile(last)
	if err != nil {
		t.Fatal(err)
	}
	end := (len(bytes.TrimRight(b, "\x00")) + 7) &^ 7
	copy(b[end:], "MLJF half a write")
	if err := os.WriteFile(last, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// shorten takes the last person's record off.
func shorten(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err == nil {
		err = os.Truncate(path, info.Size()-64)
	}
	if err != nil {
		t.Fatal(err)
	}
}
