package menus

import "strings"

// Recognise tells which screen somebody looks at, Nowhere when it is none of the
// chart's: a screen is known by its fixed words and its options. likely is looked at
// first, and taken when it fits; Nowhere looks at all. Of equal ones it is the nearest to
// where somebody goes, by what Distances says; nil is nowhere.
func (c *Chart) Recognise(shown, language string, likely int, far []int) int {
	l := c.langs[language] // one that the menu does not speak gets its first
	if likely >= 0 && likely < len(c.Screens) && c.Screens[likely].likeness(shown, l, true) > 0 {
		return likely
	}
	best, at := 0, Nowhere
	for i := range c.Screens {
		switch n := c.Screens[i].likeness(shown, l, false); {
		case n > best, n > 0 && n == best && nearer(far, i, at):
			best, at = n, i
		}
	}
	return at
}

// nearer tells whether one screen is nearer than another.
func nearer(far []int, one, other int) bool {
	return far != nil && far[one] >= 0 && (far[other] < 0 || far[one] < far[other])
}

// likeness is how many octets of what is shown are the screen's, 0 when it is another.
// Every option must be there, or, unless whole is asked for, the first of a page.
func (s *Charted) likeness(shown string, l int, whole bool) (n int) {
	if s.Ask == "" && len(s.Options) == 0 {
		return 0
	}
	for _, words := range s.looks[l] {
		at := strings.Index(shown, words)
		if at < 0 {
			return 0
		}
		shown, n = shown[at+len(words):], n+len(words)
	}
	found := 0
	for i := range s.Options {
		if strings.Contains(shown, "\n"+s.Options[i].labels[l]) {
			found, n = found+1, n+len(s.Options[i].labels[l])
		}
	}
	if len(s.Options) > 0 && found == 0 || whole && found < len(s.Options) {
		return 0
	}
	return n
}

// OffersToGoOn tells whether what is shown asks whether to go on where a dialogue broke
// off, and the keys for yes and for beginning anew.
func (c *Chart) OffersToGoOn(shown string) (yes, anew string, ok bool) {
	for _, o := range c.offers {
		if strings.Contains(shown, "\n"+o[0]) && strings.Contains(shown, "\n"+o[1]) {
			return keyContinue, keyAgain, true
		}
	}
	return "", "", false
}

// Offers tells whether an option's key stands on what is shown.
func Offers(shown, key string) bool {
	return strings.HasPrefix(shown, key+" ") || strings.Contains(shown, "\n"+key+" ") || strings.HasSuffix(shown, "\n"+key)
}

// Goals finds the screens where something is ordered, or else the one that has the name.
func (c *Chart) Goals(name string) (at []int) {
	for i := range c.Screens {
		if c.Screens[i].Order == name {
			at = append(at, i)
		}
	}
	for i := range c.Screens {
		if len(at) == 0 && c.Screens[i].Name == name {
			return []int{i}
		}
	}
	return at
}

// TypeOf is the type of a variable that some screen asks for; empty: none does.
func (c *Chart) TypeOf(variable string) string {
	for i := range c.Screens {
		if s := &c.Screens[i]; s.Ask == variable && !s.Secret {
			return s.Type
		}
	}
	return ""
}

// far is the distance to what cannot be reached.
const far = 1 << 20

// Distances are how many screens lie between each screen and the nearest of some goals,
// when all goes well: options are picked, questions answered, calls say ok. Unreachable
// ones have -1.
func (c *Chart) Distances(goals []int) []int {
	d := make([]int, len(c.Screens))
	for i := range d {
		d[i] = far
	}
	for _, at := range goals {
		d[at] = 0
	}
	for again := true; again; {
		again = false
		for i := range c.Screens {
			c.Screens[i].onwards(func(to int) {
				if to != Nowhere && d[to]+1 < d[i] {
					d[i], again = d[to]+1, true
				}
			})
		}
	}
	for i := range d {
		if d[i] == far {
			d[i] = -1
		}
	}
	return d
}

// onwards are the ways that lead on when all goes well.
func (s *Charted) onwards(to func(at int)) {
	for _, o := range s.Options {
		to(o.To)
	}
	if s.Next != Nowhere {
		to(s.Next)
	}
	if at, ok := s.Then["ok"]; ok && s.Call != "" {
		to(at)
	}
}

// Repeats tells whether the screen asks again whether a payment that looks repeated is
// meant.
func (c *Chart) Repeats(at int) bool {
	return at >= 0 && at < len(c.Screens) && c.Screens[at].repeats
}

// asksAgain marks the screens that Repeats tells of.
func (c *Chart) asksAgain() {
	for i := range c.Screens {
		if to, ok := c.Screens[i].Then["looks_repeated"]; ok && to != Nowhere {
			c.Screens[to].repeats = true
		}
	}
}
