package live

import (
	"bytes"
	"fmt"
	"os"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// counting is a board of how often it was looked at.
func counting(times int) *Board[int] {
	looks, last := 0, 0
	b := &Board[int]{Every: time.Millisecond, Times: times, Width: 80}
	b.Fetch = func() int { looks++; return looks }
	b.Take = func(n int) { last = n }
	b.Plain = func() string { return fmt.Sprintf("look %d\n", last) }
	b.Screen = func(cells int, bold func(string) string) string { return bold(fmt.Sprintf("%d of %d", last, cells)) }
	return b
}

func TestLinesWhereThereIsNoTerminal(t *testing.T) {
	var out bytes.Buffer
	b := counting(3)
	b.Look()
	if err := b.Run(t.Context(), &out); err != nil || out.String() != "look 1\nlook 2\nlook 3\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func TestBoard(t *testing.T) {
	b := counting(2)
	if _, end := b.Update(tea.KeyPressMsg{Code: 'q', Text: "q"}); end == nil || end() != tea.Quit() {
		t.Error("q does not end it")
	}
	b.Update(tea.WindowSizeMsg{Width: 33, Height: 10})
	if _, again := b.Update(brought[int]{1}); again == nil || again() != (brought[int]{1}) {
		t.Error("it does not look again")
	}
	if got := b.View().Content; got != "1 of 33" {
		t.Errorf("%q", got)
	}
	b.Bold = true
	if got := b.View().Content; got != "\x1b[1m1 of 33\x1b[0m" {
		t.Errorf("%q", got)
	}
	if _, end := b.Update(brought[int]{2}); end == nil || end() != tea.Quit() {
		t.Error("it goes on after the last look")
	}
}

// TestKeysOfItsOwn come before those that end a board; what is over ends by itself.
func TestKeysOfItsOwn(t *testing.T) {
	b := counting(0)
	var pressed []string
	over := false
	b.Key = func(key string) bool { pressed = append(pressed, key); return key != "esc" }
	b.Over = func() bool { return over }
	if _, end := b.Update(tea.KeyPressMsg{Code: 'q', Text: "q"}); end != nil {
		t.Error("q ended it")
	}
	if _, end := b.Update(tea.KeyPressMsg{Code: tea.KeyEscape}); end == nil || end() != tea.Quit() {
		t.Error("esc did not")
	}
	if _, again := b.Update(brought[int]{1}); again == nil || again() != (brought[int]{1}) {
		t.Error("it does not look again")
	}
	over = true
	if _, end := b.Update(brought[int]{2}); end == nil || end() != tea.Quit() {
		t.Error("it goes on when all is over")
	}
	if len(pressed) != 2 || pressed[0] != "q" || pressed[1] != "esc" {
		t.Errorf("%q", pressed)
	}
	if Terminal(&bytes.Buffer{}) {
		t.Error("a buffer is a terminal")
	}
	nobody, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer nobody.Close()
	if Terminal(nobody) {
		t.Error("what is thrown away is a terminal")
	}
}
