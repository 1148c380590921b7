package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"mlango/internal/cli"
	"mlango/internal/live"
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
	t := &top{cmd: c, ctx: ctx}
	b := &live.Board[look]{Fetch: t.fetch, Take: t.take, Plain: t.plain, Screen: t.screen,
		Every: c.Every, Times: c.Times, Bold: os.Getenv("NO_COLOR") == "", Width: plainWidth}
	if b.Look(); t.lost != nil {
		return t.lost
	}
	return b.Run(ctx, w.out)
}

// top is a board and where it comes from.
type top struct {
	cmd   *topCmd
	ctx   context.Context
	board board
	lost  error     // why the last look failed
	since time.Time // of the first that failed
}

// look is what one look brought.
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
	if l.err != nil {
		if t.lost == nil {
			t.since = l.at
		}
		t.lost = l.err
		return
	}
	t.board, t.lost = l.board, nil
}
