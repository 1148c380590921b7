package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"mlango/internal/cli"
	"mlango/ledgerd/server"
)

// statusCmd tells how a node stands.
type statusCmd struct {
	JSON     bool `name:"json" help:"For programs."`
	nodeFlag `embed:""`
}

// Run prints it, and fails when something needs a person.
func (c *statusCmd) Run(ctx context.Context, w *world) error {
	client, err := c.dial()
	if err != nil {
		return err
	}
	defer client.Close()
	b, err := client.Status(ctx)
	if err != nil {
		return explain(err)
	}
	v := &server.StatusSheet{}
	if err := json.Unmarshal(b, v); err != nil {
		return err
	}
	if c.JSON {
		err = printJSON(w.out, v)
	} else {
		err = sayStatus(w.out, v)
	}
	switch n := len(v.Attention); {
	case err != nil || n == 0:
		return err
	case n == 1:
		return cli.Fail(cli.Check, fmt.Errorf("a person is needed: %s – %s", v.Attention[0].What, v.Attention[0].Do))
	default:
		return cli.Fail(cli.Check, fmt.Errorf("a person is needed for %d things; first: %s – %s", n, v.Attention[0].What, v.Attention[0].Do))
	}
}

// sayStatus prints it for the engineer on call.
func sayStatus(out io.Writer, v *server.StatusSheet) error {
	p := &page{out: out}
	p.say("node %d of %s %s, term %d, at %s\n", v.Node, v.Cluster, v.Role, v.Term, v.At)
	for _, a := range v.Attention {
		p.say("! %s\n  do: %s\n", a.What, a.Do)
	}
	j := &v.Journal
	p.say("\n")
	p.fact("journal", fmt.Sprintf("entry %s, head %s", count(j.Index), j.Head))
	p.fact("books", fmt.Sprintf("applied up to entry %s; %s accounts, %s transfers", count(j.Applied), count(j.Accounts), count(j.Transfers)))
	p.fact("snapshot", snapshotWords(j))
	p.fact("archive", archiveWords(j))
	p.fact("disk", fmt.Sprintf("%s MB free; below %s MB nothing is accepted (%s)", count(v.Disk.FreeMB), count(v.Disk.MarkMB), v.Data))
	p.fact("ids", idWords(&v.IDs))
	p.fact("backlog", fmt.Sprintf("%s commands wait, %s entries in flight, %s refused since the start, %s calls wait for a second person",
		count(v.Backlog.Waiting), count(v.Backlog.InFlight), count(v.Backlog.Refused), count(v.Backlog.Second)))
	sayKeys(p, v)
	for i := range v.Consumers {
		sayConsumer(p, &v.Consumers[i])
	}
	if len(v.Attention) == 0 {
		p.say("\nnothing needs a person\n")
	}
	return p.err
}

// count is a whole number with commas.
func count[T int | int64 | uint64 | uint32](n T) string { return thousands(int64(n)) }

func snapshotWords(j *server.StatusJournal) string {
	since := fmt.Sprintf("%s commands since, every %s there is one", count(j.Since), count(j.Every))
	if j.Snapshot == 0 {
		return "none yet; " + since
	}
	return fmt.Sprintf("entry %s, written %s; %s", count(j.Snapshot), orElse(j.SnapshotAt, "?"), since)
}

func archiveWords(j *server.StatusJournal) string {
	live := fmt.Sprintf("entries %s to %s in %d files beside it", count(j.First), count(j.Index), j.Segments)
	if j.Archives == 0 {
		return "nothing yet; " + live
	}
	return fmt.Sprintf("entries %s to %s in %d files; %s", count(j.ArchivedFirst), count(j.ArchivedLast), j.Archives, live)
}

func idWords(v *server.StatusIDs) string {
	words := fmt.Sprintf("%s in memory", count(v.InMemory))
	if v.OldestMemory != "" {
		words += ", of the hour " + v.OldestMemory + " and later"
	}
	if v.OldestDisk != "" {
		words += "; on disk of the hour " + v.OldestDisk + " and later"
	}
	return words
}

// sayKeys prints how old the keys are and how long the certificates hold.
func sayKeys(p *page, v *server.StatusSheet) {
	if v.Vault.Seal == 0 {
		p.fact("seal keys", "none is in use")
	} else {
		p.fact("seal keys", fmt.Sprintf("key %d since %s until %s, the next one until %s", v.Vault.Seal, v.Vault.SealFrom, v.Vault.SealUntil, v.Vault.NextUntil))
	}
	p.fact("vault", fmt.Sprintf("its lasting keys were made %s, people's changed last %s: copy it when it changed since the last copy",
		orElse(v.Vault.Made, "?"), orElse(v.Vault.Grown, "?")))
	if v.TLS == nil {
		p.fact("certificate", "none: this machine only")
		return
	}
	p.fact("certificate", fmt.Sprintf("%s, until %s", v.TLS.Name, v.TLS.Until))
	if v.TLS.Authority != "" {
		p.fact("", fmt.Sprintf("the authority's until %s, yours until %s", v.TLS.Authority, v.TLS.Yours))
	}
}

// sayConsumer prints how far one consumer is behind.
func sayConsumer(p *page, c *server.StatusConsumer) {
	if c.Notices == 0 {
		p.say("\n%s: everything is acknowledged; %d feeds are read\n", c.Name, c.Feeds)
	} else {
		p.say("\n%s: %s notices in %d lanes not acknowledged, the oldest since %s (%s); %d feeds are read\n",
			c.Name, count(c.Notices), c.Lanes, c.Oldest, time.Duration(c.AgeS)*time.Second, c.Feeds)
	}
	if len(c.Owners) == 0 {
		p.say("  nobody owns its lanes\n")
	}
	for _, o := range c.Owners {
		p.say("  lanes %d to %d are %s's, epoch %d\n", o.From, o.To, o.Owner, o.Epoch)
	}
	rows := [][]string{{">lane behind", ">notices", "oldest", ">age", "owner"}}
	for _, l := range c.Farthest {
		rows = append(rows, []string{fmt.Sprint(l.Lane), count(l.Notices), l.Oldest, (time.Duration(l.AgeS) * time.Second).String(), orElse(l.Owner, "nobody")})
	}
	if len(rows) > 1 {
		p.rows(rows)
	}
}
