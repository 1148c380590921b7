package main

import (
	"fmt"
	"strings"
	"sync"

	"mlango/internal/msisdn"
	"mlango/simulator/operator"
)

// maskedFrom is how many digits an address has that may be a subscriber's.
const maskedFrom = 7

// smscLog prints a line for each event and counts them.
type smscLog struct {
	w     *world
	text  bool
	quiet bool

	mu     sync.Mutex
	counts map[string]int
	order  []string // names of counts, in the order they came
}

func newSMSCLog(w *world, text, quiet bool) *smscLog {
	return &smscLog{w: w, text: text, quiet: quiet, counts: map[string]int{}}
}

// event prints what happened: numbers masked, texts only when asked for.
func (l *smscLog) event(e operator.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	name := e.Kind
	switch e.Kind {
	case operator.EventSMS, operator.EventScreen, operator.EventReceipt, operator.EventMO, operator.EventHop,
		operator.EventQuery, operator.EventCancel, operator.EventReplace:
		name += " " + e.Status
	}
	if l.counts[name]++; l.counts[name] == 1 {
		l.order = append(l.order, name)
	}
	if l.quiet {
		return
	}
	b := &strings.Builder{}
	fmt.Fprintf(b, "%s  %-9s  %-12s", e.At.Format("15:04:05.000"), e.Kind, word(e.SystemID))
	for _, part := range []string{e.Mode, e.Remote, route(e), e.ID, e.Status} {
		if part != "" {
			b.WriteString("  " + word(part)) // an ESME chose some of them
		}
	}
	if l.text && e.Text != "" {
		fmt.Fprintf(b, "  %q", e.Text)
	}
	fmt.Fprintln(l.w.out, b)
}

// route is from whom to whom.
func route(e operator.Event) string {
	if e.From == "" || e.To == "" {
		return masked(e.From + e.To)
	}
	return masked(e.From) + " → " + masked(e.To)
}

// masked hides a subscriber's number; a short code and a name are nobody's.
func masked(addr string) string {
	if len(addr) < maskedFrom || strings.Trim(addr, "+0123456789") != "" {
		return addr
	}
	return msisdn.Mask(addr)
}

// summary tells how often each thing happened.
func (l *smscLog) summary(c operator.Counts) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintln(l.w.out)
	for _, name := range l.order {
		fmt.Fprintf(l.w.out, "%9d  %s\n", l.counts[name], word(name))
	}
	if c.SMS > 0 {
		fmt.Fprintf(l.w.out, "%9d  SMS whole on a handset, %d receipts taken\n", c.SMS, c.Receipts)
	}
	if len(l.order) == 0 {
		fmt.Fprintln(l.w.out, "nobody came")
	}
	if c.Hops > 0 {
		fmt.Fprintf(l.w.out, "%9d  hops, %d screens shown, %d never answered, %d late\n", c.Hops, c.Screens, c.NoAnswer, c.Late)
	}
}
