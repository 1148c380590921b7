package main

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"mlango/simulator/load"
)

// What is worth a look while a run goes on.
const (
	longWait  = 1000 // ms, of 99 of 100 screens
	muchOrder = 100  // orders that wait
	oldText   = 10   // seconds, of an SMS that is not sent
	veryLate  = 50   // ms, of the generator
	turnBy    = 10   // percent of the asked rate, by a key
)

// The board's columns.
const (
	cellName  = 14
	cellValue = 8
	cellWide  = 2 + cellName + cellValue + 2
	mostAside = 3
)

// loadBoard is what somebody sees of a run that goes on, and what their keys do.
type loadBoard struct {
	live    *load.Live
	head    string // what run it is
	stop    func() // ends the arrivals
	quit    func() // ends everything at once
	now     load.Now
	picking bool   // of what is to be broken
	said    string // what the last key did
	stopped bool
}

// cell is one figure of the board.
type cell struct {
	name, value string
	strong      bool // worth a look
}

// figure is a number that may be unknown.
func figure(f load.Figure, format string) string {
	if !f.Known() {
		return "–"
	}
	return fmt.Sprintf(format, float64(f))
}

// span is a duration of so many milliseconds.
func span(ms load.Figure) string {
	switch {
	case !ms.Known():
		return "–"
	case ms >= 10_000:
		return fmt.Sprintf("%.0f s", ms/1000)
	case ms >= 1000:
		return fmt.Sprintf("%.2f s", ms/1000)
	case ms >= 10:
		return fmt.Sprintf("%.0f ms", float64(ms))
	}
	return fmt.Sprintf("%.1f ms", float64(ms))
}

// cells are the figures in their order.
func (b *loadBoard) cells() []cell {
	n := &b.now
	g := &n.Gauges
	breaker := "–"
	if g.Breaker.Known() {
		breaker = map[bool]string{true: "open", false: "shut"}[g.Breaker > 0]
	}
	return []cell{
		{"dials/s", figure(n.Dials, "%.1f"), false}, {"payments/s", figure(n.Paid, "%.1f"), false}, {"SMS/s", figure(n.Texts, "%.1f"), false},
		{"screens/s", figure(n.Screens, "%.0f"), false}, {"screen p50", span(n.P50MS), false}, {"screen p99", span(n.P99MS), n.P99MS > longWait},
		{"sessions", fmt.Sprint(n.Alive), false}, {"no screen/s", figure(n.Silent, "%.1f"), n.Silent > 0}, {"redials", fmt.Sprint(n.Redials), false},
		{"orders waiting", figure(g.Orders, "%.0f"), g.Orders > muchOrder}, {"SMS waiting", figure(g.Texts, "%.0f"), false}, {"oldest SMS", span(g.OldestMS), g.OldestMS > oldText*1000},
		{"breaker", breaker, g.Breaker > 0}, {"dials late", span(n.LateMS), n.LateMS > veryLate}, {"anomalies", fmt.Sprint(n.Anomalies), n.Anomalies > 0},
	}
}

// screen is the whole board, as wide as there is room.
func (b *loadBoard) screen(wide int, strong func(string) string) string {
	var s strings.Builder
	put := func(line string) { s.WriteString(cut(line, wide) + "\n") }
	n := &b.now
	put(b.head)
	if !n.Begun {
		put("the first people are about to dial")
		return s.String()
	}
	at := fmt.Sprintf("%s of %s", n.At.Round(time.Second), n.Span.Round(time.Second))
	if n.Clock != "" {
		at += ", " + n.Clock + " on the curve"
	}
	put(at + ": " + n.Phase)
	put(fmt.Sprintf("%.4g payments/s wished for, %.0f %% of what was asked", n.Rate, n.Percent))
	put(b.keys(wide))               // above the figures: a low terminal shows the upper lines
	if b.said != "" && !b.picking { // the list takes every line of a low terminal
		put(b.said)
	}
	s.WriteByte('\n')
	aside := min(max((wide+2)/cellWide, 1), mostAside) // fifteen figures: three or one in a row
	if aside == 2 {
		aside = 1
	}
	for i, c := range b.cells() {
		s.WriteString(c.text(strong))
		if (i+1)%aside == 0 {
			s.WriteByte('\n')
		} else {
			s.WriteString("  ")
		}
	}
	s.WriteByte('\n')
	if b.picking {
		b.menu(put)
		return s.String()
	}
	b.trends(put, wide)
	if n.Stairs > 0 {
		put(fmt.Sprintf("step %d of %d  %s%s", n.Stair, n.Stairs, strings.Repeat("■", n.Stair), strings.Repeat("·", n.Stairs-n.Stair)))
	}
	if n.Faults != "" {
		s.WriteString(strong(cut("! broken now: "+n.Faults, wide)) + "\n")
	}
	if n.Latest != "" {
		s.WriteString(strong(cut("! "+n.Latest, wide)) + "\n")
	}
	return s.String()
}

// keys are what may be pressed.
func (b *loadBoard) keys(wide int) string {
	switch {
	case b.stopped:
		return "q again: leave at once, without a report"
	case b.picking:
		return "a letter breaks something, any other key nothing"
	case wide < 60:
		return "+ − rate  f break  q end"
	}
	return "+ − the rate   f breaks something   q ends the arrivals"
}

func (c cell) text(strong func(string) string) string {
	pad := strings.Repeat(" ", max(cellValue-utf8.RuneCountInString(c.value), 0))
	line := fmt.Sprintf("%-*s%s%s", cellName, c.name, pad, c.value)
	if c.strong {
		return strong("! " + line)
	}
	return "  " + line
}

// trends are the last minutes as little bars.
func (b *loadBoard) trends(put func(string), wide int) {
	n := &b.now
	most := func(list []load.Figure) (top load.Figure) {
		for _, f := range list {
			if f.Known() {
				top = max(top, f)
			}
		}
		return top
	}
	room := max(wide-34, 8)
	put(fmt.Sprintf("  payments/s  %s  at most %s", bars(n.TrendPaid, room, false), figure(most(n.TrendPaid), "%.1f")))
	put(fmt.Sprintf("  screen p99  %s  at most %s", bars(n.TrendP99, room, true), span(most(n.TrendP99))))
}

// bars draws the last figures of a list in so many cells, by tens when they go far.
func bars(list []load.Figure, room int, tens bool) string {
	const steps = "▁▂▃▄▅▆▇█"
	list = list[max(len(list)-room, 0):]
	at := func(f load.Figure) float64 {
		if tens {
			return math.Log10(max(float64(f), 0.1)) + 1
		}
		return float64(f)
	}
	top := 0.0
	for _, f := range list {
		if f.Known() {
			top = max(top, at(f))
		}
	}
	out := []rune(strings.Repeat(" ", room-len(list)))
	for _, f := range list {
		if !f.Known() || top <= 0 {
			out = append(out, ' ')
			continue
		}
		out = append(out, []rune(steps)[min(int(at(f)/top*8), 7)])
	}
	return string(out)
}

// menu is the list of what may be broken, each with its key.
func (b *loadBoard) menu(put func(string)) {
	for i, f := range load.HandFaults() {
		put(fmt.Sprintf("  %c  %s", 'a'+i, f))
	}
}

// key does what a key means. A second q, or Ctrl-C, leaves at once.
func (b *loadBoard) key(key string) bool {
	if b.picking {
		b.picking = false
		b.pick(key)
		return true
	}
	switch key {
	case "+", "=":
		b.live.Turn(turnBy)
		b.said = "a tenth of the asked rate more; the report says so"
	case "-", "_":
		b.live.Turn(-turnBy)
		b.said = "a tenth of the asked rate less; the report says so"
	case "f":
		b.picking = true
	case "q", "ctrl+c":
		if b.stopped {
			b.quit()
			return false
		}
		b.stopped = true
		b.stop()
		b.said = "nobody dials any more; what was begun goes on to its end"
	case "esc":
	default:
		return false
	}
	return true
}

// pick breaks what a key stands for.
func (b *loadBoard) pick(key string) {
	list := load.HandFaults()
	if len(key) != 1 || key[0] < 'a' || int(key[0]-'a') >= len(list) {
		b.said = "nothing was broken"
		return
	}
	f := list[key[0]-'a']
	if err := b.live.Break(f); err != nil {
		b.said = "nothing was broken: " + err.Error()
		return
	}
	b.said = "broken by hand: " + f.String()
}

// cut cuts a line to a width. What a menu or a finding says moves no cursor.
func cut(line string, wide int) string {
	r := []rune(strings.Map(func(c rune) rune {
		switch {
		case c == '\u00a0':
			return ' '
		case !unicode.IsPrint(c):
			return '·'
		}
		return c
	}, line))
	line = string(r)
	if len(r) <= max(wide, 1) {
		return line
	}
	return string(r[:max(wide-1, 0)]) + "…"
}
