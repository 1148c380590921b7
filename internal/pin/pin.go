// Package pin seals, opens and compares PINs. A PIN has no formatter: whatever
// prints one prints stars.
package pin

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Bounds of a PIN's length in digits.
const (
	MinDigits = 4
	MaxDigits = 6
)

// ErrNotPIN says that what was typed is not a PIN. It never repeats it.
var ErrNotPIN = errors.New("pin: a PIN is 4 to 6 digits")

// stars is all that anyone gets to read of a PIN or a key.
const stars = "****"

// PIN is a subscriber's secret in the clear. Hold one for as short as possible
// and Wipe it. Copies share the digits, so wiping one wipes them all.
//
// The digits stand behind a function because fmt prints the unexported fields of
// a struct without asking their methods, and for a verb it does not know it looks
// behind a pointer too: a PIN inside somebody's private field would come out as
// bytes. Nothing looks into a function. It also keeps two PINs from being
// compared with ==; compare their MACs.
type PIN struct{ digits func() *digits }

// digits is what was typed; unused places are zero.
type digits struct {
	n   uint8
	typ [MaxDigits]byte
}

// Parse takes what was typed; anything but 4 to 6 ASCII digits is ErrNotPIN.
func Parse(typed string) (PIN, error) {
	if len(typed) < MinDigits || len(typed) > MaxDigits {
		return PIN{}, ErrNotPIN
	}
	d := &digits{n: uint8(len(typed))}
	for i := range len(typed) {
		if typed[i] < '0' || typed[i] > '9' {
			*d = digits{}
			return PIN{}, ErrNotPIN
		}
		d.typ[i] = typed[i]
	}
	return PIN{digits: func() *digits { return d }}, nil
}

// IsZero tells whether there is no PIN: never parsed, or wiped.
func (p PIN) IsZero() bool { return p.digits == nil || p.digits().n == 0 }

// Wipe forgets the digits, in every copy of the PIN.
func (p *PIN) Wipe() {
	if p.digits != nil {
		*p.digits() = digits{}
	}
	p.digits = nil
}

// Format is stars for every verb, %d and %x among them.
func (PIN) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, stars) }

// String is stars, whatever the PIN.
func (PIN) String() string { return stars }

// GoString is stars, whatever the PIN.
func (PIN) GoString() string { return stars }

// LogValue is stars, whatever the PIN.
func (PIN) LogValue() slog.Value { return slog.StringValue(stars) }

// MarshalText is stars, whatever the PIN.
func (PIN) MarshalText() ([]byte, error) { return []byte(stars), nil }
