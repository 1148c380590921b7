package load

import (
	"regexp"
	"strings"
	"sync"
	"time"

	"mlango/simulator/operator"
)

// What the last screen of the wallet menu means, by its words in English and
// Swahili. The oracle never trusts them: it holds them against the journal.
var (
	receiptWord = regexp.MustCompile(`\b[A-Z][A-L][1-9A-V][0-9A-Z]{7}\b`)
	promiseWord = regexp.MustCompile(`(?i)in progress|inashughulikiwa|inaendelea`)
)

// read is the ending a last screen stands for.
func read(text string) Ending {
	switch {
	case promiseWord.MatchString(text):
		return EndPromised
	case receiptWord.MatchString(text):
		return EndDone
	}
	return EndRefused
}

// noReceipt stands in the place of a receipt number when two texts are compared:
// the receipt is the one word the oracle cannot know beforehand.
const noReceipt = "##########"

// strip takes the first receipt number out of a text.
func strip(text string) (plain, receipt string) {
	at := receiptWord.FindStringIndex(text)
	if at == nil {
		return text, ""
	}
	return text[:at[0]] + noReceipt + text[at[1]:], text[at[0]:at[1]]
}

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
	mu    sync.Mutex
	boxes map[string]map[string][]*mail
	count int
}

func newMailroom() *mailroom { return &mailroom{boxes: map[string]map[string][]*mail{}} }

// put notes a text; an equal one with an equal receipt is a copy.
func (r *mailroom) put(s operator.SMS) {
	plain, receipt := strip(s.Text)
	plain = strings.TrimSpace(plain)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count++
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

// has tells whether a text has come, without claiming it.
func (r *mailroom) has(number, plain string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.boxes[number][plain]) > 0
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
