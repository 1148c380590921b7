package menus

import (
	"errors"
	"slices"
	"strings"
)

// ErrMisfit says that a state or an event does not fit the bundle: the state is
// another bundle's, an input came while a call was out, an outcome while none
// was, or an outcome that the catalogue does not list.
var ErrMisfit = errors.New("menus: the state or event does not fit the bundle")

// step is one step under way.
type step struct {
	b     *Bundle
	st    *State
	facts *Facts
	out   map[string]Value // what the outcome gave
	rows  []Row            // and its list
	lang  int

	seen func(screen int, what string) // for coverage; may be nil
}

// saw notes what a step met.
func (s *step) saw(screen int, what string) {
	if s.seen != nil {
		s.seen(screen, what)
	}
}

// Begin is the state of a new session; its first step is an EventBegin.
func (b *Bundle) Begin(facts Facts) State {
	return State{Screen: b.start, Vars: make([]Value, len(b.vars)), Language: b.langs[b.speak(facts.Language)].code}
}

// speak is the language's place, or the first's.
func (b *Bundle) speak(lang string) int {
	for i := range b.langs {
		if b.langs[i].code == lang {
			return i
		}
	}
	return 0
}

// Step moves a session by one event. It changes st in place, its slices too
// (Clone it first to keep the old one), and asks for exactly one thing. After an
// error st is not to be used.
func (b *Bundle) Step(st *State, ev Event, facts Facts) (Action, error) {
	return b.step(st, ev, facts, nil)
}

func (b *Bundle) step(st *State, ev Event, facts Facts, seen func(screen int, what string)) (Action, error) {
	if !b.fitsState(st) {
		return Action{}, ErrMisfit
	}
	s := step{b: b, st: st, facts: &facts, lang: b.speak(st.Language), seen: seen}
	switch {
	case st.Rest != "" && ev.Kind == EventInput:
		return s.ending(b.screens[st.Screen].name, st.Rest), nil
	case st.Rest != "" || st.Offer && ev.Kind != EventInput:
	case st.Offer:
		return s.offered(ev.Text), nil
	case ev.Kind == EventBegin && !st.Waiting:
		return s.dialled(ev.Text), nil
	case ev.Kind == EventAsked && !st.Waiting && b.asked[ev.Text] != nil:
		return s.take(b.asked[ev.Text]), nil
	case ev.Kind == EventInput && !st.Waiting && b.screens[st.Screen].kind != screenCall:
		return s.input(ev.Text), nil
	case ev.Kind == EventOutcome && st.Waiting && b.screens[st.Screen].call != nil:
		return s.outcome(&ev)
	}
	return Action{}, ErrMisfit
}

func (b *Bundle) fitsState(st *State) bool {
	if int(st.Screen) >= len(b.screens) || len(st.Vars) != len(b.vars) || len(st.Stack) > MaxStack {
		return false
	}
	if st.Offer && b.screens[st.Screen].resume == nil {
		return false
	}
	for _, screen := range st.Stack {
		if int(screen) >= len(b.screens) || b.screens[screen].kind == screenCall {
			return false
		}
	}
	return true
}

// dialled answers a dial; rest is what follows the short code.
func (s *step) dialled(rest string) Action {
	for i := range s.b.begin {
		g := &s.b.begin[i]
		if g.guard != nil && !g.guard.holds(s.st, s.facts) {
			continue
		}
		if rest == "" || g.way.target != int(s.b.start) { // who must begin elsewhere does, whatever was dialled
			s.saw(nowhere, placeKey(i))
			return s.take(&g.way)
		}
		break
	}
	if len(rest) <= MaxInput {
		parts := strings.Split(rest, "*")
		for _, pattern := range s.b.dial {
			if matches(pattern, parts) {
				return s.shortcut(parts)
			}
		}
	}
	s.note(s.b.says.dial)
	return s.show(int(s.b.start))
}

func matches(pattern, parts []string) bool {
	if len(pattern) != len(parts) {
		return false
	}
	for i := range parts {
		if pattern[i] != "" && pattern[i] != parts[i] {
			return false
		}
	}
	return true
}

// shortcut answers the questions of a dialled pattern as if they had been shown;
// Parse proved that it walks shown screens up to its last part.
func (s *step) shortcut(parts []string) Action {
	s.st.Screen = s.b.start
	for _, part := range parts[:len(parts)-1] {
		w, wrong := s.typed(part)
		if w == nil || w.target == nowhere {
			return s.again(wrong)
		}
		s.leave()
		s.carry(w)
		s.st.Screen = uint16(w.target)
	}
	return s.answer(parts[len(parts)-1])
}

// input answers what was typed at the shown screen.
func (s *step) input(typed string) Action {
	if len(typed) > MaxInput {
		typed = ""
	}
	scr := &s.b.screens[s.st.Screen]
	switch key := strings.TrimSpace(typed); {
	case key == s.b.keys.more && s.st.Next > 0:
		return s.turn(s.st.Next)
	case key == s.b.keys.back && s.st.From > 0:
		return s.turn(s.before())
	case key == s.b.keys.back && scr.back != nil:
		s.saw(int(s.st.Screen), key)
		s.leave()
		return s.take(&scr.back.way)
	case key == s.b.keys.home && scr.back != nil:
		return s.again(s.b.says.choice)
	case key == s.b.keys.back:
		if n := len(s.st.Stack); n > 0 {
			return s.show(int(s.st.Stack[n-1]))
		}
		return s.home()
	case key == s.b.keys.home:
		return s.home()
	case scr.kind != screenMenu && s.st.Next > 0: // a question is answered where it ends, and a PIN typed by who saw all
		return s.again(s.b.says.choice)
	}
	if scr.kind == screenSecret {
		return s.secret(typed)
	}
	return s.answer(typed)
}

func (s *step) answer(typed string) Action {
	w, wrong := s.typed(typed)
	if w == nil {
		return s.again(wrong)
	}
	s.leave()
	return s.take(w)
}

// home begins anew at the first screen: what was typed is forgotten.
func (s *step) home() Action {
	clear(s.st.Vars)
	s.st.Refused, s.st.Asked, s.st.Kept = 0, 0, 0
	s.st.Stack = s.st.Stack[:0]
	return s.show(int(s.b.start))
}

// typed finds the way that an answer opens, or what is wrong with it.
func (s *step) typed(typed string) (w *way, wrong texts) {
	scr := &s.b.screens[s.st.Screen]
	if scr.kind == screenMenu {
		typed = strings.TrimSpace(typed)
		for i := range scr.options {
			if o := &scr.options[i]; o.key == typed && (o.guard == nil || o.guard.holds(s.st, s.facts)) {
				s.saw(int(s.st.Screen), o.key)
				return &o.way, nil
			}
		}
		return nil, s.b.says.choice
	}
	v, ok := scr.typ.read(s.b.region, typed)
	if !ok {
		return nil, s.b.says.of(scr.typ)
	}
	old := s.st.Vars[scr.slot]
	s.st.Vars[scr.slot] = v
	for i := range scr.checks {
		if c := &scr.checks[i]; !c.guard.holds(s.st, s.facts) {
			s.note(c.note)
			s.st.Vars[scr.slot] = old
			return nil, nil
		}
	}
	s.saw(int(s.st.Screen), answered)
	return &scr.next, nil
}

// secret hands what was typed to the screen's order, or to whoever keeps it for the
// order behind; it stays nowhere.
func (s *step) secret(typed string) Action {
	scr := &s.b.screens[s.st.Screen]
	v, ok := scr.typ.read(s.b.region, typed)
	if !ok {
		return s.again(s.b.says.secret)
	}
	s.leave()
	if scr.call != nil {
		return s.call(int(s.st.Screen), v.Text)
	}
	s.saw(int(s.st.Screen), answered)
	keep := &Secret{Number: scr.secret, Text: v.Text, Visit: s.st.Visit}
	s.st.Kept |= 1 << scr.secret
	act := s.take(&scr.next)
	act.Keep = keep
	return act
}

// again shows the screen once more with what was wrong, until its tries end.
func (s *step) again(wrong texts) Action {
	scr := &s.b.screens[s.st.Screen]
	if wrong != nil {
		s.note(wrong)
	}
	if s.st.Tries++; s.st.Tries >= scr.tries {
		return s.end(scr.name, s.b.says.tries)
	}
	return s.draw()
}

// outcome goes the way of a call's end.
func (s *step) outcome(ev *Event) (Action, error) {
	scr := &s.b.screens[s.st.Screen]
	w := scr.call.ways[ev.Outcome]
	if w == nil {
		return Action{}, ErrMisfit
	}
	s.saw(int(s.st.Screen), ev.Outcome)
	s.st.Waiting = false
	s.out, s.rows = ev.Values, ev.Rows
	s.settle(scr.call, w.spares)
	for _, k := range scr.call.keep {
		if v, ok := ev.Values[k.name]; ok {
			s.st.Vars[k.slot] = k.typ.cut(v)
		}
	}
	if s.refused(w) {
		return s.end(scr.name, s.b.says.tries), nil
	}
	return s.take(w), nil
}

// refused counts answers that a call sent back to their question with a note, and
// tells when they are as many as wrong ones may be.
func (s *step) refused(w *way) bool {
	if w.note == nil || w.target == nowhere || !s.b.screens[w.target].asks() {
		s.st.Refused, s.st.Asked = 0, 0
		return false
	}
	if int(s.st.Asked) != w.target {
		s.st.Refused, s.st.Asked = 0, uint16(w.target)
	}
	s.st.Refused++
	return s.st.Refused >= s.b.screens[w.target].tries
}

// asks tells whether a screen asks something that goes on, not to an order of its own.
func (scr *screen) asks() bool {
	return scr.kind == screenAsk || scr.kind == screenSecret && scr.call == nil
}

// leave remembers the shown screen for "back".
func (s *step) leave() {
	if len(s.st.Stack) == MaxStack {
		s.st.Stack = slices.Delete(s.st.Stack, 0, 1)
	}
	s.st.Stack = append(s.st.Stack, s.st.Screen)
	s.st.Tries = 0
}

// carry applies what a way sets.
func (s *step) carry(w *way) {
	for i := range w.set {
		s.st.Vars[w.set[i].slot] = s.value(&w.set[i].from)
	}
	if w.speak != nowhere {
		s.lang = w.speak
		s.st.Language = s.b.langs[w.speak].code
	}
	if w.note != nil {
		s.note(w.note)
	}
}

func (s *step) value(a *arg) Value {
	switch {
	case a.me:
		return Value{Set: true, Text: clip(s.facts.MSISDN, MaxVar)}
	case a.slot != nowhere:
		return s.st.Vars[a.slot]
	}
	return a.fixed
}

// take goes a way.
func (s *step) take(w *way) Action {
	s.carry(w)
	if w.target == nowhere {
		return s.end(s.b.screens[s.st.Screen].name, w.end)
	}
	if s.b.screens[w.target].kind == screenCall {
		return s.call(w.target, "")
	}
	return s.show(w.target)
}

// call asks the caller for the call or order of a screen.
func (s *step) call(target int, secret string) Action {
	s.st.Screen = uint16(target)
	s.st.Waiting = true
	scr := &s.b.screens[target]
	c := scr.call
	var args map[string]Value
	if len(c.in) > 0 {
		args = make(map[string]Value, len(c.in))
		for i := range c.in {
			args[c.in[i].param] = s.value(&c.in[i])
		}
	}
	return Action{Call: &Call{Screen: scr.name, Fn: c.fn, Args: args, Secret: secret, Own: c.own, Takes: c.takes, Visit: s.st.Visit, Budget: c.budget, Effects: c.effects}}
}
