package load

import (
	"slices"
	"strings"
	"sync"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/simulator/operator"
)

// tablePromises are what the last screen of the wallet menu says of an order without
// an answer yet, in English and Swahili. The oracle never trusts a screen: it holds it
// against the journal.
var tablePromises = []string{"in progress", "inashughulikiwa", "inaendelea"}

// read is the ending a last screen stands for.
func read(text string) Ending {
	low := strings.ToLower(text)
	for _, word := range tablePromises {
		if strings.Contains(low, word) {
			return EndPromised
		}
	}
	if receiptAt(text) >= 0 {
		return EndDone
	}
	return EndRefused
}

// receiptSize is how many characters a receipt number has.
const receiptSize = 10

// receiptAt finds the first receipt number in a text: ten capitals and digits that
// stand alone, the first three a year, a month and a day. It is -1 without one.
func receiptAt(text string) int {
	for i := 0; i+receiptSize <= len(text); i++ {
		n := 0
		for i+n < len(text) && inWord(text[i+n]) {
			n++
		}
		if n == receiptSize && isReceipt(text[i:i+n]) {
			return i
		}
		i += n
	}
	return -1
}

func inWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_'
}

// isReceipt tells whether a word of the right length may be one.
func isReceipt(word string) bool {
	if word[0] < 'A' || word[0] > 'Z' || word[1] < 'A' || word[1] > 'L' || !(word[2] >= '1' && word[2] <= '9' || word[2] >= 'A' && word[2] <= 'V') {
		return false
	}
	return strings.ToUpper(word) == word && !strings.Contains(word, "_")
}

// noReceipt stands in the place of a receipt number when two texts are compared:
// the receipt is the one word the oracle cannot know beforehand.
const noReceipt = "##########"

// strip takes the first receipt number out of a text.
func strip(text string) (plain, receipt string) {
	at := receiptAt(text)
	if at < 0 {
		return text, ""
	}
	return text[:at] + noReceipt + text[at+receiptSize:], text[at : at+receiptSize]
}

// figures are the sums of money in a text: what is written with two decimals.
func figures(text string) (list []ledger.Amount) {
	for i := 0; i < len(text); i++ {
		sum, whole := ledger.Amount(0), 0
		for ; i < len(text) && (text[i] >= '0' && text[i] <= '9' || text[i] == ',' && whole > 0); i++ {
			if text[i] != ',' && whole < maxDigits {
				sum, whole = sum*10+ledger.Amount(text[i]-'0'), whole+1
			}
		}
		if whole == 0 || i+2 >= len(text) || text[i] != '.' || !digit(text[i+1]) || !digit(text[i+2]) {
			continue
		}
		if i+3 == len(text) || !digit(text[i+3]) {
			list = append(list, sum*100+10*ledger.Amount(text[i+1]-'0')+ledger.Amount(text[i+2]-'0'))
		}
		i += 2
	}
	return list
}

// maxDigits is how many digits of a figure are read: more do not fit into an amount.
const maxDigits = 15

func digit(c byte) bool { return c >= '0' && c <= '9' }

// mail is one text as handsets got it.
type mail struct {
	receipt string
	at      time.Time
	copies  int // 1 and more: equal text with an equal receipt
	claimed bool
}

// mailroom keeps what all handsets of the run have got, by number and by text
// without the receipt.
type mailroom struct {
	mu     sync.Mutex
	boxes  map[string]map[string][]*mail
	latest map[string]time.Time // of each handset
	count  int
}

func newMailroom() *mailroom {
	return &mailroom{boxes: map[string]map[string][]*mail{}, latest: map[string]time.Time{}}
}

// put notes a text; an equal one with an equal receipt is a copy.
func (r *mailroom) put(s operator.SMS) {
	plain, receipt := strip(s.Text)
	plain = strings.TrimSpace(plain)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count++
	r.latest[s.To] = s.At
	box := r.boxes[s.To]
	if box == nil {
		box = map[string][]*mail{}
		r.boxes[s.To] = box
	}
	for _, m := range box[plain] {
		if m.receipt == receipt && receipt != "" {
			m.copies++
			return
		}
	}
	box[plain] = append(box[plain], &mail{receipt: receipt, at: s.At, copies: 1})
}

// claim takes the first text of a handset that nobody claimed; with a receipt it
// must be that one.
func (r *mailroom) claim(number, plain, receipt string) *mail {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.boxes[number][plain] {
		if !m.claimed && (receipt == "" || m.receipt == receipt) {
			m.claimed = true
			return m
		}
	}
	return nil
}

// took tells whether a text of a handset was claimed before.
func (r *mailroom) took(number, plain string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.boxes[number][plain], func(l *mail) bool { return l.claimed })
}

// has tells whether a text with a receipt number has come, without claiming it; two of
// one minute may differ in nothing else. Without one, whichever has.
func (r *mailroom) has(number, plain, receipt string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.boxes[number][plain], func(l *mail) bool { return receipt == "" || l.receipt == receipt })
}

// heardSince tells whether a handset has got a text since an instant.
func (r *mailroom) heardSince(number string, at time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.latest[number].After(at)
}

// told tells whether a handset has got a text without a receipt: that something
// was not done.
func (r *mailroom) told(number string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, letters := range r.boxes[number] {
		if letters[0].receipt == "" {
			return true
		}
	}
	return false
}

func (r *mailroom) received() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count
}
