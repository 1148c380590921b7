package load

import (
	"slices"
	"strings"
	"unicode"

	"mlango/ledgerd/ledger"
)

// label is what the words before a figure say it is.
type label uint8

const (
	labelNone label = iota
	labelFee
	labelBalance
)

// tableLabels are those words, in the languages of the menus that come with us; in the
// script that has no capitals a word may have something behind it.
var tableLabels = map[label][]string{
	labelFee:     {"fee", "fees", "cost", "charge", "charges", "ada", "gharama", "ክፍያ"},
	labelBalance: {"balance", "float", "salio", "ቀሪ", "የሚችሉት"},
}

// labelledFigure is a sum of money in a text, and what the words around it say it is.
type labelledFigure struct {
	sum  ledger.Amount
	what label
}

// labelled are the figures of a text with their labels. A figure that has words of a label
// behind it too has none: it may be said the other way round.
func labelled(text string) (list []labelledFigure) {
	spots := figuresAt(text)
	from := 0
	for i, at := range spots {
		to := len(text)
		if i+1 < len(spots) {
			to = spots[i+1].from
		}
		one := labelledFigure{sum: at.sum, what: labelIn(lastSentence(text[from:at.from]))}
		if labelIn(firstSentence(text[at.to:to])) != labelNone {
			one.what = labelNone
		}
		list, from = append(list, one), at.to
	}
	return list
}

// labelIn is the last label in some words.
func labelIn(words string) (last label) {
	for _, word := range strings.FieldsFunc(strings.ToLower(words), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		for what, names := range tableLabels {
			if slices.Contains(names, word) || word[0] >= 0x80 && slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(word, name) }) {
				last = what
			}
		}
	}
	return last
}

// tableStops end a sentence.
var tableStops = []string{". ", "\n", "።", "; "}

func lastSentence(text string) string {
	for _, stop := range tableStops {
		if at := strings.LastIndex(text, stop); at >= 0 {
			text = text[at+len(stop):]
		}
	}
	return text
}

func firstSentence(text string) string {
	for _, stop := range tableStops {
		text, _, _ = strings.Cut(text, stop)
	}
	return text
}
