package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxLine is how many bytes of a typed line are kept.
const maxLine = 256

// keyboard reads what is typed, without echo when a screen asks for a PIN and
// the input is a terminal.
type keyboard struct {
	w     *world
	lines chan string
	tty   *os.File
}

func newKeyboard(w *world) *keyboard {
	k := &keyboard{w: w}
	if f, ok := w.in.(*os.File); ok && isTerminal(f) {
		k.tty = f
	}
	return k
}

// line is the next line that is not empty; io.EOF when there is none.
func (k *keyboard) line(ctx context.Context, secret bool) (string, error) {
	if k.lines == nil {
		k.lines = make(chan string)
		go k.read()
	}
	for {
		fmt.Fprint(k.w.out, "> ")
		text, err := k.one(ctx, secret)
		if err != nil || text != "" {
			return text, err
		}
	}
}

// one waits for a line with the echo as it must be, and puts it back.
func (k *keyboard) one(ctx context.Context, secret bool) (string, error) {
	if secret && k.tty != nil {
		if back, err := noEcho(k.tty); err == nil {
			defer func() { back(); fmt.Fprintln(k.w.out) }()
		}
	}
	select {
	case text, ok := <-k.lines:
		if !ok {
			return "", io.EOF
		}
		return text, nil
	case <-ctx.Done():
		fmt.Fprintln(k.w.out)
		return "", ctx.Err()
	}
}

// read hands on one line after the other; it ends with the input.
func (k *keyboard) read() {
	defer close(k.lines)
	in := bufio.NewScanner(k.w.in)
	in.Buffer(make([]byte, maxLine), maxLine)
	for in.Scan() {
		k.lines <- strings.TrimSpace(in.Text())
	}
}
