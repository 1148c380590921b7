package server

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"mlango/ledgerd/ledger"
)

// TestWhatAStartFindsIsSaid: a torn end and a key that an older copy of the vault has not stop nobody, and the log
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

// shorten makes the file of people the copy that was taken before the last one came: as
// vault/people.go draws it, with one record less and one less in the header.
func shorten(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	binary.LittleEndian.PutUint64(b[8:], binary.LittleEndian.Uint64(b[8:])-1)
	binary.LittleEndian.PutUint32(b[60:], crc32.Checksum(b[:60], crc32.MakeTable(crc32.Castagnoli)))
	if err := os.WriteFile(path, b[:len(b)-64], 0o600); err != nil {
		t.Fatal(err)
	}
}
