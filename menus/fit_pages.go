package menus

import "fmt"

// operators lowers the limits to those of the tightest operator: what fits there
// fits everywhere. A limit that fits does not name is the tightest operator's.
func (bd *builder) operators() {
	f, tight := &bd.src.Fits, capSource{}
	lower := func(most *int, cap int) {
		if cap > 0 && (*most == 0 || cap < *most) {
			*most = cap
		}
	}
	for _, o := range bd.src.Operators {
		at := "operators." + o.Key
		bd.goodName(o.Key, o.Pos)
		for _, one := range []struct {
			name      string
			n, lo, hi int
		}{{"septets", o.Value.Septets, 20, MaxSettable}, {"ucs2", o.Value.UCS2, 20, MaxUCS2}, {"depth", o.Value.Depth, 1, MaxDepth}} {
			if one.n != 0 {
				bd.within(at+"."+one.name, one.n, one.lo, one.hi)
			}
		}
		lower(&tight.Septets, o.Value.Septets)
		lower(&tight.UCS2, o.Value.UCS2)
		lower(&tight.Depth, o.Value.Depth)
	}
	for _, one := range []struct {
		name  string
		ours  *int
		other int
	}{{"septets", &f.Septets, tight.Septets}, {"ucs2", &f.UCS2, tight.UCS2}, {"depth", &f.Depth, tight.Depth}} {
		if one.other > 0 && (!bd.doc.Has("fits."+one.name) || one.other < *one.ours) {
			*one.ours = one.other
		}
	}
	bd.b.limits = [2]int{f.Septets, f.UCS2}
}

// paged tells whether a screen that can take so many units becomes pages.
func (bd *builder) paged(lang, units int) bool {
	return units > bd.b.limits[bd.b.langs[lang].set] && bd.b.keys.onward != nil
}

// pages proves that every word and option fits a page with the longest note and
// all keys, and counts the pages at worst.
func (bd *builder) pages(i, lang, note int) {
	b, at := bd.b, bd.src.Screens[i].Pos
	s, l := &b.screens[i], b.langs[lang]
	limit := b.limits[l.set]
	keys := b.keys.onward[lang].units(l.set, b.sign) + 1 + b.line(s)[lang].units(l.set, b.sign) + 1
	if note > 0 {
		note++
	}
	items := s.text[lang].words(l.set, b.sign)
	for _, o := range s.options {
		items = append(items, l.set.units(o.key)+1+o.label[lang].units(l.set, b.sign))
	}
	pages, used, fullest := 1, 0, 0
	turns := make([]int, 1+len(s.options))
	for n, units := range items {
		if units+keys+note > limit {
			bd.fail(at, harmCut, fmt.Sprintf("shorten it, or the note, by %d", units+keys+note-limit),
				"a word or option of %s in %s can take %d %s, with note and keys %d of %d", s.name, l.code, units, l.set, units+keys+note, limit)
			return
		}
		fullest = max(fullest, units+keys+note)
		if used > 0 {
			units++
		}
		if used += units; used+keys > limit {
			pages, used = pages+1, units-1
		}
		fullest = max(fullest, used+keys)
		if option := n - (len(items) - len(s.options)); option >= 0 {
			turns[1+option] = pages - 1
		}
	}
	turns[0] = pages - 1
	bd.turned(i, turns)
	if pages > MaxPages {
		bd.fail(at, harmStuck, "split the screen", "%s in %s can take %d pages, more than %d", s.name, l.code, pages, MaxPages)
	}
	b.fits = append(b.fits, Fit{Line: at.Line, Screen: s.name, Lang: l.code, UCS2: l.set == ucs2, Units: fullest, Pages: pages, Limit: limit})
}

// turned keeps the most pages that any language has to turn.
func (bd *builder) turned(i int, turns []int) {
	for n, had := range bd.turns[i] {
		turns[n] = max(turns[n], had)
	}
	bd.turns[i] = turns
}

// words are the most units that each word of the text takes.
func (t text) words(set charset, sign string) []int {
	var out []int
	n := 0
	for i := range t {
		if t[i].typ.kind == kindRows { // a row is never broken
			for range t[i].typ.max {
				out, n = append(out, n+t[i].rowWidth(set, sign)), 0
			}
			continue
		}
		if t[i].from != fromLiteral {
			n += t[i].width(set, sign)
			continue
		}
		for _, r := range t[i].lit {
			if r == ' ' || r == '\n' {
				out, n = append(out, n), 0
				continue
			}
			n += set.width(r)
		}
	}
	return append(out, n)
}
