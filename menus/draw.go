package menus

// scope is what texts may show now.
func (s *step) scope() scope {
	return scope{vars: s.st.Vars, out: s.out, rows: s.rows, me: s.facts.MSISDN, zone: s.facts.Zone, sign: s.b.sign, set: s.b.langs[s.lang].set}
}

// note writes a line that will stand above the next screen.
func (s *step) note(t texts) {
	var buf [MaxNote]byte
	sc := s.scope()
	s.st.Note = clip(string(t[s.lang].append(buf[:0], &sc)), MaxNote)
}

// show goes to a screen and draws it; a screen that "back" remembers is gone
// back to.
func (s *step) show(target int) Action {
	for i, screen := range s.st.Stack {
		if int(screen) == target {
			s.st.Stack = s.st.Stack[:i]
			break
		}
	}
	s.st.Screen, s.st.Tries, s.st.From, s.st.Next = uint16(target), 0, 0, 0
	return s.draw()
}

// turn shows another page of the same screen.
func (s *step) turn(from uint16) Action {
	s.st.From, s.st.Tries = from, 0
	return s.draw()
}

// body renders the current screen.
func (s *step) body() body {
	scr, sc := &s.b.screens[s.st.Screen], s.scope()
	y := body{text: scr.text[s.lang].append(make([]byte, 0, MaxTextBytes/2), &sc)}
	y.words = len(y.text)
	for i := range scr.options {
		o := &scr.options[i]
		if o.guard == nil || o.guard.holds(s.st, s.facts) {
			y.text = append(append(append(y.text, '\n'), o.key...), ' ')
			y.text = o.label[s.lang].append(y.text, &sc)
			y.shown |= 1 << i
		}
	}
	return y
}

// draw shows the current screen anew: whole when it fits, else a page of it.
func (s *step) draw() Action {
	if s.st.Offer {
		return s.offer()
	}
	scr, y, note := &s.b.screens[s.st.Screen], s.body(), s.st.Note
	s.st.Note = ""
	s.saw(int(s.st.Screen), "")
	if note != "" {
		note += "\n"
	}
	text, fits := "", false
	if s.st.From == 0 {
		text, fits = s.whole(scr, note, &y)
	}
	switch {
	case fits:
		s.st.Next = 0
	case s.st.From == 0 && s.bare(note, &y):
		// An operator's limit is below the menu's own: the keys go first.
		text, s.st.Next = note+string(y.text), 0
	case s.b.keys.onward != nil:
		text = s.page(note, &y, s.limit())
	default:
		text = cut(s.b.langs[s.lang].set, note+string(y.text), s.limit())
	}
	s.st.Visit++
	return Action{Show: &Show{Name: scr.name, Text: clip(text, MaxTextBytes), Secret: scr.kind == screenSecret}}
}

// limit is how much this operator's handsets show.
func (s *step) limit() int {
	set := s.b.langs[s.lang].set
	limit := s.facts.Septets
	if set == ucs2 {
		limit = s.facts.UCS2
	}
	if limit <= 0 {
		limit = s.b.limits[set]
	}
	return limit
}

// bare tells whether an operator shows less than the menu was proved for, and
// enough for the screen without its keys.
func (s *step) bare(note string, y *body) bool {
	set, limit := s.b.langs[s.lang].set, s.limit()
	return limit < s.b.limits[set] && set.units(note)+set.units(string(y.text)) <= limit
}

// whole is the screen on one page, and whether it fits.
func (s *step) whole(scr *screen, note string, y *body) (string, bool) {
	buf := make([]byte, 0, MaxTextBytes)
	buf = append(append(buf, note...), y.text...)
	if s.st.Screen != s.b.start {
		sc := s.scope()
		buf = s.b.line(scr)[s.lang].append(append(buf, '\n'), &sc)
	}
	limit, text := s.limit(), string(buf)
	return text, scr.worst[s.lang] <= limit || s.b.langs[s.lang].set.units(text) <= limit
}
