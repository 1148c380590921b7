package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"mlango/internal/cli"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/rules"
	"mlango/ledgerd/server"
)

// rulesCmd moves all tariffs and limits together, as one file.
type rulesCmd struct {
	Get      rulesGetCmd      `cmd:"" help:"Print the tariffs and limits in force, or of another version, as a file to edit; it says from when they hold."`
	Check    rulesCheckCmd    `cmd:"" help:"Prove a file: no bands that overlap, no gaps, no fee above its amount. Needs no node."`
	Diff     rulesDiffCmd     `cmd:"" help:"Say in words and figures what a file would change."`
	Publish  rulesPublishCmd  `cmd:"" help:"Journal a file: all that it changes, together. Needs two people: the first one ends with 1, for nothing is done yet."`
	History  rulesHistoryCmd  `cmd:"" help:"List the changes: which version, whether it holds, since when, who, why."`
	Rollback rulesRollbackCmd `cmd:"" help:"Bring back, whole and as a new version, what held when an older one began. Needs two people, as publish does."`
}

// readRules reads and proves a file.
func readRules(path string) (*rules.Set, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, cli.Fail(cli.Usage, err)
	}
	return rules.Parse(path, src)
}

type rulesCheckCmd struct {
	File string `arg:"" help:"Tariffs and limits."`
}

// Run proves it.
func (c *rulesCheckCmd) Run(w *world) error {
	if _, err := readRules(c.File); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "%s holds\n", c.File)
	return nil
}

type rulesGetCmd struct {
	Version uint32 `arg:"" optional:"" help:"Those of another version, see history: former, to come or never held, and it says which. Left away, those in force."`
	Data    string `placeholder:"DIR" help:"Those of a stopped node's data folder."`
}

// Run prints them.
func (c *rulesGetCmd) Run(ctx context.Context, w *world, all *commands) error {
	sheet, err := (&rulesFlag{Data: c.Data}).find(ctx, &all.Admin.nodeFlag)
	if err != nil {
		return err
	}
	set, err := rulesNow(sheet, sheet.At)
	notes := waitingNotes(sheet)
	if c.Version != 0 {
		var change *server.RuleChange
		if set, change, err = rulesAsOf(sheet, c.Version); err == nil {
			notes = notesOf(sheet, change)
		}
	}
	if err != nil {
		return err
	}
	set.After, set.Notes = &sheet.Version, notes
	return set.Write(w.out)
}

type rulesDiffCmd struct {
	File string `arg:"" help:"Tariffs and limits."`
	From string `placeholder:"TIME" help:"Against what holds at an instant, as 2026-12-01T00:00:00+03:00; left away, now."`
	Data string `placeholder:"DIR" help:"Against a stopped node's data folder."`
}

// Run says what would change.
func (c *rulesDiffCmd) Run(ctx context.Context, w *world, all *commands) error {
	set, err := readRules(c.File)
	if err != nil {
		return err
	}
	sheet, err := (&rulesFlag{Data: c.Data}).find(ctx, &all.Admin.nodeFlag)
	if err != nil {
		return err
	}
	changes, err := rulesChanges(sheet, set, c.From)
	if err != nil {
		return err
	}
	if set.After != nil && *set.After != sheet.Version {
		fmt.Fprintf(w.out, "Publish would refuse it: %s\n", staleRules(sheet, *set.After))
	}
	return sayChanges(w.out, sheet, changes)
}

// sayChanges prints what changes, table by table.
func sayChanges(out io.Writer, sheet *server.RuleSheet, changes []rules.Change) error {
	p := &page{out: out}
	if len(changes) == 0 {
		p.say("nothing changes: version %d is the same\n", sheet.Version)
		return p.err
	}
	for i := range changes {
		p.say("%s\n", changes[i].Title())
		for _, words := range changes[i].Words {
			p.say("  %s\n", words)
		}
	}
	p.say("%d of the tariffs and limits change, all others stay; the version is %d then\n", len(changes), sheet.Version+1)
	return p.err
}

// staleRules says that others were quicker.
func staleRules(sheet *server.RuleSheet, after uint32) string {
	if after > sheet.Version {
		return fmt.Sprintf("the file was written on version %d, and these books are at %d: they are others", after, sheet.Version)
	}
	var by []string
	for _, c := range sheet.History {
		if c.Version > after {
			by = append(by, fmt.Sprintf("%d by %s", c.Version, orElse(strings.Join(c.Approved, " and "), "nobody who is known")))
		}
	}
	slices.Reverse(by)
	return fmt.Sprintf("the file was written on version %d, and since came %s; print the newest with `ledgerd admin rules get` and write your change into that", after, strings.Join(by, ", "))
}

// publishing is what publish and rollback have in common.
type publishing struct {
	From string `placeholder:"TIME" help:"From when on, as 2026-12-01T00:00:00+03:00; left away, at once."`
	Why  string `help:"For the record, at most 64 bytes."`
	Yes  bool   `help:"Do not ask."`
}

type rulesPublishCmd struct {
	File       string `arg:"" help:"Tariffs and limits."`
	publishing `embed:""`
}

// Run shows what changes, asks, and journals it.
func (c *rulesPublishCmd) Run(ctx context.Context, w *world, all *commands) error {
	set, err := readRules(c.File)
	if err != nil {
		return err
	}
	sheet, err := (&rulesFlag{}).find(ctx, &all.Admin.nodeFlag)
	if err != nil {
		return err
	}
	if set.After != nil && *set.After != sheet.Version {
		return cli.Fail(cli.Check, errors.New(staleRules(sheet, *set.After)))
	}
	return c.publish(ctx, w, all, sheet, set, 0)
}

// publish shows what changes, asks, and journals it.
func (c *publishing) publish(ctx context.Context, w *world, all *commands, sheet *server.RuleSheet, set *rules.Set, back uint32) error {
	if len(c.Why) > ledger.MaxWhy {
		return usage("--why has %d bytes, more than %d", len(c.Why), ledger.MaxWhy)
	}
	changes, err := rulesChanges(sheet, set, c.From)
	if err != nil {
		return err
	}
	if err := sayChanges(w.out, sheet, changes); err != nil || len(changes) == 0 {
		return err
	}
	if err := confirm(w, c.Yes, "Journal this?"); err != nil {
		return err
	}
	cmd := set.Command(changes)
	cmd.Version, cmd.Back, cmd.Why = sheet.Version+1, back, c.Why
	if cmd.From, err = instantOf("--from", c.From); err != nil {
		return err
	}
	return all.Admin.book(ctx, w, cmd)
}

type rulesRollbackCmd struct {
	Version    uint32 `arg:"" help:"The version to bring back; see history."`
	publishing `embed:""`
}

// Run brings an older version back.
func (c *rulesRollbackCmd) Run(ctx context.Context, w *world, all *commands) error {
	sheet, err := (&rulesFlag{}).find(ctx, &all.Admin.nodeFlag)
	if err != nil {
		return err
	}
	set, change, err := rulesAsOf(sheet, c.Version)
	if err != nil {
		return err
	}
	instead := fmt.Sprintf("`ledgerd admin rules get %d > rules.yaml` and publish that", c.Version)
	switch change.State {
	case server.ToCome:
		return cli.Fail(cli.Check, fmt.Errorf("version %d does not hold before %s: there is nothing to go back to; if it shall hold sooner, %s", c.Version, second(change.From), instead))
	case server.NeverHeld:
		return cli.Fail(cli.Check, fmt.Errorf("version %d never held: it was to from %s, and another took its place before; if its figures shall hold now, %s", c.Version, second(change.From), instead))
	}
	for _, line := range notesOf(sheet, change) {
		fmt.Fprintln(w.out, line)
	}
	return c.publish(ctx, w, all, sheet, set, c.Version)
}

type rulesHistoryCmd struct {
	Data string `placeholder:"DIR" help:"Of a stopped node's data folder."`
	JSON bool   `name:"json" help:"For programs."`
}

// Run lists the changes, the newest first.
func (c *rulesHistoryCmd) Run(ctx context.Context, w *world, all *commands) error {
	sheet, err := (&rulesFlag{Data: c.Data}).find(ctx, &all.Admin.nodeFlag)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(w.out, sheet.History)
	}
	rows := [][]string{{">version", ">tables", "state", "from", "set", "by", "entry", "why"}}
	for _, h := range sheet.History {
		why := h.Why
		if h.Back != 0 {
			why = strings.TrimSuffix(fmt.Sprintf("brings back %d: %s", h.Back, why), ": ")
		}
		rows = append(rows, []string{fmt.Sprint(h.Version), fmt.Sprint(h.Tables), h.State, second(h.From), second(h.Set), orElse(strings.Join(h.Approved, " and "), "–"), h.Place, why})
	}
	p := &page{out: w.out}
	if len(rows) == 1 {
		p.say("no tariff and no limits were ever set\n")
		return p.err
	}
	p.rows(rows)
	return p.err
}

// second is an instant without its milliseconds.
func second(text string) string {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return t.Format(time.RFC3339)
}
