package menus

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// MaxTranscript bounds a transcript's bytes.
const MaxTranscript = 256 << 10

// Rewrite runs a transcript and writes it anew, with what really came out below
// each command; a transcript that holds comes out as it went in. Commands are
//
//	subscriber known language=sw msisdn=254722000001
//	dial *334#
//	redial *334#
//	press 1
//	answer ok name="JANE W" fee=5700
//	answer ok | sent amount=5700 | received amount=100
//
// an asked session is one that somebody else opens, and a redial comes after the dialogue broke off where it stands. Each command is
// followed by ----, what came out, and an empty line. # begins a comment.
// The error names a command that cannot be read.
func Rewrite(name string, src []byte, b *Bundle, cat Catalogue) ([]byte, error) {
	return runThrough(name, src, b, cat, nil)
}

func runThrough(name string, src []byte, b *Bundle, cat Catalogue, seen func(screen int, what string)) ([]byte, error) {
	if len(src) > MaxTranscript {
		return nil, fmt.Errorf("%s: %d bytes, more than %d", name, len(src), MaxTranscript)
	}
	t := newTranscript(b, cat)
	t.seen = seen
	var out bytes.Buffer
	skip := false
	for n, line := range strings.Split(strings.TrimRight(string(src), "\n"), "\n") {
		switch {
		case skip:
			if skip = line != ""; !skip {
				out.WriteString("\n")
			}
		case line == "----":
			skip = true
		case line == "" || line[0] == '#':
			out.WriteString(line + "\n")
		default:
			said, err := t.command(line)
			if err != nil {
				return nil, fmt.Errorf("%s:%d:1: %w", name, n+1, err)
			}
			out.WriteString(line + "\n" + said)
		}
	}
	return append(bytes.TrimRight(out.Bytes(), "\n"), '\n'), nil
}

// Compare runs a transcript and says where it does not hold: file:line, what was
// written there and what came out.
func Compare(name string, src []byte, b *Bundle, cat Catalogue) error {
	out, err := Rewrite(name, src, b, cat)
	if err != nil || bytes.Equal(out, src) {
		return err
	}
	want, have := strings.Split(string(src), "\n"), strings.Split(string(out), "\n")
	for i := range max(len(want), len(have)) {
		if w, h := at(want, i), at(have, i); w != h {
			return fmt.Errorf("%s:%d:1: after %q %s – mend the menu, or write the transcript anew with --rewrite and read what changed", name, i+1, before(want[:min(i, len(want))]), parted(w, h))
		}
	}
	return nil
}

// before is the command above a line.
func before(lines []string) string {
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i] == "----" && i > 0 {
			return lines[i-1]
		}
	}
	return ""
}

// parted says how a line that is written differs from the one that came out.
func parted(written, out string) string {
	written, out = strings.TrimSpace(written), strings.TrimSpace(out)
	switch {
	case written == "":
		return fmt.Sprintf("there is %q, which is not written here", out)
	case out == "":
		return fmt.Sprintf("there is no %q", written)
	}
	return fmt.Sprintf("there is %q, written is %q", out, written)
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// transcript is one run.
type transcript struct {
	bundle *Bundle
	cat    Catalogue
	phone  *Phone
	facts  Facts
	fn     string // of the call that is out
	seen   func(screen int, what string)
}

func newTranscript(b *Bundle, cat Catalogue) *transcript {
	return &transcript{bundle: b, cat: cat, phone: NewPhone(b, Facts{})}
}

// errCommand says what can be written.
var errCommand = errors.New("not a command – write subscriber, dial, redial, asked, press or answer")

func (t *transcript) command(line string) (string, error) {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "subscriber":
		return "", t.subscriber(rest)
	case "dial":
		t.phone = NewPhone(t.bundle, t.facts)
		t.phone.seen = t.seen
		act, err := t.phone.Dial(rest)
		return t.say(act, err), nil
	case "asked":
		t.phone = NewPhone(t.bundle, t.facts)
		t.phone.seen = t.seen
		act, err := t.phone.Asked(rest)
		return t.say(act, err), nil
	case "redial":
		act, err := t.phone.Redial(rest)
		return t.say(act, err), nil
	case "press":
		act, err := t.phone.Press(rest)
		return t.say(act, err), nil
	case "answer":
		ev, err := t.answer(rest)
		if err != nil {
			return "", err
		}
		act, err := t.phone.Answer(ev.Outcome, ev.Values, ev.Rows...)
		return t.say(act, err), nil
	}
	return "", errCommand
}

func (t *transcript) subscriber(rest string) error {
	t.facts = Facts{Zone: 180}
	for _, word := range strings.Fields(rest) {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "known":
			t.facts.Known = true
		case "locked":
			t.facts.Locked = true
		case "no_pin":
			t.facts.NoPIN = true
		case "frozen":
			t.facts.Frozen = true
		case "agent":
			t.facts.Agent = true
		case "till":
			t.facts.Till = true
		case "delayed":
			t.facts.Delayed = true
		case "unseen":
			t.facts.Unseen = true
		case "language":
			t.facts.Language = value
		case "today":
			day, ok := readDate(value)
			if !ok {
				return fmt.Errorf("%q is no date – write today=22/11/2026", value)
			}
			t.facts.Today = day.Int
		case "septets":
			t.facts.Septets = small(clip(value, 4))
		case "ucs2":
			t.facts.UCS2 = small(clip(value, 4))
		case "msisdn":
			t.facts.MSISDN = value
		default:
			return fmt.Errorf("%q is nothing that is known of a subscriber – write known, locked, no_pin, frozen, agent, till, delayed, unseen, language=, msisdn=, today=, septets=, ucs2=", name)
		}
	}
	return nil
}

// answer reads an outcome with its values and, each behind a bar, its rows:
// ok balance=5700 | sent amount=100 | received amount=200.
func (t *transcript) answer(rest string) (ev Event, err error) {
	fn := t.cat[t.fn]
	for n, part := range strings.Split(rest, " | ") {
		word, pairs, _ := strings.Cut(part, " ")
		types := fn.Out
		if n > 0 {
			types = fn.Rows.Out
		}
		values, err := t.values(pairs, types)
		if err != nil {
			return Event{}, err
		}
		switch {
		case n == 0:
			ev.Outcome, ev.Values = word, values
		case !slices.Contains(fn.Rows.Kinds, word):
			return Event{}, fmt.Errorf("%s gives no rows of the kind %q – %s", t.fn, word, knownNames(fn.Rows.Kinds))
		default:
			ev.Rows = append(ev.Rows, Row{word, values})
		}
	}
	return ev, nil
}

// values reads name=value pairs; a value with spaces stands in quotes.
func (t *transcript) values(rest string, types map[string]string) (map[string]Value, error) {
	out := map[string]Value{}
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		name, tail, ok := strings.Cut(rest, "=")
		if !ok {
			return nil, fmt.Errorf("%q has no = – write fee=5700 or name=\"JANE W\"", clip(rest, 20))
		}
		quoted, err := strconv.QuotedPrefix(tail)
		value := quoted
		if err == nil {
			value, _ = strconv.Unquote(quoted)
		} else {
			value, _, _ = strings.Cut(tail, " ")
			quoted = value
		}
		rest = tail[len(quoted):]
		kind, err := parseType(types[name])
		if err != nil {
			return nil, fmt.Errorf("%s gives no %q – %s", t.fn, name, known(types))
		}
		v := Value{Set: true, Text: value}
		if kind.numeric() {
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("%s=%s is no whole number – write cents, or milliseconds", name, value)
			}
			v = Value{Set: true, Int: n}
		}
		out[name] = v
	}
	return out, nil
}

// say is what a step gave, in words.
func (t *transcript) say(act Action, err error) string {
	switch {
	case err != nil:
		return "----\nerror: " + err.Error() + "\n"
	case act.Call != nil:
		t.fn = act.Call.Fn
		return "----\n" + callInWords(act.Call) + "\n"
	}
	how := "open"
	if act.Show.End {
		how = "end"
	} else if act.Show.Secret {
		how = "open, secret"
	}
	kept := ""
	if act.Keep != nil {
		kept = fmt.Sprintf("keeps secret %d of visit %d\n", act.Keep.Number+1, act.Keep.Visit)
	}
	return fmt.Sprintf("----\n%sscreen %s (%s)\n  %s\n", kept, act.Show.Name, how, strings.ReplaceAll(act.Show.Text, "\n", "\n  "))
}

func callInWords(c *Call) string {
	what := "call"
	if c.Effects {
		what = fmt.Sprintf("order of visit %d:", c.Visit)
	}
	s := what + " " + c.Fn
	for _, name := range slices.Sorted(maps.Keys(c.Args)) {
		v := c.Args[name]
		if v.Text != "" {
			s += fmt.Sprintf(" %s=%s", name, v.Text)
		} else {
			s += fmt.Sprintf(" %s=%d", name, v.Int)
		}
	}
	switch n := len(c.Takes); {
	case c.Secret != "" && n > 0:
		s += fmt.Sprintf(" with %d secrets", n+1)
	case c.Secret != "":
		s += " with a secret"
	}
	return s + " within " + c.Budget.String()
}
