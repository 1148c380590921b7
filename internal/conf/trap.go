package conf

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// What YAML reads as something else than people mean: a service code begins an
// alias or a comment.
var (
	bareStar = regexp.MustCompile(`^(\s*-?\s*(?:[^\s#'":{\[]+:\s+)?|.*[{,\[]\s*(?:[^\s#'":{\[,]+:\s+)?)(\*[0-9][0-9*#]*)`)
	bareHash = regexp.MustCompile(`^(\s*(?:-\s+)?[^\s#'":{\[]+:\s+|\s*-\s+)(#[0-9][0-9*#]*)\s*$`)
)

// trap finds an unquoted service code before YAML turns it into something else.
func trap(src []byte) *Error {
	line := 0
	for rest := src; len(rest) > 0; {
		var text []byte
		line++
		if text, rest, _ = bytes.Cut(rest, []byte("\n")); len(text) > 4096 || !bytes.ContainsAny(text, "*#") {
			continue
		}
		for _, re := range []*regexp.Regexp{bareStar, bareHash} {
			if m := re.FindSubmatchIndex(text); m != nil && !quoted(text[:m[4]]) {
				code := string(text[m[4]:m[5]])
				return &Error{Pos: Pos{line, m[4] + 1}, What: "the code " + code + " stands without quotes, YAML reads it as something else",
					Mend: `write "` + code + `"`}
			}
		}
	}
	return nil
}

// quoted tells whether a line's beginning leaves a quotation or a comment open.
func quoted(before []byte) bool {
	return bytes.Count(before, []byte(`"`))%2 == 1 || bytes.Count(before, []byte(`'`))%2 == 1 || bytes.Contains(before, []byte(" #"))
}

// tableSlips are what the YAML reader says, and what people did.
var tableSlips = []struct{ says, what, mend string }{
	{"expected ',' or '}'", "from here on what stands between { and } cannot be read", `put each text in double quotes and a comma between two, and see that every quote and brace before this place is closed`},
	{"expected ',' or ']'", "from here on what stands between [ and ] cannot be read", `put a comma between two, each text in double quotes, and see that every quote and bracket before this place is closed`},
	{"expected key", "the line does not begin where those beside it do, or a quote before it ends too early", `begin it below the first letter of the line beside it; write a text with ' in double quotes`},
	{"mapping values are not allowed", "a colon stands here where none can: a text without quotes has one, a quote above is not closed, the line above has none, or this one begins too far to the right", `put the text in double quotes, and begin the line below the first letter of the one beside it`},
	{"expected ':'", "here or just above a line has no colon, or one of a list begins without a minus", `write key: value, and a minus and a blank before each line of a list`},
	{"expected '-' indicator", "a line of this list does not begin with a minus", `write a plain - and a blank before it, below the others`},
	{"unknown anchor", "a text without quotes begins with *", `put it in double quotes`},
	{"unexpected end of stream", "a quote above is opened and never closed", `close it`},
	{"unknown escape", `a \ in double quotes stands for something else`, `write \\ for it, or take it away`},
}

// syntax turns what the YAML reader says into an error with a place, in words of somebody
// who writes texts.
func (d *Doc) syntax(src []byte, err error) {
	var one *yaml.LoadError
	var many *yaml.LoadErrors
	pos, said := Pos{1, 1}, err.Error()
	switch {
	case errors.As(err, &many) && len(many.Errors) > 0:
		one = many.Errors[0]
	case errors.As(err, &one):
	}
	if one != nil {
		pos = Pos{max(one.Mark.Line, 1), max(one.Mark.Column, 1)}
		said = one.Message
	}
	what, mend := "this is not YAML: "+strings.TrimPrefix(said, "yaml: "), "check the indentation and the quotes above this place"
	for _, slip := range tableSlips {
		if strings.Contains(said, slip.says) {
			what, mend = slip.what, slip.mend
			break
		}
	}
	if strings.Contains(said, "cannot start any token") {
		what, mend = badStart(src, pos)
	}
	if at, open := openQuote(src, pos.Line); open {
		pos, what, mend = at, "a quote on this line has no other: it is opened and not closed, or closed and not opened", `write " before and behind the text`
	}
	d.add(pos, what, mend)
}

// openQuote is the last line down to one on which a double quote has no other.
func openQuote(src []byte, line int) (at Pos, open bool) {
	for n, text := range bytes.SplitN(src, []byte("\n"), line+1) {
		text, _, _ = bytes.Cut(text, []byte(" #"))
		text = bytes.ReplaceAll(text, []byte(`\"`), []byte("__"))
		if n < line && bytes.Count(text, []byte(`"`))%2 == 1 {
			at, open = Pos{n + 1, bytes.LastIndexByte(text, '"') + 1}, true
		}
	}
	return at, open
}

// badStart says what a value cannot begin with.
func badStart(src []byte, pos Pos) (what, mend string) {
	lines := bytes.SplitN(src, []byte("\n"), pos.Line+1)
	line := lines[min(pos.Line, len(lines))-1]
	before := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
	if bytes.Contains(before, []byte("\t")) {
		return "the line begins with a tab", "write blanks in its place, as many as the lines beside it begin with"
	}
	sign, _ := utf8.DecodeRune(line[min(pos.Col-1, len(line)):])
	return "a text without quotes cannot begin with " + string(sign), "put it in double quotes"
}
