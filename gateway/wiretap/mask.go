package wiretap

import "bytes"

// How things are blanked. Lengths stay, so that a capture stays what a dissector
// can read.
const (
	codingUCS2  = 0x08 // data_coding (SMPP 3.4 §5.2.19)
	leastNumber = 9    // digits in a row that may be somebody's number
	headShown   = 4
	tailShown   = 3
	mostChoice  = 3 // characters of a choice in a menu: no PIN is so short
	blank       = 'x'
)

// units is a text of one or two octets a character.
type units struct {
	octets []byte
	wide   int
}

func (u units) len() int { return len(u.octets) / u.wide }

func (u units) at(i int) rune {
	if u.wide == 2 {
		return rune(u.octets[2*i])<<8 | rune(u.octets[2*i+1])
	}
	return rune(u.octets[i])
}

func (u units) put(i int, c byte) {
	if u.wide == 2 {
		u.octets[2*i], u.octets[2*i+1] = 0, c
		return
	}
	u.octets[i] = c
}

func (u units) digit(i int) bool { return u.at(i) >= '0' && u.at(i) <= '9' }

// septets is a packed text: character i begins at bit 7i (3GPP 23.038 §6.1.2.1).
type septets []byte

func (s septets) len() int { return len(s) * 8 / 7 }

func (s septets) at(i int) (c byte) {
	for bit := range 7 {
		n := 7*i + bit
		c |= s[n/8] >> (n % 8) & 1 << bit
	}
	return c
}

func (s septets) put(i int, c byte) {
	for bit := range 7 {
		n := 7*i + bit
		s[n/8] = s[n/8]&^(1<<(n%8)) | c>>bit&1<<(n%8)
	}
}

func (s septets) digit(i int) bool { return s.at(i) >= '0' && s.at(i) <= '9' }

// chars is a text of either kind.
type chars interface {
	len() int
	digit(i int) bool
	put(i int, c byte)
}

// maskOne stars the middle of one number wherever it stands.
func maskOne(octets []byte, number string) {
	for at := bytes.Index(octets, []byte(number)); at >= 0; at = bytes.Index(octets, []byte(number)) {
		star(units{octets, 1}, at, at+len(number))
	}
}

// maskNumbers stars the middle of every run of digits that may be a number, in
// characters of one octet, of two and of seven bits: what a coding says is not always
// so, and packed text has a coding of each operator's own.
func maskNumbers(octets []byte) {
	maskRuns(units{octets, 1})
	maskRuns(units{octets, 2})
	if len(octets) > 0 {
		maskRuns(units{octets[1:], 2})
	}
	maskRuns(septets(octets))
}

func maskRuns(u chars) {
	for i := 0; i < u.len(); i++ {
		from := i
		for i < u.len() && u.digit(i) {
			i++
		}
		if i-from >= leastNumber {
			star(u, from, i)
		}
	}
}

func star(u chars, from, to int) {
	for i := from + headShown; i < to-tailShown; i++ {
		u.put(i, '*')
	}
}

// maskDial blanks what stands behind the short code of a dialled string: *334*1*…#
// may hold a number, an amount, a PIN. It is false when the text is none.
func maskDial(octets []byte, wide int) bool {
	u, i, code := units{octets, wide}, 0, 0
	if u.len() > 0 && u.at(0) == '*' {
		i = 1
	}
	for ; i < u.len() && u.digit(i); i++ {
		code++
	}
	if code == 0 || code > mostCode || i == u.len() || u.at(i) != '*' && u.at(i) != '#' {
		return false
	}
	for ; i < u.len(); i++ {
		if c := u.at(i); c != '*' && c != '#' {
			u.put(i, blank)
		}
	}
	return true
}

// mostCode is how many digits a short code has at most.
const mostCode = 8

// maskTyped blanks what a subscriber typed, all of it where it may be a secret, and
// else whatever is longer than a choice in a menu.
func maskTyped(octets []byte, wide int, hushed bool) {
	u := units{octets, wide}
	if u.len() > 0 && u.at(0) == '*' && maskDial(octets, wide) {
		return
	}
	if !hushed && len(octets) <= mostChoice*wide && (wide == 1 || plain(u)) {
		return
	}
	for i := range u.len() {
		u.put(i, blank)
	}
	if len(octets)%wide != 0 {
		octets[len(octets)-1] = blank
	}
}

// plain tells whether two octets a character hold what a keypad types.
func plain(u units) bool {
	for i := range u.len() {
		if u.at(i) > 0x7f {
			return false
		}
	}
	return len(u.octets)%u.wide == 0
}
