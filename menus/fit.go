package menus

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"mlango/internal/conf"
)

// Fit is how full a screen, an end or an SMS is at worst, in one language.
type Fit struct {
	File   string // the menu, or a fragment
	Line   int    // in the file
	Screen string // its name; with /outcome for an end, sms/ before a template
	Lang   string
	UCS2   bool // counted in UCS-2 units, else in septets
	Units  int  // at worst, on the fullest page
	Pages  int  // at worst
	Limit  int
}

// Left is how many units are left.
func (f Fit) Left() int { return f.Limit - f.Units }

// Fits is how full every screen, end and SMS of the bundle is, in the order of
// the source.
func (b *Bundle) Fits() []Fit { return b.fits }

// WriteFits prints Fits as a table, one screen and language a line.
func (b *Bundle) WriteFits(w io.Writer) error {
	for _, f := range b.fits {
		unit := gsm7
		if f.UCS2 {
			unit = ucs2
		}
		pages, name := "", f.Screen
		if f.File != b.fits[0].File {
			name += " (" + f.File + ")"
		}
		if f.Pages > 1 {
			pages = fmt.Sprintf(", %d pages", f.Pages)
		}
		if _, err := fmt.Fprintf(w, "%5d  %-44s %s  %3d of %3d %s, %d left%s\n", f.Line, name, f.Lang, f.Units, f.Limit, unit, f.Left(), pages); err != nil {
			return fmt.Errorf("menus: report: %w", err)
		}
	}
	return nil
}

// fit measures every screen and end at worst, and refuses what is too long.
func (bd *builder) fit() {
	b := bd.b
	for lang := range b.langs {
		notes := bd.notes(lang)
		for i := range b.screens {
			s, at := &b.screens[i], bd.src.Screens[i].Pos
			units := 0
			if s.kind != screenCall {
				units = bd.shown(i, lang, notes[i])
				if bd.paged(lang, units) {
					bd.pages(i, lang, notes[i])
				} else {
					bd.add(at, s.name, lang, units)
				}
				bd.fitOffer(i, lang)
				for _, o := range s.options {
					bd.end(i, at, s.name+"/"+o.key, o.way.end, lang)
				}
				bd.end(i, at, s.name+"/tries", b.says.tries, lang)
			}
			s.worst = append(s.worst, units)
			if s.call != nil {
				bd.callEnds(i, s, lang)
			}
		}
		for n := range b.begin {
			bd.end(nowhere, bd.doc.Pos("begin"), fmt.Sprintf("begin/%d", n+1), b.begin[n].way.end, lang)
		}
		for _, name := range templateNames() {
			bd.message(name, b.sms[name], lang)
		}
	}
	slices.SortStableFunc(b.fits, func(x, y Fit) int { return x.Line - y.Line })
	for i := range b.fits {
		b.fits[i].File, b.fits[i].Line = bd.origin(b.fits[i].Line)
	}
}

func (bd *builder) callEnds(i int, s *screen, lang int) {
	for _, a := range bd.said[i] {
		name, t := s.name+"/"+clip(strings.Join(a.words, ", "), 30), s.call.ways[a.words[0]].end
		if t != nil && s.call.effects && slices.Contains(a.words, "unknown") {
			bd.add(a.pos, name, lang, t[lang].units(bd.b.langs[lang].set, bd.b.sign)) // a repeat may be told it too, and nothing goes on behind that
			continue
		}
		bd.end(i, a.pos, name, t, lang)
	}
}

// shown is the most units screen i takes, its longest note included.
func (bd *builder) shown(i, lang, note int) int {
	b := bd.b
	s, set := &b.screens[i], b.langs[lang].set
	units := s.text[lang].units(set, b.sign)
	for _, o := range s.options {
		units += 1 + set.units(o.key) + 1 + o.label[lang].units(set, b.sign)
	}
	if i != int(b.start) {
		units += 1 + b.line(s)[lang].units(set, b.sign)
	}
	if note > 0 {
		units += note + 1
	}
	return units
}

// notes is the longest note that can stand above each screen.
func (bd *builder) notes(lang int) []int {
	b := bd.b
	set := b.langs[lang].set
	most := make([]int, len(b.screens))
	raise := func(i int, t texts) {
		if t == nil {
			return
		}
		n := t[lang].units(set, b.sign)
		if bytes := t[lang].bytes(set, b.sign); bytes > MaxNote {
			bd.fail(bd.src.Screens[i].Pos, harmCut, "shorten it", "a note above the screen %q can take %d bytes in %s, more than %d", b.screens[i].name, bytes, b.langs[lang].code, MaxNote)
		}
		most[i] = max(most[i], n)
	}
	var silent []int
	for i := range b.screens {
		s := &b.screens[i]
		switch s.kind {
		case screenCall:
			silent = append(silent, i)
		case screenMenu:
			raise(i, b.says.choice)
		case screenAsk:
			raise(i, b.says.of(s.typ))
		case screenSecret:
			raise(i, b.says.secret)
		}
		for _, c := range s.checks {
			raise(i, c.note)
		}
	}
	for _, e := range bd.edges {
		raise(e.to, e.note)
	}
	for work := slices.Clone(silent); len(work) > 0; work = work[1:] {
		for _, n := range bd.out[work[0]] {
			if e := &bd.edges[n]; most[e.from] > most[e.to] {
				if most[e.to] = most[e.from]; bd.silent(e.to) {
					work = append(work, e.to)
				}
			}
		}
	}
	return most
}

// add notes a screen's fit and refuses one that is too long.
func (bd *builder) add(at conf.Pos, name string, lang, units int) {
	l := bd.b.langs[lang]
	f := Fit{Line: at.Line, Screen: name, Lang: l.code, UCS2: l.set == ucs2, Units: units, Pages: 1, Limit: bd.b.limits[l.set]}
	bd.b.fits = append(bd.b.fits, f)
	if f.Left() < 0 {
		bd.fail(at, harmCut, fmt.Sprintf("shorten it by %d, with the longest values and note in mind", -f.Left()),
			"%s in %s can take %d of %d %s", name, l.code, units, f.Limit, l.set)
	}
}
