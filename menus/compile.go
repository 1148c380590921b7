package menus

import (
	"errors"
	"slices"
	"strings"

	"mlango/internal/conf"
)

// edge is a possible move between two screens; from is nowhere at the beginning.
type edge struct {
	from, to int
	adds     uint32 // variables that are surely set on the way
	note     texts
	option   int   // 1 is the first of a list; 0 is no option
	home     bool  // variables are forgotten
	settles  bool  // from is a call, and what it answered stands
	keeps    uint8 // secrets that are kept on the way
	spares   uint8 // from is an order, and these are still kept after it
	resumes  bool  // after the dialogue broke off at from, in another
}

// use is a place where a text or a guard needs a variable.
type use struct {
	screen int // nowhere: at the beginning
	slot   int
	adds   uint32 // what is surely set there beside what the screen has
	pos    conf.Pos
}

// compile turns texts, ways and screens into their final form.
func (bd *builder) compile() {
	bd.cel = newCompiler(bd)
	bd.globals()
	bd.b.screens, bd.ends = make([]screen, len(bd.src.Screens)), make([]bool, len(bd.src.Screens))
	for i := range bd.src.Screens {
		bd.screen(i)
	}
	bd.unused()
	start, ok := bd.index[bd.src.Start.Value]
	if !ok {
		bd.fail(bd.src.Start.Pos, harmFails, "name the first screen, as start: home", "the menu has no screen %q to start at", bd.src.Start.Value)
	}
	bd.b.start = uint16(start)
	bd.beginnings()
	bd.messages()
}

// globals are the sentences that no screen owns; they name nothing but the brand.
func (bd *builder) globals() {
	s, at := &bd.src.Says, bd.doc.Pos("says")
	bd.navigation()
	bd.resumeWords()
	for _, one := range []struct {
		name string
		from *textsSource
		to   *texts
	}{
		{"choice", &s.Choice, &bd.b.says.choice}, {"number", &s.Number, &bd.b.says.number}, {"amount", &s.Amount, &bd.b.says.amount},
		{"digits", &s.Digits, &bd.b.says.digits}, {"text", &s.Text, &bd.b.says.text}, {"secret", &s.Secret, &bd.b.says.secret},
		{"dial", &s.Dial, &bd.b.says.dial}, {"tries", &s.Tries, &bd.b.says.tries},
	} {
		if !one.from.isSet() {
			bd.fail(at, harmGap, "add "+one.name+": below says", "the sentence says.%s is missing", one.name)
			continue
		}
		*one.to = bd.texts(one.from, bd.plain)
	}
	if s.Date.isSet() {
		bd.b.says.date = bd.texts(&s.Date, bd.plain)
	}
	bd.labels()
}

func (bd *builder) navigation() {
	k := &bd.src.Keys
	bd.b.keys.back, bd.b.keys.home, bd.b.keys.more = k.Back.Key.Text, k.Home.Key.Text, k.More.Key.Text
	at := bd.doc.Pos("keys")
	if k.Back.Key.Text == "" || k.Home.Key.Text == "" || k.Back.Key.Text == k.Home.Key.Text || !k.Back.Label.isSet() || !k.Home.Label.isSet() {
		bd.fail(at, harmStuck, `write keys: {back: {key: "0", label: {…}}, home: {key: "00", label: {…}}}`, "back and home need two different keys, each with a label")
		return
	}
	bd.onward()
	back, home := bd.texts(&k.Back.Label, bd.plain), bd.texts(&k.Home.Label, bd.plain)
	for i := range back {
		line := text{{lit: k.Back.Key.Text + " "}}
		line = append(line, back[i]...)
		line = append(line, piece{lit: " " + k.Home.Key.Text + " "})
		bd.b.keys.line = append(bd.b.keys.line, merge(append(line, home[i]...)))
	}
}

// onward is the key of the next page.
func (bd *builder) onward() {
	more := &bd.src.Keys.More
	if more.Key.Text == "" && !more.Label.isSet() {
		return
	}
	if !onlyDigits(more.Key.Text) || len(more.Key.Text) > 3 || !more.Label.isSet() || more.Key.Text == bd.b.keys.back || more.Key.Text == bd.b.keys.home {
		bd.fail(orPos(more.Key.Pos, bd.doc.Pos("keys")), harmStuck, `write more: {key: "98", label: {en: More}}`, "the key of the next page needs digits of its own and a label")
		return
	}
	for _, label := range bd.texts(&more.Label, bd.plain) {
		bd.b.keys.onward = append(bd.b.keys.onward, merge(append(text{{lit: more.Key.Text + " "}}, label...)))
	}
}

// merge joins neighbouring literals.
func merge(t text) text {
	var out text
	for _, p := range t {
		if n := len(out); n > 0 && p.from == fromLiteral && out[n-1].from == fromLiteral {
			out[n-1].lit += p.lit
			continue
		}
		out = append(out, p)
	}
	return out
}

// texts compiles one text in all languages.
func (bd *builder) texts(src *textsSource, known names) texts {
	out := make(texts, len(bd.b.langs))
	for i, l := range bd.b.langs {
		raw, ok := src.langs.Get(l.code)
		if !ok {
			bd.fail(src.pos, harmGap, "add "+l.code+`: "…" beside the others`, "the text has no %q", l.code)
			continue
		}
		pos := posIn(src, l.code)
		t, err := parseText(strings.TrimRight(raw, "\n"), known)
		switch {
		case errors.Is(err, errShown):
			bd.fail(pos, harmSecret, "leave it out: only its order may have it", "%v", err)
		case err != nil:
			bd.fail(pos, harmDash, "use {name} of a variable or of what the outcome gives; write {{ and }} for braces", "%v", err)
		case len(t) == 0 || len(raw) > MaxText:
			bd.fail(pos, harmGap, "write a sentence", "the text is empty, or longer than %d bytes", MaxText)
		}
		if r, ok := bd.stranger(t, l.set); ok {
			bd.fail(pos, harmQuery, instead(r)+", or declare "+l.code+": ucs2 (80 characters a screen)", "%q is not in the GSM alphabet", r)
		}
		bd.name(t, i)
		bd.rowed(t, i)
		out[i] = t
	}
	for _, l := range src.langs {
		if !slices.ContainsFunc(bd.b.langs, func(have language) bool { return have.code == l.Key }) {
			bd.fail(l.Pos, harmHidden, "add it to languages, or remove this line", "the menu does not speak %q", l.Key)
		}
	}
	return out
}

func posIn(src *textsSource, lang string) conf.Pos {
	for _, l := range src.langs {
		if l.Key == lang {
			return l.Pos
		}
	}
	return src.pos
}

// stranger is the first character of t that the charset lacks.
func (bd *builder) stranger(t text, set charset) (rune, bool) {
	for i := range t {
		for _, r := range t[i].lit {
			if r != '\n' && r < ' ' || set == gsm7 && septets(r) == 0 {
				return r, true
			}
		}
	}
	return 0, false
}

// way compiles a way onward. outs are the values at hand on it, at where it
// stands when it names nothing.
func (bd *builder) way(from int, src *wayKeys, at conf.Pos, adds uint32, outs map[string]typ) way {
	w := way{target: nowhere, speak: nowhere}
	for _, s := range src.Set {
		adds |= bd.assign(&w, from, s.Key, s.Pos, s.Value, adds)
	}
	switch {
	case src.Go.Value == "" && !src.End.isSet():
		bd.fail(at, harmFails, "write go: and a screen's name, or end: and a text", "nothing follows here: the way goes to no screen and has no last text")
		return w
	case src.Go.Value != "" && src.End.isSet():
		bd.fail(at, harmFails, "take go: away, or end:", "the way goes on to a screen and ends at once: it can do one of the two")
		return w
	case src.End.isSet():
		if from != nowhere {
			bd.ends[from] = true
		}
		w.end = bd.texts(&src.End, bd.values(from, adds, outs, src.End.pos))
		if src.Note.isSet() {
			bd.fail(src.Note.pos, harmHidden, "put it into the end's text", "an end has no next screen to show a note on")
		}
	default:
		w.target = bd.target(src.Go)
	}
	if src.Note.isSet() {
		w.note = bd.texts(&src.Note, bd.values(from, adds, outs, src.Note.pos))
	}
	if src.Speak.Value != "" {
		w.speak = slices.IndexFunc(bd.b.langs, func(l language) bool { return l.code == src.Speak.Value })
		if w.speak < 0 {
			bd.fail(src.Speak.Pos, harmHidden, knownNames(bd.b.Languages()), "the menu does not speak %q", src.Speak.Value)
		}
	}
	if w.target != nowhere {
		bd.edges = append(bd.edges, edge{from: from, to: w.target, adds: adds, note: w.note})
	}
	return w
}

// silent is true for screens that show nothing.
func (bd *builder) silent(i int) bool {
	return i != nowhere && bd.src.Screens[i].Value.Ask.Value == "" && len(bd.src.Screens[i].Value.Options) == 0
}

func (bd *builder) target(name conf.At[string]) int {
	i, ok := bd.index[name.Value]
	if !ok {
		bd.fail(name.Pos, harmFails, nearKey(bd, name.Value, bd.index), "there is no screen %q", name.Value)
		return nowhere
	}
	return i
}

// assign compiles `set: {variable: value}` and returns the variable's bit.
func (bd *builder) assign(w *way, from int, name string, pos conf.Pos, value conf.At[string], adds uint32) uint32 {
	slot, ok := bd.slots[name]
	if !ok {
		bd.fail(pos, harmFails, nearKey(bd, name, bd.slots), "there is no variable %q", name)
		return 0
	}
	w.set = append(w.set, assign{slot, bd.arg(from, value, bd.b.vars[slot].typ, adds)})
	return 1 << slot
}

// arg compiles where a value of type want comes from: a variable, me (the
// dialling number), true or false, or =text.
func (bd *builder) arg(from int, src conf.At[string], want typ, adds uint32) arg {
	a, have := arg{slot: nowhere}, want
	slot, isVar := bd.slots[src.Value]
	_, isSecret := bd.secrets[src.Value]
	switch {
	case isSecret:
		bd.fail(src.Pos, harmSecret, "only an order takes it, by itself or with takes:", "the secret %q may not go anywhere else", src.Value)
	case isVar:
		a.slot, have = slot, bd.b.vars[slot].typ
		bd.use(from, slot, adds, src.Pos)
	case src.Value == "me":
		a.me, have = true, typ{kind: kindMSISDN}
	case src.Value == "true" || src.Value == "false":
		have, a.fixed = typ{kind: kindFlag}, Value{Set: true}
		if src.Value == "true" {
			a.fixed.Int = 1
		}
	case strings.HasPrefix(src.Value, "="):
		a.fixed = Value{Set: true, Text: src.Value[1:]}
		have = typ{kind: kindText, min: 1, max: gsm7.units(src.Value[1:])}
		if want.kind == kindChoice {
			have = typ{kind: kindChoice, words: src.Value[1:]}
		}
	default:
		bd.fail(src.Pos, harmFails, known(bd.slots)+"; or me, true, false, =text", "there is no variable %q", src.Value)
	}
	if !have.into(want) {
		bd.fail(src.Pos, harmWrong, "use a value of that type", "%s is wanted here, %q is %s", want, src.Value, have)
	}
	return a
}

// use notes that the variable must be set at that place; flags always are.
func (bd *builder) use(screen, slot int, adds uint32, pos conf.Pos) {
	if bd.b.vars[slot].typ.kind != kindFlag {
		bd.uses = append(bd.uses, use{screen, slot, adds, pos})
	}
}
