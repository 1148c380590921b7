// Package pin seals, opens and compares PINs. A PIN has no formatter: whatever
// prints one prints stars.
package pin

import (
	"errors"
	"log/slog"
)

// Bounds of a PIN's length in digits.
const (
	MinDigits = 4
	MaxDigits = 6
)

// ErrNotPIN says that what was typed is not a PIN. It never repeats it.
var ErrNotPIN = errors.New("pin: a PIN is 4 to 6 digits")

// PIN is a subscriber's secret in the clear. Hold one for as short as possible
// and Wipe it.
type PIN struct {
	digits [MaxDigits]byte
	n      uint8
}

// Parse takes what was typed; anything but 4 to 6 ASCII digits is ErrNotPIN.
func Parse(typed string) (PIN, error) {
	var p PIN
	if len(typed) < MinDigits || len(typed) > MaxDigits {
		return p, ErrNotPIN
	}
	for i := range len(typed) {
		if typed[i] < '0' || typed[i] > '9' {
			return PIN{}, ErrNotPIN
		}
		p.digits[i] = typed[i]
	}
	p.n = uint8(len(typed))
	return p, nil
}

// Wipe forgets the digits.
func (p *PIN) Wipe() { *p = PIN{} }

// String is stars, whatever the PIN.
func (PIN) String() string { return "****" }

// GoString is stars, whatever the PIN.
func (PIN) GoString() string { return "****" }

// LogValue is stars, whatever the PIN.
func (PIN) LogValue() slog.Value { return slog.StringValue("****") }

// MarshalText is stars, whatever the PIN.
func (PIN) MarshalText() ([]byte, error) { return []byte("****"), nil }
