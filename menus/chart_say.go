package menus

import (
	"slices"
	"strings"
)

// saying is what a screen says, and how the dialogue ends behind it, with what stands in
// braces.
type saying struct {
	text texts
	ends map[string]texts // by outcome
}

// tableChartTypes are the values of outcomes, which no catalogue explains to a chart.
var tableChartTypes = map[string]typ{
	"me": {kind: kindMSISDN}, "receipt": {kind: kindText, max: 10}, "amount": {kind: kindMoney}, "fee": {kind: kindMoney}, "balance": {kind: kindMoney},
	"available": {kind: kindMoney}, "name": {kind: kindText, max: 40}, "other": {kind: kindMSISDN}, "at": {kind: kindTime},
}

// sayings reads what a screen says. A text whose values nobody explains is not read.
func (bd *builder) sayings(src *screenSource) saying {
	s := saying{text: bd.worded(&src.Text, false), ends: map[string]texts{}}
	for _, entry := range src.Then {
		bd.endings(s.ends, entry.Key, &entry.Value.Value.wayKeys)
	}
	for _, set := range src.Use {
		shared, _ := bd.src.Answers.Get(set.Value)
		for _, entry := range shared {
			bd.endings(s.ends, entry.Key, &entry.Value.Value.wayKeys)
		}
	}
	return s
}

// endings reads how the dialogue ends with some outcomes; what is said first counts.
func (bd *builder) endings(ends map[string]texts, outcomes string, w *wayKeys) {
	for _, word := range wordsOf(outcomes) {
		if _, said := ends[word]; !said {
			ends[word] = bd.worded(&w.End, true)
		}
	}
}

// worded reads a text in all languages; nil in those in which it cannot be read. Of what
// an outcome gave and a variable of the same name the outcome's is shown.
func (bd *builder) worded(src *textsSource, outcome bool) texts {
	known := func(name string) (piece, error) {
		slot, variable := bd.slots[name]
		t, given := tableChartTypes[name]
		switch {
		case variable && !(outcome && given):
			return piece{from: fromOutcome, typ: bd.b.vars[slot].typ, name: name}, nil
		case given:
			return piece{from: fromOutcome, typ: t, name: name}, nil
		}
		return bd.plain(name)
	}
	out := make(texts, len(bd.b.langs))
	for i, l := range bd.b.langs {
		raw, _ := src.langs.Get(l.code)
		if t, err := parseText(strings.TrimRight(raw, "\n"), known); err == nil {
			out[i] = t
		}
	}
	return out
}

// Asks is what a screen says in a language before its options: vals holds what stands in
// braces, and "zone", minutes east of UTC in Int. ok is false when a value is missing, or
// the screen says nothing that can be told beforehand.
func (c *Chart) Asks(at int, language string, vals map[string]Value) (text string, ok bool) {
	if at < 0 || at >= len(c.Screens) {
		return "", false
	}
	return c.say(c.Screens[at].says.text, language, vals)
}

// Ends is the last screen behind a screen whose order or call has an outcome, as Asks. One
// that takes several pages is whole.
func (c *Chart) Ends(at int, outcome, language string, vals map[string]Value) (text string, ok bool) {
	if at < 0 || at >= len(c.Screens) {
		return "", false
	}
	return c.say(c.Screens[at].says.ends[outcome], language, vals)
}

// Outcomes are the outcomes of a screen's order or call that end the dialogue.
func (c *Chart) Outcomes(at int) (list []string) {
	for word, t := range c.Screens[at].says.ends {
		if len(t) > 0 && t[0] != nil {
			list = append(list, word)
		}
	}
	slices.Sort(list)
	return list
}

func (c *Chart) say(t texts, language string, vals map[string]Value) (string, bool) {
	l := c.langs[language] // one that the menu does not speak gets its first
	if l >= len(t) || len(t[l]) == 0 {
		return "", false
	}
	for i := range t[l] {
		if p := &t[l][i]; p.from == fromOutcome && !vals[p.name].Set || p.typ.kind == kindChoice {
			return "", false
		}
	}
	s := scope{out: vals, zone: int(vals["zone"].Int), sign: c.sign, set: c.sets[l]}
	return string(t[l].append(nil, &s)), true
}

// Languages are those that the menu speaks, its first one first.
func (c *Chart) Languages() []string {
	list := make([]string, len(c.sets))
	for code, i := range c.langs {
		list[i] = code
	}
	return list
}

// Templates are the names of the SMS texts of every bundle.
func Templates() []string { return templateNames() }
