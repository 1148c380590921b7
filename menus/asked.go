package menus

import (
	"slices"

	"mlango/internal/conf"
)

// MaxAsked bounds what others may ask subscribers for.
const MaxAsked = 8

// back is a screen's own way behind the key that leads back: a request that nobody
// dialled for has nothing to go back to, it is declined.
type back struct {
	word string // the label in the first language, for coverage
	line texts  // the screen's last line
	way  way
}

// line is the last line of a screen: what the keys do that every screen has.
func (b *Bundle) line(s *screen) texts {
	if s.back != nil {
		return s.back.line
	}
	return b.keys.line
}

// Asks tells whether the menu knows what to show when somebody asks for it.
func (b *Bundle) Asks(name string) bool { return b.asked[name] != nil }

// askedFor compiles where those are led who did not dial.
func (bd *builder) askedFor() {
	if n := len(bd.src.Asked); n > MaxAsked {
		bd.fail(bd.doc.Pos("asked"), harmSlow, "keep fewer", "%d things to ask for, more than %d", n, MaxAsked)
		return
	}
	bd.b.asked = map[string]*way{}
	for n := range bd.src.Asked {
		a := &bd.src.Asked[n]
		bd.goodName(a.Key, a.Pos)
		if bd.b.asked[a.Key] != nil {
			first := slices.IndexFunc(bd.src.Asked, func(p conf.Pair[conf.At[waySource]]) bool { return p.Key == a.Key })
			bd.twice("asked", a.Key, a.Pos, bd.src.Asked[first].Pos)
		}
		w := bd.way(nowhere, &a.Value.Value.wayKeys, a.Value.Pos, 0, nil)
		if w.target == nowhere && bd.bad == 0 {
			bd.fail(a.Value.Pos, harmHidden, "name the screen to begin with", "whoever is asked for %q would only be told an end", a.Key)
		}
		bd.b.asked[a.Key] = &w
	}
}

// backs compiles a screen's own way back.
func (bd *builder) backs(i int, s *screen, src *screenSource) {
	from := &src.Back
	if !from.Label.isSet() && from.Go.Value == "" && !from.End.isSet() {
		return
	}
	at := orPos(from.Label.pos, from.Go.Pos)
	if !from.Label.isSet() {
		bd.fail(at, harmGap, `write back: {label: {en: Decline}, go: declined}`, "the way back of %q has no word", s.name)
		return
	}
	if s.name == bd.src.Start.Value {
		bd.fail(at, harmHidden, "remove it", "the first screen has no way back")
		return
	}
	b := &back{way: bd.way(i, &from.wayKeys, at, 0, nil)}
	for lang, label := range bd.texts(&from.Label, bd.plain) {
		line := append(text{{lit: bd.b.keys.back + " "}}, label...)
		b.line = append(b.line, merge(line))
		if lang == 0 && len(b.line[0]) == 1 {
			b.word = b.line[0][0].lit
		}
	}
	s.back = b
}
