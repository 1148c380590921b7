package menus

import (
	"fmt"
	"strings"

	"mlango/internal/conf"
)

// end shows a text and closes the dialogue.
func (s *step) end(name string, t texts) Action {
	sc := s.scope()
	text := t[s.lang].append(make([]byte, 0, MaxTextBytes/2), &sc)
	s.st.Note, s.st.Tries, s.st.From, s.st.Next = "", 0, 0, 0
	return s.ending(name, clip(string(text), MaxTextBytes))
}

// ending shows as much of an end's text as fits, and closes the dialogue with the
// last of it. Whatever is typed in between shows more: there is nothing to choose any
// more, and nothing that would be done again.
func (s *step) ending(name, text string) Action {
	s.st.Visit++
	page, rest := text, ""
	if limit, set := s.limit(), s.b.langs[s.lang].set; s.b.keys.onward != nil && set.units(text) > limit {
		sc := s.scope()
		more := string(s.b.keys.onward[s.lang].append([]byte{'\n'}, &sc))
		page, rest = breakText(set, text, limit-set.units(more))
		page += more
	}
	if s.st.Rest = rest; rest != "" {
		clear(s.st.Vars) // the text has them
	}
	return Action{Show: &Show{Name: name, Text: strings.ReplaceAll(page, noBreak, " "), End: rest == ""}}
}

// breakText cuts a text between two words, so that its beginning takes at most room; a
// word that is longer is cut itself.
func breakText(set charset, text string, room int) (first, rest string) {
	units, gap := 0, 0
	for i, r := range text {
		if r == ' ' || r == '\n' {
			gap = i
		}
		if units += set.width(r); units > room {
			if gap > 0 {
				return text[:gap], text[gap+1:]
			}
			return text[:i], text[i:]
		}
	}
	return text, ""
}

// end measures an end behind a screen, or behind a dial: what is too long for one
// screen becomes pages.
func (bd *builder) end(i int, at conf.Pos, name string, t texts, lang int) {
	if t == nil {
		return
	}
	l, limit := bd.b.langs[lang], bd.b.limits[bd.b.langs[lang].set]
	units := t[lang].units(l.set, bd.b.sign)
	if units <= limit || bd.b.keys.onward == nil {
		bd.add(at, name, lang, units)
		return
	}
	if n := t[lang].bytes(l.set, bd.b.sign); n > MaxTextBytes {
		bd.fail(at, harmCut, "shorten it", "%s in %s can take %d bytes, more than %d", name, l.code, n, MaxTextBytes)
		return
	}
	room := limit - 1 - bd.b.keys.onward[lang].units(l.set, bd.b.sign)
	pages, used, fullest := 1, 0, 0
	for _, word := range t[lang].words(l.set, bd.b.sign) {
		if word > room {
			bd.fail(at, harmCut, fmt.Sprintf("shorten it by %d", word-room), "a word of %s in %s can take %d units, with the key of the next page %d of %d",
				name, l.code, word, word+limit-room, limit)
			return
		}
		if used > 0 {
			word++
		}
		if used += word; used > room {
			pages, used = pages+1, word-1
		}
		fullest = max(fullest, used+limit-room)
	}
	bd.b.fits = append(bd.b.fits, Fit{Line: at.Line, Screen: name, Lang: l.code, UCS2: l.set == ucs2, Units: min(fullest, limit), Pages: pages, Limit: limit})
	bd.paging = append(bd.paging, pagedEnd{i, at, name, pages})
}

// pagedEnd is an end that takes several pages behind a screen; nowhere is a dial.
type pagedEnd struct {
	from  int
	at    conf.Pos
	name  string
	pages int
}

// deepEnds holds the further pages of ends to the operators' cap, as those of screens.
func (bd *builder) deepEnds(depth []int) {
	for _, e := range bd.paging {
		n := e.pages - 1
		if e.from != nowhere {
			n += depth[e.from]
		}
		if most := bd.src.Fits.Depth; e.pages > MaxPages || n > most {
			bd.fail(e.at, harmDeep, "shorten it, or the way to it", "%s ends %d screens and pages deep, more than %d", e.name, n, most)
		}
	}
}
