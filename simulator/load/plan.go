package load

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"mlango/internal/msisdn"
	"mlango/ledgerd/ledger"
)

// Plan is one wish as its person means it: for whom, how much, how they read and type,
// and what befalls them. It is drawn from the seed alone; what is pressed follows from
// it and the screens.
type Plan struct {
	Payer, Payee int // in the crowd; equal where nobody else is meant; below zero one of the others
	Goal         string
	Amount       ledger.Amount
	Persona      *Persona
	Short        bool   // dials the whole wish at once, where the menu has a shortcut
	WrongPIN     bool   // mistypes the first PIN
	Again        bool   // says yes when told that it looks repeated
	Mishap       Mishap // of the first session
	MishapAt     int    // at this key, from 0: the dial
	Woken        bool   // by a payment that came
	Resumes      bool   // goes on where the dialogue broke off, when that is offered
	rng          *rand.Rand
	number       int // of the wish, from 1
	wished       *wish
	serial       uint32 // of the session among its person's
}

// Mishap is what befalls a session.
type Mishap uint8

// The mishaps.
const (
	NoMishap  Mishap = iota
	HangUp           // leaves in place of a key
	RadioLoss        // the key leaves, and the handset hears no more
	Idle             // presses nothing until the network ends the dialogue
	LateKey          // and then presses
)

// usualKeys is how many keys a session has, for the draw of where something befalls it.
const usualKeys = 5

// Pays tells whether the plan means to move money.
func (p *Plan) pays() bool { return Pays(p.Goal) }

// wish is what a session is about, as the report names it.
func (p *Plan) wish() string { return p.Goal }

// kind is what it moves money by.
func (p *Plan) kind() ledger.Kind { return tableKinds[p.Goal] }

// goal draws what a session is for.
func (p *Profile) goal(rng *rand.Rand) string {
	return p.Mix[pick(rng.Float64(), len(p.Mix), func(i int) float64 { return p.Mix[i].Part })].Name
}

// persona is who somebody is: by their account, else by their place in the crowd.
func (p *Profile) persona(who *Person, i int) *Persona {
	want := ""
	switch kindOf(who) {
	case ledger.AccountAgent:
		want = "agent"
	case ledger.AccountTill:
		want = "merchant"
	}
	total := 0.0
	for n := range p.People {
		if p.People[n].Name == want {
			return &p.People[n].Persona
		}
		if !atCounter(p.People[n].Name) {
			total += p.People[n].Part
		}
	}
	const parts = 1 << 16
	r := float64(uint32(i)*2654435761>>16) / parts * total
	for n := range p.People {
		if atCounter(p.People[n].Name) {
			continue
		}
		if r -= p.People[n].Part; r < 0 {
			return &p.People[n].Persona
		}
	}
	return &p.People[0].Persona
}

func atCounter(persona string) bool { return persona == "agent" || persona == "merchant" }

// draw makes a person's plan for a goal.
func (c *crowd) draw(payer int, goal string, profile *Profile, rng *rand.Rand) Plan {
	p := Plan{Payer: payer, Payee: payer, Goal: goal, Persona: profile.persona(&c.people[payer], payer), Again: rng.Float64() < profile.Retry.Again, rng: rng}
	a := profile.amounts(goal)
	whole := math.Round(a.Median*math.Exp(a.Sigma*rng.NormFloat64())/a.Step) * a.Step
	p.Amount = ledger.Amount(math.Min(a.Most, math.Max(a.Step, whole))) * 100
	if p.pays() && goal != GoalAirtime && goal != GoalReverse {
		hot := 0.0
		for _, h := range profile.Hot {
			if h.Name == goal {
				hot = h.Part
			}
		}
		p.Payee = c.payee(goal, payer, hot, rng)
	}
	p.Short, p.WrongPIN = rng.Float64() < p.Persona.Shortcut, rng.Float64() < profile.WrongPIN
	p.mishap(&profile.Trouble, rng)
	return p
}

// mishap draws what befalls the session, and where.
func (p *Plan) mishap(t *Trouble, rng *rand.Rand) {
	r := rng.Float64()
	p.MishapAt = rng.IntN(usualKeys)
	for _, one := range []struct {
		part float64
		what Mishap
	}{{t.HangUp, HangUp}, {t.RadioLoss, RadioLoss}, {t.Idle, Idle}, {t.LateKey, LateKey}} {
		if r -= one.part; r < 0 {
			p.Mishap = one.what
			break
		}
	}
	if p.MishapAt == 0 && p.Mishap != RadioLoss {
		p.MishapAt = 1 // before the first screen nobody leaves it
	}
}

// whole is the amount as people type it.
func (p *Plan) whole() string { return strconv.FormatInt(int64(p.Amount/100), 10) }

// tableSigns are words in the names of questions that are answered by the number on
// somebody's sign; other questions for digits or text are for one's account there.
var tableSigns = []string{"place", "till", "agent", "business", "paybill", "store", "shop", "number", "biller"}

// reference is what people write as their account with a business.
const reference = "12345"

// value is what the person types for a variable of the menu.
func (p *Plan) value(to *Person, name, kind string) string {
	switch {
	case kind == "msisdn" && to.MSISDN != "":
		return msisdn.Local(to.MSISDN)
	case kind == "money":
		return p.whole()
	case kind == "date":
		return "01011990"
	case strings.HasPrefix(kind, "choice"), strings.HasPrefix(kind, "int"):
		return "1"
	}
	for _, word := range tableSigns {
		if strings.Contains(name, word) && to.Number != "" {
			return to.Number
		}
	}
	return reference
}

// wrong is a PIN with its last digit mistyped.
func wrong(pin string) string {
	last := pin[len(pin)-1]
	return pin[:len(pin)-1] + string('0'+(last-'0'+1)%10)
}
