package smpp

import "unicode/utf8"

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

	esmUDH       = 0x40 // SMPP 3.4 §5.2.12: text begins with a user data header
	concatIE     = 0x00 // 3GPP 23.040 §9.2.3.24.1: 8-bit reference
	concatWideIE = 0x08 // §9.2.3.24.8: 16-bit reference
	concatHeader = 6
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
func SplitSMS(text string, ref uint8) []Part {
	coding, octets, solo, most := CodingGSM7, 1, soloSeptets, partSeptets
	n, gsm := Septets(text)
	if !gsm {
		coding, octets, solo, most = CodingUCS2, 2, soloUnits, partUnits
		n = Units(text)
	}
	if n <= solo {
		return []Part{{Coding: coding, Text: appendCoded(nil, coding, text)}}
	}
	cuts := cutText(text, coding, most)
	parts := make([]Part, len(cuts))
	for i, piece := range cuts {
		b := make([]byte, 0, concatHeader+octets*most)
		b = append(b, concatHeader-1, concatIE, 3, ref, byte(len(cuts)), byte(i+1))
		parts[i] = Part{Coding: coding, ESMClass: esmUDH, Text: appendCoded(b, coding, piece)}
	}
	return parts
}

func appendCoded(dst []byte, coding uint8, s string) []byte {
	if coding == CodingUCS2 {
		return appendUCS2(dst, s)
	}
	return appendGSM(dst, s)
}

// cutText cuts between characters, each piece at most most septets or units.
func cutText(text string, coding uint8, most int) []string {
	var cuts []string
	start, used := 0, 0
	for i, r := range text {
		width := widthOf(r, coding)
		if used+width > most {
			cuts = append(cuts, text[start:i])
			start, used = i, 0
			if len(cuts) == maxParts {
				return cuts
			}
		}
		used += width
	}
	return append(cuts, text[start:])
}

func widthOf(r rune, coding uint8) int {
	if coding == CodingUCS2 {
		if r > 0xFFFF && r <= utf8.MaxRune {
			return 2
		}
		return 1
	}
	if septet, _ := septetOf(r); septet > 0xFF {
		return 2
	}
	return 1
}
