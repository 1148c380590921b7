// Package conf reads YAML strictly into typed structs: unknown and duplicate
// keys, anchors, aliases and tags are refused, and every error names its place
// as file:line:col, says what is wrong and how to mend it.
package conf

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Limits of a file.
const (
	MaxBytes  = 8 << 20 // bytes of a file
	MaxDepth  = 32      // nested mappings and lists
	MaxNodes  = 1 << 20 // scalars, mappings and lists of a file
	MaxErrors = 50      // errors reported at once
)

// Pos is a place in a file, both from 1.
type Pos struct{ Line, Col int }

// Error is one thing wrong in a file.
type Error struct {
	File string
	Pos
	What string // what is wrong
	Mend string // how to mend it; may be empty
}

// Error is file:line:col: what – mend.
func (e *Error) Error() string {
	s := fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.What)
	if e.Mend != "" {
		s += " – " + e.Mend
	}
	return s
}

// Errors is everything wrong in a file, in the order of the lines.
type Errors []*Error

// Error is one line an error.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Doc is a parsed file: it knows where each key stood, so that a later check
// can name the place.
type Doc struct {
	name string
	root *yaml.Node
	at   map[string]Pos
	errs Errors

	fields map[reflect.Type]map[string][]int // of the types read so far
}

// Load reads a file into out, a pointer to a struct with yaml tags. A file that
// cannot be read is an error without a line.
func Load(path string, out any) (*Doc, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("conf: read: %w", err)
	}
	return Parse(path, src, out)
}

// Parse reads src into out, a pointer to a struct with yaml tags; name stands in
// the errors. The error, when it is about the text, is Errors. Values that the
// text does not set keep what out had.
func Parse(name string, src []byte, out any) (*Doc, error) {
	d := &Doc{name: name, at: map[string]Pos{}}
	if len(src) > MaxBytes {
		d.add(Pos{1, 1}, fmt.Sprintf("the file has %d bytes, more than %d", len(src), MaxBytes), "split it")
		return d, d.Err()
	}
	if e := trap(src); e != nil {
		d.add(e.Pos, e.What, e.Mend)
		return d, d.Err()
	}
	if len(bytes.TrimSpace(src)) == 0 {
		d.add(Pos{1, 1}, "the file is empty", "print a commented one with `example`")
		return d, d.Err()
	}
	var root yaml.Node
	if err := yaml.Load(src, &root); err != nil {
		d.syntax(src, err)
		return d, d.Err()
	}
	if root.Kind != yaml.DocumentNode || len(root.Content) != 1 {
		d.add(Pos{1, 1}, "the file holds nothing, or several documents", "keep one document, without --- lines")
		return d, d.Err()
	}
	d.root = root.Content[0]
	if d.sane(d.root) {
		d.decode(d.root, out)
	}
	return d, d.Err()
}

// Name is the file's, as errors say it.
func (d *Doc) Name() string { return d.name }

// Fail notes that the value at path is wrong. A path is keys joined by dots with
// list places in brackets, as operators[0].allow; an unknown path is shown at
// the nearest parent that the file has.
func (d *Doc) Fail(path, what, mend string) { d.add(d.Pos(path), what, mend) }

// FailAt notes that what stands at pos is wrong.
func (d *Doc) FailAt(pos Pos, what, mend string) { d.add(pos, what, mend) }

// Pos is where path, or its nearest parent in the file, stands.
func (d *Doc) Pos(path string) Pos {
	for path != "" {
		if p, ok := d.at[path]; ok {
			return p
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			break
		}
		path = path[:cut]
	}
	if d.root != nil {
		return Pos{d.root.Line, d.root.Column}
	}
	return Pos{1, 1}
}

// Has tells whether the file sets path.
func (d *Doc) Has(path string) bool { _, ok := d.at[path]; return ok }

// Err is nil, or Errors in the order of the lines.
func (d *Doc) Err() error {
	if len(d.errs) == 0 {
		return nil
	}
	sort.SliceStable(d.errs, func(i, j int) bool {
		a, b := d.errs[i], d.errs[j]
		return a.Line < b.Line || a.Line == b.Line && a.Col < b.Col
	})
	return d.errs
}

func (d *Doc) add(pos Pos, what, mend string) {
	if len(d.errs) < MaxErrors {
		d.errs = append(d.errs, &Error{File: d.name, Pos: pos, What: what, Mend: mend})
	}
}
