package menus

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mlango/internal/conf"
)

// choiceType is the shape of a choice: two to twelve words.
var choiceType = regexp.MustCompile(`^choice=([a-z][a-z0-9_]{0,19}(?:\|[a-z][a-z0-9_]{0,19}){1,11})$`)

// list is a choice's words in their order.
func (t typ) list() []string { return strings.Split(t.words, "|") }

// has tells whether word is one of a choice's.
func (t typ) has(word string) bool {
	return word != "" && strings.Contains("|"+t.words+"|", "|"+word+"|")
}

// longest is the length of a choice's longest word.
func (t typ) longest() (n int) {
	for _, word := range t.list() {
		n = max(n, len(word))
	}
	return n
}

// Years that a typed date may have.
const (
	minYear = 1900
	maxYear = 2199
)

// readDate takes a typed date: 22112026, or day, month and year with / - or .
// between. The value is the number of days since 1 January 1970.
func readDate(typed string) (Value, bool) {
	parts := strings.FieldsFunc(typed, func(r rune) bool { return r == '/' || r == '-' || r == '.' })
	if len(parts) == 1 && len(typed) == 8 {
		parts = []string{typed[:2], typed[2:4], typed[4:]}
	}
	if len(parts) != 3 || typed[0] != parts[0][0] || len(parts[0]) > 2 || len(parts[1]) > 2 || len(parts[2]) != 4 {
		return Value{}, false
	}
	day, month, year := small(parts[0]), small(parts[1]), small(parts[2])
	at := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if year < minYear || year > maxYear || at.Day() != day || int(at.Month()) != month {
		return Value{}, false
	}
	return Value{Set: true, Int: at.Unix() / secondsOfDay}, true
}

const secondsOfDay = 24 * 60 * 60

// small reads at most four digits; anything else is 0.
func small(s string) (n int) {
	if !onlyDigits(s) {
		return 0
	}
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// Day is the number of days from 1 January 1970 to an instant, by the calendar
// of a zone (minutes east of UTC): what Facts.Today is.
func Day(at time.Time, zone int) int64 { return (at.Unix() + int64(zone)*60) / secondsOfDay }

// appendDate writes a day as 22/11/2026.
func appendDate(dst []byte, day int64) []byte {
	return time.Unix(day*secondsOfDay, 0).UTC().AppendFormat(dst, "02/01/2006")
}

// labels compiles what the words of choices are called in each language.
func (bd *builder) labels() {
	bd.labelled = make([]map[string]texts, len(bd.b.vars))
	for _, of := range bd.src.Labels {
		slot, ok := bd.slots[of.Key]
		if !ok || bd.b.vars[slot].typ.kind != kindChoice {
			bd.fail(of.Pos, harmHidden, "declare it below vars, as "+of.Key+": choice=day|week", "there is no choice %q to label", of.Key)
			continue
		}
		if bd.labelled[slot] == nil {
			bd.labelled[slot] = map[string]texts{}
		}
		for _, word := range of.Value {
			if !bd.b.vars[slot].typ.has(word.Key) {
				bd.fail(word.Pos, harmHidden, "write one of "+bd.b.vars[slot].typ.words, "%q is no word of the choice %q", word.Key, of.Key)
			}
			bd.labelled[slot][word.Key] = bd.texts(&word.Value, bd.plain)
		}
	}
	for slot, v := range bd.b.vars {
		if v.typ.kind != kindChoice {
			continue
		}
		for _, word := range v.typ.list() {
			if bd.labelled[slot][word] == nil {
				bd.fail(bd.varPos(v.name), harmGap, "add labels: {"+v.name+": {"+word+`: {en: "…"}}}`, "the word %q of the choice %q has no label", word, v.name)
			}
		}
	}
}

func (bd *builder) varPos(name string) conf.Pos {
	for _, v := range bd.src.Vars {
		if v.Key == name {
			return v.Value.Pos
		}
	}
	return conf.Pos{}
}

// name gives the pieces of choices their labels in one language.
func (bd *builder) name(t text, lang int) {
	for i := range t {
		if t[i].from != fromVar || t[i].typ.kind != kindChoice {
			continue
		}
		t[i].labels = map[string]string{}
		for word, label := range bd.labelled[t[i].slot] {
			if lang < len(label) && len(label[lang]) == 1 {
				t[i].labels[word] = label[lang][0].lit
			}
		}
	}
}

// askChoice makes the question for a choice a list of its words.
func (bd *builder) askChoice(i int, s *screen, src *screenSource) {
	slot := s.slot
	s.kind, s.slot = screenMenu, nowhere
	if len(src.Check) > 0 {
		bd.fail(src.Ask.Pos, harmCheck, "offer options with if: instead", "a choice is picked from a list, there is nothing to check")
	}
	for n, word := range bd.b.vars[slot].typ.list() {
		w := bd.optionWay(i, n, &wayKeys{Go: src.Go, Set: src.Set}, src.Ask.Pos, 1<<slot)
		w.set = append([]assign{{slot, arg{slot: nowhere, fixed: Value{Set: true, Text: word}}}}, w.set...)
		s.options = append(s.options, option{key: placeKey(n), label: bd.labelled[slot][word], way: w})
	}
}

// labelWidth is the most units that a choice's label takes.
func (p *piece) labelWidth(set charset) (most int) {
	for _, label := range p.labels {
		most = max(most, set.units(label))
	}
	return max(most, p.typ.longest())
}

// pinWords are how texts name a PIN.
var pinWords = regexp.MustCompile(`(?i)\bPIN\b|ፒን`)

// namesPIN tells whether a text speaks of a PIN.
func (t text) namesPIN() bool {
	return slices.ContainsFunc(t, func(p piece) bool { return pinWords.MatchString(p.lit) })
}

// oneLine tells whether a text stays on its line.
func (t text) oneLine() bool {
	for i := range t {
		if strings.ContainsRune(t[i].lit, '\n') {
			return false
		}
	}
	return true
}

// bytes is the most bytes a text takes: a letter of a value may take three.
func (t text) bytes(set charset, sign string) (n int) {
	for i := range t {
		switch {
		case t[i].from == fromLiteral:
			n += len(t[i].lit)
		case t[i].typ.kind == kindRows:
			n += t[i].typ.max * (t[i].rowBytes(set, sign) + 1)
		case t[i].typ.kind == kindText && set == ucs2:
			n += 3 * t[i].width(set, sign)
		case t[i].typ.kind == kindChoice:
			n += (utf8.UTFMax - 1) * t[i].width(set, sign)
		default:
			n += t[i].width(set, sign)
		}
	}
	return n
}
