package report

import (
	"fmt"
	"strings"
	"time"
)

// tableHarms are the kinds of faults in words, as they stand beside their times; a kind
// that is not here is said by its name.
var tableHarms = map[string]func(h *Harm) string{
	"kill":  func(h *Harm) string { return h.Target + " killed" },
	"stop":  func(h *Harm) string { return h.Target + " frozen" },
	"slow":  func(h *Harm) string { return fmt.Sprintf("%s frozen %d of every 100\u00a0ms", h.Target, h.N) },
	"flush": func(h *Harm) string { return h.Target + " emptied" },

	"throttle":       func(h *Harm) string { return fmt.Sprintf("the SMSC takes %d SMS a second", h.N) },
	"throttle_all":   func(h *Harm) string { return fmt.Sprintf("the USSD centre and SMSC take %d messages a second", h.N) },
	"busy":           func(h *Harm) string { return h.of("SMS", "SMS") + " answered “throttled”" },
	"queue_full":     func(h *Harm) string { return h.of("SMS", "SMS") + " answered “queue full”" },
	"resp_lost":      func(h *Harm) string { return h.of("submit_sm_resp", "submit_sm_resp") + " never sent" },
	"resp_late":      func(h *Harm) string { return "each submit_sm_resp " + h.delay() + " late" },
	"resp_twice":     func(h *Harm) string { return h.of("submit_sm_resp", "submit_sm_resp") + " sent twice" },
	"receipts_lost":  func(h *Harm) string { return h.of("delivery receipt", "delivery receipts") + " never sent" },
	"receipts_twice": func(h *Harm) string { return h.of("delivery receipt", "delivery receipts") + " sent twice" },
	"receipts_mixed": func(h *Harm) string { return "delivery receipts up to " + h.delay() + " late, out of order" },
	"hops_twice":     func(h *Harm) string { return "each hop sent with " + many(h.N, "copy", "copies") + " of it" },
	"pdus_twice":     func(h *Harm) string { return h.of("PDU", "PDUs") + " of the network sent twice" },
	"pdus_mixed":     func(h *Harm) string { return h.of("PDU", "PDUs") + " of the network sent after the next" },
	"slow_peer":      func(h *Harm) string { return "the network reads and writes " + h.delay() + " late" },
	"half_open":      func(*Harm) string { return "links stay open, and nothing passes" },
	"drop_binds":     func(*Harm) string { return "every link cut at once" },
	"links_cut": func(h *Harm) string {
		return h.of("submit_sm_resp", "submit_sm_resp") + " replaced by a cut of its link"
	},
	"sequence_clashes": func(*Harm) string { return "deliver_sm with the sequence numbers of submit_sm" },
}

// of is a share of what is hit: one of so many.
func (h *Harm) of(one, more string) string {
	if h.N <= 1 {
		return "each " + one
	}
	return fmt.Sprintf("1 of %d %s", h.N, more)
}

func (h *Harm) delay() string { return millis(Figure(h.MS)) }

// Says is a fault in words, with its units.
func (h *Harm) Says() string {
	if say := tableHarms[h.Kind]; say != nil {
		return strings.TrimSpace(say(h))
	}
	s := strings.ReplaceAll(h.Kind, "_", " ")
	if h.Target != "" {
		s += " " + h.Target
	}
	if h.N > 0 {
		s += fmt.Sprintf(" (%d)", h.N)
	}
	if h.MS > 0 {
		s += ", by " + h.delay()
	}
	return s
}

// momentary is the longest fault, in ms, that is told as an instant.
const momentary = 100

// When is the time of a fault in words.
func (h *Harm) When() string {
	if h.ToMS-h.FromMS < momentary {
		return "at " + clock(h.FromMS)
	}
	return clock(h.FromMS) + " to " + clock(h.ToMS)
}

// line is the fault in one line of the summary.
func (h *Harm) line() string {
	s := fmt.Sprintf("%5.1f s  %s", float64(h.FromMS)/1000, strings.ReplaceAll(h.Says(), "\u00a0", " "))
	if h.ToMS-h.FromMS >= momentary {
		s += fmt.Sprintf(", over after %s", (time.Duration(h.ToMS-h.FromMS) * time.Millisecond).Round(100*time.Millisecond))
	}
	if h.Error != "" {
		s += "; it did not happen as it was meant: " + h.Error
	}
	return s
}

// undone are the faults that did not happen as they were meant.
func (r *Report) undone() (list []Harm) {
	for _, h := range r.Faults {
		if h.Error != "" {
			list = append(list, h)
		}
	}
	return list
}
