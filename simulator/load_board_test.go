package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"mlango/simulator/load"
	"mlango/simulator/report"
)

// busy is a run in the middle of trouble.
func busy() *loadBoard {
	n := load.Now{Begun: true, At: 83 * time.Second, Span: 3 * time.Minute, Phase: "people dial", Clock: "08:42", Percent: 120, Rate: 60, Offered: 8000, Redials: 12, Alive: 2799, Ended: 5200, SMS: 9000,
		Anomalies: 1, Latest: "session 57 of 2547*****123: money moved 2 times,\x1b[2J and one payment was confirmed", Faults: "ledgerd killed",
		Dials: 98.24, Paid: 0, Screens: 393, Texts: 0, Silent: 1.4, P50MS: 1.13, P99MS: 3204, LateMS: 0.4,
		Gauges: load.Gauges{Orders: 270, Texts: 3, OldestMS: 13_000, Breaker: 1}}
	for i := range 60 {
		n.TrendPaid, n.TrendP99 = append(n.TrendPaid, load.Figure(50+i%7)), append(n.TrendP99, 8)
	}
	for i := 55; i < 60; i++ {
		n.TrendPaid[i], n.TrendP99[i] = 0, 3204
	}
	n.TrendP99[50] = report.Unknown()
	return &loadBoard{live: &load.Live{}, head: "salary-day   seed 42   20000 people   runs/20261122-091400-42", now: n, stop: func() {}, quit: func() {}}
}

// TestTheLoadBoard in the widths that terminals have; go test -run TheLoadBoard with
// MLANGO_REWRITE=1 writes what it is.
func TestTheLoadBoard(t *testing.T) {
	for _, wide := range []int{120, 80, 40, 24} {
		for _, picking := range []bool{false, true} {
			b := busy()
			b.picking = picking
			got := b.screen(wide, func(s string) string { return s })
			name := filepath.Join("testdata", "board", fmt.Sprintf("%d-%t.txt", wide, picking))
			if os.Getenv("MLANGO_REWRITE") != "" {
				if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(name); err != nil || string(want) != got {
				t.Errorf("%s: %v\n%s", name, err, got)
			}
			lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
			if wide >= 80 && len(lines) > 24 {
				t.Errorf("%d lines in %d columns", len(lines), wide)
			}
			for _, line := range lines {
				if n := utf8.RuneCountInString(line); n > max(wide, 26) || strings.ContainsRune(line, '\x1b') {
					t.Errorf("%d cells in %d: %q", n, wide, line)
				}
			}
		}
	}
}

// TestTheLoadBoardsKeys turn, break, stop and leave; the others are nobody's.
func TestTheLoadBoardsKeys(t *testing.T) {
	b, stops, quits := busy(), 0, 0
	b.stop, b.quit = func() { stops++ }, func() { quits++ }
	if b.key("x") {
		t.Error("x means something")
	}
	if !b.key("+") || !strings.Contains(b.said, "more") || !b.key("-") || !strings.Contains(b.said, "less") {
		t.Errorf("the rate: %q", b.said)
	}
	if !b.key("f") || !b.picking || !b.key("a") || b.picking || !strings.Contains(b.said, "arrivals are over") {
		t.Errorf("a fault where there is no run: %q", b.said)
	}
	for _, other := range []string{"q", "z", "esc", "ctrl+c", "é"} {
		b.key("f")
		if b.key(other); b.picking || stops+quits > 0 || b.said != "nothing was broken" {
			t.Errorf("%s while picking: %q", other, b.said)
		}
	}
	if !b.key("q") || stops != 1 || quits != 0 || !strings.Contains(b.keys(80), "at once") {
		t.Errorf("the first q: %d %d", stops, quits)
	}
	if b.key("ctrl+c") || stops != 1 || quits != 1 {
		t.Errorf("and then: %d %d", stops, quits)
	}
	if got := (&loadBoard{head: "x"}).screen(80, func(s string) string { return s }); !strings.Contains(got, "about to dial") {
		t.Error(got)
	}
}

// TestTheCommandAgain repeats a run, however odd its flags.
func TestTheCommandAgain(t *testing.T) {
	c := loadCmd{Profile: "salary-day", Users: 20000, Rate: 62.5, Duration: 3 * time.Minute, Drain: 180 * time.Second, Speed: 1, Seed: 42, Stack: true, HTTP: true,
		Gate: []string{"screens.p99_ms < 50", "it's == 1"}, Out: "/x", Data: "/y", Menu: "my menu.yaml"}
	want := `simulator load --rate 62.5 --duration 3m --seed 42 --stack --http --menu 'my menu.yaml' --gate 'screens.p99_ms < 50' --gate 'it'\''s == 1'`
	if got := c.again(); got != want {
		t.Errorf("\n%s\n%s", got, want)
	}
}
