package load

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"mlango/ledgerd/ledger"
)

// Said is what a service's SMS of a payment say, as its file of keys has it: words, and in
// braces what differs. The zero value is of no text.
type Said struct {
	re             *regexp.Regexp
	receipt, money int // groups; 0: it does not say
}

// tableSaidWords are what differs in a text, as patterns.
var tableSaidWords = map[string]string{
	"{receipt}": `([0-9A-Za-z-]{4,32})`, "{amount}": `([0-9][0-9,]*(?:\.[0-9]{1,2})?)`, "{any}": `.*?`,
}

// tableBraces finds what stands in braces.
var tableBraces = regexp.MustCompile(`\{[^{}]*\}`)

// ReadSaid reads what a text says. It may stand anywhere in an SMS.
func ReadSaid(text string) (s Said, err error) {
	var b strings.Builder
	at, groups := 0, 0
	b.WriteString("(?s)")
	for _, span := range tableBraces.FindAllStringIndex(text, -1) {
		word := text[span[0]:span[1]]
		pattern, known := tableSaidWords[word]
		if !known {
			return s, fmt.Errorf("%s stands for nothing", word)
		}
		b.WriteString(regexp.QuoteMeta(text[at:span[0]]) + pattern)
		at = span[1]
		switch word {
		case "{receipt}":
			groups++
			s.receipt = groups
		case "{amount}":
			groups++
			s.money = groups
		}
	}
	b.WriteString(regexp.QuoteMeta(text[at:]))
	if s.re, err = regexp.Compile(b.String()); err != nil {
		return s, fmt.Errorf("load: text of an SMS: %w", err)
	}
	return s, nil
}

// read tells whether a text is one of these, with the receipt and the sum it says; a sum
// below zero is none.
func (s *Said) read(text string) (receipt string, sum ledger.Amount, is bool) {
	if s.re == nil {
		return "", -1, false
	}
	found := s.re.FindStringSubmatch(text)
	if found == nil {
		return "", -1, false
	}
	if s.receipt > 0 {
		receipt = found[s.receipt]
	}
	if sum = -1; s.money > 0 {
		sum = sumOf(found[s.money])
	}
	return receipt, sum, true
}

// sumOf is a sum as people write it; below zero it is none.
func sumOf(text string) ledger.Amount {
	whole, part, _ := strings.Cut(strings.ReplaceAll(text, ",", ""), ".")
	if len(whole) > maxDigits {
		return -1
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return -1
	}
	cents, err := strconv.ParseInt((part + "00")[:2], 10, 64)
	if err != nil {
		return -1
	}
	return ledger.Amount(n*100 + cents)
}

// SaysOf is what the SMS of a goal say, to who dials and to whom they pay.
type SaysOf map[string][2]Said

// ShippedSays are the SMS of the shipped wallet, in any language: a receipt number, then
// the sum.
func ShippedSays() (SaysOf, error) {
	one, err := ReadSaid("{receipt} {any}Ksh{amount} ")
	if err != nil {
		return nil, err
	}
	says := SaysOf{}
	for goal := range tableKinds {
		says[goal] = [2]Said{one, one}
	}
	delete(says, GoalReverse) // whose sum nobody typed
	return says, nil
}
