package smpp

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The data codings we write (SMPP 3.4 §5.2.19). We read more, see DecodeText.
const (
	CodingGSM7 uint8 = 0x00 // SMSC default alphabet: GSM 03.38, one septet an octet
	CodingUCS2 uint8 = 0x08 // UTF-16 big endian
)

const escape = 0x1B // GSM 03.38 §6.2.1: the next septet is of the extension table

// tableGSM is GSM 03.38's default alphabet in order of its septets; the escape
// itself stands as U+001B.
var tableGSM = buildAlphabet("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
	"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà")

func buildAlphabet(inOrder string) [128]rune { return [128]rune([]rune(inOrder)) }

// tableExtension is what follows an escape.
var tableExtension = map[byte]rune{
	0x0A: '\f', 0x14: '^', 0x28: '{', 0x29: '}', 0x2F: '\\',
	0x3C: '[', 0x3D: '~', 0x3E: ']', 0x40: '|', 0x65: '€',
}

// tableSeptets is both tables turned round; a septet of the extension has its
// escape in the high octet.
var tableSeptets = buildSeptets()

func buildSeptets() map[rune]uint16 {
	t := make(map[rune]uint16, len(tableGSM)+len(tableExtension))
	for septet, r := range tableGSM {
		if septet != escape {
			t[r] = uint16(septet)
		}
	}
	for septet, r := range tableExtension {
		t[r] = escape<<8 | uint16(septet)
	}
	return t
}

// tableASCII is tableSeptets for the characters almost all text is made of;
// noSeptet where GSM has none.
var tableASCII = buildASCII()

const noSeptet = 0xFFFF

func buildASCII() (t [128]uint16) {
	for r := range t {
		septet, ok := tableSeptets[rune(r)]
		if !ok {
			septet = noSeptet
		}
		t[r] = septet
	}
	return t
}

func septetOf(r rune) (uint16, bool) {
	if r < 128 {
		septet := tableASCII[r]
		return septet, septet != noSeptet
	}
	septet, ok := tableSeptets[r]
	return septet, ok
}

// Septets counts s in GSM septets, an extended character as two. gsm is false
// when a character is in neither table; n is then meaningless.
func Septets(s string) (n int, gsm bool) {
	for _, r := range s {
		septet, ok := septetOf(r)
		if !ok {
			return 0, false
		}
		n++
		if septet > 0xFF {
			n++
		}
	}
	return n, true
}

// Units counts s in UTF-16 units, as UCS-2 text is charged.
func Units(s string) (n int) {
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// EncodeText writes s in GSM 7-bit where every character is in its tables, else
// in UCS-2.
func EncodeText(s string) (coding uint8, b []byte) {
	if n, gsm := Septets(s); gsm {
		return CodingGSM7, appendGSM(make([]byte, 0, n), s)
	}
	return CodingUCS2, appendUCS2(make([]byte, 0, 2*Units(s)), s)
}

func appendGSM(dst []byte, s string) []byte {
	for _, r := range s {
		septet, _ := septetOf(r)
		if septet > 0xFF {
			dst = append(dst, escape)
		}
		dst = append(dst, byte(septet))
	}
	return dst
}

func appendUCS2(dst []byte, s string) []byte {
	for _, r := range s {
		if hi, lo := utf16.EncodeRune(r); hi != utf8.RuneError {
			dst = append(dst, byte(hi>>8), byte(hi), byte(lo>>8), byte(lo))
			continue
		}
		dst = append(dst, byte(r>>8), byte(r))
	}
	return dst
}

// DecodeText reads text in any coding an operator may send, the CBS codings of
// USSD among them. What cannot be read is read as well as it can be: it never
// fails.
func DecodeText(coding uint8, b []byte) string {
	switch alphabetOf(coding) {
	case alphabetUCS2:
		return decodeUCS2(b)
	case alphabetLatin1:
		return decodeLatin1(b)
	}
	return decodeGSM(b)
}

type alphabet uint8

const (
	alphabetGSM alphabet = iota
	alphabetLatin1
	alphabetUCS2
)

// alphabetOf reads data_coding as SMPP 3.4 §5.2.19 and, for the groups USSD
// centres use, as 3GPP 23.038 §5.
func alphabetOf(coding uint8) alphabet {
	switch {
	case coding == 0x08, coding == 0x11:
		return alphabetUCS2
	case coding == 0x01, coding == 0x02, coding == 0x03, coding == 0x04:
		return alphabetLatin1
	case coding >= 0x40 && coding <= 0x7F: // general data coding: bits 3 and 2
		return [4]alphabet{alphabetGSM, alphabetLatin1, alphabetUCS2, alphabetGSM}[coding>>2&3]
	case coding >= 0xF0 && coding&0x04 != 0: // 8-bit data with a message class
		return alphabetLatin1
	}
	return alphabetGSM
}

// decodeGSM takes a high octet for Latin-1, as peers do that never heard of
// septets, and an unknown extension for its plain character (GSM 03.38 §6.2.1.1).
func decodeGSM(b []byte) string {
	var s strings.Builder
	s.Grow(len(b))
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c >= 0x80:
			s.WriteRune(rune(c))
		case c != escape:
			s.WriteRune(tableGSM[c])
		case i+1 == len(b):
			s.WriteByte(' ')
		default:
			if r, ok := tableExtension[b[i+1]]; ok {
				s.WriteRune(r)
				i++
			}
		}
	}
	return s.String()
}

func decodeLatin1(b []byte) string {
	var s strings.Builder
	s.Grow(len(b))
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	return s.String()
}

// decodeUCS2 reads surrogate pairs, and a half one as U+FFFD; an odd last octet
// is dropped.
func decodeUCS2(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
	}
	return string(utf16.Decode(units))
}
