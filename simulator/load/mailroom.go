package load

import (
	"slices"
	"strings"
	"sync"
	"time"

	"mlango/simulator/operator"
)

// mail is one text as handsets got it.
type mail struct {
	number, plain string // to whom, and what without the receipt
	receipt       string
	at            time.Time
	copies        int // 1 and more: equal text with an equal receipt
	claimed       bool
	backed        bool // something explains it that is no transfer
}

// mailroom keeps what handsets of the run have got, by number and by text without the
// receipt, until it is thrown away.
type mailroom struct {
	mu      sync.Mutex
	boxes   map[string]map[string][]*mail
	order   []*mail              // as they came
	latest  map[string]time.Time // of each handset
	last    time.Time            // of all
	count   int
	senders senders
}

func newMailroom() *mailroom {
	return &mailroom{boxes: map[string]map[string][]*mail{}, latest: map[string]time.Time{}, senders: senders{}}
}

// put notes a text; an equal one with an equal receipt is a copy.
func (r *mailroom) put(s operator.SMS) {
	plain, receipt := strip(s.Text, s.At)
	plain = strings.TrimSpace(plain)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count++
	r.senders.put(s.From)
	r.latest[s.To], r.last = s.At, time.Now()
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
	l := &mail{number: s.To, plain: plain, receipt: receipt, at: s.At, copies: 1}
	box[plain] = append(box[plain], l)
	r.order = append(r.order, l)
}

// note counts a text that nobody holds against anything.
func (r *mailroom) note(s operator.SMS) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count++
	r.latest[s.To] = s.At
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

// lastAt is when a text came last, by our clock.
func (r *mailroom) lastAt() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

// alike is how many texts of a handset are so.
func (r *mailroom) alike(number string, is func(l *mail) bool) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, letters := range r.boxes[number] {
		for _, l := range letters {
			if is(l) {
				n++
			}
		}
	}
	return n
}

// old takes what came before an instant out of the order; it stays in its box.
func (r *mailroom) old(before time.Time) (list []*mail) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for ; n < len(r.order) && r.order[n].at.Before(before); n++ {
		list = append(list, r.order[n])
	}
	r.order = append(r.order[:0], r.order[n:]...)
	return list
}

// backed tells whether a handset got the same words before, and something explained them.
func (r *mailroom) backed(l *mail) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.boxes[l.number][l.plain], func(other *mail) bool { return other != l && other.backed })
}

// first tells whether a text is the first of its words that no transfer explains.
func (r *mailroom) first(l *mail) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, other := range r.boxes[l.number][l.plain] {
		if !other.claimed {
			return other == l
		}
	}
	return true
}

// throw takes a text out of its box, and tells how many copies of it came.
func (r *mailroom) throw(l *mail) (copies int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	box := r.boxes[l.number]
	if box[l.plain] = remove(box[l.plain], l); len(box[l.plain]) == 0 {
		delete(box, l.plain)
	}
	if len(box) == 0 {
		delete(r.boxes, l.number)
	}
	return l.copies - 1
}

func (r *mailroom) received() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count
}

// kept is how many texts are in the boxes.
func (r *mailroom) kept() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, box := range r.boxes {
		for _, letters := range box {
			n += len(letters)
		}
	}
	return n
}
