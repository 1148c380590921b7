package smpp

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// specification reads the tables of the specifications: kind and name to number.
func specification(t *testing.T) map[string]map[string]uint32 {
	t.Helper()
	src, err := os.ReadFile("testdata/smpp.txt")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]uint32{"command": {}, "status": {}, "tag": {}}
	for line := range strings.Lines(string(src)) {
		f := strings.Fields(line)
		if len(f) != 3 || f[0] == "#" {
			continue
		}
		n, err := strconv.ParseUint(f[2], 0, 32)
		if err != nil || all[f[0]] == nil {
			t.Fatal(line, err)
		}
		all[f[0]][f[1]] = uint32(n)
	}
	return all
}

// TestConstantsAreTheSpecifications: every name of the specifications, and no
// other, is ours under its number.
func TestConstantsAreTheSpecifications(t *testing.T) {
	spec := specification(t)
	for name, n := range spec["command"] {
		if got := CommandName(CommandID(n)); got != name {
			t.Errorf("%#x is %s, the specification says %s", n, got, name)
		}
	}
	for name, n := range spec["status"] {
		if got := StatusName(Status(n)); got != name {
			t.Errorf("%#x is %s, the specification says %s", n, got, name)
		}
	}
	for name, n := range spec["tag"] {
		if got := TagName(Tag(n)); got != name {
			t.Errorf("%#x is %s, the specification says %s", n, got, name)
		}
	}
	paired := 2*len(tableCommands) - 3 // three have no answer
	if len(spec["command"]) != paired || len(spec["status"]) != len(tableStatus) || len(spec["tag"]) != len(tableTags) {
		t.Errorf("%d of %d commands, %d of %d statuses, %d of %d tags", len(spec["command"]), paired,
			len(spec["status"]), len(tableStatus), len(spec["tag"]), len(tableTags))
	}
	for got, want := range map[string]string{
		StatusName(0x400): "0x00000400", TagName(0x1501): "0x1501",
		CommandName(0x10200): "0x00010200", CommandName(0x8000000B): "0x8000000B",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestConstantsAreGoSMPPs reads the constants in go-smpp's own source: what it
// names, the specification names, with the same number.
func TestConstantsAreGoSMPPs(t *testing.T) {
	spec := specification(t)
	plain := map[string]map[string]uint32{"command": {}, "tag": {}}
	for kind := range plain {
		for name, n := range spec[kind] {
			plain[kind][strings.ReplaceAll(name, "_", "")] = n
		}
	}
	plain["tag"]["messagestateoption"] = plain["tag"]["messagestate"] // its own name for it
	for _, c := range []struct{ pkg, file, kind, of string }{
		{"pdu", "types.go", "command", "ID"}, {"pdu/pdutlv", "tlv_types.go", "tag", "Tag"},
	} {
		seen := foreignConstants(t, c.pkg, c.file, c.of)
		if len(seen) < 20 {
			t.Fatalf("only %d constants in %s", len(seen), c.file)
		}
		for name, n := range seen {
			name = strings.ToLower(strings.TrimPrefix(name, "Tag"))
			if c.kind == "command" {
				name = strings.TrimSuffix(name, "id")
			}
			if want, ok := plain[c.kind][name]; !ok || want != n {
				t.Errorf("go-smpp's %s %s is %#x, the specification's %#x", c.kind, name, n, want)
			}
		}
	}
	for n := range Status(0x1000) {
		if _, ours := tableStatus[n]; !ours && !strings.HasPrefix(n.Error(), "unknown status") {
			t.Errorf("go-smpp knows status %#x as %q", uint32(n), n.Error())
		}
	}
}

// foreignConstants are the constants of type of in a file of go-smpp.
func foreignConstants(t *testing.T, pkg, file, of string) map[string]uint32 {
	t.Helper()
	p, err := build.Import("github.com/fiorix/go-smpp/smpp/"+pkg, ".", build.FindOnly)
	if err != nil {
		t.Fatal(err)
	}
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]uint32{}
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || len(v.Values) != 1 {
			return true
		}
		typ, named := v.Type.(*ast.Ident)
		lit, literal := v.Values[0].(*ast.BasicLit)
		if named && literal && typ.Name == of {
			if x, err := strconv.ParseUint(lit.Value, 0, 32); err == nil {
				all[v.Names[0].Name] = uint32(x)
			}
		}
		return true
	})
	return all
}
