package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"os"
	"regexp"

	"mlango/gateway/dialog"
	"mlango/internal/cli"
	"mlango/menus"
)

type replayCmd struct {
	Files []string `arg:"" name:"file" help:"Recorded sessions, or transcripts."`
	Menu  string   `required:"" placeholder:"FILE" help:"The new menu."`
	Old   string   `placeholder:"FILE" help:"The menu they were recorded with; none is the built-in wallet."`
}

// Run lists what subscribers of the recorded sessions would see otherwise.
func (c *replayCmd) Run(w *world) error {
	old, err := readMenu(c.Old)
	if err != nil {
		return err
	}
	fresh, err := readMenu(c.Menu)
	if err != nil {
		return err
	}
	for _, file := range c.Files {
		src, err := os.ReadFile(file)
		if err != nil {
			return cli.Fail(cli.Usage, err)
		}
		if n := strangers(src, old); n > 0 {
			fmt.Fprintf(w.err, "%s: %d of its sessions were recorded under another menu than %s; what differs may be that: name theirs with --old\n", file, n, cmp.Or(c.Old, "the built-in wallet"))
		}
		changes, hops, err := menus.Replay(file, src, old, fresh, dialog.Catalogue())
		if err != nil {
			return err
		}
		if err := menus.WriteChanges(w.out, changes, hops); err != nil {
			return err
		}
	}
	return nil
}

// ranUnder is what record writes above a session: the menu's label and its hash.
var ranUnder = regexp.MustCompile(`(?m)^# \S+ ([0-9a-f]{12})$`)

// strangers counts the recorded sessions that ran under another menu.
func strangers(recorded []byte, b *menus.Bundle) (n int) {
	hash := b.Hash()
	for _, m := range ranUnder.FindAllSubmatch(recorded, -1) {
		if string(m[1]) != fmt.Sprintf("%.6x", hash) {
			n++
		}
	}
	return n
}

type schemaCmd struct{}

// Run prints the schema with what this gateway offers to menus.
func (c *schemaCmd) Run(w *world) error {
	src, err := menus.Schema(dialog.Catalogue())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.out, "%s", src)
	return err
}

type recordCmd struct {
	adminFlag
}

// Run prints the newest sessions of a running gateway, masked, as replay reads them.
func (c *recordCmd) Run(ctx context.Context, w *world) error {
	raw, err := c.raw(ctx, http.MethodGet, "/recording", nil)
	if err != nil {
		return err
	}
	_, err = w.out.Write(raw)
	return err
}

// recordingPage is the newest sessions, masked.
func (g *gateway) recordingPage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = g.recording.WriteTo(w) // who asked is gone
}
