package pin

// tableGuesses are PINs that people choose so often that a thief tries them first.
// Runs and repetitions are told by rule; these are years, keypad shapes and dates.
var tableGuesses = map[string]bool{
	"1004": true, "1010": true, "1122": true, "1212": true, "1313": true, "1342": true, "1470": true, "1478": true,
	"2000": true, "2001": true, "2002": true, "2020": true, "2112": true, "2468": true, "2580": true, "2583": true,
	"1900": true, "3690": true, "3698": true, "1357": true, "9630": true, "0852": true, "8520": true, "0007": true, "1236": true,
	"123123": true, "121212": true, "112233": true, "101010": true, "159753": true, "147258": true, "696969": true,
}

// Easy tells whether a PIN is one that everybody guesses: a digit or two repeated,
// a run up or down, a year of birth, a well-known shape, or the end of the number
// that dials.
func Easy(p PIN, msisdn string) bool {
	if p.IsZero() {
		return true
	}
	d := p.digits()
	typed := d.typ[:d.n]
	n := len(typed)
	return repeats(typed) || runs(typed, 1) || runs(typed, 9) || tableGuesses[string(typed)] || year(typed) ||
		len(msisdn) >= n && msisdn[len(msisdn)-n:] == string(typed)
}

// repeats tells of 1111, 1212, 123123.
func repeats(d []byte) bool {
	for width := 1; width <= len(d)/2; width++ {
		same := len(d)%width == 0
		for i := width; i < len(d) && same; i++ {
			same = d[i] == d[i-width]
		}
		if same {
			return true
		}
	}
	return false
}

// runs tells of 1234 and, by steps of nine, of 4321; 9 and 0 are neighbours.
func runs(d []byte, step byte) bool {
	for i := 1; i < len(d); i++ {
		if d[i]-'0' != (d[i-1]-'0'+step)%10 {
			return false
		}
	}
	return true
}

// year tells of the years in which people who dial were born.
func year(d []byte) bool {
	return len(d) == 4 && (d[0] == '1' && d[1] == '9' && d[2] >= '4' || d[0] == '2' && d[1] == '0' && d[2] <= '2')
}
