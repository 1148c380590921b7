package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"mlango/internal/cli"
	"mlango/ledgerclient"
)

func stats(v map[string]float64) (list []ledgerclient.Stat) {
	for name, value := range v {
		list = append(list, ledgerclient.Stat{Name: "ledger_" + name, Value: value})
	}
	return list
}

// TestTheBoardTellsRates between two readings, and marks what is worth a look.
func TestTheBoardTellsRates(t *testing.T) {
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	b := board{node: "n:1", zone: nairobi}
	plain := func(s string) string { return s }
	b.read(at, stats(map[string]float64{"index": 1000, "commands": 5000, "syncs": 100, "sync_seconds": 1, "leads": 1}), nil)
	if got := b.rate("commands"); got != 0 {
		t.Errorf("a rate out of one reading: %v", got)
	}
	b.read(at.Add(2*time.Second), stats(map[string]float64{"index": 1200, "commands": 25_000, "syncs": 300, "sync_seconds": 6,
		"leads": 1, "lag_seconds_sms": 61, "transfers": 1_234_567, "refused": 4}), nil)
	board := b.screen(90, plain)
	for _, want := range []string{"leads   index 1,200   2026-11-22T12:00:02+03:00", "commands/s            10,000", "! ms a sync              25.00",
		"commands a sync        100.0", "transfers          1,234,567", "! oldest                  1m1s", "! refused/s                  2"} {
		if !strings.Contains(board, want) {
			t.Errorf("%q is not on\n%s", want, board)
		}
	}
	for _, line := range strings.Split(b.screen(40, plain), "\n") {
		if len(line) > 40 && !strings.HasPrefix(line, "ledgerd") {
			t.Errorf("in 40 columns: %q", line)
		}
	}
	b.read(at.Add(3*time.Second), nil, errors.New("nobody there"))
	b.read(at.Add(4*time.Second), nil, errors.New("nobody there"))
	if board = b.screen(200, plain); !strings.Contains(board, "nobody answers since 2026-11-22T12:00:03+03:00") || !strings.Contains(board, "1,234,567") {
		t.Errorf("lost:\n%s", board)
	}
	b.read(at.Add(9*time.Second), stats(map[string]float64{"index": 7, "commands": 10}), nil)
	if b.rate("commands") != 0 || b.lost != nil {
		t.Errorf("after a start with an older journal: %v", b.rate("commands"))
	}
}

// TestTopPrintsLines where nobody sits before a terminal, and ends by itself.
func TestTopPrintsLines(t *testing.T) {
	o := newOffice(t, map[string]string{"jane": "admin", "stranger": "nobody"})
	defer o.stop()
	out := o.must(cli.Done, "commands_per_second=", "jane", "top", "--times", "3", "--every", "100ms")
	if n := strings.Count(out, "index="); n != 3 {
		t.Errorf("%d lines:\n%s", n, out)
	}
	o.must(cli.Check, "may not call Stats", "stranger", "top")
	o.must(cli.Usage, "at least", "jane", "top", "--every", "1ms")
}

// TestTopFollowsTheWindow: in few columns there is one figure a line.
func TestTopFollowsTheWindow(t *testing.T) {
	v := &view{cmd: &topCmd{Every: time.Second}}
	v.take(reading{at: time.Now(), stats: stats(map[string]float64{"index": 3})})
	if got := v.screen(33, func(s string) string { return s }); !strings.Contains(got, "index 3") || strings.Count(got, "\n") < 15 {
		t.Errorf("in 33 columns:\n%s", got)
	}
}
