package menus

// MaxPages is how many pages a screen may become at worst.
const MaxPages = 9

// body is a screen's text and visible options, rendered, without note and keys.
// Its items are the words of the text and the options: a page never cuts one.
// An option keeps its number when another is hidden.
type body struct {
	text  []byte
	words int    // where the options begin
	shown uint64 // the visible options, a bit each
}

// items calls f for every item from number from on, with the byte that parts it
// from the one before, until f says stop.
func (y *body) items(from int, f func(number int, sep byte, item []byte) bool) {
	number, begin, sep := 0, 0, byte('\n')
	for at := 0; at <= y.words; at++ {
		if at < y.words && y.text[at] != ' ' && y.text[at] != '\n' {
			continue
		}
		if number >= from && !f(number, sep, y.text[begin:at]) {
			return
		}
		if number, begin = number+1, at+1; at < y.words {
			sep = y.text[at]
		}
	}
	begin = y.words + 1
	for at, shown := begin, y.shown; at <= len(y.text); at++ {
		if at < len(y.text) && y.text[at] != '\n' {
			continue
		}
		for ; shown != 0 && shown&1 == 0; number++ {
			shown >>= 1
		}
		if number >= from && !f(number, '\n', y.text[begin:at]) {
			return
		}
		number, shown, begin = number+1, shown>>1, at+1
	}
}

// fill appends items from number from on while they fit room units, at least
// one, and returns the number of the first that does not; 0 when all did.
func (y *body) fill(dst []byte, from, room int, set charset) (out []byte, next int) {
	start, used := len(dst), 0
	y.items(from, func(number int, sep byte, item []byte) bool {
		units := set.units(string(item))
		if len(dst) > start {
			units++
		}
		if used += units; used > room && len(dst) > start {
			next = number
			return false
		}
		if len(dst) > start {
			dst = append(dst, sep)
		}
		dst = append(dst, item...)
		return true
	})
	return dst, next
}

// navigation is the last line of a page: the next page's key, back and home.
func (s *step) navigation(more bool) []byte {
	sc := s.scope()
	var line []byte
	if more {
		line = append(s.b.keys.onward[s.lang].append(append(line, '\n'), &sc), ' ')
	}
	if s.st.Screen == s.b.start && s.st.From == 0 {
		return line[:max(len(line)-1, 0)]
	}
	if !more {
		line = append(line, '\n')
	}
	return s.b.line(&s.b.screens[s.st.Screen])[s.lang].append(line, &sc)
}

// page is the part of a screen that begins at the item st.From, its note above.
func (s *step) page(note string, y *body, limit int) string {
	set := s.b.langs[s.lang].set
	buf := append(make([]byte, 0, MaxTextBytes/2), note...)
	room, keys := limit-set.units(string(buf)), s.navigation(false)
	out, next := y.fill(buf, int(s.st.From), room-set.units(string(keys)), set)
	if next != 0 {
		keys = s.navigation(true)
		out, next = y.fill(buf, int(s.st.From), room-set.units(string(keys)), set)
	}
	s.st.Next = uint16(next)
	if text := string(append(out, keys...)); set.units(text) <= limit {
		return text
	}
	return cut(set, string(out), limit) // below what Parse proved
}

// before is the item at which the page before the shown one began.
func (s *step) before() uint16 {
	y, set, shown := s.body(), s.b.langs[s.lang].set, int(s.st.From)
	for at := 0; ; {
		s.st.From = uint16(at) // the line of keys depends on it
		_, next := y.fill(nil, at, s.limit()-set.units(string(s.navigation(true))), set)
		if next <= at || next >= shown {
			return uint16(at)
		}
		at = next
	}
}

// cut shortens a text to a limit.
func cut(set charset, text string, limit int) string {
	n := 0
	for i, r := range text {
		if n += set.width(r); n > limit {
			return text[:i]
		}
	}
	return text
}
