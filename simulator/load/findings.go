package load

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mlango/ledgerd/ledger"
)

// maxClauses bounds what is told of one session.
const maxClauses = 6

// finding is one thing the audit found wrong.
type finding struct {
	at      int64 // ms: findings are told in the order in which things happened
	payer   ledger.Account
	session string // whose it is; empty when it is nobody's
	text    string
}

// group is all that was found about one session.
type group struct {
	finding // the first of them
	texts   []string
	more    int // that are not in texts
}

// findings counts all of them, and keeps the earliest by their sessions.
type findings struct {
	count  int
	groups []*group       // sorted, at most MaxFindings
	noted  func(at int64) // is told of each; may be nil
	latest string         // of them
}

// add counts one, and keeps it if it is early enough.
func (f *findings) add(one finding) {
	f.count++
	f.latest = one.text
	if one.session != "" {
		f.latest = "session " + one.session + ": " + one.text
	}
	if f.noted != nil {
		f.noted(one.at)
	}
	if one.session != "" {
		for _, g := range f.groups {
			if g.session == one.session && g.payer == one.payer {
				g.add(one.text)
				return
			}
		}
	}
	i, _ := slices.BinarySearchFunc(f.groups, one, func(g *group, one finding) int {
		return cmp.Or(cmp.Compare(g.at, one.at), strings.Compare(g.session+g.text, one.session+one.text))
	})
	if i >= MaxFindings {
		return
	}
	if len(f.groups) == MaxFindings {
		f.groups = f.groups[:MaxFindings-1]
	}
	f.groups = slices.Insert(f.groups, i, &group{finding: one, texts: []string{one.text}})
}

func (g *group) add(text string) {
	if len(g.texts) == maxClauses {
		g.more++
		return
	}
	g.texts = append(g.texts, text)
}

// merge takes over what another list found.
func (f *findings) merge(other *findings) {
	count := f.count + other.count
	f.noted = nil // the other list told of its own
	for _, g := range other.groups {
		for _, text := range g.texts {
			one := g.finding
			one.text = text
			f.add(one)
		}
	}
	f.count = count
}

// told is how many of them are in words.
func (f *findings) told() (n int) {
	for _, g := range f.groups {
		n += len(g.texts)
	}
	return n
}

// String is all that was found about a session, the first that was found first.
func (g *group) String() string {
	s := strings.Join(g.texts, "; ")
	if g.more > 0 {
		s += fmt.Sprintf("; and %d more", g.more)
	}
	return s
}
