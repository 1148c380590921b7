package main

import (
	"fmt"
	"strings"
	"time"

	"mlango/gateway/health"
)

// plainWidth is how wide a board is when nobody says.
const plainWidth = 110

// column is one figure of a bind on the board. Narrow boards leave out those that
// come last.
type column struct {
	head  string
	width int // negative: from the left
	text  func(b *bindView) string
}

// tableColumns are the board's.
var tableColumns = []column{
	{"health", -9, func(b *bindView) string { return b.Health }},
	{"bind", -14, func(b *bindView) string { return b.Bind }},
	{"state", -9, func(b *bindView) string { return b.inState() }},
	{"window", 9, func(b *bindView) string { return orDash(b.Window > 0, fmt.Sprintf("%d/%d", b.InFlight, b.Window)) }},
	{"full", 5, func(b *bindView) string { return orDash(b.Window > 0, fmt.Sprintf("%.0f%%", 100*b.Full)) }},
	{"waits", 6, func(b *bindView) string { return orDash(b.Window > 0, fmt.Sprint(b.Waiting)) }},
	{"msg/s", 7, func(b *bindView) string { return strings.TrimSuffix(health.PerSecond(b.Rate), "/s") }},
	{"trip", 8, func(b *bindView) string { return orDash(b.TripMS > 0, inMillis(b.TripMS)) }},
	{"failed", 7, func(b *bindView) string { return strings.ReplaceAll(health.Percent(b.FailedShare), " ", "") }},
	{"elink", 7, func(b *bindView) string { return orDash(b.Enquired >= 0, inSeconds(b.Enquired)) }},
	{"thrott.", 8, func(b *bindView) string { return orDash(b.Window > 0, short(b.Throttled)) }},
	{"unknown", 8, func(b *bindView) string { return orDash(b.Window > 0, short(b.Unknown)) }},
	{"screens", 8, func(b *bindView) string { return short(b.Screens) }},
	{"aborts", 7, func(b *bindView) string { return short(b.Aborts) }},
	{"lost", 5, func(b *bindView) string { return short(b.Lost) }},
}

// inState is the state of a bind in a word.
func (b *bindView) inState() string {
	if b.Breaker == "open" {
		return "breaker"
	}
	return b.State
}

func orDash(yes bool, s string) string {
	if yes {
		return s
	}
	return "-"
}

func inMillis(ms float64) string { return health.Millis(time.Duration(ms * float64(time.Millisecond))) }

func inSeconds(s float64) string { return health.Age(time.Duration(s * float64(time.Second))) }

// short is a count in at most six characters.
func short(n uint64) string {
	switch {
	case n >= 10_000_000:
		return fmt.Sprintf("%dM", n/1_000_000)
	case n >= 100_000:
		return fmt.Sprintf("%dk", n/1000)
	}
	return fmt.Sprint(n)
}

// screen is the whole board in a width. strong dresses what is worth a look.
func (t *top) screen(width int, strong func(string) string) string {
	var s strings.Builder
	b := &t.board
	put := func(worth bool, line string) {
		line = clip(line, width)
		if worth {
			line = strong(line)
		}
		s.WriteString(line + "\n")
	}
	put(false, fmt.Sprintf("gateway %s %s   up %s   operators version %d   %s", b.Gateway, t.cmd.Admin, health.Age(b.At.Sub(b.Started)), b.Version, b.At.Local().Format("15:04:05")))
	put(false, fmt.Sprintf("hops %s, %d under way   orders waiting %d   SMS waiting %d, given up %d", health.PerSecond(b.HopRate), b.Hops, b.Orders, b.SMS, b.Dead))
	if b.Orders > 0 {
		put(b.OldestMS > 10_000, fmt.Sprintf("the oldest order waits %s", inMillis(float64(b.OldestMS))))
	}
	for _, d := range b.Degraded {
		put(true, " ! "+d)
	}
	head := "   "
	shown := columnsIn(width)
	for _, c := range shown {
		head += pad(c.head, c.width)
	}
	for i := range b.Operators {
		o := &b.Operators[i]
		put(false, "")
		put(o.Health == "bad" || o.Health == "degraded", fmt.Sprintf("%s is %s since %s: %s", o.Operator, o.Health, clock(o.HealthSince, b.At), o.Why))
		put(false, head)
		t.binds(o.Operator, shown, put)
	}
	if t.lost != nil {
		put(false, "")
		put(true, fmt.Sprintf(" ! no answer since %s, these are the last figures: %s", t.since.Format("15:04:05"), t.lost))
	}
	s.WriteString("\n   full: share of the time without a place in the window   trip: message to answer, of 10 s   q ends\n")
	return s.String()
}

// binds are an operator's, each with a sentence where there is something to say.
func (t *top) binds(operator string, shown []column, put func(worth bool, line string)) {
	for i := range t.board.Binds {
		b := &t.board.Binds[i]
		if b.Operator != operator {
			continue
		}
		worth := b.Health == "bad" || b.Health == "degraded"
		line := "   "
		if worth || b.Limits {
			line = " ! "
		}
		for _, c := range shown {
			line += pad(c.text(b), c.width)
		}
		put(worth || b.Limits, line)
		if worth {
			put(false, "     "+b.Health+" since "+clock(b.HealthSince, t.board.At)+": "+b.Why)
		}
		if b.Limits {
			put(false, "     "+b.Throughput)
		}
	}
}

// columnsIn are the columns that a width has room for.
func columnsIn(width int) (out []column) {
	left := width - 3
	for _, c := range tableColumns {
		if left -= max(c.width, -c.width); left < 0 {
			break
		}
		out = append(out, c)
	}
	return out
}

func pad(s string, width int) string {
	if width < 0 {
		return fmt.Sprintf("%-*s", -width, clip(s, -width-1))
	}
	return fmt.Sprintf("%*s", width, s)
}

// clip cuts a line to a width.
func clip(s string, width int) string {
	r := []rune(s)
	if len(r) <= max(width, 1) {
		return s
	}
	return string(r[:max(width-1, 0)]) + "…"
}

// clock is an instant for somebody who looks at now.
func clock(at, now time.Time) string {
	if now.Sub(at) > 20*time.Hour {
		return at.Local().Format("Jan 2 15:04")
	}
	return at.Local().Format("15:04:05")
}

// plain is a line a bind, for logs and pipes.
func (t *top) plain() string {
	if t.lost != nil {
		return fmt.Sprintf("%s unreachable %q\n", time.Now().Format(time.RFC3339), t.lost)
	}
	var s strings.Builder
	for i := range t.board.Binds {
		b := &t.board.Binds[i]
		fmt.Fprintf(&s, "%s bind=%s health=%s state=%s in_flight=%d window=%d full=%.2f waiting=%d per_second=%.1f round_trip_ms=%.1f failed=%.3f throttled=%d refused=%d unknown=%d lost=%d enquire_link_age_s=%.0f screens=%d aborts=%d why=%q throughput=%q\n",
			t.board.At.Format(time.RFC3339), b.name(), b.Health, b.inState(), b.InFlight, b.Window, b.Full, b.Waiting, b.Rate, b.TripMS, b.FailedShare,
			b.Throttled, b.Refused, b.Unknown, b.Lost, b.Enquired, b.Screens, b.Aborts, b.Why, b.Throughput)
	}
	if len(t.board.Binds) == 0 {
		fmt.Fprintf(&s, "%s no binds\n", t.board.At.Format(time.RFC3339))
	}
	return s.String()
}
