// Package msisdn knows subscriber numbers, and what people type on a keypad:
// numbers in any national form, and amounts of money.
package msisdn

import (
	"errors"
	"log/slog"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Bounds of what is typed and of a number (ITU-T E.164 §6: at most 15 digits).
const (
	MaxTyped  = 24
	MinDigits = 8
	MaxDigits = 15
)

// ErrNotNumber says that what was typed is not a subscriber's number.
var ErrNotNumber = errors.New("msisdn: not a mobile number")

// Parse reads a number as people of a region (ISO 3166, as KE) type it – 07…,
// 7…, 254…, +254…, with spaces or dashes – into E.164 digits without a plus.
func Parse(region, typed string) (string, error) {
	if len(typed) > MaxTyped {
		return "", ErrNotNumber
	}
	digits, ok := plain(typed)
	if !ok || len(digits) < MinDigits {
		return "", ErrNotNumber
	}
	if e164, ok := known(region, digits); ok {
		return e164, nil
	}
	return library(region, digits)
}

// library asks the numbering plans of the whole world, at some twenty times the
// price of known.
func library(region, digits string) (string, error) {
	n, err := phonenumbers.Parse(digits, region)
	if err != nil {
		return "", ErrNotNumber
	}
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
		if e164 := strings.TrimPrefix(phonenumbers.Format(n, phonenumbers.E164), "+"); Valid(e164) { // plans know mobile numbers of seven digits
			return e164, nil
		}
	}
	return "", ErrNotNumber
}

// plans are blocks of mobile numbers that are in use whole, by region: what
// follows the country code begins with lead and has digits digits. A test holds
// each against the library.
var plans = map[string]struct {
	code, lead string
	digits     int
}{"KE": {"254", "7", 9}}

// known reads a number of such a block without asking the library.
func known(region, digits string) (e164 string, ok bool) {
	plan, ok := plans[region]
	if !ok {
		return "", false
	}
	rest := strings.TrimPrefix(digits, "+")
	switch {
	case strings.HasPrefix(rest, plan.code+plan.lead) && len(rest) == len(plan.code)+plan.digits:
		return rest, true
	case len(rest) < len(digits):
		return "", false // a plus belongs to a country code
	case strings.HasPrefix(rest, "0"+plan.lead) && len(rest) == 1+plan.digits:
		return plan.code + rest[1:], true
	case strings.HasPrefix(rest, plan.lead) && len(rest) == plan.digits:
		return plan.code + rest, true
	}
	return "", false
}

// plain drops what people put between digits; anything else is refused.
func plain(typed string) (string, bool) {
	out := make([]byte, 0, MaxTyped)
	for i := range len(typed) {
		switch c := typed[i]; {
		case c >= '0' && c <= '9', c == '+' && len(out) == 0:
			out = append(out, c)
		case c == ' ' || c == '-':
		default:
			return "", false
		}
	}
	return string(out), true
}

// Valid tells whether s is E.164 digits without a plus: 8 to 15 digits, the
// first not zero.
func Valid(s string) bool {
	if len(s) < MinDigits || len(s) > MaxDigits || s[0] == '0' {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// Mask is a number as it is logged: 2547*****678. Whatever is no number is all
// stars.
func Mask(e164 string) string {
	if !Valid(e164) {
		return "*****"
	}
	return e164[:4] + "*****" + e164[len(e164)-3:]
}

// Local is a number as people of its country write it: 0722000002. A number of
// a country that this house does not know keeps its plus.
func Local(e164 string) string {
	if !Valid(e164) {
		return e164
	}
	for _, country := range trunk {
		if rest, ok := strings.CutPrefix(e164, country.code); ok && len(rest) == country.digits {
			return "0" + rest
		}
	}
	return "+" + e164
}

// trunk lists countries whose people write 0 for the country code, with the
// digits of a national number (ITU-T E.164 national numbering plans).
var trunk = []struct {
	code   string
	digits int
}{{"254", 9}, {"255", 9}, {"256", 9}, {"250", 9}, {"251", 9}, {"233", 9}}

// Show is a number as another subscriber may see it: 0722***002.
func Show(e164 string) string {
	local := Local(e164)
	if len(local) < 8 {
		return "***"
	}
	return local[:4] + "***" + local[len(local)-3:]
}

// Logged is a number that a log shows masked.
type Logged string

// LogValue is the masked number.
func (l Logged) LogValue() slog.Value { return slog.StringValue(Mask(string(l))) }

// String is the masked number.
func (l Logged) String() string { return Mask(string(l)) }
