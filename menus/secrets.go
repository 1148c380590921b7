package menus

import (
	"slices"

	"mlango/internal/conf"
)

// MaxSecrets bounds the secrets of a menu: one bit each in a state.
const MaxSecrets = 8

// Secret is a secret that was typed at a screen that goes on to another. Whoever steps
// the menu seals it at once and keeps nothing else of it, until State.Kept says that
// it is not wanted any more. It never stands in a state.
type Secret struct {
	Number uint8  // in the bundle
	Text   string // as typed
	Visit  uint32 // of the screen that asked for it
}

// Taken is a secret that an order takes and that was asked for on a screen before.
type Taken struct {
	Param  string // of the order
	Number uint8  // of the secret
}

// takes are the parameters of a function that are secrets; one that takes a single
// one takes the PIN.
func (fn *Function) takes() []string {
	if fn.Secret {
		return []string{paramPIN}
	}
	return fn.Secrets
}

// paramPIN is the secret parameter of an order that has but one.
const paramPIN = "pin"

// keepSecret compiles a screen that asks for a secret and goes on.
func (bd *builder) keepSecret(i int, s *screen, src *screenSource) {
	edges := len(bd.edges)
	s.next = bd.way(i, &wayKeys{Go: src.Go, Set: src.Set}, src.Ask.Pos, 0, nil)
	for n := range bd.edges[edges:] {
		bd.edges[edges+n].keeps = 1 << s.secret
	}
	if s.next.target != nowhere && bd.silent(s.next.target) {
		bd.fail(src.Go.Pos, harmSecret, "lead to the screen that asks for the next secret, or take it with order: here", "the secret %q goes on to a call", src.Ask.Value)
	}
}

// taken compiles which secrets an order takes: `takes: {pin: pin, new: new_pin}`. One
// that it takes alone needs no word. own is the secret that its screen asks for.
func (bd *builder) taken(i int, c *call, src *screenSource, fn *Function, own string, at conf.Pos) {
	want := fn.takes()
	if len(src.Takes) == 0 && len(want) == 1 && own != "" {
		c.own = want[0]
		return
	}
	taken := map[string]bool{}
	for _, t := range src.Takes {
		number, isSecret := bd.secretNumber(t.Value.Value)
		switch {
		case !slices.Contains(want, t.Key):
			bd.fail(t.Pos, harmSecret, bd.near(t.Key, want), "%q takes no secret %q", c.fn, t.Key)
		case taken[t.Value.Value]:
			bd.fail(t.Value.Pos, harmWrong, "ask for the other on a screen of its own", "%q takes the secret %q twice", c.fn, t.Value.Value)
		case !isSecret:
			bd.fail(t.Value.Pos, harmSecret, nearKey(bd, t.Value.Value, bd.secrets), "there is no secret %q", t.Value.Value)
		case t.Value.Value == own && c.own == "":
			c.own = t.Key
		default:
			c.takes = append(c.takes, Taken{t.Key, number})
			bd.wants = append(bd.wants, want1{i, number, t.Value.Pos, t.Value.Value})
		}
		taken[t.Value.Value] = true
	}
	for _, param := range want {
		if _, named := src.Takes.Get(param); !named {
			bd.fail(at, harmSecret, "add "+param+": below takes, and the secret that it is", "%q takes the secret %q, and nothing says which it is", c.fn, param)
		}
	}
	if own != "" && c.own == "" {
		bd.fail(src.Ask.Pos, harmSecret, "take it, or ask for nothing here", "the secret %q is asked for and %q does not take it", own, c.fn)
	}
}

// want1 is a secret that an order wants from the screens before.
type want1 struct {
	screen int
	number uint8
	pos    conf.Pos
	name   string
}

func (bd *builder) secretNumber(name string) (uint8, bool) {
	n := slices.IndexFunc(bd.src.Secrets, func(s conf.Pair[conf.At[string]]) bool { return s.Key == name })
	return uint8(n), n >= 0 && n < MaxSecrets
}

// spared are the secrets that are still kept after an outcome: those of the parameters
// that the catalogue says, where nothing was placed.
func (c *call) spared(fn *Function, outcomes []string) (mask uint8) {
	mask = 1<<MaxSecrets - 1
	for _, o := range outcomes {
		var one uint8
		for _, t := range c.takes {
			if slices.Contains(fn.Spares[o], t.Param) {
				one |= 1 << t.Number
			}
		}
		mask &= one
	}
	return mask
}

// asked proves that every secret that an order takes was asked for on each way to it:
// none is kept over an order, but for what it spares, nor over home.
func (bd *builder) asked() {
	in := make([]uint8, len(bd.b.screens))
	met := make([]bool, len(bd.b.screens))
	bd.walk(func(e *edge) bool {
		have := e.keeps
		if e.from != nowhere && !e.home && !e.resumes {
			kept := in[e.from]
			if c := bd.b.screens[e.from].call; c != nil && c.effects {
				kept &= e.spares
			}
			have |= kept
		}
		if met[e.to] {
			have &= in[e.to]
		}
		if met[e.to] && have == in[e.to] {
			return false
		}
		in[e.to], met[e.to] = have, true
		return true
	})
	for _, w := range bd.wants {
		if in[w.screen]&(1<<w.number) == 0 {
			bd.fail(w.pos, harmSecret, "lead every way to this order through the screen that asks for it, also those of its own answers", "the secret %q may not have been asked for here", w.name)
		}
	}
	for i := range bd.b.screens {
		if s := &bd.b.screens[i]; s.kind == screenSecret && s.call == nil && !bd.isTaken(s.secret) {
			bd.fail(bd.src.Screens[i].Pos, harmSecret, "take it with takes: at an order, or do not ask for it", "the secret of the screen %q is never taken", s.name)
		}
	}
}

func (bd *builder) isTaken(number uint8) bool {
	return slices.ContainsFunc(bd.wants, func(w want1) bool { return w.number == number })
}

// chained tells whether the way on from a screen needs secrets of screens before it,
// or is one.
func (s *screen) chained() bool {
	return s.kind == screenSecret && (s.call == nil || len(s.call.takes) > 0)
}

// settle forgets the secrets that an order took, with the screens that asked for them:
// "back" leads to none whose way on has lost its secrets.
func (s *step) settle(c *call, spares uint8) {
	if !c.effects {
		return
	}
	if s.st.Kept &= spares; len(c.takes) > 0 && s.st.Kept == 0 {
		s.st.Stack = slices.DeleteFunc(s.st.Stack, func(screen uint16) bool { return s.b.screens[screen].chained() })
	}
}
