package menus

import (
	"slices"
	"strings"

	"mlango/internal/conf"
)

// answer is an entry of then, or of a shared set of answers that a screen uses.
type answer struct {
	words []string
	pos   conf.Pos
	way   conf.At[waySource]
}

// outcomes compiles the ways of a call; every outcome needs one, several may
// share one: `below_minimum, above_maximum: …`.
func (bd *builder) outcomes(i int, c *call, src *screenSource, fn *Function, at conf.Pos) {
	all := append(slices.Clone(fn.Outcomes), "timeout")
	if fn.Effects {
		all[len(all)-1] = "unknown"
	}
	handled := map[string]bool{}
	for _, entry := range src.Then {
		a := answer{wordsOf(entry.Key), entry.Pos, entry.Value}
		for _, o := range a.words {
			if !slices.Contains(all, o) {
				bd.fail(entry.Pos, harmHidden, bd.near(o, all), "%q has no outcome %q", c.fn, o)
			} else if handled[o] {
				bd.fail(entry.Pos, harmKey, "remove one", "the outcome %q is handled twice", o)
			}
			handled[o] = true
		}
		bd.answer(i, c, fn, &a)
	}
	for _, a := range bd.shared(src, all, handled) {
		bd.answer(i, c, fn, &a)
	}
	var open []string
	for _, o := range all {
		if c.ways[o] == nil && !slices.Contains(open, o) {
			open = append(open, o)
		}
	}
	if len(open) > 0 {
		seen := harmFails
		if fn.Effects {
			seen = harmMoney
		}
		bd.fail(at, seen, "add them below then", "outcomes of %q without a way: %s", c.fn, strings.Join(open, ", "))
	}
}

// answer compiles one entry.
func (bd *builder) answer(i int, c *call, fn *Function, a *answer) {
	outs := bd.gives(fn, a.words)
	var adds uint32
	for _, k := range c.keep {
		if _, given := outs[k.name]; given {
			adds |= 1 << k.slot
		}
	}
	edges := len(bd.edges)
	w := bd.way(i, &a.way.Value.wayKeys, a.way.Pos, adds, outs)
	bd.tells(c, fn, a.words, &w, a.way.Pos)
	for n := range bd.edges[edges:] {
		bd.edges[edges+n].settles = fn.settles(a.words)
		bd.edges[edges+n].spares = c.spared(fn, a.words)
	}
	w.spares = c.spared(fn, a.words)
	if w.target != nowhere && fn.Effects && slices.Contains(a.words, "unknown") {
		bd.fail(a.way.Pos, harmMoney, `write unknown: {end: {en: "In progress. Do not repeat…"}}`, "after unknown the order may still be made: the dialogue must end")
	}
	for _, o := range a.words {
		c.ways[o] = &w
	}
	bd.said[i] = append(bd.said[i], *a)
}

// shared are the answers that a screen uses from sets: for the outcomes that its
// call has and that nothing handled before; the first set that has one wins.
func (bd *builder) shared(src *screenSource, all []string, handled map[string]bool) (out []answer) {
	for _, name := range src.Use {
		set, ok := bd.src.Answers.Get(name.Value)
		if !ok {
			bd.fail(name.Pos, harmFails, bd.near(name.Value, keysOf(bd.src.Answers)), "there is no set of answers %q", name.Value)
		}
		for _, entry := range set {
			words := slices.DeleteFunc(wordsOf(entry.Key), func(o string) bool { return handled[o] || !slices.Contains(all, o) })
			if len(words) == 0 {
				continue
			}
			for _, o := range words {
				handled[o] = true
				bd.used[entry.Pos] = append(bd.used[entry.Pos], o)
			}
			out = append(out, answer{words, entry.Pos, entry.Value})
		}
	}
	return out
}

// unused complains about shared answers that no screen has use for.
func (bd *builder) unused() {
	for n, set := range bd.src.Answers {
		if first := slices.IndexFunc(bd.src.Answers, func(p conf.Pair[conf.Map[conf.At[waySource]]]) bool { return p.Key == set.Key }); first < n {
			bd.twice("set of answers", set.Key, set.Pos, bd.src.Answers[first].Pos)
		}
		for _, entry := range set.Value {
			for _, o := range wordsOf(entry.Key) {
				if !slices.Contains(bd.used[entry.Pos], o) {
					bd.fail(entry.Pos, harmHidden, "remove it, or write use: ["+set.Key+"] where it is wanted", "no screen uses the answer to %q of %q", o, set.Key)
				}
			}
		}
	}
}

func wordsOf(key string) []string { return strings.Split(strings.ReplaceAll(key, " ", ""), ",") }

// keysOf are a mapping's keys.
func keysOf[V any](m conf.Map[V]) []string {
	names := make([]string, len(m))
	for i := range m {
		names[i] = m[i].Key
	}
	return names
}
