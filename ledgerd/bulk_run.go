package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"mlango/internal/cli"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// The time inside a payment's id is that of the round in which it was asked for,
// and a round stands in a note beside the file before anything is sent. Should the
// note be lost, the ledger tells: every payment carries the file's mark, and the
// payer's statement leads to it.

// Limits of the search for an earlier run.
const (
	bulkBack     = 40 * 24 * time.Hour
	bulkLines    = 10_000           // of the payer's statement at a time
	bulkSearched = 500_000          // lines in all
	markBytes    = 12               // of the file's hash in a payment
	bulkSkew     = 10 * time.Minute // between this clock and the node's
)

// mark is how a payment says of which file it is.
func (b *bulk) mark() string { return fmt.Sprintf("bulk %x", b.hash[:markBytes]) }

func (b *bulk) note() string { return b.c.File + ".begun" }

// bulkNote is what the note says.
type bulkNote struct {
	Mark   string  `json:"mark"`
	Rounds []int64 `json:"rounds_ms"`
}

// begun is when this file was asked for so far.
func (b *bulk) begun(ctx context.Context) ([]int64, error) {
	raw, err := os.ReadFile(b.note())
	var note bulkNote
	switch {
	case err == nil && json.Unmarshal(raw, &note) != nil:
		return nil, usage("%s is not this program's: take it away only if nothing of %s was ever paid", b.note(), b.c.File)
	case err == nil && note.Mark != b.mark():
		return nil, usage("%s was begun with other content, payer or --period: put a changed list into a file with another name", b.c.File)
	case err == nil:
		return note.Rounds, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	return b.search(ctx)
}

// search looks for payments of this very file: among those that wait for a second
// person, and in the payer's statement.
func (b *bulk) search(ctx context.Context) (rounds []int64, err error) {
	waiting, err := b.client.Pending(ctx)
	if err != nil {
		return nil, err
	}
	for _, wait := range waiting {
		for _, item := range wait.Items {
			if m, ok := item.(*ledger.Move); ok && m.Origin.Session == b.mark() && !slices.Contains(rounds, m.ID.Time()) {
				rounds = append(rounds, m.ID.Time())
			}
		}
	}
	fmt.Fprintln(b.w.out, "looking for an earlier round…")
	for until, left := int64(0), bulkSearched; left > 0; {
		lines, _, err := b.client.Statement(ctx, ledger.Account(b.c.Payer), time.Now().Add(-bulkBack).UnixMilli(), until, bulkLines)
		if err != nil {
			return nil, err
		}
		for _, l := range lines.List {
			if l.Kind != ledger.KindPayout || l.In || l.Part != ledger.PartAmount {
				continue
			}
			if rounds, err = b.roundOf(ctx, l, rounds); err != nil {
				return nil, err
			}
		}
		if len(lines.List) < bulkLines || lines.List[bulkLines-1].At == until { // nothing older
			break
		}
		until, left = lines.List[bulkLines-1].At, left-bulkLines
	}
	slices.Sort(rounds)
	return rounds, nil
}

// roundOf adds the round of a payment if it is of this file.
func (b *bulk) roundOf(ctx context.Context, l ledger.Statement, rounds []int64) ([]int64, error) {
	raw, known, err := b.client.ShowBooks(ctx, l.Receipt.String())
	if err != nil || !known {
		return rounds, err
	}
	var sheet server.Sheet
	if err := json.Unmarshal(raw, &sheet); err != nil {
		return rounds, err
	}
	id, err := ledger.ParseID(sheet.ID)
	if err == nil && sheet.Session == b.mark() && !slices.Contains(rounds, id.Time()) {
		rounds = append(rounds, id.Time())
	}
	return rounds, nil
}

// begin writes the note, durable, before anything is sent.
func (b *bulk) begin() error {
	raw, err := json.Marshal(bulkNote{b.mark(), b.rounds})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(b.note(), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return usage("the note of what was begun cannot be written: %w", err)
	}
	_, werr := f.Write(append(raw, '\n'))
	return errors.Join(werr, f.Sync(), f.Close())
}

// say tells what the file comes to.
func (b *bulk) say() {
	var all []*bulkLine
	for i := range b.lines {
		all = append(all, &b.lines[i])
	}
	fmt.Fprintf(b.w.out, "%s: %d payments, together %s, from account %d\n", b.c.File, len(all), money(b.sum(all), b.unit), b.c.Payer)
	if done := len(all) - len(b.open()); done > 0 {
		fmt.Fprintf(b.w.out, "%d of them were answered already; first asked for at %s\n", done, b.zone.says(b.rounds[0]))
	}
}

// end tells what became of every line, and what to do about the rest.
func (b *bulk) end() error {
	var paid, fees ledger.Amount
	made, refused := 0, 0
	for i := range b.lines {
		l := &b.lines[i]
		switch {
		case l.known && l.result.Reject == ledger.OK:
			made, paid, fees = made+1, paid+l.amount, fees+l.result.Fee
		case l.known:
			refused++
			fmt.Fprintf(b.w.out, "%s:%d: %s was not paid: %s\n", b.c.File, l.line, l.shown(), because(l.result.Reject))
		}
	}
	fmt.Fprintf(b.w.out, "paid %d, together %s, fees %s; refused %d; open %d\n", made, money(paid, b.unit), money(fees, b.unit), refused, len(b.open()))
	for _, wait := range b.waiting {
		fmt.Fprintf(b.w.out, "Next, until %s, another person with their own --cert and --key (%d payments, %s):\n  ledgerd admin approve %x %s\n",
			b.zone.says(wait.Expires), len(wait.Items), sumOf(wait.Items), wait.Hash, b.c.again())
	}
	if len(b.waiting) > 0 {
		fmt.Fprintln(b.w.out, "Then say the same again to see what became of each.")
	}
	switch left := len(b.open()); {
	case left > 0 && b.over:
		return fmt.Errorf("%d payments were asked for and never booked; their time is over: say --again", left)
	case refused > 0:
		return fmt.Errorf("%d of %d payments were refused: when the reason is gone say --again", refused, len(b.lines))
	case len(b.waiting) > 0:
		return cli.Fail(cli.Check, errNotYet)
	}
	return nil
}

// because is a reject in a person's words.
func because(r ledger.Reject) string {
	if more := tableRefusals[r]; more != "" {
		return r.String() + " – " + more
	}
	return strings.ReplaceAll(r.String(), "_", " ")
}
