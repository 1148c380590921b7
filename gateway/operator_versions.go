package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"mlango/gateway/versions"
)

type versionsCmd struct{ adminFlag }

// Run lists the operators' configurations that the gateway ran with.
func (c *versionsCmd) Run(ctx context.Context, w *world) error {
	var all []listed
	if err := c.call(ctx, "GET", "/operators/versions", nil, &all); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "   %7s  %-12s  %-19s  %s\n", "version", "hash", "in force from", "by")
	for _, v := range all {
		mark := " "
		if v.Active {
			mark = "*"
		}
		at := "-"
		if !v.At.IsZero() {
			at = v.At.Local().Format("2006-01-02 15:04:05")
		}
		fmt.Fprintf(w.out, " %s %7d  %-12s  %-19s  %s\n", mark, v.Number, v.Short(), at, v.How)
	}
	return nil
}

type showCmd struct {
	adminFlag
	Version string `arg:"" help:"A version's number, or the first digits of its hash."`
}

// Run prints a version as it was written.
func (c *showCmd) Run(ctx context.Context, w *world) error {
	var v versions.Version
	if err := c.call(ctx, "GET", "/operators/versions/"+url.PathEscape(c.Version), nil, &v); err != nil {
		return err
	}
	fmt.Fprint(w.out, v.Text)
	return nil
}

type diffCmd struct {
	adminFlag
	From string `arg:"" optional:"" default:"active" help:"A version, 'active' for what is in force (${default}), or 'file'."`
	To   string `arg:"" optional:"" default:"file" help:"The same (${default})."`
}

// Run shows how two configurations of the operators differ.
func (c *diffCmd) Run(ctx context.Context, w *world) error {
	var d compared
	if err := c.call(ctx, "GET", "/operators/diff?"+url.Values{"from": {c.From}, "to": {c.To}}.Encode(), nil, &d); err != nil {
		return err
	}
	if d.Diff == "" {
		fmt.Fprintf(w.out, "%s and %s are the same.\n", d.From, d.To)
		return nil
	}
	fmt.Fprintf(w.out, "--- %s\n+++ %s\n%s", d.From, d.To, d.Diff)
	return nil
}

type reloadCmd struct {
	adminFlag
	DryRun bool `help:"Only say what it would do."`
}

// Run has the gateway read its file again.
func (c *reloadCmd) Run(ctx context.Context, w *world) error {
	path := "/operators/reload"
	if c.DryRun {
		path += "?dry=1"
	}
	var did reloaded
	if err := c.call(ctx, "POST", path, nil, &did); err != nil {
		return err
	}
	did.print(w, c.DryRun)
	return nil
}

type rollbackCmd struct {
	adminFlag
	Version string `arg:"" help:"A version's number, or the first digits of its hash; see 'gateway operator versions'."`
}

// Run brings an older version back, into the file and into force.
func (c *rollbackCmd) Run(ctx context.Context, w *world) error {
	var did reloaded
	if err := c.call(ctx, "POST", "/operators/rollback", map[string]string{"version": c.Version}, &did); err != nil {
		return err
	}
	did.print(w, false)
	return nil
}

// print says what a reload did, or would do.
func (r *reloaded) print(w *world, dry bool) {
	switch {
	case !r.Fresh:
		fmt.Fprintf(w.out, "Nothing differs: version %d stays in force.\n", r.Version)
	case dry:
		fmt.Fprintf(w.out, "It would take the place of version %d:\n", r.Version)
	default:
		fmt.Fprintf(w.out, "Version %d (%.12s) is in force:\n", r.Version, r.Hash)
	}
	for _, it := range []struct {
		what, more string
		names      []string
	}{
		{"added", "", r.Added}, {"changed", "its binds are made anew where they changed", r.Changed},
		{"removed", "its binds are unbound", r.Removed}, {"kept", "its binds and dialogues go on", r.Kept},
	} {
		if len(it.names) > 0 && r.Fresh {
			fmt.Fprintf(w.out, "  %-8s %s%s\n", it.what, strings.Join(it.names, ", "), orElse(it.more == "", "", " – "+it.more))
		}
	}
	if len(r.Restart) > 0 {
		fmt.Fprintf(w.out, "Also changed in the file, but taken up only by a start: %s\n", strings.Join(r.Restart, ", "))
	}
}
