package main

import (
	"os"
	"path/filepath"
	"testing"

	"mlango/menus"
)

// TestTheDemosMenuIsTheBuiltInOne: what is put there reads as the very same source, and
// what somebody changed stays.
func TestTheDemosMenuIsTheBuiltInOne(t *testing.T) {
	dir := t.TempDir()
	path, err := draft(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := menus.Read(os.DirFS(dir), filepath.Base(path))
	if err != nil || string(got) != string(menus.Wallet()) {
		t.Fatalf("%d bytes, %v; want %d", len(got), err, len(menus.Wallet()))
	}
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if again, err := draft(dir); err != nil || again != path {
		t.Fatal(again, err)
	}
	if got, _ := os.ReadFile(path); string(got) != "mine" {
		t.Fatal("it was written over")
	}
}
