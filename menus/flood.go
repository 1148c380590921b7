package menus

import (
	"bytes"
	"fmt"

	"mlango/internal/conf"
)

// Limits of a source before it is read as YAML, so that a hostile one costs no
// memory.
const (
	maxNested = 32      // brackets, or lists begun on one line
	maxMarks  = 320_000 // colons and commas
	maxNames  = MaxScreens + 200
)

// flood is what a quick look finds too much of, or nothing. It knows quotes and
// brackets, not YAML: names are colons two spaces deep, or in the outermost braces.
func flood(name string, src []byte) error {
	marks, names, line := 0, 0, 0
	for rest := src; len(rest) > 0; {
		var text []byte
		line++
		text, rest, _ = bytes.Cut(rest, []byte("\n"))
		look := glance(text)
		marks, names = marks+look.marks, names+look.names
		what, mend := "", ""
		switch {
		case look.nested > maxNested:
			what, mend = fmt.Sprintf("the line nests deeper than %d", maxNested), "write it in lines"
		case names > maxNames:
			what, mend = fmt.Sprintf("a menu has 1 to %d screens, this one more", MaxScreens), "split it into menus"
		case marks > maxMarks:
			what, mend = fmt.Sprintf("the menu holds more than %d keys and values", maxMarks), "split it into menus"
		default:
			continue
		}
		return conf.Errors{{File: name, Pos: conf.Pos{Line: line, Col: 1}, What: what, Mend: mend}}
	}
	return nil
}

// lineLook is what a glance at a line counts.
type lineLook struct{ marks, names, nested int }

func glance(text []byte) (l lineLook) {
	body := bytes.TrimLeft(text, " ")
	indent := len(text) - len(body)
	for dashes := 0; bytes.HasPrefix(body[2*dashes:], []byte("- ")); dashes++ {
		l.nested = dashes + 1
	}
	depth, quote := 0, byte(0)
	for i, c := range body {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' && (i == 0 || body[i-1] == ' '):
			quote = c
		case c == '[' || c == '{':
			depth++
			l.nested = max(l.nested, depth)
		case c == ']' || c == '}':
			depth--
		case c == ',':
			l.marks++
		case c == ':':
			l.marks++
			if depth == 0 && indent == 2 || depth == 1 && indent == 0 {
				l.names++
			}
		}
	}
	return l
}
