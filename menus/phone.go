package menus

import "strings"

// Phone is a handset with a menu behind it and nobody at the other end of its
// calls: whoever holds it answers them. Its state is encoded and decoded between
// any two steps. It serves previews and transcripts.
type Phone struct {
	bundle *Bundle
	facts  Facts
	state  []byte
	seen   func(screen int, what string)
}

// NewPhone makes a handset of a subscriber.
func NewPhone(b *Bundle, facts Facts) *Phone { return &Phone{bundle: b, facts: facts} }

// Dial begins a session; code is a whole service code, *334# or *334*1*…#.
func (p *Phone) Dial(code string) (Action, error) {
	st := p.bundle.Begin(p.facts)
	p.state = AppendState(nil, &st)
	return p.step(Event{Kind: EventBegin, Text: AfterCode(code)})
}

// Asked begins a session that somebody else asked for, by its name in the menu.
func (p *Phone) Asked(name string) (Action, error) {
	st := p.bundle.Begin(p.facts)
	p.state = AppendState(nil, &st)
	return p.step(Event{Kind: EventAsked, Text: name})
}

// Redial begins a session after the one before broke off where it stands: it offers
// to go on there, where the menu has that.
func (p *Phone) Redial(code string) (Action, error) {
	st, err := DecodeState(p.state)
	if err != nil {
		return Action{}, err
	}
	show := p.bundle.Offer(&st, p.facts)
	if show == nil || AfterCode(code) != "" {
		return p.Dial(code)
	}
	p.state = AppendState(nil, &st)
	return Action{Show: show}, nil
}

// Press types something at the shown screen.
func (p *Phone) Press(typed string) (Action, error) {
	return p.step(Event{Kind: EventInput, Text: typed})
}

// Answer ends the call that is out.
func (p *Phone) Answer(outcome string, values map[string]Value, rows ...Row) (Action, error) {
	return p.step(Event{Kind: EventOutcome, Outcome: outcome, Values: values, Rows: rows})
}

// State is the session as it is saved.
func (p *Phone) State() []byte { return p.state }

func (p *Phone) step(ev Event) (Action, error) {
	st, err := DecodeState(p.state)
	if err != nil {
		return Action{}, err
	}
	act, err := p.bundle.step(&st, ev, p.facts, p.seen)
	if err != nil {
		return Action{}, err
	}
	p.state = AppendState(p.state[:0], &st)
	return act, nil
}

// Shown answers calls with canned outcomes until a screen is shown: what a
// preview does after each Dial and Press.
func (p *Phone) Shown(act Action, err error, cat Catalogue) (*Show, error) {
	for n := 0; err == nil && act.Call != nil && n < MaxCallsHop; n++ {
		outcome, values := Canned(cat, act.Call)
		act, err = p.Answer(outcome, values, cannedRows(cat[act.Call.Fn].Rows)...)
	}
	if err != nil || act.Show == nil {
		return nil, ErrMisfit
	}
	return act.Show, nil
}

// Canned is a good outcome of a call with sample values.
func Canned(cat Catalogue, c *Call) (outcome string, values map[string]Value) {
	fn, ok := cat[c.Fn]
	if !ok || len(fn.Outcomes) == 0 {
		return "", nil
	}
	values = map[string]Value{}
	for _, name := range fn.Gives[fn.Outcomes[0]] {
		if t, err := parseType(fn.Out[name]); err == nil {
			values[name] = sample(name, t)
		}
	}
	return fn.Outcomes[0], values
}

// cannedRows is a sample of each kind of row.
func cannedRows(rows Rows) (list []Row) {
	for _, kind := range rows.Kinds[:min(len(rows.Kinds), rows.Most)] {
		values := map[string]Value{}
		for name, of := range rows.Out {
			if t, err := parseType(of); err == nil {
				values[name] = sample(name, t)
			}
		}
		list = append(list, Row{kind, values})
	}
	return list
}

// sample is a likely value of a type.
func sample(name string, t typ) Value {
	switch {
	case t.kind == kindMoney && name == "balance":
		return Value{Set: true, Int: 12_345_00} // as if enough were left
	case t.kind == kindMoney:
		return Value{Set: true, Int: 5700}
	case t.kind == kindTime:
		return Value{Set: true, Int: 1795328040000} // 22 November 2026, 9:14 in Nairobi
	case t.numeric():
		return Value{Set: true, Int: 1}
	case t.kind == kindMSISDN:
		return Value{Set: true, Text: "254722000002"}
	case t.kind == kindDigits:
		return Value{Set: true, Text: strings.Repeat("1", t.min)}
	case strings.HasSuffix(name, "receipt"):
		return Value{Set: true, Text: "UKM4K2X9QZ"}
	}
	return Value{Set: true, Text: clip("JANE W", t.max)}
}

// AfterCode is what a dialled string has behind its service code:
// 1*0722000002*500 of *334*1*0722000002*500#.
func AfterCode(dialled string) string {
	dialled = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(dialled), "*"), "#")
	_, rest, _ := strings.Cut(dialled, "*")
	return rest
}

// Units is how much of a screen the text takes, and its limit, in septets or UCS-2
// units as the session's language goes.
func (p *Phone) Units(text string) (units, limit int, inUCS2 bool) {
	st, err := DecodeState(p.state)
	if err != nil {
		return 0, 0, false
	}
	s := step{b: p.bundle, st: &st, facts: &p.facts, lang: p.bundle.speak(st.Language)}
	set := p.bundle.langs[s.lang].set
	return set.units(text), s.limit(), set == ucs2
}
