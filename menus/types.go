package menus

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mlango/internal/msisdn"
)

// kind is the family of a value's type.
type kind uint8

const (
	kindMSISDN kind = iota + 1
	kindMoney
	kindTime
	kindFlag
	kindText
	kindDigits
	kindInt
	kindDate   // days since 1 January 1970
	kindChoice // one of some words
	kindRows   // a list of an outcome
)

// typ is the type of a variable, a parameter or a secret, with its bounds.
type typ struct {
	kind     kind
	min, max int    // digits: how many; text: units, from 1; int: the greatest value
	words    string // of a choice, with | between
}

// The names of types without bounds, and the shapes of those with.
var (
	plainTypes  = map[string]typ{"msisdn": {kind: kindMSISDN}, "money": {kind: kindMoney}, "time": {kind: kindTime}, "flag": {kind: kindFlag}, "date": {kind: kindDate}}
	boundedType = regexp.MustCompile(`^(?:(text|int)<=|(digits)=)([0-9]{1,4})(?:\.\.([0-9]{1,4}))?$`)
)

// mendType is what an unreadable type is answered with.
const mendType = "write msisdn, money, time, date, flag, text<=20, digits=4, digits=4..6, int<=9 or choice=day|week"

// parseType reads a type's name.
func parseType(s string) (typ, error) {
	if t, ok := plainTypes[s]; ok {
		return t, nil
	}
	if m := choiceType.FindStringSubmatch(s); m != nil {
		return typ{kind: kindChoice, words: m[1]}, nil
	}
	m := boundedType.FindStringSubmatch(s)
	if m == nil || m[4] != "" && m[2] == "" {
		return typ{}, fmt.Errorf("%q is no type", s)
	}
	low, _ := strconv.Atoi(m[3])
	t := typ{kind: kindDigits, min: low, max: low}
	switch {
	case m[1] == "text":
		t = typ{kind: kindText, min: 1, max: low}
	case m[1] == "int":
		t = typ{kind: kindInt, max: low}
	case m[4] != "":
		t.max, _ = strconv.Atoi(m[4])
	}
	if t.kind != kindInt && (t.max > MaxVar || t.min < 1 || t.min > t.max) {
		return typ{}, fmt.Errorf("%q has bounds outside 1 to %d", s, MaxVar)
	}
	return t, nil
}

// String is the type as it is written.
func (t typ) String() string {
	switch t.kind {
	case kindChoice:
		return "choice=" + t.words
	case kindText:
		return fmt.Sprintf("text<=%d", t.max)
	case kindInt:
		return fmt.Sprintf("int<=%d", t.max)
	case kindDigits:
		if t.min == t.max {
			return fmt.Sprintf("digits=%d", t.max)
		}
		return fmt.Sprintf("digits=%d..%d", t.min, t.max)
	}
	for name, plain := range plainTypes {
		if plain == t {
			return name
		}
	}
	return "nothing"
}

// numeric tells whether values of the type live in Value.Int.
func (t typ) numeric() bool {
	return t.kind == kindMoney || t.kind == kindTime || t.kind == kindFlag || t.kind == kindInt || t.kind == kindDate
}

// into tells whether every value of t may go where a value of to is wanted.
func (t typ) into(to typ) bool {
	switch {
	case t.kind == kindDigits && to.kind == kindText:
		return t.max <= to.max
	case t.kind == kindChoice && to.kind == kindText:
		return t.longest() <= to.max
	case t.kind != to.kind:
		return false
	case t.kind == kindChoice:
		return !slices.ContainsFunc(t.list(), func(word string) bool { return !to.has(word) })
	case t.kind == kindDigits:
		return t.min >= to.min && t.max <= to.max
	}
	return t.max <= to.max
}

// cut brings what a call gave within the bounds of t.
func (t typ) cut(v Value) Value {
	v.Set = true
	if t.numeric() {
		v.Text = ""
		return v
	}
	v.Int = 0
	if t.kind == kindChoice && !t.has(v.Text) {
		return Value{}
	}
	if t.kind == kindChoice {
		return v
	}
	if t.kind == kindText || t.kind == kindDigits {
		v.Text = clip(v.Text, min(t.max*4, MaxVar))
	} else {
		v.Text = clip(v.Text, msisdn.MaxDigits)
	}
	return v
}

// bytes is the most that AppendState spends on a value.
func (t typ) bytes() int {
	switch t.kind {
	case kindMSISDN:
		return 2 + msisdn.MaxDigits
	case kindText:
		return 2 + min(t.max*4, MaxVar)
	case kindDigits:
		return 2 + t.max
	case kindChoice:
		return 2 + t.longest()
	case kindFlag:
		return 2
	}
	return 11
}

// read takes what a subscriber typed; false when it is no value of the type.
func (t typ) read(region, typed string) (Value, bool) {
	typed = strings.TrimSpace(typed)
	switch t.kind {
	case kindMSISDN:
		number, err := msisdn.Parse(region, typed)
		return Value{Set: true, Text: number}, err == nil
	case kindMoney:
		minor, err := msisdn.ParseAmount(typed)
		return Value{Set: true, Int: minor}, err == nil
	case kindDigits:
		return Value{Set: true, Text: typed}, len(typed) >= t.min && len(typed) <= t.max && onlyDigits(typed)
	case kindDate:
		return readDate(typed)
	case kindText:
		ok := typed != "" && len(typed) <= MaxVar && gsm7.units(typed) <= t.max
		return Value{Set: true, Text: typed}, ok
	case kindInt:
		n, err := strconv.Atoi(typed)
		return Value{Set: true, Int: int64(n)}, err == nil && onlyDigits(typed) && n <= t.max
	}
	return Value{}, false
}

func onlyDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
