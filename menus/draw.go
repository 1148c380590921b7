package menus

// scope is what texts may show now.
func (s *step) scope() scope {
	return scope{vars: s.st.Vars, out: s.out, me: s.facts.MSISDN, zone: s.facts.Zone, sign: s.b.sign, set: s.b.langs[s.lang].set}
}

// note writes a line that will stand above the next screen.
func (s *step) note(t texts) {
	var buf [MaxNote]byte
	sc := s.scope()
	s.st.Note = clip(string(t[s.lang].append(buf[:0], &sc)), MaxNote)
}

// end shows a text and closes the dialogue.
func (s *step) end(name string, t texts) Action {
	sc := s.scope()
	text := t[s.lang].append(make([]byte, 0, MaxTextBytes/2), &sc)
	s.st.Note, s.st.Tries = "", 0
	s.st.Visit++
	return Action{Show: &Show{Name: name, Text: clip(string(text), MaxTextBytes), End: true}}
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
	s.st.Screen, s.st.Tries = uint16(target), 0
	return s.draw()
}

// draw shows the current screen anew.
func (s *step) draw() Action {
	b, sc := s.b, s.scope()
	scr := &b.screens[s.st.Screen]
	buf := make([]byte, 0, MaxTextBytes/2)
	if s.st.Note != "" {
		buf = append(append(buf, s.st.Note...), '\n')
		s.st.Note = ""
	}
	buf = scr.text[s.lang].append(buf, &sc)
	for i := range scr.options {
		o := &scr.options[i]
		if o.guard == nil || o.guard.holds(s.st, s.facts) {
			buf = append(append(append(buf, '\n'), o.key...), ' ')
			buf = o.label[s.lang].append(buf, &sc)
		}
	}
	bare := len(buf)
	if s.st.Screen != b.start {
		buf = b.keys.line[s.lang].append(append(buf, '\n'), &sc)
	}
	s.st.Visit++
	return Action{Show: &Show{Name: scr.name, Text: s.fitted(scr, buf, bare), Secret: scr.kind == screenSecret}}
}

// fitted is the drawn text as this operator's handsets can show it. Parse proved
// that it fits the menu's own limit; where an operator's is lower, the line of
// keys goes first, then the end.
func (s *step) fitted(scr *screen, buf []byte, bare int) string {
	set := s.b.langs[s.lang].set
	limit := s.facts.Septets
	if set == ucs2 {
		limit = s.facts.UCS2
	}
	if limit <= 0 || scr.worst[s.lang] <= limit || set.units(string(buf)) <= limit {
		return clip(string(buf), MaxTextBytes)
	}
	n := 0
	for i, r := range string(buf[:bare]) {
		if n += set.width(r); n > limit {
			return string(buf[:i])
		}
	}
	return string(buf[:bare])
}
