package conf

import (
	"bytes"
	"errors"
	"regexp"
	"strings"

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

// syntax turns what the YAML reader says into an error with a place.
func (d *Doc) syntax(err error) {
	var one *yaml.LoadError
	var many *yaml.LoadErrors
	pos, what := Pos{1, 1}, err.Error()
	switch {
	case errors.As(err, &many) && len(many.Errors) > 0:
		one = many.Errors[0]
	case errors.As(err, &one):
	}
	if one != nil {
		pos = Pos{max(one.Mark.Line, 1), max(one.Mark.Column, 1)}
		what = one.Message
	}
	what = strings.TrimPrefix(what, "yaml: ")
	d.add(pos, "this is not YAML: "+what, "check the indentation and the quotes above this place")
}
