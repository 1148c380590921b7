package dialog

import (
	"fmt"
	"regexp"
	"strings"
)

// tableNumbers finds what may be a subscriber's number on a screen.
var tableNumbers = regexp.MustCompile(`\d{9,15}`)

// tablePINs is what may be a PIN, wherever it was typed.
var tablePINs = regexp.MustCompile(`^\d{4,6}$`)

// inWords is a hop as it is traced: never what was typed, which may be a PIN, but
// how much of it.
func inWords(hop *Hop) string {
	switch hop.Op {
	case Begin:
		code, _, more := strings.Cut(strings.Trim(hop.Code, "*#"), "*")
		if more {
			return fmt.Sprintf("begin *%s*…#", code)
		}
		return fmt.Sprintf("begin *%s#", code)
	case Abort:
		return "abort"
	}
	return fmt.Sprintf("input %d, %d characters", hop.Position, len(hop.Text))
}

// outWords is a reply as it is traced, numbers masked.
func outWords(r *Reply) string {
	how := "CON "
	switch {
	case r.Silent:
		return "silence"
	case r.Refused != "":
		how = "END (refused: " + r.Refused + ") "
	case r.End:
		how = "END "
	}
	return how + starred(r.Text)
}

// typedWords is an input as it is traced once the dialogue knows that it is the next
// one: what was typed where no secret was asked for, numbers masked. Of several inputs
// at once only the first was asked for. Four to six digits are not shown anywhere: people
// type a PIN also where none is asked for, and an amount stands on the next screen.
func typedWords(text string, secret bool) string {
	first, _, more := strings.Cut(text, "*")
	switch {
	case secret, tablePINs.MatchString(first):
		return "typed ****"
	case more:
		return fmt.Sprintf("typed %q and more", starred(first))
	}
	return fmt.Sprintf("typed %q", starred(first))
}

// starred masks what may be a subscriber's number.
func starred(text string) string {
	return tableNumbers.ReplaceAllStringFunc(text, func(n string) string {
		return n[:4] + "*****" + n[len(n)-3:]
	})
}
