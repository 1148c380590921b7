package menus

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"mlango/internal/conf"
)

// beginnings compiles what a dial meets first, and the shortcuts.
func (bd *builder) beginnings() {
	at := bd.doc.Pos("begin")
	bd.b.at = fmt.Sprintf("%s:%d", bd.parts[0].name, at.Line)
	for n := range bd.src.Begin {
		src := &bd.src.Begin[n]
		var g *guard
		if src.If.Value == "" && n < len(bd.src.Begin)-1 {
			bd.fail(orPos(src.Go.Pos, at), harmHidden, "give it an if:, or put it last", "this way is always taken, those below it never")
		}
		if src.If.Value != "" {
			g = bd.cel.guard(nowhere, src.If, 0)
		}
		bd.b.begin = append(bd.b.begin, guarded{g, bd.way(nowhere, &src.wayKeys, at, 0, nil)})
	}
	if n := len(bd.src.Begin); n == 0 || n > MaxBegin || bd.src.Begin[n-1].If.Value != "" {
		bd.fail(at, harmFails, "end the list with - {go: "+bd.src.Start.Value+"}", "begin needs 1 to %d lines, the last without if", MaxBegin)
	}
	bd.askedFor()
	if n := len(bd.src.Dial); n > MaxDials {
		bd.fail(bd.doc.Pos("dial"), harmSlow, "keep fewer", "%d shortcuts, more than %d", n, MaxDials)
		return
	}
	for _, d := range bd.src.Dial {
		if bd.bad == 0 { // a missing screen is told once, where it is missing
			bd.shortcut(d)
		}
	}
	bd.edges = append(bd.edges, edge{from: nowhere, to: int(bd.b.start), home: true, note: bd.b.says.dial})
}

// strayDial says why a dialled pattern does not go on.
func (bd *builder) strayDial(pos conf.Pos, s *screen, parts []string, n int) {
	part := parts[n]
	if n == 0 {
		bd.fail(pos, harmDial, "begin with one of its keys", "the first screen %q has no place for %q", s.name, part)
		return
	}
	bd.fail(pos, harmDial, "write the keys and questions in the order in which the screens ask for them", "after %q the screen %q has no place for %q",
		strings.Join(parts[:n], "*"), s.name, part)
}

// shortcut proves that a dialled pattern walks the screens: `1*{to}*{amount}`
// presses 1 and answers two questions, with all their checks.
func (bd *builder) shortcut(d dialSource) {
	parts := strings.Split(d.Code.Text, "*")
	at, pattern := int(bd.b.start), make([]string, len(parts))
	for _, part := range parts {
		if name := strings.Trim(part, "{}"); bd.secrets[name] != (typ{}) {
			bd.fail(d.Code.Pos, harmSecret, "end the pattern before it: it is asked for on its screen", "a secret is never dialled, and %q is one", name)
			return
		}
	}
	for n, part := range parts {
		s := &bd.b.screens[at]
		w, found := &s.next, false
		if name, ok := strings.CutPrefix(part, "{"); ok {
			slot, isVar := bd.slots[strings.TrimSuffix(name, "}")]
			found = isVar && s.kind == screenAsk && s.slot == slot
		} else if i := slices.IndexFunc(s.options, func(o option) bool { return o.key == part }); i >= 0 {
			w, pattern[n], found = &s.options[i].way, part, true
		}
		if !found {
			bd.strayDial(d.Code.Pos, s, parts, n)
			return
		}
		if at = w.target; at == nowhere || n < len(parts)-1 && bd.b.screens[at].kind == screenCall {
			bd.fail(d.Code.Pos, harmDial, "end the pattern there", "the dialogue goes no further than %q", strings.Join(parts[:n+1], "*"))
			return
		}
	}
	if name := bd.b.screens[at].name; name != d.Lands.Value {
		bd.fail(orPos(d.Lands.Pos, d.Code.Pos), harmDial, "write lands: "+name, "the shortcut lands on %q, not on %q", name, d.Lands.Value)
	}
	bd.b.dial = append(bd.b.dial, pattern)
}

// prove holds the compiled menu to what every dial relies on.
func (bd *builder) prove() {
	bd.out = bd.graph()
	bd.turns = make([][]int, len(bd.b.screens))
	bd.deep()
	for _, proof := range []func(){bd.exits, bd.retired, bd.assigned, bd.asked, bd.quoted, bd.budgets, bd.resumes, bd.fit, bd.deep} {
		if bd.bad == 0 {
			proof()
		}
	}
}

// deep holds every screen to the operators' cap; pages count once they are known.
func (bd *builder) deep() {
	depth := bd.reach()
	bd.hidden(depth)
	for i, s := range bd.src.Screens {
		if depth[i] > bd.src.Fits.Depth {
			bd.fail(s.Pos, harmDeep, "shorten the way to it, or raise fits.depth", "the screen %q is %d screens and pages deep, more than %d", s.Key, depth[i], bd.src.Fits.Depth)
		}
	}
	bd.deepEnds(depth)
}

// hidden complains about screens that are never reached: about the first of those that
// follow each other only, since a way to it leads to all of them.
func (bd *builder) hidden(depth []int) {
	led := make([]bool, len(depth)) // another hidden screen leads to it
	for i := range depth {
		for _, n := range bd.out[i] {
			led[bd.edges[n].to] = led[bd.edges[n].to] || depth[i] == 0 && bd.edges[n].to != i
		}
	}
	told := make([]bool, len(depth))
	for _, first := range []bool{true, false} { // then those that only lead round
		for i, s := range bd.src.Screens {
			if depth[i] != 0 || told[i] || led[i] == first {
				continue
			}
			more := bd.behind(i, depth, told) - 1
			what := fmt.Sprintf("no way leads to the screen %q", s.Key)
			if more > 0 {
				what += fmt.Sprintf(", nor to %d behind it", more)
			}
			bd.fail(s.Pos, harmHidden, "lead a way to it, or remove it", "%s", what)
		}
	}
}

// behind counts the hidden screens that are reached from one, itself too, and marks them.
func (bd *builder) behind(i int, depth []int, told []bool) (n int) {
	told[i] = true
	for work := []int{i}; len(work) > 0; n++ {
		at := work[len(work)-1]
		work = work[:len(work)-1]
		for _, e := range bd.out[at] {
			if to := bd.edges[e].to; depth[to] == 0 && !told[to] {
				told[to] = true
				work = append(work, to)
			}
		}
	}
	return n
}

// walk calls f for every edge that leaves a dial, and then for every edge that
// leaves a screen to which f said something new came, until nothing does.
func (bd *builder) walk(f func(e *edge) bool) {
	work := []int{len(bd.b.screens)}
	for len(work) > 0 {
		from := work[0]
		work = work[1:]
		for _, n := range bd.out[from] {
			if e := &bd.edges[n]; f(e) {
				work = append(work, e.to)
			}
		}
	}
}

// reach is how many shown screens and pages lie on the shortest way to each screen; 0 is
// never reached.
func (bd *builder) reach() []int {
	depth := make([]int, len(bd.b.screens))
	bd.walk(func(e *edge) bool {
		if e.resumes {
			return false
		}
		// A silent screen has the depth of the shown one before it.
		to := 1
		if e.from != nowhere {
			to = depth[e.from]
			if turns := bd.turns[e.from]; turns != nil {
				to += turns[e.option]
			}
			if !bd.silent(e.to) {
				to++
			}
		}
		to = min(to, MaxDepth+1) // deeper is all the same
		if depth[e.to] != 0 && to >= depth[e.to] {
			return false
		}
		depth[e.to] = to
		return true
	})
	return depth
}

// assigned proves that no text, condition or call meets a variable that a way to
// it leaves unset.
func (bd *builder) assigned() {
	in := make([]uint32, len(bd.b.screens))
	for i := range in {
		in[i] = ^uint32(0)
	}
	met := make([]bool, len(bd.b.screens))
	bd.walk(func(e *edge) bool {
		have := e.adds
		if e.from != nowhere && !e.home {
			have |= in[e.from]
		}
		meet := in[e.to] & have
		if met[e.to] && meet == in[e.to] {
			return false
		}
		in[e.to], met[e.to] = meet, true
		return true
	})
	told := map[conf.Pos]bool{}
	for _, u := range bd.uses {
		have := u.adds
		if u.screen != nowhere {
			have |= in[u.screen]
		}
		if have&(1<<u.slot) == 0 && !told[u.pos] {
			told[u.pos] = true
			bd.fail(u.pos, harmUnset, "ask for it, keep it or set it on every way to this place", "the variable %q may have no value here", bd.b.vars[u.slot].name)
		}
	}
}

// budgets proves that calls do not go round without a screen, that a hop makes no
// more of them than its dialogue waits for, and that they fit the reply together.
func (bd *builder) budgets() {
	h := hops{bd: bd, sum: make([]time.Duration, len(bd.b.screens)), calls: make([]int, len(bd.b.screens))}
	for i := range bd.b.screens {
		if bd.bad == 0 {
			h.from(i)
		}
	}
}

// hops is what the calls from each screen on, up to the next one shown, take at
// worst: time, and how many they are; -1 is being looked at.
type hops struct {
	bd    *builder
	sum   []time.Duration
	calls []int
}

func (h *hops) from(i int) (time.Duration, int) {
	bd, name, pos := h.bd, h.bd.src.Screens[i].Key, h.bd.src.Screens[i].Pos
	c := bd.b.screens[i].call
	switch {
	case c == nil:
		return 0, 0
	case h.calls[i] < 0:
		bd.fail(pos, harmLate, "show a screen in between", "calls go round through %q without showing a screen", name)
		return 0, 0
	case h.calls[i] > 0:
		return h.sum[i], h.calls[i]
	}
	h.calls[i] = -1
	var most time.Duration
	behind := 0
	for _, outcome := range slices.Sorted(maps.Keys(c.ways)) {
		if t := c.ways[outcome].target; t != nowhere && bd.b.screens[t].kind == screenCall && bd.bad == 0 {
			sum, calls := h.from(t)
			most, behind = max(most, sum), max(behind, calls)
		}
	}
	h.sum[i], h.calls[i] = c.budget+most, 1+behind
	switch {
	case h.sum[i] > bd.src.Reply.D():
		bd.fail(pos, harmLate, "lower a budget", "calls from %q on may take %v, more than reply (%v)", name, h.sum[i], bd.src.Reply)
	case h.calls[i] > MaxCallsHop:
		bd.fail(pos, harmFails, "show a screen in between", "%d calls follow each other from %q on, more than %d", h.calls[i], name, MaxCallsHop)
	}
	return h.sum[i], h.calls[i]
}
