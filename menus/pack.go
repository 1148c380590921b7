package menus

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"mlango/internal/conf"
)

// Limits of the fragments that a menu includes.
const (
	MaxFragments    = 32
	MaxIncludeDepth = 4
)

// partMark begins the line above a fragment in a bundle's source.
const partMark = "--- # "

// goodFragment is a fragment's name: beside the menu or below it.
var goodFragment = regexp.MustCompile(`^([a-z0-9][a-z0-9_-]*/){0,3}[a-z0-9][a-z0-9_-]*\.yaml$`)

// fragmentSource is what a shared fragment may hold.
type fragmentSource struct {
	Include []conf.At[string]                      `yaml:"include"`
	Vars    conf.Map[conf.At[string]]              `yaml:"vars"`
	Secrets conf.Map[conf.At[string]]              `yaml:"secrets"`
	Labels  conf.Map[conf.Map[textsSource]]        `yaml:"labels"`
	Answers conf.Map[conf.Map[conf.At[waySource]]] `yaml:"answers"`
	Screens conf.Map[screenSource]                 `yaml:"screens"`
}

// Read gathers a menu and the fragments that it includes into one source, as
// Parse takes it: the menu, then each fragment below a line `--- # its name`. A
// menu that includes nothing comes as it is. Names are relative to the menu.
func Read(dir fs.FS, name string) ([]byte, error) {
	src, err := readPart(dir, name)
	if err != nil {
		return nil, err
	}
	out, have := canonical(src), map[string]bool{}
	for wanted := missing(out, have); wanted != "" && len(have) <= MaxFragments; wanted = missing(out, have) {
		have[wanted] = true
		part, err := readPart(dir, wanted)
		if errors.Is(err, fs.ErrNotExist) {
			continue // Parse says where it is wanted
		}
		if err != nil {
			return nil, err
		}
		out = append(endLine(out), partMark+wanted+"\n"...)
		out = append(out, canonical(part)...)
	}
	return out, nil
}

// missing is a fragment that src includes and that is not had yet.
func missing(src []byte, have map[string]bool) string {
	for _, m := range includes.FindAllSubmatch(src, -1) {
		for _, word := range strings.FieldsFunc(string(m[1]), func(r rune) bool { return strings.ContainsRune(" \t\n,[]\"'", r) }) {
			if goodFragment.MatchString(word) && !have[word] {
				return word
			}
		}
	}
	return ""
}

// includes finds the list of fragments, in brackets or one a line.
var includes = regexp.MustCompile(`(?m)^include:[ \t]*(\[[^\]\n]*\]|(?:\n[ \t]*-[^\n]*)+)`)

func readPart(dir fs.FS, name string) ([]byte, error) {
	f, err := dir.Open(name)
	if err != nil {
		return nil, fmt.Errorf("menus: open the menu: %w", err)
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, MaxSource+1))
	if err != nil {
		return nil, fmt.Errorf("menus: read the menu: %w", err)
	}
	if i := bytes.Index(src, []byte("\n---")); i >= 0 || bytes.HasPrefix(src, []byte("---")) {
		line := 1 + bytes.Count(src[:i+1], []byte("\n"))
		return nil, conf.Errors{{File: name, Pos: conf.Pos{Line: line, Col: 1}, What: "a line begins with ---: a file is one document; " + string(harmUnread), Mend: "remove it"}}
	}
	return src, nil
}

func endLine(src []byte) []byte {
	if n := len(src); n > 0 && src[n-1] != '\n' {
		return append(src, '\n')
	}
	return src
}

// part is one file of a source; its lines stand below `before` others.
type part struct {
	name   string
	before int
	src    []byte
}

// split parts a source at its marks.
func split(name string, src []byte) []part {
	parts := []part{{name: name}}
	begin, line := 0, 0
	for at := 0; at < len(src); line++ {
		end := len(src)
		if n := bytes.IndexByte(src[at:], '\n'); n >= 0 {
			end = at + n + 1
		}
		if bytes.HasPrefix(src[at:end], []byte(partMark)) {
			parts[len(parts)-1].src = src[begin:at]
			parts = append(parts, part{name: strings.TrimSpace(string(src[at+len(partMark) : end])), before: line + 1})
			begin = end
		}
		at = end
	}
	parts[len(parts)-1].src = src[begin:]
	return parts
}

// origin is the file and line of a line of the whole source.
func (bd *builder) origin(line int) (file string, local int) {
	for i := len(bd.parts) - 1; i > 0; i-- {
		if p := bd.parts[i]; line > p.before {
			return path.Join(path.Dir(bd.parts[0].name), p.name), line - p.before
		}
	}
	return bd.parts[0].name, line
}

// placed puts errors about the whole source where their authors find them.
func (bd *builder) placed(err error) error {
	var es conf.Errors
	if !errors.As(err, &es) {
		return err
	}
	for _, e := range es {
		e.File, e.Line = bd.origin(e.Line)
	}
	return es
}

// gather reads the fragments that a source includes, each once, into the menu.
func (bd *builder) gather() error {
	byName, state := map[string]int{}, make([]uint8, len(bd.parts))
	for i, p := range bd.parts[1:] {
		byName[p.name] = i + 1
	}
	var take func(list []conf.At[string], depth int) error
	take = func(list []conf.At[string], depth int) error {
		for _, name := range list {
			i, ok := byName[name.Value]
			switch {
			case !goodFragment.MatchString(name.Value):
				bd.fail(name.Pos, harmUnread, "write a name as shared/rejects.yaml, from this menu's folder", "%q is no name of a fragment", clip(name.Value, 40))
			case !ok:
				bd.fail(name.Pos, harmUnread, "put it beside the menu, or mend the name", "there is no fragment %q", name.Value)
			case state[i] == 1:
				bd.fail(name.Pos, harmUnread, "move what both need into a third", "fragments include each other in a round at %q", name.Value)
			case depth > MaxIncludeDepth:
				bd.fail(name.Pos, harmUnread, "include it from the menu", "fragments are included deeper than %d", MaxIncludeDepth)
			case state[i] == 0:
				state[i] = 1
				if err := bd.fragment(bd.parts[i], func(more []conf.At[string]) error { return take(more, depth+1) }); err != nil {
					return err
				}
				state[i] = 2
			}
		}
		return nil
	}
	if len(bd.parts) > 1+MaxFragments {
		bd.fail(conf.Pos{Line: 1, Col: 1}, harmUnread, "join some", "%d fragments, more than %d", len(bd.parts)-1, MaxFragments)
		return nil
	}
	if err := take(bd.src.Include, 1); err != nil {
		return err
	}
	for i, p := range bd.parts[1:] {
		if state[i+1] == 0 && bd.bad == 0 {
			bd.fail(conf.Pos{Line: p.before + 1, Col: 1}, harmUnread, "add it to include, or leave it out", "nothing includes the fragment %q", p.name)
		}
	}
	return nil
}

// fragment reads one, its line numbers those of the whole source.
func (bd *builder) fragment(p part, more func([]conf.At[string]) error) error {
	var f fragmentSource
	if err := flood(p.name, p.src); err != nil {
		return shifted(err, p.before)
	}
	_, err := conf.Parse(p.name, append(bytes.Repeat([]byte("\n"), p.before), p.src...), &f)
	if err != nil {
		return err
	}
	if err := more(f.Include); err != nil {
		return err
	}
	bd.src.Vars = append(bd.src.Vars, f.Vars...)
	bd.src.Secrets = append(bd.src.Secrets, f.Secrets...)
	bd.src.Labels = append(bd.src.Labels, f.Labels...)
	bd.src.Answers = append(bd.src.Answers, f.Answers...)
	bd.src.Screens = append(bd.src.Screens, f.Screens...)
	return nil
}

// shifted moves errors down by some lines.
func shifted(err error, lines int) error {
	var es conf.Errors
	if errors.As(err, &es) {
		for _, e := range es {
			e.Line += lines
		}
	}
	return err
}

// twice complains about a name that two files have.
func (bd *builder) twice(what, name string, pos, first conf.Pos) {
	file, line := bd.origin(first.Line)
	bd.fail(pos, harmFails, "name one of the two otherwise", "the %s %q is already at %s:%d", what, name, file, line)
}
