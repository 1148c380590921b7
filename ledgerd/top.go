package main

import (
	"context"
	"time"

	"mlango/internal/live"
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
	v := &view{board: board{node: node}, cmd: c, client: client, ctx: ctx}
	b := &live.Board[reading]{Fetch: v.fetch, Take: v.take, Plain: func() string { return v.line() + "\n" }, Screen: v.screen,
		Every: c.Every, Times: c.Times, Bold: w.env("NO_COLOR") == "", Width: mostCells * cellWidth}
	if b.Look(); v.board.lost != nil {
		return explain(v.board.lost)
	}
	if v.zone, err = zoneOf(ctx, client); err != nil {
		return explain(err)
	}
	return b.Run(ctx, w.out)
}

// view is a board and where its figures come from.
type view struct {
	board
	cmd    *topCmd
	client *ledgerclient.Client
	ctx    context.Context
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
func (v *view) take(r reading) { v.read(r.at, r.stats, r.err) }
