package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mlango/ledgerd/journal"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// verifyCmd checks a stopped node's data, or a copy of it.
type verifyCmd struct {
	Data string `required:"" placeholder:"DIR" help:"The node's data folder, or a backup's. Its vault may be elsewhere: what needs keys is then not checked, and said."`
}

// Run prints what there is, what was checked and what was not; what does not hold is an
// error with its place.
func (c *verifyCmd) Run(w *world) error {
	v := &verification{data: c.Data, marks: map[uint64]mark{}}
	return damaged(v.run(w))
}

// verification is one check of a folder.
type verification struct {
	data    string
	last    int64           // ms, of the last command
	wanted  []uint64        // entries of which there are snapshots
	marks   map[uint64]mark // what the replay came to there
	checked []string
	missing []string // what could not be checked, and why
	wrong   []error
}

// mark is the replayed books right after an entry.
type mark struct {
	hash, state [32]byte
}

func (v *verification) run(w *world) (err error) {
	if v.wanted, err = journal.SnapshotsIn(filepath.Join(v.data, server.JournalDir)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	b, err := bookBooks(v.data, v.command, v.entry)
	if err != nil {
		return err
	}
	defer b.close()
	if cut := b.journal.Recovered(); cut.Cut > 0 {
		fmt.Fprintf(w.err, "ledgerd: the last run ended in the middle of a write: %d bytes from byte %d of %s were never promised; the next start cuts them\n",
			cut.Cut, cut.Offset, cut.File)
	}
	for currency, sum := range b.book.Sum() {
		if sum != 0 {
			return fmt.Errorf("the balances in %s add up to %d, not to 0", currency, sum)
		}
	}
	v.keys(b)
	if err := v.snapshots(b); err != nil {
		return err
	}
	counts := b.book.Counts()
	index, head, _ := b.journal.Head()
	if _, err := fmt.Fprintf(w.out, "entries=%d transfers=%d accounts=%d sum=0 head=%x state=%x\n",
		index, counts.Transfers, counts.Accounts, head, b.book.Digest()); err != nil {
		return err
	}
	v.say(w)
	return errors.Join(v.wrong...)
}

// command checks one booked command.
func (v *verification) command(b *books, done *server.Booked) error {
	if done.At < v.last || done.At != done.Header.TimeMS {
		return fmt.Errorf("entry %d: its time %d does not follow %d", done.Place.Index, done.At, v.last)
	}
	v.last = done.At
	if b.vault == nil {
		return nil
	}
	return server.KeyGone(b.vault, done)
}

// entry notes what the books came to where there is a snapshot.
func (v *verification) entry(b *books, h journal.Header) error {
	if slices.Contains(v.wanted, h.Index) {
		v.marks[h.Index] = mark{h.Hash, b.book.Digest()}
	}
	return nil
}

// keys says what was checked with the vault, or not without.
func (v *verification) keys(b *books) {
	v.checked = append(v.checked, "each entry's checksum and hash, the chain through archive and journal, the times, the books replayed, their sums")
	if b.vault != nil {
		v.checked = append(v.checked, "the vault has the key of everybody in the books")
		return
	}
	v.missing = append(v.missing, fmt.Sprintf("whether the vault has everybody's key, and receipt numbers: the keys are not here (%s)", b.keyless))
}

// snapshots holds each snapshot to what the replay came to at its entry, and the pages
// of the newest to what it made.
func (v *verification) snapshots(b *books) error {
	at, err := b.journal.Stands()
	if err != nil {
		return err
	}
	v.wrong = append(v.wrong, at.BadSnapshots...)
	if len(at.Snapshots)+len(at.BadSnapshots) == 0 {
		v.checked = append(v.checked, "there is no snapshot")
		return nil
	}
	for i, s := range at.Snapshots {
		switch err := v.snapshot(b, s, i == 0); {
		case errors.Is(err, errNoPages):
			v.missing = append(v.missing, fmt.Sprintf("snapshot %s: its pages are not here, as after a restore; the next start makes them anew", s.File()))
		case errors.Is(err, ledger.ErrOtherBooks), errors.Is(err, server.ErrSnapshot):
			v.missing = append(v.missing, fmt.Sprintf("snapshot %s: another version wrote it; the next start reads the whole journal instead", s.File()))
		case errors.Is(err, ledger.ErrPage):
			v.wrong = append(v.wrong, fmt.Errorf("%w – take %s away: the next start makes all pages anew from the journal, which holds", err, filepath.Join(v.data, server.PagesDir)))
		case err != nil:
			v.wrong = append(v.wrong, fmt.Errorf("%w – take %s away; the node then starts from an older one or from the whole journal, which holds", err,
				filepath.Join(v.data, server.JournalDir, s.File())))
		}
	}
	return nil
}

// errNoPages says that the folder has no pages at all.
var errNoPages = errors.New("no pages")

func (v *verification) snapshot(b *books, at journal.Snapshot, newest bool) error {
	was, reached := v.marks[at.Index]
	switch {
	case !reached:
		return fmt.Errorf("snapshot %s: the journal has no entry %d", at.File(), at.Index)
	case was.hash != at.Hash:
		return fmt.Errorf("snapshot %s: byte 56: entry %d has hash %x, not %x", at.File(), at.Index, was.hash, at.Hash)
	}
	scratch, err := os.MkdirTemp("", "ledgerd-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	l := server.Look{Data: v.data, Scratch: scratch, ReceiptKey: b.receiptKey(), ZoneMinutes: int(b.zone)}
	book, pages, err := l.Snapshot(b.journal, at)
	if err != nil && !server.HasPages(v.data) {
		return errNoPages
	}
	if err != nil {
		return fmt.Errorf("snapshot %s: %w", at.File(), err)
	}
	defer pages.Close()
	if state := book.Digest(); state != was.state || book.Err() != nil {
		return errors.Join(fmt.Errorf("snapshot %s: its state is %x, the replayed one at entry %d is %x", at.File(), state, at.Index, was.state), book.Err())
	}
	v.checked = append(v.checked, fmt.Sprintf("snapshot %s: its state is the replayed one at entry %d", at.File(), at.Index))
	if newest {
		v.pages(b, book)
	}
	return nil
}

// pages holds the pages to the replayed books.
func (v *verification) pages(b *books, book *ledger.Book) {
	if err := book.ComparePages(b.book); err != nil {
		v.wrong = append(v.wrong, fmt.Errorf("%w – take %s away: the next start makes all pages anew from the journal, which holds", err, filepath.Join(v.data, server.PagesDir)))
		return
	}
	v.checked = append(v.checked, fmt.Sprintf("%s pages that left memory: what stands in them is what was replayed", count(book.Paged())))
}

// say prints what was checked and what was not.
func (v *verification) say(w *world) {
	if len(v.wrong) == 0 {
		fmt.Fprintf(w.out, "checked: %s\n", strings.Join(v.checked, "; "))
	}
	if len(v.missing) > 0 {
		fmt.Fprintf(w.out, "NOT checked: %s\n", strings.Join(v.missing, "; "))
	}
}
