package menus

import (
	"strings"
	"unicode/utf8"
)

// The GSM 7-bit default alphabet beyond ASCII, and its extension, whose
// characters take two septets (3GPP TS 23.038 §6.2.1).
const (
	gsmPlain     = "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà"
	gsmNotASCII  = "`\x00"
	gsmExtension = "^{}\\[~]|€"
)

// foldFrom and foldTo, rune by rune, are letters of names that the alphabet does
// not have and what stands for them.
const (
	foldFrom = "áâãåçêëíîïóôõúûýÿšžčćđłńśźżÁÂÃÀÈÊËÌÍÎÏÒÓÔÕÙÚÛÝŠŽČĆĐŁŃŚŹŻ’‘“”–—…`"
	foldTo   = "aaaaceeiiiooouuyyszccdlnszzAAAAEEEIIIIOOOOUUUYSZCCDLNSZZ''\"\"--.'"
)

// septets is how many septets a character takes; 0 when the alphabet lacks it.
func septets(r rune) int {
	switch {
	case r < utf8.RuneSelf:
		if r == '\n' || r == '\r' {
			return 1
		}
		if r < ' ' || r == 0x7f || strings.IndexByte(gsmNotASCII, byte(r)) >= 0 {
			return 0
		}
		if strings.IndexByte(gsmExtension, byte(r)) >= 0 {
			return 2
		}
		return 1
	case r == '€':
		return 2
	case strings.ContainsRune(gsmPlain, r):
		return 1
	}
	return 0
}

// utf16s is how many UCS-2 units a character takes.
func utf16s(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// fold is the character, or what stands for it, that the GSM alphabet has.
func fold(r rune) rune {
	if septets(r) > 0 {
		return r
	}
	to := []rune(foldTo)
	n := 0
	for _, c := range foldFrom {
		if c == r {
			return to[n]
		}
		n++
	}
	return '?'
}

// Charset is what a language's screens are made of.
type charset uint8

const (
	gsm7 charset = iota
	ucs2
)

// String is what the charset's units are called.
func (c charset) String() string {
	if c == ucs2 {
		return "UCS-2 units"
	}
	return "septets"
}

// tableInstead are signs that writing programs put into texts, and what every handset has.
var tableInstead = map[rune]string{'“': `\" or '`, '”': `\" or '`, '„': `\" or '`, '‘': "'", '’': "'", '–': "-", '—': "-", '…': "...", '\u00a0': "a plain blank", '•': "-", '\t': "a blank"}

// instead says what to write for a sign that handsets lack.
func instead(r rune) string {
	if sign := tableInstead[r]; sign != "" {
		return "write " + sign + " for it"
	}
	return "write it otherwise"
}

// units is how many septets or UCS-2 units s takes; a character that the GSM
// alphabet lacks counts as the one that stands for it.
func (c charset) units(s string) (n int) {
	for _, r := range s {
		n += c.width(r)
	}
	return n
}

func (c charset) width(r rune) int {
	if c == ucs2 {
		return utf16s(r)
	}
	return max(septets(r), 1)
}

// appendClean appends a value's text as a screen may show it: at most most units,
// no line breaks, only characters of the charset.
func (c charset) appendClean(dst []byte, s string, most int) []byte {
	for _, r := range s {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			r = ' '
		}
		if c == gsm7 {
			r = fold(r)
		}
		if most -= c.width(r); most < 0 {
			return dst
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// clip cuts s to most bytes without cutting a character.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}
