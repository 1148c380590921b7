package confirm

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"mlango/gateway/binds"
	"mlango/internal/msisdn"
	"mlango/smpp"
)

// Limits of the delivery receipts.
const (
	maxAwaited  = 1 << 17 // SMS whose receipt is awaited; the oldest goes first
	maxSame     = 64      // SMS to which an SMSC gave one id
	maxEarly    = 4096    // receipts whose SMS is not known yet
	earlyFor    = 30 * time.Second
	validityOwn = 48 * time.Hour   // of an SMSC, when the route says nothing
	graceFor    = 15 * time.Minute // behind an SMS's validity
	doneFor     = time.Minute      // a receipt that comes again is known so long
	lostFor     = 6 * time.Hour    // one that comes late
	receiptLook = 10 * time.Second
)

// Words for metrics of delivery receipts.
const (
	ReceiptDelivered   = "delivered"
	ReceiptUndelivered = "undelivered" // the subscriber was not reached
	ReceiptInterim     = "interim"     // accepted or on its way: another is to come
	ReceiptEarly       = "early"       // before the answer to its submit; counted by its state too, once that is there
	ReceiptLate        = "late"        // after it was given up as lost; counted by its state too
	ReceiptDoubled     = "doubled"
	ReceiptLost        = "lost"      // none came in the SMS's validity
	ReceiptForgotten   = "forgotten" // too many were awaited, or had one id: what comes is a stranger
	ReceiptStranger    = "stranger"  // about no SMS that this gateway sent, or whose answer it had before it died
	ReceiptPassed      = "passed"    // so, and told to the other gateways of the fleet
	ReceiptElsewhere   = "elsewhere" // one of ours that came to another gateway; counted by its state too
)

// fate is where an awaited receipt stands.
type fate uint8

const (
	open fate = iota
	told
	lost
)

// awaited is one SMS, or part of one, that the SMSC will report on.
type awaited struct {
	operator, bind, id, to string
	about                  string // our receipt number
	quiet                  bool   // only a failure is reported: silence is good
	n                      uint64 // on the shelf
	fate                   fate
	until                  time.Time // of this fate
}

// early is a receipt whose SMS is not known yet.
type early struct {
	operator, bind, from string
	receipt              smpp.Receipt
	until                time.Time
	over                 bool // its SMS was found
}

// receipts matches what SMSCs report with what was sent.
type receipts struct {
	seen  func(operator, bind, what string)
	pass  func(b []byte) bool // nil: there is no fleet
	log   *slog.Logger
	mu    sync.Mutex
	by    index[awaited]
	queue []*awaited // in the order they were sent
	early index[early]
	wait  []*early // in the order they came
	shelf shelf
}

// index finds by every way to write an id.
type index[T any] map[string][]*T

func (x index[T]) put(id string, v *T) {
	for _, key := range spellings(id) {
		x[key] = append(x[key], v)
	}
}

func (x index[T]) drop(id string, v *T) {
	for _, key := range spellings(id) {
		if x[key] = slices.DeleteFunc(x[key], func(w *T) bool { return w == v }); len(x[key]) == 0 {
			delete(x, key)
		}
	}
}

// find is the first of an id that is meant; nil without one.
func (x index[T]) find(id string, meant func(*T) bool) *T {
	for _, key := range spellings(id) {
		if i := slices.IndexFunc(x[key], meant); i >= 0 {
			return x[key][i]
		}
	}
	return nil
}

func newReceipts(seen func(operator, bind, what string), log *slog.Logger) *receipts {
	return &receipts{seen: seen, log: log, by: index[awaited]{}, early: index[early]{}}
}

// await expects a receipt about what an operator just took, if one was asked for; of
// one that comes only of a failure nothing is lost when none comes.
func (r *receipts) await(operator string, m *smpp.Message, resp binds.Response, about string) {
	if m.RegisteredDelivery == uint8(binds.NoReceipts) || resp.MessageID == "" {
		return
	}
	now := time.Now()
	validity, ok := smpp.ReadRelative(m.ValidityPeriod)
	if !ok {
		validity = validityOwn
	}
	a := &awaited{operator: operator, bind: resp.Bind, id: resp.MessageID, to: m.Dest.Addr, about: about,
		quiet: m.RegisteredDelivery == uint8(binds.FailureReceipts), until: now.Add(validity + graceFor)}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.keep(a) {
		return
	}
	r.shelf.put(a)
	for {
		e := r.early.find(a.id, func(e *early) bool { return a.meant(e.operator, e.from, e.receipt) })
		if e == nil {
			return
		}
		e.over = true
		r.early.drop(e.receipt.ID, e)
		r.settle(a, e.bind, e.receipt, now)
	}
}

// keep makes room for one and puts it in; false when so many have its id that what is
// said of it says nothing. r.mu is held.
func (r *receipts) keep(a *awaited) bool {
	if len(r.by[spellings(a.id)[0]]) >= maxSame {
		r.seen(a.operator, a.bind, ReceiptForgotten)
		return false
	}
	if len(r.queue) >= maxAwaited {
		r.drop(r.queue[0])
		r.queue = r.queue[1:]
	}
	r.queue = append(r.queue, a)
	r.by.put(a.id, a)
	return true
}

// Receipt takes a delivery receipt that came by a bind; from is the number the SMS
// went to, empty where the operator does not say. It does not wait.
func (c *Confirm) Receipt(operator, bind string, d smpp.Receipt, from string) {
	c.receipts.take(operator, bind, d, from, time.Now())
}

func (r *receipts) take(operator, bind string, d smpp.Receipt, from string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log.Debug("a delivery receipt", "operator", operator, "bind", bind, "id", d.ID, "state", d.Stat)
	if a := r.find(operator, from, d); a != nil {
		r.settle(a, bind, d, now)
		return
	}
	if len(r.wait) >= maxEarly {
		r.estrange(r.wait[0])
		r.wait = r.wait[1:]
	}
	e := &early{operator: operator, bind: bind, from: from, receipt: d, until: now.Add(earlyFor)}
	r.wait = append(r.wait, e)
	r.early.put(d.ID, e)
	r.seen(operator, bind, ReceiptEarly)
}

// estrange gives up on a receipt whose SMS was not found, or lets the fleet look for it;
// r.mu is held.
func (r *receipts) estrange(e *early) {
	if e.over {
		return
	}
	r.early.drop(e.receipt.ID, e)
	what := ReceiptStranger
	if r.passOn(e) {
		what = ReceiptPassed
	}
	if r.seen(e.operator, e.bind, what); what == ReceiptStranger {
		r.log.Debug("a delivery receipt about no SMS of this gateway", "operator", e.operator, "bind", e.bind, "id", e.receipt.ID)
	}
}

// find is the SMS a receipt is about: one that waits before one that is over; r.mu
// is held.
func (r *receipts) find(operator, from string, d smpp.Receipt) *awaited {
	meant := func(a *awaited) bool { return a.meant(operator, from, d) }
	if a := r.by.find(d.ID, func(a *awaited) bool { return a.fate != told && meant(a) }); a != nil {
		return a
	}
	return r.by.find(d.ID, meant)
}

// meant tells whether a receipt is about this SMS. Ids that are the same number
// only by another base, or of another recipient, are not enough.
func (a *awaited) meant(operator, from string, d smpp.Receipt) bool {
	if a.operator != operator || !d.About(a.id) {
		return false
	}
	return sameSubscriber(a.to, from) || from == "" && strings.EqualFold(a.id, d.ID)
}

// subscriberDigits are enough of a number's end to know it by: SMSCs write it with
// and without country code.
const subscriberDigits = 9

func sameSubscriber(a, b string) bool {
	n := min(len(a), subscriberDigits)
	return len(b) >= n && n > 0 && strings.HasSuffix(b, a[len(a)-n:])
}

// settle counts what a receipt says of an SMS; r.mu is held.
func (r *receipts) settle(a *awaited, bind string, d smpp.Receipt, now time.Time) {
	switch {
	case a.fate == told:
		r.seen(a.operator, bind, ReceiptDoubled)
		return
	case !d.Final():
		r.seen(a.operator, bind, ReceiptInterim)
		return
	case a.fate == lost:
		r.seen(a.operator, bind, ReceiptLate)
	}
	a.fate, a.until = told, now.Add(doneFor)
	r.shelf.mark(a)
	if d.Stat == "DELIVRD" {
		r.seen(a.operator, bind, ReceiptDelivered)
		return
	}
	r.seen(a.operator, bind, ReceiptUndelivered)
	r.log.Warn("an SMS did not reach its handset", "operator", a.operator, "bind", bind, "receipt", a.about, "to", msisdn.Mask(a.to), "state", d.Stat, "code", d.Err)
}

// run writes what is new and forgets what is over, until ctx ends.
func (r *receipts) run(ctx context.Context) {
	look, each := time.NewTicker(receiptLook), time.NewTicker(awaitedEach)
	defer look.Stop()
	defer each.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-look.C:
			r.sweep(now)
		case now := <-each.C:
			r.save(now)
		}
	}
}

func (r *receipts) sweep(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	kept := r.queue[:0]
	for _, a := range r.queue {
		switch {
		case now.Before(a.until):
		case a.fate == open && a.quiet:
			r.by.drop(a.id, a)
			continue
		case a.fate == open:
			a.fate, a.until = lost, now.Add(lostFor)
			r.shelf.mark(a)
			r.seen(a.operator, a.bind, ReceiptLost)
		default:
			r.drop(a)
			continue
		}
		kept = append(kept, a)
	}
	clear(r.queue[len(kept):])
	r.queue = kept
	waiting := r.wait[:0]
	for _, e := range r.wait {
		if now.Before(e.until) && !e.over {
			waiting = append(waiting, e)
			continue
		}
		r.estrange(e)
	}
	clear(r.wait[len(waiting):])
	r.wait = waiting
}

// drop forgets an SMS; r.mu is held.
func (r *receipts) drop(a *awaited) {
	if a.fate == open {
		r.seen(a.operator, a.bind, ReceiptForgotten)
		a.fate, a.until = told, time.Time{}
		r.shelf.mark(a)
	}
	r.by.drop(a.id, a)
}

// spellings are the ways to write an id that smpp.Receipt.About takes for the
// same, each once: as it is, and as the number it is in decimal and in hex.
func spellings(id string) []string {
	id = strings.ToLower(strings.TrimLeft(id, "0"))
	out := []string{id}
	for _, base := range []int{10, 16} {
		if n, err := strconv.ParseUint(id, base, 64); err == nil {
			out = append(out, "#"+strconv.FormatUint(n, 10))
		}
	}
	return slices.Compact(out)
}
