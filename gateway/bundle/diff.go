package bundle

import (
	"fmt"
	"strings"
)

// Diff is how one screen, or another part of a menu, differs.
type Diff struct {
	Part  string   `json:"part"`  // screen NAME, or a key of the menu, as says
	How   string   `json:"how"`   // added, removed, changed
	Lines []string `json:"lines"` // -12  gone, +12  come: with their lines in the file
}

// section is the part of a menu's text that one name owns.
type section struct {
	name  string
	first int // line, from 1
	lines []string
}

// Compare shows how menus differ, screen by screen, in their authors' words. What only
// moved is not told.
func Compare(from, to []byte) (out []Diff) {
	a, b := sections(string(from)), sections(string(to))
	old := map[string]section{}
	for _, s := range a {
		old[s.name] = s
	}
	seen := map[string]bool{}
	for _, s := range b {
		seen[s.name] = true
		was, there := old[s.name]
		switch lines := differ(was, s); {
		case !there:
			out = append(out, Diff{s.name, "added", lines})
		case len(lines) > 0:
			out = append(out, Diff{s.name, "changed", lines})
		}
	}
	for _, s := range a {
		if !seen[s.name] {
			out = append(out, Diff{s.name, "removed", differ(s, section{})})
		}
	}
	return out
}

// sections parts a menu at its top keys, and what stands below screens at each screen.
// Comments and empty lines belong to nothing.
func sections(text string) (out []section) {
	top, indent := "", 0
	for n, line := range strings.Split(text, "\n") {
		bare := strings.TrimLeft(line, " ")
		if bare == "" || bare[0] == '#' || strings.HasPrefix(line, "---") {
			continue
		}
		depth := len(line) - len(bare)
		name, rest, isKey := strings.Cut(bare, ":")
		switch {
		case depth == 0 && isKey:
			top, indent = name, 0
			if name == "screens" && strings.TrimSpace(rest) == "" {
				continue
			}
			out = append(out, section{name: unique(out, name), first: n + 1})
		case top == "screens" && isKey && (indent == 0 || depth == indent):
			indent = depth
			out = append(out, section{name: unique(out, "screen "+strings.Trim(name, `"'`)), first: n + 1})
		}
		if len(out) > 0 {
			last := &out[len(out)-1]
			for last.first+len(last.lines) < n+1 { // keep line numbers true over what was left out
				last.lines = append(last.lines, "")
			}
			last.lines = append(last.lines, line)
		}
	}
	return out
}

// unique tells apart the same key of two fragments.
func unique(all []section, name string) string {
	n := 1
	for _, s := range all {
		if s.name == name || strings.HasPrefix(s.name, name+" (") {
			n++
		}
	}
	if n == 1 {
		return name
	}
	return fmt.Sprintf("%s (%d)", name, n)
}

// differ is what is between the lines that two parts share at both ends.
func differ(a, b section) (out []string) {
	x, y := a.full(), b.full()
	for len(x) > 0 && len(y) > 0 && x[0].text == y[0].text {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1].text == y[len(y)-1].text {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	for _, l := range x {
		out = append(out, fmt.Sprintf("-%d %s", l.n, l.text))
	}
	for _, l := range y {
		out = append(out, fmt.Sprintf("+%d %s", l.n, l.text))
	}
	return out
}

type numbered struct {
	n    int
	text string
}

// full are the lines that say something.
func (s section) full() (out []numbered) {
	for i, l := range s.lines {
		if l != "" {
			out = append(out, numbered{s.first + i, l})
		}
	}
	return out
}
