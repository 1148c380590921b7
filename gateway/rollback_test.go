package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"mlango/gateway/versions"
)

// TestSwapFiles: a dialect that was removed since comes back with its version, goes again
// when that is refused, and a version writes nothing but dialects of its own.
func TestSwapFiles(t *testing.T) {
	dir := t.TempDir()
	path, acme, kept := filepath.Join(dir, "gateway.yaml"), filepath.Join(dir, "acme.yaml"), filepath.Join(dir, "kept.yaml")
	for name, text := range map[string]string{path: "name: gw1\noperators: []\n", kept: "name: new\n"} {
		if err := os.WriteFile(name, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	is := func(name, want string) {
		t.Helper()
		if got, err := os.ReadFile(name); string(got) != want || want == "" && !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is %q, %v", filepath.Base(name), got, err)
		}
	}
	v := versions.Version{Text: "operators: [{ussd: {smpp: acme.yaml}}, {ussd: {smpp: kept.yaml}}]\n", Files: map[string]string{acme: "name: acme\n", kept: "name: old\n"}}
	undo, err := swapFiles(path, &v)
	if err != nil {
		t.Fatal(err)
	}
	is(path, "name: gw1\n"+v.Text)
	is(acme, "name: acme\n")
	is(kept, "name: old\n")
	if err := undo(); err != nil {
		t.Error(err)
	}
	is(path, "name: gw1\noperators: []\n")
	is(acme, "")
	is(kept, "name: new\n")
	for _, foreign := range []string{filepath.Join(dir, "authorized_keys"), filepath.Join(dir, "crontab.yaml")} {
		bad := versions.Version{Text: v.Text, Files: map[string]string{foreign: "x"}}
		if undo, err := swapFiles(path, &bad); !errors.Is(err, errNotDialect) || undo() != nil {
			t.Errorf("%s: %v", filepath.Base(foreign), err)
		}
		is(foreign, "")
	}
}
