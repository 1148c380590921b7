package load

import (
	"math"
	"math/rand/v2"
	"time"
	"unicode/utf8"
)

// Persona is how somebody reads and types. All figures are assumptions: nobody has
// published what people take per screen; a profile may change each.
type Persona struct {
	Name     string
	Read     float64 // seconds for a hundred characters, the median
	Spread   float64 // sigma of the logarithm
	Digit    float64 // seconds a digit
	PINDigit float64 // seconds a digit of a PIN, typed by heart or with care
	Shortcut float64 // of dials go with the whole wish in the string
}

// tablePersonas are the built-in ones.
var tablePersonas = map[string]Persona{
	"novice":         {Read: 6, Spread: 0.6, Digit: 0.7, PINDigit: 0.9},
	"practised":      {Read: 2.2, Spread: 0.5, Digit: 0.3, PINDigit: 0.3},
	"string_dialler": {Read: 1.8, Spread: 0.4, Digit: 0.25, PINDigit: 0.25, Shortcut: 0.95},
	"agent":          {Read: 1.2, Spread: 0.3, Digit: 0.2, PINDigit: 0.2},
	"merchant":       {Read: 1.6, Spread: 0.4, Digit: 0.25, PINDigit: 0.3},
}

// leastRead is how long anybody looks at a screen, in seconds.
const leastRead = 0.4

// pause is how long somebody takes for a screen and their answer to it.
func (p *Persona) pause(rng *rand.Rand, shown, typed string, secret bool, speed float64) time.Duration {
	digit := p.Digit
	if secret {
		digit = p.PINDigit
	}
	read := p.Read * float64(utf8.RuneCountInString(shown)) / 100 * math.Exp(p.Spread*rng.NormFloat64())
	return time.Duration((max(read, leastRead) + digit*float64(len(typed))) / speed * float64(time.Second))
}

// mean is how long a session of them takes, at a usual menu, in seconds.
func (p *Persona) mean() float64 {
	const screens, characters, digits, pin = 5, 60, 15, 4
	return screens*p.Read*characters/100*math.Exp(p.Spread*p.Spread/2) + digits*p.Digit + pin*p.PINDigit
}
