// Package tidy is the house's rules as a test: arrows between rooms, sizes of
// files and functions, a sentence on every package and exported name, no init,
// no package variables but tables and errors.
package tidy

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"sort"
	"strings"
)

// Limits of the house.
const (
	MaxFileLines = 500
	MaxFuncLines = 70
)

// Finding is one broken rule at a place.
type Finding struct{ Place, What string }

// String is place: what.
func (f Finding) String() string { return f.Place + ": " + f.What }

// file is one parsed Go file that is not generated.
type file struct {
	path, room string
	test       bool
	syntax     *ast.File
}

// checker gathers what is wrong in a tree.
type checker struct {
	root     string
	set      *token.FileSet
	findings []Finding
}

// Check reads every Go file below root and returns what breaks the house rules.
func Check(root string) ([]Finding, error) {
	c := &checker{root: root, set: token.NewFileSet()}
	files, err := c.read()
	if err != nil {
		return nil, fmt.Errorf("tidy: read: %w", err)
	}
	sentence := map[string]bool{}
	for _, f := range files {
		c.sizes(f)
		if f.test {
			continue
		}
		c.arrows(f)
		c.names(f)
		sentence[f.room] = sentence[f.room] || f.syntax.Doc != nil
	}
	for room, ok := range sentence {
		if !ok {
			c.findings = append(c.findings, Finding{room, "the package has no sentence; write `// Package …` above one package clause"})
		}
	}
	sort.Slice(c.findings, func(i, j int) bool { return c.findings[i].Place < c.findings[j].Place })
	return c.findings, nil
}

func (c *checker) read() (files []*file, err error) {
	err = filepath.WalkDir(c.root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && p != c.root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "bin" || d.Name() == "runs") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(p, ".go") {
			return nil
		}
		syntax, err := parser.ParseFile(c.set, p, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(c.root, p)
		rel = filepath.ToSlash(rel)
		if !ast.IsGenerated(syntax) {
			files = append(files, &file{path: rel, room: path.Dir(rel), test: strings.HasSuffix(p, "_test.go"), syntax: syntax})
		}
		return nil
	})
	return files, err
}

func (c *checker) fail(pos token.Pos, format string, args ...any) {
	at := c.set.Position(pos)
	rel, _ := filepath.Rel(c.root, at.Filename)
	c.findings = append(c.findings, Finding{fmt.Sprintf("%s:%d:%d", filepath.ToSlash(rel), at.Line, at.Column), fmt.Sprintf(format, args...)})
}

// sizes holds files and functions to their limits, tests included.
func (c *checker) sizes(f *file) {
	if n := c.set.File(f.syntax.Pos()).LineCount(); n > MaxFileLines {
		c.fail(f.syntax.Pos(), "%d lines, more than %d: part the file by idea", n, MaxFileLines)
	}
	for _, d := range f.syntax.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		lines := c.set.Position(fn.Body.Rbrace).Line - c.set.Position(fn.Pos()).Line + 1
		if lines > MaxFuncLines {
			c.fail(fn.Pos(), "%s has %d lines, more than %d: part it", fn.Name.Name, lines, MaxFuncLines)
		}
	}
}
