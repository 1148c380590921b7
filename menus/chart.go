package menus

import (
	"slices"
	"strings"

	"mlango/internal/conf"
)

// Chart is a menu as somebody who dials it finds their way: what each screen looks
// like, what it asks and where it leads. It is read from the source of a menu that
// was proved where it is published, and needs no catalogue.
type Chart struct {
	Screens []Charted // in the order of the source
	Starts  []int     // screens that a dial may begin with
	Dials   []ChartedDial
	More    string // the key of the next page; empty: there are none

	langs  map[string]int
	sets   []charset // of each language
	sign   string
	offers [][2]string // by language: the lines that offer to go on, and to begin anew
	whys   []chartedWhy
}

// Charted is one screen of a chart.
type Charted struct {
	Name    string
	Ask     string // the variable, or the secret, that is asked for; empty: nothing is
	Type    string // of the variable, as msisdn, money or digits=4..6
	Secret  bool
	Order   string // what is ordered here
	Call    string // what is called here; the screen shows nothing
	Options []ChartedOption
	Next    int            // where a good answer leads; Nowhere without one
	Then    map[string]int // where outcomes of the call or order lead

	repeats bool
	looks   [][]string // by language: the fixed words of its text, in their order
	says    saying
}

// ChartedOption is one option of a screen.
type ChartedOption struct {
	Key string
	To  int // Nowhere: the dialogue ends

	labels []string // by language: the label's first fixed words
}

// ChartedDial is a shortcut: 1*{to}*{amount}, parted at the stars.
type ChartedDial struct {
	Parts []string // a value's stands in braces
	Lands int
}

// Nowhere is where a way leads that ends the dialogue.
const Nowhere = nowhere

// ReadChart reads the chart of a menu that was proved.
func ReadChart(name string, src []byte) (*Chart, error) {
	if len(src) > MaxSource {
		return nil, conf.Errors{{File: name, Pos: conf.Pos{Line: 1, Col: 1}, What: "the menu is too long", Mend: "split it"}}
	}
	bd, err := open(name, src)
	if err != nil {
		return nil, err
	}
	if _, err := bd.run(bd.head, bd.names); err != nil {
		return nil, err
	}
	c := &Chart{More: bd.src.Keys.More.Key.Text, sign: bd.src.Sign.Value, langs: map[string]int{}, Screens: make([]Charted, len(bd.src.Screens))}
	for i, l := range bd.b.langs {
		c.langs[l.code] = i
		c.sets = append(c.sets, l.set)
	}
	for i := range bd.src.Screens {
		c.Screens[i] = bd.charted(i)
	}
	goOn, again := bd.fixed(&bd.src.Resume.Continue), bd.fixed(&bd.src.Resume.Again)
	for i := range bd.b.langs {
		if on := firstOf(goOn[i]); on != "" {
			c.offers = append(c.offers, [2]string{keyContinue + " " + on, keyAgain + " " + firstOf(again[i])})
		}
	}
	c.reasons(bd)
	c.begins(bd)
	c.asksAgain()
	return c, nil
}

// begins are the screens on which a dial may land.
func (c *Chart) begins(bd *builder) {
	for _, b := range bd.src.Begin {
		if at := bd.goes(&b.wayKeys); at != Nowhere && !slices.Contains(c.Starts, at) {
			c.Starts = append(c.Starts, at)
		}
	}
	if at, known := bd.index[bd.src.Start.Value]; known && !slices.Contains(c.Starts, at) {
		c.Starts = append(c.Starts, at)
	}
	for _, d := range bd.src.Dial {
		if at, known := bd.index[d.Lands.Value]; known {
			c.Dials = append(c.Dials, ChartedDial{Parts: strings.Split(d.Code.Text, "*"), Lands: at})
		}
	}
}

// goes is the screen that a way leads to.
func (bd *builder) goes(w *wayKeys) int {
	if at, known := bd.index[w.Go.Value]; known {
		return at
	}
	return Nowhere
}

func (bd *builder) charted(i int) Charted {
	src := &bd.src.Screens[i].Value
	s := Charted{Name: bd.src.Screens[i].Key, Ask: src.Ask.Value, Order: src.Order.Value, Call: src.Call.Value, Next: Nowhere, Then: map[string]int{}}
	if t, secret := bd.secrets[s.Ask]; secret {
		s.Secret, s.Type = true, t.String()
		s.Next = bd.goes(&wayKeys{Go: src.Go})
	} else if slot, known := bd.slots[s.Ask]; known {
		s.Type = bd.b.vars[slot].typ.String()
		s.Next = bd.goes(&wayKeys{Go: src.Go})
	}
	for n := range src.Options {
		o := &src.Options[n]
		key := o.Key.Text
		if key == "" {
			key = placeKey(n)
		}
		one := ChartedOption{Key: key, To: bd.goes(&o.wayKeys), labels: make([]string, len(bd.b.langs))}
		for l, words := range bd.fixed(&o.Label) {
			one.labels[l] = key + " " + firstOf(words)
		}
		s.Options = append(s.Options, one)
	}
	s.looks, s.says = bd.fixed(&src.Text), bd.sayings(src)
	bd.outcomesOf(&s, src)
	return s
}

// outcomesOf are the ways of a call's answers; what the screen says itself stands
// before what it shares.
func (bd *builder) outcomesOf(s *Charted, src *screenSource) {
	add := func(list conf.Map[conf.At[waySource]]) {
		for _, entry := range list {
			for _, word := range wordsOf(entry.Key) {
				if _, told := s.Then[word]; !told {
					s.Then[word] = bd.goes(&entry.Value.Value.wayKeys)
				}
			}
		}
	}
	add(src.Then)
	for _, set := range src.Use {
		if shared, known := bd.src.Answers.Get(set.Value); known {
			add(shared)
		}
	}
}

// fixed are the words of a text that do not change, by language.
func (bd *builder) fixed(src *textsSource) [][]string {
	out := make([][]string, len(bd.b.langs))
	for i, l := range bd.b.langs {
		raw, _ := src.langs.Get(l.code)
		raw = strings.ReplaceAll(raw, "{brand}", bd.src.Brand.Value)
		for raw != "" {
			words, rest, _ := strings.Cut(raw, "{")
			if words = strings.TrimSpace(words); words != "" {
				out[i] = append(out[i], words)
			}
			_, raw, _ = strings.Cut(rest, "}")
		}
	}
	return out
}

func firstOf(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[0]
}
