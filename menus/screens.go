package menus

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mlango/internal/conf"
)

// screen compiles one screen by what it does.
func (bd *builder) screen(i int) {
	src := &bd.src.Screens[i].Value
	at := bd.src.Screens[i].Pos
	s := &bd.b.screens[i]
	file, line := bd.origin(at.Line)
	s.at = fmt.Sprintf("%s:%d", file, line)
	s.name, s.slot, s.tries = bd.src.Screens[i].Key, nowhere, uint8(bd.src.Tries)
	if src.Tries != 0 {
		bd.within("screens."+s.name+".tries", src.Tries, 1, 9)
		s.tries = uint8(src.Tries)
	}
	_, secret := bd.secrets[src.Ask.Value]
	switch {
	case len(src.Options) > 0:
		s.kind = screenMenu
		bd.only(i, "options", src.has("ask", "call", "order", "go", "check", "then"))
		bd.options(i, s, src)
	case secret:
		s.kind, s.typ = screenSecret, bd.secrets[src.Ask.Value]
		s.secret, _ = bd.secretNumber(src.Ask.Value)
		stray := src.has("call", "check")
		if src.Go.Value != "" { // another question follows, and the order stands there
			stray = append(stray, src.has("order", "then", "takes")...)
		}
		what := "a secret's question"
		if src.Go.Value != "" {
			what += " that goes on with go:"
		}
		bd.only(i, what, stray)
		if src.Go.Value != "" {
			bd.keepSecret(i, s, src)
		} else {
			bd.secretOrder(i, s, src)
		}
	case src.Ask.Value != "":
		s.kind = screenAsk
		bd.only(i, "a question", src.has("call", "order", "then"))
		bd.ask(i, s, src)
	case src.Call.Value != "" || src.Order.Value != "":
		s.kind = screenCall
		stray := src.has("text", "go", "check")
		if src.Call.Value != "" {
			stray = append(stray, src.has("order")...)
		}
		bd.only(i, "a call or an order without a question", stray)
		s.call = bd.call(i, src, false)
		if src.Resume.isSet() {
			bd.fail(src.Resume.pos(), harmHidden, "write it on the screen that is shown", "nobody breaks off at %q, which shows nothing", s.name)
		}
		return
	default:
		bd.fail(at, harmStuck, "give it options, ask, call or order", "the screen %q leads nowhere", s.name)
		return
	}
	if !src.Text.isSet() {
		bd.fail(at, harmGap, `add text: {en: "…"}`, "the screen %q has no text", s.name)
		return
	}
	s.text = bd.texts(&src.Text, bd.values(i, 0, nil, src.Text.pos))
	bd.resumed(i, s, src)
	bd.backs(i, s, src)
	if s.kind == screenAsk && slices.ContainsFunc(s.text, text.namesPIN) {
		bd.fail(src.Ask.Pos, harmSecret, "ask for a secret, on the screen of its order; or write another word", "the text speaks of a PIN, and the answer goes into a variable")
	}
}

// optionWay compiles the way of the option at a place.
func (bd *builder) optionWay(i, n int, src *wayKeys, at conf.Pos, adds uint32) way {
	edges := len(bd.edges)
	w := bd.way(i, src, at, adds, nil)
	for e := range bd.edges[edges:] {
		bd.edges[edges+e].option = n + 1
	}
	return w
}

// placeKey is the key of the option at a place, from 0.
func placeKey(n int) string { return strconv.Itoa(n + 1) }

// only complains about keys that do not go with what a screen is.
func (bd *builder) only(i int, what string, stray []string) {
	if len(stray) > 0 {
		bd.fail(bd.src.Screens[i].Pos, harmFails, "put that on a screen of its own; README.md lists what goes together", "on the screen %q %s cannot stand beside %s",
			bd.src.Screens[i].Key, strings.Join(stray, ":, ")+":", what)
	}
}

// has is which of some keys a screen has.
func (src *screenSource) has(keys ...string) []string {
	there := map[string]bool{"text": src.Text.isSet(), "ask": src.Ask.Value != "", "call": src.Call.Value != "", "order": src.Order.Value != "", "go": src.Go.Value != "",
		"check": len(src.Check) > 0, "then": len(src.Then) > 0, "takes": len(src.Takes) > 0}
	return slices.DeleteFunc(keys, func(key string) bool { return !there[key] })
}

func (bd *builder) options(i int, s *screen, src *screenSource) {
	if len(src.Options) > MaxOptions {
		bd.fail(bd.src.Screens[i].Pos, harmStuck, "split the screen", "%d options, more than %d", len(src.Options), MaxOptions)
		return
	}
	taken := map[string]bool{bd.b.keys.back: true, bd.b.keys.home: true, bd.b.keys.more: true}
	for n := range src.Options {
		from := &src.Options[n]
		at := from.Label.pos
		o := option{key: from.Key.Text}
		if o.key == "" {
			o.key = placeKey(n)
		} else if at = from.Key.Pos; !onlyDigits(o.key) || len(o.key) > 3 {
			bd.fail(at, harmKey, `write 1 to 3 digits, as "1"`, "%q cannot be pressed as a key", o.key)
		}
		if taken[o.key] {
			bd.fail(at, harmKey, "give each its own", "the key %q is taken on this screen", o.key)
		}
		taken[o.key] = true
		if from.Label.isSet() {
			o.label = bd.texts(&from.Label, bd.values(i, 0, nil, from.Label.pos))
			if slices.ContainsFunc(o.label, func(t text) bool { return !t.oneLine() }) {
				bd.fail(from.Label.pos, harmCut, "write it on one line", "the label of option %s has more than one line", o.key)
			}
		} else {
			bd.fail(bd.src.Screens[i].Pos, harmGap, `add label: {en: "…"}`, "option %s has no label", o.key)
		}
		if from.If.Value != "" {
			o.guard = bd.cel.guard(i, from.If, 0)
		}
		o.way = bd.optionWay(i, n, &from.wayKeys, at, 0)
		s.options = append(s.options, o)
	}
}

func (bd *builder) ask(i int, s *screen, src *screenSource) {
	slot, ok := bd.slots[src.Ask.Value]
	if !ok {
		bd.fail(src.Ask.Pos, harmFails, nearKey(bd, src.Ask.Value, bd.slots), "there is no variable %q to ask for", src.Ask.Value)
		return
	}
	s.slot, s.typ = slot, bd.b.vars[slot].typ
	if s.typ.kind == kindFlag || s.typ.kind == kindTime {
		bd.fail(src.Ask.Pos, harmStuck, "offer options", "%s cannot be typed", s.typ)
	}
	if s.typ.kind == kindChoice {
		bd.askChoice(i, s, src)
		return
	}
	if s.typ.kind == kindDate && bd.b.says.date == nil {
		bd.fail(src.Ask.Pos, harmGap, `add date: {en: "Write the date as 22/11/2026."} below says`, "a date is asked for and the sentence says.date is missing")
	}
	own := uint32(1) << slot
	if len(src.Check) > MaxChecks {
		bd.fail(src.Ask.Pos, harmSlow, "join them with &&", "%d checks, more than %d", len(src.Check), MaxChecks)
		return
	}
	for n := range src.Check {
		c := &src.Check[n]
		if c.Must.Value == "" || !c.Else.isSet() {
			bd.fail(bd.src.Screens[i].Pos, harmCheck, `write {must: "amount >= 1000", else: {en: "…"}}`, "check %d needs must and else", n+1)
			continue
		}
		s.checks = append(s.checks, check{bd.cel.guard(i, c.Must, own), bd.texts(&c.Else, bd.values(i, own, nil, c.Else.pos))})
	}
	s.next = bd.way(i, &wayKeys{Go: src.Go, Set: src.Set}, src.Ask.Pos, own, nil)
}

func (bd *builder) secretOrder(i int, s *screen, src *screenSource) {
	if src.Order.Value == "" {
		bd.fail(src.Ask.Pos, harmSecret, "add order: and its then:, or go: and the screen that asks for the next", "the secret %q is asked for and goes nowhere", src.Ask.Value)
		return
	}
	s.call = bd.call(i, src, true)
}

// call compiles the call or order of a screen.
func (bd *builder) call(i int, src *screenSource, secret bool) *call {
	name, what := src.Call, "call"
	if src.Order.Value != "" {
		name, what = src.Order, "order"
	}
	fn, ok := bd.cat[name.Value]
	if !ok {
		bd.fail(name.Pos, harmFails, bd.offered(name.Value), "there is no %s %q", what, name.Value)
		return nil
	}
	switch {
	case fn.Effects && what == "call":
		bd.fail(name.Pos, harmMoney, "write order: instead of call:", "%q moves money or counts an attempt", name.Value)
	case !fn.Effects && what == "order":
		bd.fail(name.Pos, harmMoney, "write call: instead of order:", "%q has no effects", name.Value)
	case len(fn.takes()) > 0 && !secret:
		bd.fail(name.Pos, harmFails, "put it on the screen that asks for the secret", "%q takes a secret", name.Value)
	case len(fn.takes()) == 0 && secret:
		bd.fail(name.Pos, harmSecret, "ask for no secret here", "%q takes no secret", name.Value)
	}
	c := &call{fn: name.Value, effects: fn.Effects, budget: src.Budget.Value.D(), ways: map[string]*way{}}
	if c.budget <= 0 || c.budget > bd.src.Reply.D() {
		bd.fail(orPos(src.Budget.Pos, name.Pos), harmLate, "write budget: 1200ms", "the budget is missing, or above reply (%v)", bd.src.Reply)
	}
	bd.inputs(i, c, src, &fn, name.Pos)
	if own := ""; len(fn.takes()) > 0 && secret || len(src.Takes) > 0 {
		if secret {
			own = src.Ask.Value
		}
		bd.taken(i, c, src, &fn, own, name.Pos)
	}
	bd.rowTexts(c, src, &fn)
	bd.kept(c, src, &fn)
	bd.outcomes(i, c, src, &fn, name.Pos)
	return c
}

func orPos(p, other conf.Pos) conf.Pos {
	if p.Line == 0 {
		return other
	}
	return p
}

func (bd *builder) inputs(i int, c *call, src *screenSource, fn *Function, at conf.Pos) {
	for _, in := range src.In {
		want, ok := fn.In[in.Key]
		if !ok {
			bd.fail(in.Pos, harmWrong, nearKey(bd, in.Key, fn.In), "%q has no parameter %q", c.fn, in.Key)
			continue
		}
		t, err := parseType(want)
		if err != nil {
			bd.fail(in.Pos, harmFails, "mend the catalogue", "the catalogue's %s: %v", c.fn, err)
			continue
		}
		a := bd.arg(i, in.Value, t, 0)
		a.param = in.Key
		c.in = append(c.in, a)
	}
	for param := range fn.In {
		if _, ok := src.In.Get(param); !ok {
			bd.fail(at, harmWrong, "add "+param+": below in", "%q needs the parameter %q", c.fn, param)
		}
	}
}

func (bd *builder) kept(c *call, src *screenSource, fn *Function) {
	for _, k := range src.Keep {
		slot, isVar := bd.slots[k.Value]
		out, err := parseType(fn.Out[k.Value])
		switch {
		case fn.Out[k.Value] == "" || err != nil:
			bd.fail(k.Pos, harmDash, nearKey(bd, k.Value, fn.Out), "%q gives no %q", c.fn, k.Value)
		case !isVar:
			bd.fail(k.Pos, harmDash, "declare "+k.Value+": "+out.String()+" below vars", "there is no variable %q to keep it in", k.Value)
		case out.kind != bd.b.vars[slot].typ.kind:
			bd.fail(k.Pos, harmDash, "declare it as "+out.String(), "%q is %s, the variable is %s", k.Value, out, bd.b.vars[slot].typ)
		default:
			c.keep = append(c.keep, kept{k.Value, slot, bd.b.vars[slot].typ})
		}
	}
}

// gives are the values that come with every one of the outcomes.
func (bd *builder) gives(fn *Function, outcomes []string) map[string]typ {
	outs := map[string]typ{}
	for name, src := range fn.Out {
		t, err := parseType(src)
		if err == nil && !slices.ContainsFunc(outcomes, func(o string) bool { return !slices.Contains(fn.Gives[o], name) }) {
			outs[name] = t
		}
	}
	if r := fn.Rows; r.Name != "" && !slices.ContainsFunc(outcomes, func(o string) bool { return !slices.Contains(fn.Gives[o], r.Name) }) {
		outs[r.Name] = typ{kind: kindRows, max: r.Most}
	}
	return outs
}
