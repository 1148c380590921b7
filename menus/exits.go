package menus

import (
	"regexp/syntax"
	"slices"
	"strings"

	"mlango/internal/conf"
)

// maxPattern bounds what a pattern of matches may cost: the steps it becomes
// when its repetitions are written out.
const maxPattern = 200

// graph is which edges leave each screen; those of a dial come last.
func (bd *builder) graph() [][]int {
	out := make([][]int, len(bd.b.screens)+1)
	for n, e := range bd.edges {
		from := e.from
		if from == nowhere {
			from = len(bd.b.screens)
		}
		out[from] = append(out[from], n)
	}
	return out
}

// exits proves that a dialogue can end from every screen, and that none shows a
// list on which everything may be hidden.
func (bd *builder) exits() {
	into := make([][]int, len(bd.b.screens))
	for _, e := range bd.edges {
		if e.from != nowhere && !e.resumes {
			into[e.to] = append(into[e.to], e.from)
		}
	}
	out := slices.Clone(bd.ends)
	var work []int
	for i, ends := range out {
		if ends {
			work = append(work, i)
		}
	}
	for len(work) > 0 {
		to := work[len(work)-1]
		work = work[:len(work)-1]
		for _, from := range into[to] {
			if !out[from] {
				out[from], work = true, append(work, from)
			}
		}
	}
	for i, s := range bd.src.Screens {
		if !out[i] {
			bd.fail(s.Pos, harmStuck, "lead one of its ways, or of the screens behind it, to an end:", "no way from the screen %q ever ends", s.Key)
		}
		open := func(o option) bool { return o.guard == nil }
		if b := &bd.b.screens[i]; b.kind == screenMenu && !slices.ContainsFunc(b.options, open) {
			bd.fail(s.Pos, harmStuck, "leave one option without if:", "every option of the screen %q may be hidden", s.Key)
		}
	}
}

// tells proves that whoever paid reads the receipt number.
func (bd *builder) tells(c *call, fn *Function, outcomes []string, w *way, at conf.Pos) {
	if !fn.Later || fn.Out["receipt"] == "" || !slices.Contains(outcomes, fn.Outcomes[0]) {
		return
	}
	for lang, t := range w.end {
		if !slices.ContainsFunc(t, func(p piece) bool { return p.name == "receipt" }) {
			bd.fail(at, harmMoney, "add {receipt}", "the end after %q does not say the receipt number in %s", c.fn, bd.b.langs[lang].code)
		}
	}
	if w.end == nil {
		bd.fail(at, harmMoney, `write ok: {end: {en: "{receipt} Confirmed…"}}`, "%q is made and the dialogue does not end with the receipt number", c.fn)
	}
}

// retired holds the menu to the names that it may not use again: of screens and
// variables, and screen/key of options.
func (bd *builder) retired() {
	for _, r := range bd.src.Retired {
		screen, key, isKey := strings.Cut(r.Value, "/")
		i, isScreen := bd.index[screen]
		_, isVar := bd.slots[screen]
		switch {
		case !goodName.MatchString(screen) || isKey && !onlyDigits(key):
			bd.fail(r.Pos, harmUnread, `write a screen's or variable's name, or "home/4" for a key`, "%q is no name that can be retired", clip(r.Value, 40))
		case isKey && isScreen && slices.ContainsFunc(bd.b.screens[i].options, func(o option) bool { return o.key == key }):
			bd.fail(bd.src.Screens[i].Pos, harmHabit, `give the new option another key, as key: "9"`, "the key %q of the screen %q is retired and used again", key, screen)
		case !isKey && isScreen:
			bd.fail(bd.src.Screens[i].Pos, harmHabit, "give the new screen another name", "the screen %q is retired and used again", screen)
		case !isKey && isVar:
			bd.fail(bd.varPos(screen), harmHabit, "give the new variable another name", "the variable %q is retired and used again", screen)
		}
	}
}

// patternCost is how many steps a pattern becomes; 0 for what is no pattern.
func patternCost(pattern string) int {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0
	}
	return steps(re)
}

func steps(re *syntax.Regexp) int {
	n := 1 + len(re.Rune)/2
	for _, sub := range re.Sub {
		n += steps(sub)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min, re.Max, 1)
	}
	return min(n, 1<<20)
}

// Calls are the names of everything that the menu calls or orders, with their
// versions: what a gateway must offer to run it.
func (b *Bundle) Calls() []string {
	var out []string
	for i := range b.screens {
		if c := b.screens[i].call; c != nil {
			out = append(out, c.fn)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// offered says which versions of a call there are.
func (bd *builder) offered(name string) string {
	base, _, _ := strings.Cut(name, "@")
	var versions []string
	for have := range bd.cat {
		if had, _, _ := strings.Cut(have, "@"); had == base {
			versions = append(versions, have)
		}
	}
	if len(versions) == 0 {
		return nearKey(bd, name, bd.cat)
	}
	slices.Sort(versions)
	return "the running gateways offer " + strings.Join(versions, ", ")
}
