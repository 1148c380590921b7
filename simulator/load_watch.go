package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"mlango/internal/live"
	"mlango/simulator/load"
)

// boardWidth is how wide a board is until the terminal says so.
const boardWidth = 80

// made makes the run: behind a board where somebody sits before a terminal, else with a
// line a second.
func (l *loadRun) made(hard, stop context.Context) (*load.Report, error) {
	if !live.Terminal(l.w.out) {
		return load.Run(hard, l.cfg, stop.Done())
	}
	hard, quit := context.WithCancel(hard)
	defer quit()
	stop, enough := context.WithCancel(stop)
	defer enough()
	l.cfg.Live, l.cfg.Progress = &load.Live{}, nil
	c := l.cmd
	b := &loadBoard{live: l.cfg.Live, stop: enough, quit: quit, head: fmt.Sprintf("%s   seed %d   %d people   %s", c.Profile, c.Seed, c.Users, c.Out)}
	var report *load.Report
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		report, err = load.Run(hard, l.cfg, stop.Done())
	}()
	board := &live.Board[load.Now]{
		Fetch: l.cfg.Live.Now, Take: func(n load.Now) { b.now = n }, Plain: func() string { return b.now.Line() + "\n" }, Screen: b.screen,
		Every: time.Second / 2, Width: boardWidth, Bold: l.w.env("NO_COLOR") == "", Key: b.key, Over: over(done),
	}
	board.Look()
	if shown := board.Run(hard, l.w.out); shown != nil && hard.Err() == nil {
		fmt.Fprintln(l.w.err, "simulator: the board:", shown) // the run goes on without it
	}
	<-done
	return report, err
}

// over tells whether a channel is closed.
func over(done <-chan struct{}) func() bool {
	return func() bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	}
}

// Help is what `simulator load --help` says beside the flags.
func (*loadCmd) Help() string {
	return strings.TrimSpace(`
On a terminal the run is a board: + and - turn the rate by a tenth of the asked one, f
begins a fault from a list, q (or Ctrl-C) ends the arrivals and drains, a second q leaves
at once. The report tells of each turn and each fault. Elsewhere a line a second says how
it goes. What is left is report.json, and report.html for people.

Examples:
  simulator load --stack --profile salary-day --rate 200 --duration 60s --speed 5
  simulator load --stack --profile step-to-capacity --rate 300 --duration 5m
  simulator load --stack --seed 42 --fault simulator/testdata/faults.yaml --out runs/today
  simulator load --config simulator/testdata/running.yaml --rate 20
  simulator load --target 'http://127.0.0.1:3000/ussd?dialect=hubtel' --keys keys.yaml --profile steady --rate 20
  simulator load --stack --gate 'screens.p99_ms < 500' --gate 'sms.p99_ms < 10000' | cat`)
}
