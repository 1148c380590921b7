package load

import (
	"strings"
	"time"

	"mlango/ledgerd/ledger"
)

// tablePromises are what the last screen of the wallet menu says of an order without
// an answer yet, in English, Swahili and Amharic. The oracle never trusts a screen: it holds it
// against the journal.
var tablePromises = []string{"in progress", "inashughulikiwa", "inaendelea", "በሂደት ላይ"}

// read is the ending a last screen stands for that came at an instant.
func read(text string, at time.Time) Ending {
	low := strings.ToLower(text)
	for _, word := range tablePromises {
		if strings.Contains(low, word) {
			return EndPromised
		}
	}
	if receiptAt(text, at) >= 0 {
		return EndDone
	}
	return EndRefused
}

// receiptSize is how many characters a receipt number has.
const receiptSize = 10

// receiptAt finds the first receipt number in a text that came at an instant: ten capitals
// and digits that stand alone, the first three the day. It is -1 without one.
func receiptAt(text string, at time.Time) int {
	for i := 0; i+receiptSize <= len(text); i++ {
		n := 0
		for i+n < len(text) && inWord(text[i+n]) {
			n++
		}
		if n == receiptSize && isReceipt(text[i:i+n], at) {
			return i
		}
		i += n
	}
	return -1
}

func inWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_'
}

// dateCode is how the receipts of a day begin (receiptDigits in ledgerd/ledger): year A is
// 2006, month A is January, day 1 to 9 then A to V.
func dateCode(day time.Time) string {
	const years, days = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "0123456789ABCDEFGHIJKLMNOPQRSTUV"
	year := ((day.Year()-2006)%len(years) + len(years)) % len(years)
	return string([]byte{years[year], 'A' + byte(day.Month()-time.January), days[day.Day()]})
}

// isReceipt tells whether a word of the right length may be one: of the day of an instant,
// the one before or the one after, for an operator's day is not ours; of any day when
// nobody knows the instant. A name of ten capitals is none.
func isReceipt(word string, at time.Time) bool {
	if !at.IsZero() {
		near := false
		for day := -1; day <= 1; day++ {
			near = near || word[:3] == dateCode(at.UTC().AddDate(0, 0, day))
		}
		return near && strings.ToUpper(word) == word && !strings.Contains(word, "_")
	}
	if word[0] < 'A' || word[0] > 'Z' || word[1] < 'A' || word[1] > 'L' || !(word[2] >= '1' && word[2] <= '9' || word[2] >= 'A' && word[2] <= 'V') {
		return false
	}
	return strings.ToUpper(word) == word && !strings.Contains(word, "_")
}

// noReceipt stands in the place of a receipt number when two texts are compared:
// the receipt is the one word the oracle cannot know beforehand.
const noReceipt = "##########"

// strip takes the first receipt number out of a text that came at an instant.
func strip(text string, at time.Time) (plain, receipt string) {
	i := receiptAt(text, at)
	if i < 0 {
		return text, ""
	}
	return text[:i] + noReceipt + text[i+receiptSize:], text[i : i+receiptSize]
}

// figures are the sums of money in a text: what is written with two decimals.
func figures(text string) (list []ledger.Amount) {
	for _, at := range figuresAt(text) {
		list = append(list, at.sum)
	}
	return list
}

// figure is a sum of money where it stands in a text.
type figure struct {
	sum      ledger.Amount
	from, to int
}

// figuresAt are the figures of a text.
func figuresAt(text string) (list []figure) {
	for i := 0; i < len(text); i++ {
		sum, whole, from := ledger.Amount(0), 0, i
		for ; i < len(text) && (text[i] >= '0' && text[i] <= '9' || text[i] == ',' && whole > 0); i++ {
			if text[i] != ',' && whole < maxDigits {
				sum, whole = sum*10+ledger.Amount(text[i]-'0'), whole+1
			}
		}
		if whole == 0 || i+2 >= len(text) || text[i] != '.' || !digit(text[i+1]) || !digit(text[i+2]) {
			continue
		}
		if i+3 == len(text) || !digit(text[i+3]) {
			list = append(list, figure{sum*100 + 10*ledger.Amount(text[i+1]-'0') + ledger.Amount(text[i+2]-'0'), from, i + 3})
		}
		i += 2
	}
	return list
}

// maxDigits is how many digits of a figure are read: more do not fit into an amount.
const maxDigits = 15

func digit(c byte) bool { return c >= '0' && c <= '9' }
