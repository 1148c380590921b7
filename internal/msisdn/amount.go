package msisdn

import "errors"

// Bounds of a typed amount.
const (
	MaxAmountTyped = 16
	MaxMajor       = 999_999_999 // whole units; far from where int64 cents end
)

// ErrNotAmount says that what was typed is not an amount, or could be read in
// two ways.
var ErrNotAmount = errors.New("msisdn: not an amount")

// ParseAmount reads an amount in major units as people type it – 500, 1,000,
// 50.5, 50.50 – into minor units (hundredths). Zero, signs, leading zeros, a
// comma that does not part thousands and a third decimal are refused: money is
// never guessed.
func ParseAmount(typed string) (int64, error) {
	if len(typed) == 0 || len(typed) > MaxAmountTyped || typed[0] == '0' && len(typed) > 1 && typed[1] != '.' {
		return 0, ErrNotAmount
	}
	whole, cents := typed, ""
	for i := range len(typed) {
		if typed[i] == '.' {
			if whole, cents = typed[:i], typed[i+1:]; cents == "" || len(cents) > 2 {
				return 0, ErrNotAmount
			}
			break
		}
	}
	major, ok := thousands(whole)
	minor, ok2 := digits(cents)
	if len(cents) == 1 {
		minor *= 10
	}
	if !ok || !ok2 || major > MaxMajor || major*100+minor == 0 {
		return 0, ErrNotAmount
	}
	return major*100 + minor, nil
}

// thousands reads digits that may be grouped by commas, all groups or none.
func thousands(s string) (int64, bool) {
	plain := make([]byte, 0, MaxAmountTyped)
	commas := 0
	for i := range len(s) {
		if s[i] == ',' {
			if i == 0 || (len(s)-i)%4 != 0 {
				return 0, false
			}
			commas++
			continue
		}
		plain = append(plain, s[i])
	}
	if len(plain) == 0 || commas > 0 && commas != (len(plain)-1)/3 {
		return 0, false
	}
	return digits(string(plain))
}

func digits(s string) (n int64, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int64(s[i]-'0')
	}
	return n, true
}
