package menus

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"mlango/internal/msisdn"
)

// origin says where a piece of a text gets its value.
type origin uint8

const (
	fromLiteral origin = iota
	fromVar            // a variable of the session
	fromOutcome        // what the outcome being told gave, or a template's value
	fromMe             // the dialling number
)

// form is how a value is written.
type form uint8

const (
	formPlain form = iota
	formShort      // money without .00
	formFull       // a number with all its digits
	formDate
	formClock
	formBare // money without the currency sign
	formDay  // 22/11
)

// forms are the words behind a value's dot, with the kind they belong to.
var forms = map[string]struct {
	kind kind
	form form
}{
	"short": {kindMoney, formShort}, "full": {kindMSISDN, formFull}, "date": {kindTime, formDate}, "time": {kindTime, formClock},
	"bare": {kindMoney, formBare}, "day": {kindTime, formDay},
}

// Widths of rendered values in septets, at worst: amounts below ten thousand
// million units, numbers with a plus and 15 digits.
const (
	widthMoney  = len("9,999,999,999.99")
	widthNumber = len("+254722000002000")
	widthShown  = len("0722***002")
	widthDate   = len("22/11/26")
	widthClock  = len("10:14 PM")
	widthDay    = len("22/11/2026")
	widthMonth  = len("22/11")
)

// piece is a literal or one value of a text.
type piece struct {
	lit  string
	from origin
	form form
	typ  typ
	slot int    // of a variable
	name string // of an outcome's value

	labels map[string]string // of a choice's words, in the text's language
	rows   map[string]text   // of a list, by kind of row
}

// text is one text in one language, split at its values.
type text []piece

// texts is one text in all languages of a bundle, by their order there.
type texts []text

// scope is what a text's values come from.
type scope struct {
	vars []Value
	out  map[string]Value
	me   string
	zone int
	sign string
	set  charset
	rows []Row // of the outcome
	long bool  // values are not cut to the charset: an SMS may be as long as it is
}

// append writes the text.
func (t text) append(dst []byte, s *scope) []byte {
	for i := range t {
		dst = t[i].append(dst, s)
	}
	return dst
}

func (p *piece) append(dst []byte, s *scope) []byte {
	switch p.from {
	case fromVar:
		return p.value(dst, &s.vars[p.slot], s)
	case fromOutcome:
		if p.typ.kind == kindRows {
			return p.appendRows(dst, s)
		}
		v := s.out[p.name]
		return p.value(dst, &v, s)
	case fromMe:
		return p.value(dst, &Value{Set: true, Text: s.me}, s)
	}
	lit := p.lit
	if n := len(dst); n > 0 && dst[n-1] == ' ' && lit[0] == ' ' {
		lit = lit[1:] // an empty value leaves no gap
	}
	return append(dst, lit...)
}

func (p *piece) value(dst []byte, v *Value, s *scope) []byte {
	if !v.Set {
		return append(dst, '-')
	}
	switch p.typ.kind {
	case kindMSISDN:
		if p.form == formFull {
			return append(dst, msisdn.Local(v.Text)...)
		}
		return append(dst, msisdn.Show(v.Text)...)
	case kindMoney:
		if p.form == formBare {
			return appendMoney(dst, "", v.Int, false)
		}
		return appendMoney(dst, s.sign, v.Int, p.form == formShort)
	case kindDate:
		return appendDate(dst, v.Int)
	case kindChoice:
		if label, ok := p.labels[v.Text]; ok {
			return append(dst, label...)
		}
		return append(dst, v.Text...)
	case kindTime:
		return appendTime(dst, v.Int, s.zone, p.form)
	case kindFlag, kindInt:
		return strconv.AppendInt(dst, v.Int, 10)
	}
	if s.long {
		return ucs2.appendClean(dst, v.Text, MaxVar)
	}
	return s.set.appendClean(dst, v.Text, p.typ.max)
}

// width is the most units a value takes.
func (p *piece) width(set charset, sign string) int {
	switch p.typ.kind {
	case kindMSISDN:
		if p.form == formFull {
			return widthNumber
		}
		return widthShown
	case kindRows:
		return p.typ.max*(p.rowWidth(set, sign)+1) - 1
	case kindMoney:
		if p.form == formBare {
			return widthMoney
		}
		return set.units(sign) + widthMoney
	case kindDate:
		return widthDay
	case kindChoice:
		return p.labelWidth(set)
	case kindTime:
		switch p.form {
		case formDate:
			return widthDate
		case formClock:
			return widthClock
		case formDay:
			return widthMonth
		}
		return widthDate + 1 + widthClock
	case kindFlag:
		return 1
	case kindInt:
		return len(strconv.Itoa(p.typ.max))
	}
	return p.typ.max
}

// units is the most units the text takes.
func (t text) units(set charset, sign string) (n int) {
	for i := range t {
		if t[i].from == fromLiteral {
			n += set.units(t[i].lit)
		} else {
			n += t[i].width(set, sign)
		}
	}
	return n
}

// appendMoney writes minor units as Ksh5,000.00; short leaves .00 away.
func appendMoney(dst []byte, sign string, minor int64, short bool) []byte {
	whole, cents := minor/100, minor%100
	if minor < 0 {
		dst = append(dst, '-')
		whole, cents = -whole, -cents
	}
	dst = append(dst, sign...)
	var digits [20]byte
	d := strconv.AppendUint(digits[:0], uint64(whole), 10)
	for i, c := range d {
		if i > 0 && (len(d)-i)%3 == 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, c)
	}
	if short && cents == 0 {
		return dst
	}
	return append(dst, '.', byte('0'+cents/10), byte('0'+cents%10))
}

// appendTime writes an instant (ms) in a zone (minutes east): 22/11/26, 9:14 AM.
func appendTime(dst []byte, ms int64, zone int, f form) []byte {
	at := time.UnixMilli(ms + int64(zone)*60_000).UTC()
	switch f {
	case formDate:
		return at.AppendFormat(dst, "2/1/06")
	case formClock:
		return at.AppendFormat(dst, "3:04 PM")
	case formDay:
		return at.AppendFormat(dst, "2/1")
	}
	return at.AppendFormat(dst, "2/1/06 3:04 PM")
}

// names is what a text may name, and of which type it is.
type names func(name string) (p piece, err error)

// parseText splits a text at its {values}. {{ and }} are braces.
func parseText(src string, known names) (text, error) {
	var t text
	var lit strings.Builder
	for len(src) > 0 {
		i := strings.IndexAny(src, "{}")
		if i < 0 {
			lit.WriteString(src)
			break
		}
		lit.WriteString(src[:i])
		if strings.HasPrefix(src[i:], "{{") || strings.HasPrefix(src[i:], "}}") {
			lit.WriteByte(src[i])
			src = src[i+2:]
			continue
		}
		end := strings.IndexByte(src[i:], '}')
		if src[i] == '}' || end < 0 {
			return nil, fmt.Errorf("a brace stands alone at %q", clip(src[i:], 12))
		}
		p, err := parsePiece(src[i+1:i+end], known)
		if err != nil {
			return nil, err
		}
		if p.from == fromLiteral {
			lit.WriteString(p.lit)
		} else {
			t = flush(t, &lit)
			t = append(t, p)
		}
		src = src[i+end+1:]
	}
	return flush(t, &lit), nil
}

func flush(t text, lit *strings.Builder) text {
	if lit.Len() > 0 {
		t = append(t, piece{lit: lit.String()})
		lit.Reset()
	}
	return t
}

func parsePiece(inside string, known names) (piece, error) {
	name, word, dotted := strings.Cut(inside, ".")
	p, err := known(name)
	if err != nil || !dotted {
		return p, err
	}
	f, ok := forms[word]
	if !ok || p.from == fromLiteral || f.kind != p.typ.kind {
		return p, fmt.Errorf("{%s} cannot be written as .%s", name, word)
	}
	p.form = f.form
	return p, nil
}
