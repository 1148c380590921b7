package menus

import (
	"strings"

	"mlango/internal/conf"
)

// chartedWhy is the words that an outcome ends a dialogue with, or notes above a screen.
type chartedWhy struct {
	outcome string     // the first that it is for
	looks   [][]string // by language
}

// Why tells by which outcome of a call a shown text was brought, as the menu's source
// names it: a reject, or timeout. It is empty for any other text.
func (c *Chart) Why(shown, language string) (outcome string) {
	l, best := c.langs[language], 0
	for i := range c.whys {
		if n := likeWords(shown, c.whys[i].looks[l]); n > best {
			best, outcome = n, c.whys[i].outcome
		}
	}
	return outcome
}

// likeWords is how many octets of a text are these words, in their order; 0 when one is
// not there.
func likeWords(shown string, words []string) (n int) {
	for _, one := range words {
		at := strings.Index(shown, one)
		if at < 0 {
			return 0
		}
		shown, n = shown[at+len(one):], n+len(one)
	}
	return n
}

// reasons reads what all calls' outcomes say; a first outcome is the good one.
func (c *Chart) reasons(bd *builder) {
	add := func(list conf.Map[conf.At[waySource]]) {
		for _, entry := range list {
			words := wordsOf(entry.Key)
			if len(words) == 0 || words[0] == "ok" || words[0] == "unknown" {
				continue
			}
			w := &entry.Value.Value.wayKeys
			for _, text := range []*textsSource{&w.End, &w.Note} {
				if len(text.langs) > 0 {
					c.whys = append(c.whys, chartedWhy{words[0], bd.fixed(text)})
				}
			}
		}
	}
	for i := range bd.src.Screens {
		add(bd.src.Screens[i].Value.Then)
	}
	for _, set := range bd.src.Answers {
		add(set.Value)
	}
}
