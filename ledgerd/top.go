package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"

	"mlango/internal/cli"
	"mlango/ledgerclient"
)

// topCmd watches a node.
type topCmd struct {
	Every    time.Duration `default:"1s" help:"How often to look."`
	Times    int           `placeholder:"N" help:"Look so often, then end; left away it goes on."`
	nodeFlag `embed:""`
}

// leastEvery bounds how often a node is looked at.
const leastEvery = 100 * time.Millisecond

// Run shows a board on a terminal, and lines anywhere else.
func (c *topCmd) Run(ctx context.Context, w *world) error {
	if c.Every < leastEvery {
		return usage("--every is at least %s", leastEvery)
	}
	node, _, err := c.where()
	if err != nil {
		return err
	}
	client, err := c.dial()
	if err != nil {
		return err
	}
	defer client.Close()
	v := &view{board: board{node: node}, cmd: c, client: client, ctx: ctx, bold: w.env("NO_COLOR") == "", width: mostCells * cellWidth}
	v.take(v.fetch())
	if v.board.lost != nil {
		return explain(v.board.lost)
	}
	if v.zone, err = zoneOf(ctx, client); err != nil {
		return explain(err)
	}
	if out, ok := w.out.(*os.File); ok && terminal(out) {
		return v.run(out)
	}
	return v.lines(w)
}

// terminal tells whether somebody sits before a file.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// view is a board and where its figures come from.
type view struct {
	board
	cmd    *topCmd
	client *ledgerclient.Client
	ctx    context.Context
	bold   bool
	width  int
	looked int
}

// reading is what one look brought.
type reading struct {
	at    time.Time
	stats []ledgerclient.Stat
	err   error
}

// fetch reads the figures; it touches nothing else of the view.
func (v *view) fetch() reading {
	ctx, cancel := context.WithTimeout(v.ctx, max(v.cmd.Every, time.Second))
	defer cancel()
	stats, err := v.client.Stats(ctx)
	return reading{time.Now(), stats, err}
}

// take puts a reading on the board.
func (v *view) take(r reading) {
	v.read(r.at, r.stats, r.err)
	v.looked++
}

func (v *view) enough() bool { return v.cmd.Times > 0 && v.looked >= v.cmd.Times }

// lines prints one line a look.
func (v *view) lines(w *world) error {
	every := time.NewTicker(v.cmd.Every)
	defer every.Stop()
	for {
		if _, err := fmt.Fprintln(w.out, v.line()); err != nil || v.enough() {
			return err
		}
		select {
		case <-every.C:
			v.take(v.fetch())
		case <-v.ctx.Done():
			return v.ctx.Err()
		}
	}
}

// run shows the board until a key or a signal ends it.
func (v *view) run(out *os.File) error {
	_, err := tea.NewProgram(v, tea.WithContext(v.ctx), tea.WithOutput(out)).Run()
	if errors.Is(err, tea.ErrInterrupted) || errors.Is(err, tea.ErrProgramKilled) {
		return cli.Fail(cli.Interrupted, errors.New("interrupted"))
	}
	return err
}

func (v *view) wait() tea.Cmd {
	return tea.Tick(v.cmd.Every, func(time.Time) tea.Msg { return v.fetch() })
}

// Init looks again after a while.
func (v *view) Init() tea.Cmd { return v.wait() }

// Update ends on a key, and looks again after each look.
func (v *view) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch m := msg.(type) {
	case tea.KeyPressMsg:
		switch m.String() {
		case "q", "esc", "ctrl+c":
			return v, tea.Quit
		}
	case tea.WindowSizeMsg:
		v.width = m.Width
	case reading:
		v.take(m)
		if v.enough() {
			return v, tea.Quit
		}
		return v, v.wait()
	}
	return v, nil
}

// View is the board.
func (v *view) View() tea.View {
	out := tea.NewView(v.screen(v.width, func(s string) string {
		if !v.bold {
			return s
		}
		return "\x1b[1m" + s + "\x1b[0m"
	}))
	out.AltScreen = true
	return out
}
