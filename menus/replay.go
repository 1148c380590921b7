package menus

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// MaxRecording bounds the bytes of a file of recorded sessions.
const MaxRecording = 16 << 20

// Masked is an event of a running session as a transcript's command, with nothing
// in it that tells who it was: keys stay, each typed value becomes a sample of
// its type, a PIN a row of digits, and so do the values that an outcome gave. st
// is the state before the event.
func (b *Bundle) Masked(cat Catalogue, st *State, ev Event) string {
	switch ev.Kind {
	case EventBegin:
		return strings.TrimSuffix("dial *334*"+b.maskedDial(ev.Text), "*") + "#"
	case EventAsked:
		return "asked " + ev.Text
	case EventInput:
		return "press " + b.maskedInput(st, ev.Text)
	}
	out := "answer " + ev.Outcome
	if int(st.Screen) >= len(b.screens) || b.screens[st.Screen].call == nil {
		return out
	}
	fn := cat[b.screens[st.Screen].call.fn]
	for _, name := range fn.Gives[ev.Outcome] {
		if t, err := parseType(fn.Out[name]); err == nil {
			out += fmt.Sprintf(" %s=%s", name, shownSample(name, t))
		}
	}
	for _, row := range ev.Rows {
		out += " | " + row.Kind
		for _, name := range slices.Sorted(maps.Keys(fn.Rows.Out)) {
			if t, err := parseType(fn.Rows.Out[name]); err == nil {
				out += fmt.Sprintf(" %s=%s", name, shownSample(name, t))
			}
		}
	}
	return out
}

func shownSample(name string, t typ) string {
	v := sample(name, t)
	if t.numeric() {
		return fmt.Sprint(v.Int)
	}
	return fmt.Sprintf("%q", v.Text)
}

// maskedDial keeps the keys of a shortcut.
func (b *Bundle) maskedDial(rest string) string {
	parts := strings.Split(rest, "*")
	for _, pattern := range b.dial {
		if !matches(pattern, parts) {
			continue
		}
		at := int(b.start)
		for n := range parts {
			s := &b.screens[at]
			w := &s.next
			if pattern[n] == "" {
				parts[n] = typedSample(s.typ)
			}
			for i := range s.options {
				if s.options[i].key == parts[n] {
					w = &s.options[i].way
				}
			}
			if at = w.target; at == nowhere {
				break
			}
		}
		return strings.Join(parts, "*")
	}
	if rest == "" {
		return ""
	}
	return "?"
}

func (b *Bundle) maskedInput(st *State, typed string) string {
	typed = strings.TrimSpace(typed)
	if int(st.Screen) >= len(b.screens) || typed == b.keys.back || typed == b.keys.home || typed == b.keys.more {
		return clip(typed, 3)
	}
	s := &b.screens[st.Screen]
	if s.kind == screenMenu {
		for i := range s.options {
			if s.options[i].key == typed {
				return typed
			}
		}
		return "?"
	}
	if _, ok := s.typ.read(b.region, typed); ok {
		return typedSample(s.typ)
	}
	return "?"
}

// typedSample is a good answer to a question for a type.
func typedSample(t typ) string {
	switch t.kind {
	case kindMSISDN:
		return "0722000002"
	case kindMoney:
		return "500"
	case kindDate:
		return "22/11/1999"
	case kindDigits:
		return strings.Repeat("1", t.min)
	case kindInt:
		return "1"
	}
	return clip("x", t.max)
}

// Change is what recorded subscribers would see otherwise.
type Change struct {
	At    string // file:line of the first command after which it is so
	Was   string // what the old menu showed or called, in a transcript's words
	Now   string // what the new one does
	Times int    // how often
}

// Replay runs recorded sessions (transcripts; what is written below ---- is not
// looked at) through an old and a new menu, and lists what would change: each
// pair of screens once, in the order in which they are met. hops is how many
// commands were compared. A session whose ways part is not followed further.
func Replay(name string, src []byte, old, fresh *Bundle, cat Catalogue) (changes []Change, hops int, err error) {
	if len(src) > MaxRecording {
		return nil, 0, fmt.Errorf("%s: %d bytes, more than %d", name, len(src), MaxRecording)
	}
	was, now := newTranscript(old, cat), newTranscript(fresh, cat)
	places, skip, parted := map[[2]string]int{}, false, false
	for n, line := range strings.Split(string(src), "\n") {
		if skip {
			skip = line != ""
			continue
		}
		if skip = line == "----"; skip || line == "" || line[0] == '#' || parted && !strings.HasPrefix(line, "dial ") && !strings.HasPrefix(line, "subscriber") {
			continue
		}
		before, err := was.command(line)
		if err != nil {
			return nil, 0, fmt.Errorf("%s:%d:1: %w", name, n+1, err)
		}
		after, err := now.command(line)
		if err != nil {
			after = "----\nerror: " + err.Error() + "\n"
		}
		hops++
		if parted = first(before) != first(after); before == after {
			continue
		}
		pair := [2]string{before, after}
		if at, known := places[pair]; known {
			changes[at].Times++
			continue
		}
		places[pair] = len(changes)
		changes = append(changes, Change{At: fmt.Sprintf("%s:%d", name, n+1), Was: told(before), Now: told(after), Times: 1})
	}
	return changes, hops, nil
}

// first is the line that names the screen or call.
func first(said string) string {
	line, below, _ := strings.Cut(told(said), "\n")
	if strings.HasPrefix(line, "keeps ") {
		line, _, _ = strings.Cut(below, "\n")
	}
	word, rest, _ := strings.Cut(line, " ")
	if word == "order" {
		_, rest, _ = strings.Cut(rest, ": ")
	}
	name, _, _ := strings.Cut(rest, " ")
	return word + " " + name
}

func told(said string) string { return strings.TrimSpace(strings.TrimPrefix(said, "----\n")) }

// WriteChanges prints them for whoever publishes a menu.
func WriteChanges(w io.Writer, changes []Change, hops int) error {
	for _, c := range changes {
		if _, err := fmt.Fprintf(w, "%s, %d times\n  was %s\n  now %s\n", c.At, c.Times,
			strings.ReplaceAll(c.Was, "\n", "\n      "), strings.ReplaceAll(c.Now, "\n", "\n      ")); err != nil {
			return fmt.Errorf("menus: replay: %w", err)
		}
	}
	screens := "screens"
	if len(changes) == 1 {
		screens = "screen"
	}
	_, err := fmt.Fprintf(w, "%d %s would change, of %d hops\n", len(changes), screens, hops)
	return err
}
