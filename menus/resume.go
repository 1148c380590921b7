package menus

import (
	"slices"
	"strings"

	"mlango/internal/conf"
)

// The keys of an offer to go on.
const (
	keyContinue = "1"
	keyAgain    = "2"
)

// resumeTexts are the words of an offer's options.
type resumeTexts struct{ goOn, again texts }

// resume is what is offered to who dials again after the dialogue broke off at a
// screen.
type resume struct {
	text texts
	way  way
}

func (r *resumeSource) isSet() bool { return r.Text.isSet() || r.Go.Value != "" || len(r.Set) > 0 }

// pos is where it stands, or something of it.
func (r *resumeSource) pos() conf.Pos { return orPos(r.Text.pos, r.Go.Pos) }

// Resumable tells whether whoever breaks off in this state is offered to go on.
func (b *Bundle) Resumable(st *State) bool {
	return b.fitsState(st) && !st.Waiting && st.Rest == "" && b.screens[st.Screen].resume != nil
}

// Offer turns the state of a dialogue that broke off into that of a new one, whose
// first screen asks whether to go on there; nil where the menu has no such offer, or
// meets this dial with something else than its first screen. What the dial is told on
// that stands above the offer.
func (b *Bundle) Offer(st *State, facts Facts) *Show {
	if !b.Resumable(st) {
		return nil
	}
	fresh := b.Begin(facts)
	i := slices.IndexFunc(b.begin, func(g guarded) bool { return g.guard == nil || g.guard.holds(&fresh, &facts) })
	if i < 0 || b.begin[i].way.target != int(b.start) {
		return nil
	}
	s := step{b: b, st: st, facts: &facts, lang: b.speak(st.Language)}
	st.Offer, st.Kept, st.Note, st.Tries, st.Refused, st.Asked, st.From, st.Next = true, 0, "", 0, 0, 0, 0, 0
	if note := b.begin[i].way.note; note != nil {
		s.note(note)
	}
	return s.offer().Show
}

// Continues tells whether an input takes the offer; Declines whether it begins anew.
func (b *Bundle) Continues(st *State, typed string) bool {
	return st.Offer && strings.TrimSpace(typed) == keyContinue
}

// Declines tells whether an input does not take the offer and begins anew.
func (b *Bundle) Declines(st *State, typed string) bool {
	key := strings.TrimSpace(typed)
	return st.Offer && (key == keyAgain || key == b.keys.back || key == b.keys.home)
}

// offer draws the question whether to go on.
func (s *step) offer() Action {
	scr, sc := &s.b.screens[s.st.Screen], s.scope()
	text := make([]byte, 0, MaxTextBytes/2)
	if s.st.Note != "" {
		text = append(append(text, s.st.Note...), '\n')
	}
	text = scr.resume.text[s.lang].append(text, &sc)
	text = s.b.resume.goOn[s.lang].append(append(text, "\n"+keyContinue+" "...), &sc)
	text = s.b.resume.again[s.lang].append(append(text, "\n"+keyAgain+" "...), &sc)
	s.st.Note = ""
	s.st.Visit++
	return Action{Show: &Show{Name: scr.name + "/resume", Text: cut(s.b.langs[s.lang].set, clip(string(text), MaxTextBytes), s.limit())}}
}

// offered answers what was typed at an offer.
func (s *step) offered(typed string) Action {
	switch {
	case s.b.Continues(s.st, typed):
		s.st.Offer, s.st.Tries = false, 0
		return s.take(&s.b.screens[s.st.Screen].resume.way)
	case s.b.Declines(s.st, typed):
		lang, visit := s.st.Language, s.st.Visit
		*s.st = s.b.Begin(*s.facts)
		s.st.Language, s.st.Visit = lang, visit
		return s.dialled("")
	}
	return s.again(s.b.says.choice)
}

// resumeWords compiles the words that all offers share.
func (bd *builder) resumeWords() {
	src := &bd.src.Resume
	if src.Continue.isSet() {
		bd.b.resume.goOn = bd.texts(&src.Continue, bd.plain)
	}
	if src.Again.isSet() {
		bd.b.resume.again = bd.texts(&src.Again, bd.plain)
	}
}

// resumed compiles a screen's offer.
func (bd *builder) resumed(i int, s *screen, src *screenSource) {
	from := &src.Resume
	if !from.isSet() {
		return
	}
	if bd.b.resume.goOn == nil || bd.b.resume.again == nil {
		bd.fail(from.pos(), harmGap, `add resume: {continue: {en: Continue}, again: {en: Start again}} at the top of the menu`, "an offer to go on has no words for its two options")
		return
	}
	if !from.Text.isSet() || from.Go.Value == "" {
		bd.fail(from.pos(), harmGap, `write resume: {text: {en: "Send {amount} to {name}?"}, go: quote}`, "an offer to go on needs text and go")
		return
	}
	edges := len(bd.edges)
	s.resume = &resume{text: bd.texts(&from.Text, bd.values(i, 0, nil, from.Text.pos))}
	s.resume.way = bd.way(i, &wayKeys{Go: from.Go, Set: from.Set}, from.Go.Pos, 0, nil)
	for n := range bd.edges[edges:] {
		bd.edges[edges+n].resumes = true
	}
}

// resumes proves that going on never lands behind an order, nor at one: it lands
// where a dial comes to without any, and shows a screen before the next. That what is
// confirmed after it was quoted anew, quoted proves.
func (bd *builder) resumes() {
	before := bd.beforeOrders()
	for i := range bd.b.screens {
		r := bd.b.screens[i].resume
		if r == nil || r.way.target == nowhere {
			continue
		}
		at, to := bd.src.Screens[i].Value.Resume.Go, &bd.b.screens[r.way.target]
		switch {
		case to.kind == screenSecret:
			bd.fail(at.Pos, harmMoney, "lead to the call that quotes it, or to the question before", "whoever goes on would be asked for the PIN of %q without a new quote", to.name)
		case to.call != nil && to.call.effects || bd.acts(r.way.target):
			bd.fail(at.Pos, harmMoney, "lead to a screen, or to the call that quotes it", "going on at %q would place an order that nobody confirmed", to.name)
		case !before[r.way.target]:
			bd.fail(at.Pos, harmMoney, "lead to a screen before the order", "going on would land on %q, behind an order that may have been placed", to.name)
		case !bd.leadsTo(r.way.target, i):
			bd.fail(at.Pos, harmOther, "lead to what comes before it", "whoever goes on at %q does not come to %q again", to.name, bd.b.screens[i].name)
		}
	}
}

// beforeOrders are the screens that a dial comes to without an order.
func (bd *builder) beforeOrders() []bool {
	before := make([]bool, len(bd.b.screens))
	bd.walk(func(e *edge) bool {
		if e.resumes || before[e.to] || e.from != nowhere && bd.b.screens[e.from].call != nil && bd.b.screens[e.from].call.effects {
			return false
		}
		before[e.to] = true
		return true
	})
	return before
}

// leadsTo tells whether a dialogue comes from one screen to another, not by the first.
func (bd *builder) leadsTo(from, to int) bool {
	seen := make([]bool, len(bd.b.screens))
	for work := []int{from}; len(work) > 0; work = work[1:] {
		switch at := work[0]; {
		case at == to:
			return true
		case seen[at] || at == int(bd.b.start):
		default:
			seen[at] = true
			for _, n := range bd.out[at] {
				if e := &bd.edges[n]; !e.resumes {
					work = append(work, e.to)
				}
			}
		}
	}
	return false
}

// acts tells whether a silent screen may come to an order without showing one.
func (bd *builder) acts(i int) bool {
	seen := make([]bool, len(bd.b.screens))
	for work := []int{i}; len(work) > 0; work = work[1:] {
		s := &bd.b.screens[work[0]]
		if s.kind != screenCall || seen[work[0]] {
			continue
		}
		seen[work[0]] = true
		if s.call == nil || s.call.effects {
			return true
		}
		for _, w := range s.call.ways {
			if w.target != nowhere {
				work = append(work, w.target)
			}
		}
	}
	return false
}

// fitOffer measures a screen's offer with the longest line above it.
func (bd *builder) fitOffer(i, lang int) {
	b := bd.b
	r, set := b.screens[i].resume, b.langs[lang].set
	if r == nil {
		return
	}
	note := set.units("")
	for n := range b.begin {
		if t := b.begin[n].way.note; t != nil {
			note = max(note, 1+t[lang].units(set, b.sign))
		}
	}
	note = max(note, 1+b.says.choice[lang].units(set, b.sign))
	units := note + r.text[lang].units(set, b.sign)
	for _, t := range []texts{b.resume.goOn, b.resume.again} {
		units += 1 + len(keyContinue) + 1 + t[lang].units(set, b.sign)
	}
	bd.add(bd.src.Screens[i].Value.Resume.pos(), b.screens[i].name+"/resume", lang, units)
}
