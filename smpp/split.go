package smpp

// Part is one SMS of a text.
type Part struct {
	Coding   uint8
	ESMClass uint8  // 0x40 when Text begins with a user data header
	Text     []byte // header and text, fit for short_message
}

// What fits in an SMS: alone, and beside the 6 octets of a concatenation header.
const (
	soloSeptets, partSeptets = 160, 153
	soloUnits, partUnits     = 70, 67
	maxParts                 = 255
	esmUDH                   = 0x40 // SMPP 3.4 §5.2.12: text begins with a UDH
)

// Put writes the part into m.
func (p Part) Put(m *Message) {
	m.DataCoding, m.Text = p.Coding, p.Text
	m.ESMClass |= p.ESMClass
}

// SplitSMS cuts a text into SMS. One that fits alone has no header; else every
// part carries the concatenation header with ref, which the parts of one text
// share and two texts to the same number should not. No escape and no surrogate
// pair is cut. A text of more than 255 parts is cut short.
func SplitSMS(text string, ref uint8) []Part { return nil }
