package load

import (
	"math"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"time"

	"mlango/internal/msisdn"
	"mlango/ledgerd/ledger"
)

// Person is a subscriber of the run, as the stack seeded it.
type Person struct {
	MSISDN   string // empty: reached by no handset
	Name     string // as the ledger shows it
	PIN      string // of a made-up person
	Language string
	Account  ledger.Account
}

// reached tells whether somebody is known who can get an SMS.
func (p *Person) reached() bool { return p != nil && p.MSISDN != "" }

// crowd is the population and who of it holds a phone right now.
type crowd struct {
	people []Person
	busy   []atomic.Bool
	dials  []uint16 // of each; only claim touches it
}

// sessionKeys is how many dialogues of one handset have names of their own over
// SMPP: its_session_info gives them one octet. One more would bear the name of an
// older one, and the audit could not tell their payments apart.
const sessionKeys = 256

func newCrowd(people []Person) *crowd {
	return &crowd{people: people, busy: make([]atomic.Bool, len(people)), dials: make([]uint16, len(people))}
}

// claim takes a person who is not in a session and has a name left for one,
// looking on from a drawn place; ok is false when nobody near is free. One
// goroutine calls it.
func (c *crowd) claim(from int) (i int, ok bool) {
	const looks = 64
	for n := range min(looks, len(c.people)) {
		i = (from + n) % len(c.people)
		if c.dials[i] < sessionKeys && c.busy[i].CompareAndSwap(false, true) {
			c.dials[i]++
			return i, true
		}
	}
	return 0, false
}

func (c *crowd) free(i int) { c.busy[i].Store(false) }

// Intent is what a person means to do, decided before the dial.
type Intent uint8

// The intents.
const (
	IntentSend Intent = iota
	IntentAirtime
	IntentBalance
	IntentLast
)

// Plan is one session as its person means it: what is dialled, what is typed and
// how long each takes. It is drawn from the seed alone.
type Plan struct {
	Payer, Payee int // in the crowd; equal for airtime
	Intent       Intent
	Amount       ledger.Amount
	Dial         string
	Keys         []Key
	Short        bool // dials the whole wish at once
	Again        bool // says yes when told that it looks repeated
	HangUp       int  // leaves instead of pressing this key; -1 never
}

// Key is one input with the human pause before it.
type Key struct {
	Text   string
	Secret bool // goes only to a screen that asks for a PIN
	Pause  time.Duration
}

// Human pauses, before --speed divides them. They are assumptions: read for two
// seconds or so, type a digit in a third of a second.
const (
	readMedian = 2.0 // seconds
	readSigma  = 0.5 // of the logarithm
	perDigit   = 0.3 // seconds
)

// Amounts of a salary day: the mean of M-PESA Kenya's year 2025 (KES 1,031) with the spread of
// PaySim's payments; capped well below the limit of one transfer.
const (
	amountMedian = 650.0 // KES
	amountSigma  = 0.91
	amountMost   = 20_000.0
	hotShare     = 0.02 // of sends go to one hot payee
)

// draw makes a session's plan.
func (c *crowd) draw(payer int, profile *Profile, code string, speed float64, rng *rand.Rand) Plan {
	m := &profile.Mix
	p := Plan{Payer: payer, Payee: payer, HangUp: -1, Again: rng.Float64() < 0.5}
	p.Intent = Intent(pick(rng.Float64(), m.Send, m.Airtime, m.Balance, m.Last))
	whole := math.Min(amountMost, math.Max(1, math.Round(profile.Amount*math.Exp(amountSigma*rng.NormFloat64()))))
	if p.Intent == IntentAirtime {
		whole = float64(5 * (1 + rng.IntN(40)))
	}
	p.Amount = ledger.Amount(whole) * 100
	if p.Intent == IntentSend {
		p.Payee = c.payee(payer, rng)
	}
	p.keys(c, code, whole, rng.Float64() < m.Shortcut)
	pin := c.people[payer].PIN
	if rng.Float64() < m.WrongPIN {
		p.key(wrong(pin), true)
	}
	p.key(pin, true)
	if rng.Float64() < m.HangUp {
		p.HangUp = rng.IntN(len(p.Keys))
	}
	for i := range p.Keys {
		read := readMedian * math.Exp(readSigma*rng.NormFloat64())
		seconds := (read + perDigit*float64(len(p.Keys[i].Text))) / speed
		p.Keys[i].Pause = time.Duration(seconds * float64(time.Second))
	}
	return p
}

// payee draws somebody else, now and then the hot one.
func (c *crowd) payee(payer int, rng *rand.Rand) int {
	i := rng.IntN(len(c.people))
	if rng.Float64() < hotShare {
		i = 0
	}
	if i == payer {
		i = (i + 1) % len(c.people)
	}
	return i
}

// keys are what is dialled and typed before the PIN in the wallet menu.
func (p *Plan) keys(c *crowd, code string, whole float64, short bool) {
	amount := strconv.Itoa(int(whole))
	p.Dial = "*" + code + "#"
	switch p.Intent {
	case IntentSend:
		to := msisdn.Local(c.people[p.Payee].MSISDN)
		if p.Short = short; short {
			p.Dial = "*" + code + "*1*" + to + "*" + amount + "#"
			return
		}
		p.key("1", false)
		p.key(to, false)
		p.key(amount, false)
	case IntentAirtime:
		p.key("2", false)
		p.key("1", false)
		p.key(amount, false)
	case IntentBalance:
		p.key("3", false)
		p.key("1", false)
	case IntentLast:
		p.key("3", false)
		p.key("2", false)
	}
}

func (p *Plan) key(text string, secret bool) {
	p.Keys = append(p.Keys, Key{Text: text, Secret: secret})
}

// wrong is a PIN with its last digit mistyped.
func wrong(pin string) string {
	last := pin[len(pin)-1]
	return pin[:len(pin)-1] + string('0'+(last-'0'+1)%10)
}

// pays tells whether the plan means to move money.
func (p *Plan) pays() bool { return p.Intent == IntentSend || p.Intent == IntentAirtime }
