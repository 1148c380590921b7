package main

import (
	"fmt"
	"math"
	"strings"
	"time"

	"mlango/ledgerclient"
)

// board is what an engineer on call sees of a node: two readings of its figures
// and what they come to.
type board struct {
	node      string
	zone      Zone // instants are told by it
	now, was  map[string]float64
	at, wasAt time.Time
	lost      error     // why the last reading failed
	since     time.Time // of the first that failed
}

// read takes one more reading, or notes that there was none.
func (b *board) read(at time.Time, stats []ledgerclient.Stat, err error) {
	if err != nil {
		if b.lost == nil {
			b.since = at
		}
		b.lost = err
		return
	}
	b.lost = nil
	b.was, b.wasAt = b.now, b.at
	b.now, b.at = map[string]float64{}, at
	for _, s := range stats {
		b.now[strings.TrimPrefix(s.Name, "ledger_")] = s.Value
	}
	if b.was != nil && b.was["index"] > b.now["index"] {
		b.was = nil // another node, or an older journal: no rate goes over that
	}
}

// rate is by how much a figure grows in a second; a counter that fell began anew.
func (b *board) rate(name string) float64 {
	seconds := b.at.Sub(b.wasAt).Seconds()
	grown := b.now[name] - b.was[name]
	if b.was == nil || seconds <= 0 || grown < 0 {
		return 0
	}
	return grown / seconds
}

// each is how much of one figure came with one of another since the last reading.
func (b *board) each(name, of string) float64 {
	n := b.rate(of)
	if n == 0 {
		return 0
	}
	return b.rate(name) / n
}

// What is worth a look at three in the morning.
const (
	muchWaiting = 10_000 // commands
	lateSMS     = 60     // seconds
	slowSync    = 20     // ms
)

// cell is one figure of the board.
type cell struct {
	name   string
	value  string
	strong bool // worth a look
}

// groups are the figures in their order.
func (b *board) groups() [][]cell {
	whole := func(v float64) string { return thousands(int64(math.Round(v))) }
	sync, oldest := 1000*b.each("sync_seconds", "syncs"), b.now["lag_seconds_sms"]
	return [][]cell{{
		{"commands/s", whole(b.rate("commands")), false},
		{"syncs/s", whole(b.rate("syncs")), false},
		{"ms a sync", fmt.Sprintf("%.2f", sync), sync > slowSync},
		{"commands a sync", fmt.Sprintf("%.1f", b.each("commands", "syncs")), false},
		{"in flight", whole(b.now["in_flight"]), false},
		{"waiting", whole(b.now["waiting"]), b.now["waiting"] > muchWaiting},
		{"refused/s", whole(b.rate("refused")), b.rate("refused") > 0},
		{"forbidden", whole(b.now["forbidden"]), b.now["forbidden"] > 0},
		{"second person", whole(b.now["approvals_waiting"]), b.now["approvals_waiting"] > 0},
	}, {
		{"accounts", whole(b.now["accounts"]), false},
		{"transfers", whole(b.now["transfers"]), false},
		{"notices open", whole(b.now["notices_open"]), false},
		{"SMS to tell", whole(b.now["lag_notices_sms"]), false},
		{"oldest", (time.Duration(oldest) * time.Second).String(), oldest > lateSMS},
		{"term", whole(b.now["term"]), false},
	}}
}

// line is the board in one line, for logs.
func (b *board) line() string {
	if b.lost != nil {
		return fmt.Sprintf("unreachable since %s: %s", b.zone.tells(b.since), b.lost)
	}
	return fmt.Sprintf("%s index=%.0f commands_per_second=%.0f syncs_per_second=%.0f sync_ms=%.2f waiting=%.0f refused_per_second=%.0f forbidden=%.0f second_person=%.0f sms_lag=%.0f sms_lag_seconds=%.0f",
		b.zone.tells(b.at), b.now["index"], b.rate("commands"), b.rate("syncs"), 1000*b.each("sync_seconds", "syncs"),
		b.now["waiting"], b.rate("refused"), b.now["forbidden"], b.now["approvals_waiting"], b.now["lag_notices_sms"], b.now["lag_seconds_sms"])
}

// The board's columns.
const (
	nameWidth  = 16
	valueWidth = 12
	cellWidth  = 3 + nameWidth + valueWidth
	mostCells  = 3 // in a row
)

// screen is the whole board, as wide as there is room. strong dresses what is
// worth a look.
func (b *board) screen(width int, strong func(string) string) string {
	var s strings.Builder
	role := "follows"
	if b.now["leads"] == 1 {
		role = "leads"
	}
	fmt.Fprintf(&s, "ledgerd %s   %s   index %s   %s\n", b.node, role, thousands(int64(b.now["index"])), b.zone.tells(b.at))
	row := min(max(width/cellWidth, 1), mostCells)
	for _, group := range b.groups() {
		for i, c := range group {
			if i%row == 0 {
				s.WriteByte('\n')
			}
			s.WriteString(c.text(strong))
		}
		s.WriteByte('\n')
	}
	if b.lost != nil {
		text := fmt.Sprintf(" ! nobody answers since %s, these are the last figures: %s", b.zone.tells(b.since), b.lost)
		s.WriteString("\n" + strong(text[:min(len(text), max(width, 0))]) + "\n")
	}
	s.WriteString("\n   q ends\n")
	return s.String()
}

// text is a cell of the board.
func (c cell) text(strong func(string) string) string {
	if c.strong {
		return strong(fmt.Sprintf(" ! %-*s%*s", nameWidth, c.name, valueWidth, c.value))
	}
	return fmt.Sprintf("   %-*s%*s", nameWidth, c.name, valueWidth, c.value)
}
