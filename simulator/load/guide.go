package load

import (
	"strings"

	"mlango/menus"
	"mlango/simulator/operator"
)

// Keys are what people press at a service whose menu nobody gave: by goal, one answer
// after the other. {to}, {amount} and {pin} stand for the plan's own.
type Keys map[string][]string

// guide finds the way to what people dial for, in the menu that the gateway runs, or by
// fixed keys.
type guide struct {
	chart  *menus.Chart
	trails map[string]*trail
	keys   Keys
	expect Keys
	code   string
}

// trail is the way to one goal from everywhere.
type trail struct {
	far []int // screens between each and the goal; 0: it is there; -1: none leads there
}

func newGuide(cfg *Config) *guide {
	g := &guide{chart: cfg.Chart, keys: cfg.Keys, expect: cfg.Expect, trails: map[string]*trail{}, code: cfg.Code}
	if g.chart == nil {
		return g
	}
	for _, s := range append([]Share{{Name: GoalBalance}, {Name: GoalLast}}, cfg.Profile.Mix...) {
		if at := g.chart.Goals(s.Name); len(at) > 0 {
			g.trails[s.Name] = &trail{g.chart.Distances(at)}
		}
	}
	return g
}

// offers tells whether a goal can be reached by a dial.
func (g *guide) offers(goal string) bool {
	if g.chart == nil {
		return len(g.keys[goal]) > 0
	}
	t := g.trails[goal]
	if t == nil {
		return false
	}
	for _, start := range g.chart.Starts {
		if t.far[start] >= 0 {
			return true
		}
	}
	return false
}

// dial is what somebody dials: the short code, or all of the wish.
func (g *guide) dial(p *Plan, to *Person) string {
	best := ""
	if t := g.trails[p.Goal]; p.Short && t != nil {
		for _, d := range g.chart.Dials {
			if t.far[d.Lands] < 0 {
				continue
			}
			if s := g.fill(d, p, to); best == "" || strings.Count(s, "*") < strings.Count(best, "*") {
				best = s
			}
		}
	}
	if best == "" {
		return "*" + g.code + "#"
	}
	return "*" + g.code + "*" + best + "#"
}

// fill writes a shortcut's values.
func (g *guide) fill(d menus.ChartedDial, p *Plan, to *Person) string {
	parts := make([]string, len(d.Parts))
	for i, part := range d.Parts {
		if name, value := strings.CutPrefix(part, "{"); value {
			name = strings.TrimSuffix(name, "}")
			part = p.value(to, name, g.chart.TypeOf(name))
		}
		parts[i] = part
	}
	return strings.Join(parts, "*")
}

// walker is one person on the way through one session.
type walker struct {
	g       *guide
	p       *Plan
	to      *Person // whom it is for
	self    *Person
	expect  int // screen
	at      int // that is shown
	typed   int // PINs
	pos     int // in the fixed keys
	yes     bool
	told    bool   // that it looks repeated
	strange bool   // the screen is another than expected
	paged   int    // the screen whose pages are turned
	seen    uint64 // of its options, a bit each
}

func (g *guide) walker(p *Plan, self, to *Person) *walker {
	return &walker{g: g, p: p, self: self, to: to, expect: menus.Nowhere, at: menus.Nowhere, paged: menus.Nowhere}
}

// mostPINs is how often somebody types a PIN in one session.
const mostPINs = 2

// The names of screens that have none of their own.
const (
	nameEnd     = "end"
	nameUnknown = "unknown"
	nameOffer   = "resume" // to go on where a dialogue broke off
)

// NameOf is what a run calls a screen that somebody looks at in a language.
func NameOf(c *menus.Chart, s operator.Screen, language string) string {
	w := walker{g: &guide{chart: c}, self: &Person{Language: language}, expect: menus.Nowhere, at: menus.Nowhere}
	return w.look(s)
}

// look tells which screen is shown, by name; a further page is the screen it belongs
// to. The last screen of a session is named "end".
func (w *walker) look(s operator.Screen) string {
	c := w.g.chart
	if !s.Open {
		return nameEnd
	}
	if c == nil {
		return ""
	}
	if _, _, offered := c.OffersToGoOn(s.Text); offered {
		w.at = menus.Nowhere
		return nameOffer
	}
	var far []int
	if w.p != nil {
		far = w.g.trails[w.p.Goal].far
	}
	at := c.Recognise(s.Text, w.self.Language, w.expect, far)
	if at == menus.Nowhere && w.at != menus.Nowhere && menus.Offers(s.Text, c.More) {
		at = w.at
	}
	if w.at = at; at == menus.Nowhere {
		return nameUnknown
	}
	return c.Screens[at].Name
}

// next is what to press on a shown screen that was looked at; ok is false when the person leaves.
func (w *walker) next(s operator.Screen) (key string, secret, ok bool) {
	if w.g.chart == nil {
		return w.fixed(s)
	}
	c, t := w.g.chart, w.g.trails[w.p.Goal]
	if yes, anew, offered := c.OffersToGoOn(s.Text); offered {
		w.expect = menus.Nowhere
		if w.p.Resumes {
			return yes, false, true
		}
		return anew, false, true
	}
	if w.at == menus.Nowhere {
		return "", false, false // nobody knows that screen
	}
	screen := &c.Screens[w.at]
	switch {
	case c.Repeats(w.at):
		return w.repeated(screen)
	case screen.Secret:
		return w.pin(t.far[w.at] == 0)
	case screen.Ask != "":
		w.expect = w.after(screen.Next)
		return w.p.value(w.to, screen.Ask, screen.Type), false, t.far[w.at] >= 0
	}
	return w.choose(screen, t, s.Text)
}

// pin types it where the wish is ordered, and nowhere else.
func (w *walker) pin(here bool) (string, bool, bool) {
	w.typed++
	w.expect = menus.Nowhere
	if w.typed == 1 && w.p.WrongPIN {
		return wrong(w.self.PIN), true, here
	}
	return w.self.PIN, true, here && w.typed <= mostPINs
}

// repeated answers the question whether the same again is meant: yes leads on, no ends.
func (w *walker) repeated(screen *menus.Charted) (string, bool, bool) {
	w.told = true
	for _, o := range screen.Options {
		if w.p.Again == (o.To != menus.Nowhere) {
			w.yes, w.expect = w.p.Again, o.To
			return o.Key, false, true
		}
	}
	return "", false, false
}

// choose takes the option that comes nearest, turning the pages for it; one that is not
// offered to this person at all is none.
func (w *walker) choose(screen *menus.Charted, t *trail, shown string) (string, bool, bool) {
	if w.paged != w.at {
		w.paged, w.seen = w.at, 0
	}
	best, nearest := -1, -1
	for i, o := range screen.Options {
		if menus.Offers(shown, o.Key) {
			w.seen |= 1 << i
		}
		if o.To == menus.Nowhere || t.far[o.To] < 0 {
			continue
		}
		if nearest < 0 || t.far[o.To] < t.far[screen.Options[nearest].To] {
			nearest = i
		}
		if w.seen&(1<<i) != 0 && (best < 0 || t.far[o.To] < t.far[screen.Options[best].To]) {
			best = i
		}
	}
	switch more := menus.Offers(shown, w.g.chart.More); {
	case nearest < 0, best < 0 && !more:
		return "", false, false
	case best != nearest && more:
		w.expect = w.at
		return w.g.chart.More, false, true
	}
	w.paged = menus.Nowhere
	w.expect = w.after(screen.Options[best].To)
	return screen.Options[best].Key, false, true
}

// after is the screen that shows when all goes well: a call shows none of its own.
func (w *walker) after(at int) int {
	for n := 0; at != menus.Nowhere && w.g.chart.Screens[at].Call != "" && n < menus.MaxCallsHop; n++ {
		to, ok := w.g.chart.Screens[at].Then["ok"]
		if !ok {
			return menus.Nowhere
		}
		at = to
	}
	return at
}

// done tells whether all was pressed that the wish asks for.
func (w *walker) done() bool {
	if w.g.chart == nil {
		return w.pos >= len(w.g.keys[w.p.Goal])
	}
	return w.typed > 0
}

// fixed presses the next of the keys. A PIN goes only to a screen that asks for one:
// anywhere else the person reads a question they did not expect, and either says yes
// (1) or leaves.
func (w *walker) fixed(s operator.Screen) (string, bool, bool) {
	keys := w.g.keys[w.p.Goal]
	if w.strange = !w.expected(s.Text); w.strange || w.pos >= len(keys) {
		return "", false, false
	}
	key := keys[w.pos]
	switch {
	case key == "{pin}" && !s.Secret && w.g.expect == nil: // a service's file says where it asks for one
		w.told, w.yes = true, w.p.Again
		return "1", false, w.p.Again
	case key == "{pin}" && w.typed == 0 && w.p.WrongPIN:
		return w.pin(true)
	}
	w.pos++
	switch key {
	case "{pin}":
		return w.pin(true)
	case "{to}":
		return w.p.value(w.to, "to", "msisdn"), false, true
	case "{amount}":
		return w.p.whole(), false, true
	}
	return key, false, true
}

// hushed tells whether a key of a service's file may be a PIN that its author wrote out:
// it is typed as it is, and stands in no report.
func (w *walker) hushed(key string) bool {
	return w.g.chart == nil && operator.MaybePIN(key) && key != w.p.whole()
}
