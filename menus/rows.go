package menus

import (
	"slices"
	"strings"
)

// Rows is a list of records that outcomes of a call give: a line of text for each, in
// the words of its kind.
type Rows struct {
	Name  string            // what a text shows them by, as any value
	Most  int               // records
	Kinds []string          // a menu words every one
	In    []string          // of them those by which money came: +{amount}, all others -{amount}
	Out   map[string]string // value → type, of any kind
}

// Row is one record.
type Row struct {
	Kind   string
	Values map[string]Value
}

// noBreak holds the words of a row together where an end becomes pages.
const noBreak = "\u00a0"

// rowTexts compiles what a call's rows are called.
func (bd *builder) rowTexts(c *call, src *screenSource, fn *Function) {
	bd.rows = nil
	if fn.Rows.Name == "" && len(src.Rows) == 0 {
		return
	}
	outs := map[string]typ{}
	for name, of := range fn.Rows.Out {
		if t, err := parseType(of); err == nil {
			outs[name] = t
		}
	}
	rows := map[string]texts{}
	for _, r := range src.Rows {
		if !slices.Contains(fn.Rows.Kinds, r.Key) {
			bd.fail(r.Pos, harmHidden, bd.near(r.Key, fn.Rows.Kinds), "%q gives no rows of the kind %q", c.fn, r.Key)
			continue
		}
		rows[r.Key] = bd.texts(&r.Value, bd.outsOnly(outs))
		for lang, t := range rows[r.Key] {
			if sign := fn.Rows.sign(r.Key); outs["amount"].kind == kindMoney && !t.signs("amount", sign) {
				bd.fail(posIn(&r.Value, bd.b.langs[lang].code), harmMoney, "write "+sign+"{amount} in it", "a row of the kind %q does not say which way the money went", r.Key)
			}
		}
		if slices.ContainsFunc(rows[r.Key], func(t text) bool { return !t.oneLine() }) {
			bd.fail(r.Value.pos, harmCut, "write it on one line", "a row has more than one line")
		}
	}
	for _, kind := range fn.Rows.Kinds {
		if rows[kind] == nil {
			bd.fail(orPos(src.Call.Pos, src.Order.Pos), harmGap, "add "+kind+`: {en: "…"} below rows`, "rows of the kind %q have no words", kind)
		}
	}
	c.rows, bd.rows = rows, rows
}

// sign is what stands before the amount of a kind of row.
func (r *Rows) sign(kind string) string {
	if slices.Contains(r.In, kind) {
		return "+"
	}
	return "-"
}

// signs tells whether a value stands in the text right behind a sign.
func (t text) signs(value, sign string) bool {
	for i := 1; i < len(t); i++ {
		if t[i].name == value && t[i-1].from == fromLiteral && strings.HasSuffix(t[i-1].lit, sign) {
			return true
		}
	}
	return false
}

// rowed gives the pieces that are rows the words of each kind in one language.
func (bd *builder) rowed(t text, lang int) {
	for i := range t {
		if t[i].typ.kind != kindRows {
			continue
		}
		t[i].rows = map[string]text{}
		for kind, words := range bd.rows {
			if lang < len(words) {
				t[i].rows[kind] = words[lang]
			}
		}
	}
}

// rowWidth is the most units that one row takes.
func (p *piece) rowWidth(set charset, sign string) (most int) {
	for _, words := range p.rows {
		most = max(most, words.units(set, sign))
	}
	return most
}

// rowBytes is the most bytes that one row takes.
func (p *piece) rowBytes(set charset, sign string) (most int) {
	for _, words := range p.rows { // its blanks take one byte more while it is held together
		n := words.bytes(set, sign)
		for i := range words {
			n += strings.Count(words[i].lit, " ") + 2
		}
		most = max(most, n)
	}
	return most
}

// appendRows writes the rows of an outcome, a line each.
func (p *piece) appendRows(dst []byte, s *scope) []byte {
	for n, row := range s.rows[:min(len(s.rows), p.typ.max)] {
		if n > 0 {
			dst = append(dst, '\n')
		}
		one := scope{out: row.Values, zone: s.zone, sign: s.sign, set: s.set}
		var room [2 * MaxVar]byte
		dst = append(dst, strings.ReplaceAll(string(p.rows[row.Kind].append(room[:0], &one)), " ", noBreak)...)
	}
	return dst
}
