package tidy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheHouse(t *testing.T) {
	findings, err := Check(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Error(f)
	}
}

// TestRulesBite holds each rule to a tree that breaks it: a rule that finds
// nothing is no rule.
func TestRulesBite(t *testing.T) {
	for _, row := range []struct{ name, path, src, want string }{
		{"arrow", "menus/a.go", "// Package menus is.\npackage menus\nimport _ \"mlango/ledgerd/ledger\"\n", "menus may not import ledgerd/ledger"},
		{"room", "utils/a.go", "// Package utils is.\npackage utils\n", "the room utils is not in the house"},
		{"purity", "ledgerd/ledger/a.go", "// Package ledger is.\npackage ledger\nimport _ \"time\"\n", "ledgerd/ledger is pure: it may not import time"},
		{"home", "menus/a.go", "// Package menus is.\npackage menus\nimport _ \"github.com/redis/go-redis/v9\"\n", "is not at home in menus"},
		{"stranger", "menus/a.go", "// Package menus is.\npackage menus\nimport _ \"github.com/some/body\"\n", "is not at home in menus"},
		{"sentence", "menus/a.go", "package menus\n", "the package has no sentence"},
		{"doc", "menus/a.go", "// Package menus is.\npackage menus\nfunc A() {}\n", "A is exported and has no doc comment"},
		{"doc of a type", "menus/a.go", "// Package menus is.\npackage menus\ntype A int\n", "A is exported and has no doc comment"},
		{"doc of a constant", "menus/a.go", "// Package menus is.\npackage menus\nconst A = 1\n", "A is exported and has no doc comment"},
		{"init", "menus/a.go", "// Package menus is.\npackage menus\nfunc init() {}\n", "no init"},
		{"variable", "menus/a.go", "// Package menus is.\npackage menus\nvar a int\n", "a is a package variable"},
		{"long file", "menus/a.go", "// Package menus is.\npackage menus\n" + strings.Repeat("\n", 500), "lines, more than 500"},
		{"long function", "menus/a.go", "// Package menus is.\npackage menus\nfunc a() {\n" + strings.Repeat("\n", 70) + "}\n", "a has 72 lines"},
	} {
		t.Run(row.name, func(t *testing.T) {
			root := t.TempDir()
			file := filepath.Join(root, row.path)
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(row.src), 0o600); err != nil {
				t.Fatal(err)
			}
			findings, err := Check(root)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range findings {
				if strings.Contains(f.String(), row.want) {
					return
				}
			}
			t.Fatalf("found %v, want %q", findings, row.want)
		})
	}
}
