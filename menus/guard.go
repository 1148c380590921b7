package menus

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/interpreter"

	"mlango/internal/conf"
)

// maxCost bounds what a guard may cost, in the units of CEL's cost model (about
// one a comparison).
const maxCost = 50

// maxGuards bounds a menu's different conditions: each takes about a tenth of a
// millisecond to compile.
const maxGuards = 2000

// celFacts are what guards may ask about the dialling subscriber.
var celFacts = map[string]*cel.Type{
	"me.msisdn": cel.StringType, "me.language": cel.StringType, "me.known": cel.BoolType, "me.locked": cel.BoolType,
	"me.no_pin": cel.BoolType, "me.frozen": cel.BoolType, "me.delayed": cel.BoolType, "me.today": cel.IntType,
	"me.unseen": cel.BoolType, "me.agent": cel.BoolType, "me.till": cel.BoolType,
}

// celAllowed are the operators and functions of guards: no division, no lists,
// no loops.
var celAllowed = []string{
	operators.Conditional, operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.Equals, operators.NotEquals,
	operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals, operators.Add, operators.Subtract,
	operators.Multiply, operators.Modulo, operators.Negate, "matches", "size", "startsWith", "endsWith", "contains",
}

// guard is a compiled condition. It is safe for any number of sessions at once.
type guard struct {
	program cel.Program
	slots   map[string]slot
}

// slot is a variable that a guard names.
type slot struct {
	index int
	typ   typ
}

// holds tells whether the condition is true; one that cannot be decided (a
// number too large) is not.
func (g *guard) holds(st *State, facts *Facts) bool {
	out, _, err := g.program.Eval(&activation{g.slots, st, facts})
	return err == nil && out == types.True
}

// activation answers a guard's names from the session.
type activation struct {
	slots map[string]slot
	st    *State
	facts *Facts
}

// ResolveName finds a variable's or a fact's value.
func (a *activation) ResolveName(name string) (any, bool) {
	switch name {
	case "me.msisdn":
		return types.String(a.facts.MSISDN), true
	case "me.language":
		return types.String(a.st.Language), true
	case "me.today":
		return types.Int(a.facts.Today), true
	case "me.known":
		return types.Bool(a.facts.Known), true
	case "me.locked":
		return types.Bool(a.facts.Locked), true
	case "me.no_pin":
		return types.Bool(a.facts.NoPIN), true
	case "me.frozen":
		return types.Bool(a.facts.Frozen), true
	case "me.agent":
		return types.Bool(a.facts.Agent), true
	case "me.till":
		return types.Bool(a.facts.Till), true
	case "me.unseen":
		return types.Bool(a.facts.Unseen), true
	case "me.delayed":
		return types.Bool(a.facts.Delayed), true
	}
	s, ok := a.slots[name]
	if !ok {
		return nil, false
	}
	v := &a.st.Vars[s.index]
	switch {
	case s.typ.kind == kindFlag:
		return types.Bool(v.Int != 0), true
	case s.typ.numeric():
		return types.Int(v.Int), true
	}
	return types.String(v.Text), true
}

// Parent is nobody: all names are here.
func (a *activation) Parent() interpreter.Activation { return nil }

// compiler makes guards; its environment is built when the first is met.
type compiler struct {
	bd   *builder
	env  *cel.Env
	made map[string]*guard // by expression
}

func newCompiler(bd *builder) *compiler { return &compiler{bd: bd, made: map[string]*guard{}} }

func celType(t typ) *cel.Type {
	switch {
	case t.kind == kindFlag:
		return cel.BoolType
	case t.numeric():
		return cel.IntType
	}
	return cel.StringType
}

func (c *compiler) environment() (*cel.Env, error) {
	if c.env != nil {
		return c.env, nil
	}
	options := []cel.EnvOption{cel.ClearMacros(), cel.ParserRecursionLimit(20), cel.ParserExpressionSizeLimit(MaxExpr)}
	for name, t := range celFacts {
		options = append(options, cel.Variable(name, t))
	}
	for _, v := range c.bd.b.vars {
		options = append(options, cel.Variable(v.name, celType(v.typ)))
	}
	env, err := cel.NewEnv(options...)
	c.env = env
	return env, err
}

// guard compiles an expression that stands in screen; adds are variables that
// are surely set there.
func (c *compiler) guard(screen int, src conf.At[string], adds uint32) *guard {
	if len(src.Value) > MaxExpr {
		c.bd.fail(src.Pos, harmSlow, "split it", "the condition has %d bytes, more than %d", len(src.Value), MaxExpr)
		return nil
	}
	env, err := c.environment()
	if err != nil {
		c.bd.fail(src.Pos, harmCheck, "", "conditions cannot be read: %v", err)
		return nil
	}
	if g := c.made[src.Value]; g != nil {
		for _, s := range g.slots {
			c.bd.use(screen, s.index, adds, src.Pos)
		}
		return g
	}
	if len(c.made) >= maxGuards {
		c.bd.fail(src.Pos, harmSlow, "use some of them twice, or split the menu", "the menu has more than %d different conditions", maxGuards)
		return nil
	}
	tree, issues := env.Compile(src.Value)
	if issues.Err() != nil {
		c.explain(src, issues)
		return nil
	}
	if what, mend := c.refuse(env, tree); what != "" {
		c.bd.fail(src.Pos, harmCheck, mend, "%s", what)
		return nil
	}
	g, names := &guard{slots: map[string]slot{}}, 0
	for _, ref := range tree.NativeRep().ReferenceMap() {
		if ref.Name != "" {
			names++
		}
		if i, ok := c.bd.slots[ref.Name]; ok {
			g.slots[ref.Name] = slot{i, c.bd.b.vars[i].typ}
			c.bd.use(screen, i, adds, src.Pos)
		}
	}
	if names == 0 {
		c.bd.fail(src.Pos, harmCheck, "name a variable or something of me, or leave the condition away", "the condition is always the same")
		return nil
	}
	g.program, err = env.Program(tree, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		c.bd.fail(src.Pos, harmCheck, "check the pattern of matches", "the condition cannot be used: %v", err)
		return nil
	}
	c.made[src.Value] = g
	return g
}

// refuse says why a well-formed expression may not guard a menu.
func (c *compiler) refuse(env *cel.Env, tree *cel.Ast) (what, mend string) {
	ast.PostOrderVisit(tree.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.CallKind:
			name, args := e.AsCall().FunctionName(), e.AsCall().Args()
			if name == "matches" && args[len(args)-1].Kind() != ast.LiteralKind {
				what, mend = "the pattern of matches is not written out", "write it in quotes, as to.matches('^2547')"
			}
			if name == "matches" && what == "" {
				if text, ok := args[len(args)-1].AsLiteral().Value().(string); ok && patternCost(text) > maxPattern {
					what, mend = fmt.Sprintf("the pattern of matches becomes %d steps, more than %d", patternCost(text), maxPattern), "repeat less"
				}
			}
			if name == operators.Divide {
				what, mend = "a condition does not divide: money is whole cents", "multiply the other side"
			} else if !slices.Contains(celAllowed, name) {
				what, mend = fmt.Sprintf("the function %s is not for menus", name), "use comparisons, && || !, + - * %, size, matches, startsWith, endsWith, contains"
			}
		case ast.LiteralKind:
			if e.AsLiteral().Type() == types.DoubleType {
				what, mend = "a condition has no decimals: money is whole cents", "write 5050 for 50.50"
			}
		case ast.ListKind, ast.MapKind, ast.StructKind, ast.ComprehensionKind:
			what, mend = "a condition holds no lists", "write the comparisons out with ||"
		}
	}))
	if what != "" {
		return what, mend
	}
	if tree.OutputType() != cel.BoolType {
		return fmt.Sprintf("the condition gives %s, not true or false", tree.OutputType()), "compare it with something"
	}
	if most, err := env.EstimateCost(tree, sizes{}); err != nil || most.Max > maxCost {
		return fmt.Sprintf("the condition costs %d, more than %d", most.Max, maxCost), "make it simpler"
	}
	return "", ""
}

// tableSigns are signs and words that people write in conditions, and that mean nothing there.
var tableSigns = []struct {
	wrong      *regexp.Regexp
	what, mend string
}{
	{regexp.MustCompile(`[^=!<>]=[^=]`), "one = compares nothing", "write == for equal, != for unequal"},
	{regexp.MustCompile(`=[!<>]|<>`), "the signs stand the other way round", "write != for unequal, <= for at most, >= for at least"},
	{regexp.MustCompile(`[0-9]\.[0-9]`), "a condition has no decimals: money is whole cents", "write 5050 for 50.50"},
	{regexp.MustCompile(`(?i)\b(and|or|not)\b`), "and, or and not are written as signs", "write && for and, || for or, ! for not"},
}

// explain turns what CEL says into words.
func (c *compiler) explain(src conf.At[string], issues *cel.Issues) {
	first := issues.Errors()[0]
	name, undeclared := strings.CutPrefix(first.Message, "undeclared reference to '")
	if !undeclared {
		said, _, _ := strings.Cut(first.Message, " expecting ")
		what, mend := clip(strings.Join(strings.Fields(said), " "), 120), "write a comparison, as amount >= 1000"
		if strings.Contains(said, "no matching overload") {
			what, mend = "it takes a text for a number, or a number for a text", `compare texts with == and !=, as to != me.msisdn, and numbers also with < <= > >=, as amount >= 1000`
		}
		for _, slip := range tableSigns {
			if slip.wrong.MatchString(src.Value) {
				what, mend = slip.what, slip.mend
			}
		}
		c.bd.fail(src.Pos, harmCheck, mend, "the condition cannot be read at its character %d: %s", first.Location.Column()+1, what)
		return
	}
	name, _, _ = strings.Cut(name, "'")
	if _, secret := c.bd.secrets[name]; secret {
		c.bd.fail(src.Pos, harmSecret, "the order checks it", "the secret %q may not stand in a condition", name)
		return
	}
	c.bd.fail(src.Pos, harmCheck, known(c.bd.slots)+"; "+strings.Join(slices.Sorted(maps.Keys(celFacts)), ", "), "the condition names %q, which is unknown", name)
}

// sizes tells CEL's cost model how long our texts are.
type sizes struct{}

// EstimateSize bounds a variable's length.
func (sizes) EstimateSize(e cost.AstNode) *cost.SizeEstimate {
	if e.Type() == types.StringType {
		return &cost.SizeEstimate{Min: 0, Max: MaxVar}
	}
	return nil
}

// EstimateCallCost leaves functions to CEL's own figures.
func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}
