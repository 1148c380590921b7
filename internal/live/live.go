// Package live shows something that runs: a board on a terminal, and lines anywhere
// else, looked at again and again.
package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"

	"mlango/internal/cli"
)

// Board is what is shown, and how often it is looked at. L is what one look brings.
type Board[L any] struct {
	Fetch  func() L                                         // looks; it runs beside the rest
	Take   func(L)                                          // puts a look on the board
	Plain  func() string                                    // the board as lines, each with its end
	Screen func(cells int, bold func(string) string) string // the board on a terminal
	Every  time.Duration                                    // between two looks
	Times  int                                              // looks, then the end; 0 goes on
	Width  int                                              // cells of a terminal, until it says how many
	Bold   bool                                             // what matters may be told by it
	Key    func(key string) bool                            // does what a key means; false: it means nothing. May be nil
	Over   func() bool                                      // there is nothing to be looked at any more. May be nil

	looked int
}

// Look looks once. Whoever runs a board looks before, and may find that there is
// nothing to be shown.
func (b *Board[L]) Look() { b.take(b.Fetch()) }

func (b *Board[L]) take(l L) {
	b.Take(l)
	b.looked++
}

func (b *Board[L]) enough() bool {
	return b.Times > 0 && b.looked >= b.Times || b.Over != nil && b.Over()
}

// Terminal tells whether somebody sits before out: then it is a board, else lines.
func Terminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	return ok && terminal(f)
}

// Run shows the board on out until a key, a signal or the number of looks ends it.
func (b *Board[L]) Run(ctx context.Context, out io.Writer) error {
	if f, ok := out.(*os.File); ok && terminal(f) {
		return b.show(ctx, f)
	}
	every := time.NewTicker(b.Every)
	defer every.Stop()
	for {
		if _, err := fmt.Fprint(out, b.Plain()); err != nil || b.enough() {
			return err
		}
		select {
		case <-every.C:
			b.Look()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// terminal tells whether somebody sits before a file. What is thrown away is a device of
// characters too.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	nobody, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, nobody)
}

func (b *Board[L]) show(ctx context.Context, out *os.File) error {
	_, err := tea.NewProgram(b, tea.WithContext(ctx), tea.WithOutput(out)).Run()
	if errors.Is(err, tea.ErrInterrupted) || errors.Is(err, tea.ErrProgramKilled) {
		return cli.Fail(cli.Interrupted, errors.New("interrupted"))
	}
	return err
}

// brought is what one look brought, as a message: L may be anything.
type brought[L any] struct{ look L }

func (b *Board[L]) wait() tea.Cmd {
	return tea.Tick(b.Every, func(time.Time) tea.Msg { return brought[L]{b.Fetch()} })
}

// Init looks again after a while.
func (b *Board[L]) Init() tea.Cmd { return b.wait() }

// Update ends on a key, and looks again after each look.
func (b *Board[L]) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch m := msg.(type) {
	case tea.KeyPressMsg:
		if b.Key != nil && b.Key(m.String()) {
			return b, nil
		}
		switch m.String() {
		case "q", "esc", "ctrl+c":
			return b, tea.Quit
		}
	case tea.WindowSizeMsg:
		b.Width = m.Width
	case brought[L]:
		b.take(m.look)
		if b.enough() {
			return b, tea.Quit
		}
		return b, b.wait()
	}
	return b, nil
}

// View is the board.
func (b *Board[L]) View() tea.View {
	out := tea.NewView(b.Screen(b.Width, func(s string) string {
		if !b.Bold {
			return s
		}
		return "\x1b[1m" + s + "\x1b[0m"
	}))
	out.AltScreen = true
	return out
}
