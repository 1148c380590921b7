package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"

	"mlango/internal/cli"
)

// leastEvery bounds how often a gateway is looked at.
const leastEvery = 200 * time.Millisecond

// topCmd watches a gateway.
type topCmd struct {
	adminFlag
	Every time.Duration `default:"1s" help:"How often to look."`
	Times int           `help:"Look so often, then end; 0 goes on."`
}

// Run shows a board on a terminal, and lines anywhere else.
func (c *topCmd) Run(ctx context.Context, w *world) error {
	if c.Every < leastEvery {
		return cli.Fail(cli.Usage, fmt.Errorf("--every is at least %s", leastEvery))
	}
	t := &top{cmd: c, ctx: ctx, bold: os.Getenv("NO_COLOR") == "", width: plainWidth}
	if t.take(t.fetch()); t.lost != nil {
		return t.lost
	}
	if out, ok := w.out.(*os.File); ok && terminal(out) {
		return t.run(out)
	}
	return t.lines(w)
}

// terminal tells whether somebody sits before a file.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// top is a board and where it comes from.
type top struct {
	cmd    *topCmd
	ctx    context.Context
	board  board
	lost   error     // why the last look failed
	since  time.Time // of the first that failed
	bold   bool
	width  int
	looked int
}

// looked is what one look brought.
type look struct {
	at    time.Time
	board board
	err   error
}

// fetch asks the gateway; it touches nothing of the top.
func (t *top) fetch() look {
	l := look{at: time.Now()}
	l.err = t.cmd.call(t.ctx, "GET", "/view", nil, &l.board)
	return l
}

func (t *top) take(l look) {
	t.looked++
	if l.err != nil {
		if t.lost == nil {
			t.since = l.at
		}
		t.lost = l.err
		return
	}
	t.board, t.lost = l.board, nil
}

func (t *top) enough() bool { return t.cmd.Times > 0 && t.looked >= t.cmd.Times }

// lines prints a line a bind each look.
func (t *top) lines(w *world) error {
	every := time.NewTicker(t.cmd.Every)
	defer every.Stop()
	for {
		if _, err := fmt.Fprint(w.out, t.plain()); err != nil || t.enough() {
			return err
		}
		select {
		case <-every.C:
			t.take(t.fetch())
		case <-t.ctx.Done():
			return t.ctx.Err()
		}
	}
}

// run shows the board until a key or a signal ends it.
func (t *top) run(out *os.File) error {
	_, err := tea.NewProgram(t, tea.WithContext(t.ctx), tea.WithOutput(out)).Run()
	if errors.Is(err, tea.ErrInterrupted) || errors.Is(err, tea.ErrProgramKilled) {
		return cli.Fail(cli.Interrupted, errors.New("interrupted"))
	}
	return err
}

func (t *top) wait() tea.Cmd {
	return tea.Tick(t.cmd.Every, func(time.Time) tea.Msg { return t.fetch() })
}

// Init looks again after a while.
func (t *top) Init() tea.Cmd { return t.wait() }

// Update ends on a key, and looks again after each look.
func (t *top) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch m := msg.(type) {
	case tea.KeyPressMsg:
		switch m.String() {
		case "q", "esc", "ctrl+c":
			return t, tea.Quit
		}
	case tea.WindowSizeMsg:
		t.width = m.Width
	case look:
		t.take(m)
		if t.enough() {
			return t, tea.Quit
		}
		return t, t.wait()
	}
	return t, nil
}

// View is the board.
func (t *top) View() tea.View {
	out := tea.NewView(t.screen(t.width, func(s string) string {
		if !t.bold {
			return s
		}
		return "\x1b[1m" + s + "\x1b[0m"
	}))
	out.AltScreen = true
	return out
}
