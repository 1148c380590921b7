package menus

import "slices"

// maxQuotes bounds the screens that call what an order must come after.
const maxQuotes = 60

// quoted proves that an order is confirmed with what was quoted: on every way to
// it the call that it comes after was answered, and none of that call's values
// was asked for or set since.
func (bd *builder) quoted() {
	quotes := bd.quotes()
	if len(quotes) > maxQuotes {
		bd.fail(bd.src.Screens[quotes[maxQuotes]].Pos, harmSlow, "let screens share them", "%d screens call for a quote, more than %d", len(quotes), maxQuotes)
		return
	}
	const never = 1 // the bit of having no quote
	inputs := make([]uint32, len(quotes))
	for n, q := range quotes {
		inputs[n] = bd.inputsOf(q)
	}
	last := make([]uint64, len(bd.b.screens))
	bd.walk(func(e *edge) bool {
		have := uint64(never)
		if e.from != nowhere && !e.home && !e.resumes {
			have = last[e.from]
			if n := slices.Index(quotes, e.from); n >= 0 {
				if have = never; e.settles {
					have = 2 << n
				}
			}
		}
		for n := range quotes {
			if bit := uint64(2) << n; have&bit != 0 && e.adds&inputs[n] != 0 {
				have = have&^bit | never
			}
		}
		if last[e.to]|have == last[e.to] {
			return false
		}
		last[e.to] |= have
		return true
	})
	for i := range bd.b.screens {
		c := bd.b.screens[i].call
		if c == nil || bd.cat[c.fn].After == "" {
			continue
		}
		good := uint64(0)
		for n, q := range quotes {
			if bd.b.screens[q].call.fn == bd.cat[c.fn].After {
				good |= 2 << n
			}
		}
		bd.confirms(i, quotes)
		if last[i]&^good != 0 {
			bd.fail(bd.src.Screens[i].Pos, harmWrong, "lead every way to it through a call of "+bd.cat[c.fn].After+", and ask and set nothing of that call behind it",
				"the order %q may be confirmed without a quote of these values", c.fn)
		}
	}
}

// confirms proves that whoever types the PIN of an order reads what was quoted.
func (bd *builder) confirms(i int, quotes []int) {
	s := &bd.b.screens[i]
	for _, q := range quotes {
		c := bd.b.screens[q].call
		if c.fn != bd.cat[s.call.fn].After {
			continue
		}
		for _, name := range bd.cat[c.fn].Shows {
			slot, me := c.holds(name)
			for lang, t := range s.text {
				if !slices.ContainsFunc(t, func(p piece) bool { return me && p.from == fromMe || p.from == fromVar && p.slot == slot }) {
					bd.fail(posIn(&bd.src.Screens[i].Value.Text, bd.b.langs[lang].code), harmWrong, "show the variable that holds it",
						"the question for the PIN of %q does not show the %s of %s", s.call.fn, name, c.fn)
				}
			}
		}
	}
}

// holds is the variable in which a call's parameter or value is, or me.
func (c *call) holds(name string) (slot int, me bool) {
	for _, a := range c.in {
		if a.param == name {
			return a.slot, a.me
		}
	}
	for _, k := range c.keep {
		if k.name == name {
			return k.slot, false
		}
	}
	return nowhere, false
}

// quotes are the screens whose calls orders come after.
func (bd *builder) quotes() (out []int) {
	wanted := map[string]bool{}
	for _, fn := range bd.cat {
		wanted[fn.After] = fn.After != ""
	}
	for i := range bd.b.screens {
		if c := bd.b.screens[i].call; c != nil && wanted[c.fn] {
			out = append(out, i)
		}
	}
	return out
}

// inputsOf are the variables that a screen's call takes.
func (bd *builder) inputsOf(i int) (slots uint32) {
	for _, a := range bd.b.screens[i].call.in {
		if a.slot != nowhere {
			slots |= 1 << a.slot
		}
	}
	return slots
}

// settles tells whether all these outcomes give what the first one does: the
// quote then stands.
func (fn *Function) settles(outcomes []string) bool {
	for _, o := range outcomes {
		for _, value := range fn.Gives[fn.Outcomes[0]] {
			if !slices.Contains(fn.Gives[o], value) {
				return false
			}
		}
	}
	return true
}
