package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"mlango/ledgerd/journal"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
	"mlango/ledgerd/vault"
)

// books are a stopped node's journal, keys and state.
type books struct {
	zone    Zone
	journal *journal.Journal
	vault   *vault.Vault
	pages   *server.Pages
	scratch string // folder of pages
	book    *ledger.Book
}

// openBooks opens a data folder for reading only; fs.ErrNotExist when there are
// no books in it.
func openBooks(data string) (*books, error) {
	zone, err := server.Zone(data)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usage("no books in %s – name the folder of a node; of `simulator demo --data DIR` it is DIR/ledgerd (%w)", data, err)
	}
	if err != nil {
		return nil, err
	}
	v, err := vault.Load(filepath.Join(data, server.VaultDir))
	if err != nil {
		return nil, err
	}
	if err := server.OwnVault(data, v); err != nil {
		return nil, errors.Join(fmt.Errorf("%w; bring back the vault that was copied with this journal, and the file books beside it", err), v.Close())
	}
	j, err := journal.Open(filepath.Join(data, server.JournalDir), journal.Options{ReadOnly: true})
	if errors.Is(err, journal.ErrInUse) {
		err = usage("%w; stop the node first", err)
	}
	if err != nil {
		return nil, errors.Join(err, v.Close())
	}
	b := &books{zone: Zone(zone), journal: j, vault: v}
	if b.scratch, err = os.MkdirTemp("", "ledgerd-"); err == nil {
		b.pages, err = server.OpenPages(b.scratch)
	}
	if err != nil {
		return nil, errors.Join(err, b.close())
	}
	b.book = ledger.New(ledger.Options{ReceiptKey: v.ReceiptKey(), ZoneMinutes: zone, Stores: b.pages.Stores})
	return b, nil
}

// replay books everything and tells each command to fn.
func (b *books) replay(fn func(server.Booked) error) error {
	return server.Replay(b.journal, b.book, func(done server.Booked) error {
		if fn == nil {
			return nil
		}
		return fn(done)
	})
}

// close gives the folder back and takes away what the replay wrote beside it.
func (b *books) close() error {
	err := errors.Join(b.journal.Close(), b.vault.Close())
	if b.pages != nil {
		err = errors.Join(err, b.pages.Close())
	}
	if b.scratch != "" {
		err = errors.Join(err, os.RemoveAll(b.scratch))
	}
	return err
}

// damaged adds to a damage's place what to do about it.
func damaged(err error) error {
	if errors.Is(err, journal.ErrDamaged) || errors.Is(err, journal.ErrMissing) {
		return fmt.Errorf("%w – keep the folder as it is; `ledgerd restore` the newest backup into a new one, then `ledgerd verify` that: OPERATING.md, On call", err)
	}
	return err
}

// errEnough ends a replay that has what it wanted.
var errEnough = errors.New("enough")

// verifyCmd checks a stopped node's data.
type verifyCmd struct {
	Data string `required:"" placeholder:"DIR" help:"The node's data folder."`
}

// Run prints one line; what does not hold is an error with its place.
func (c *verifyCmd) Run(w *world) error {
	return damaged(c.verify(w))
}

func (c *verifyCmd) verify(w *world) error {
	b, err := openBooks(c.Data)
	if err != nil {
		return err
	}
	defer b.close()
	last := int64(0)
	if err := b.replay(func(done server.Booked) error {
		if done.At < last || done.At != done.Header.TimeMS {
			return fmt.Errorf("entry %d: its time %d does not follow %d", done.Place.Index, done.At, last)
		}
		last = done.At
		return server.KeyGone(b.vault, done)
	}); err != nil {
		return err
	}
	if cut := b.journal.Recovered(); cut.Cut > 0 {
		fmt.Fprintf(w.err, "ledgerd: the last run ended in the middle of a write: %d bytes from byte %d of %s were never promised; the next start cuts them\n",
			cut.Cut, cut.Offset, cut.File)
	}
	for currency, sum := range b.book.Sum() {
		if sum != 0 {
			return fmt.Errorf("the balances in %s add up to %d, not to 0", currency, sum)
		}
	}
	counts := b.book.Counts()
	index, head, _ := b.journal.Head()
	_, err = fmt.Fprintf(w.out, "entries=%d transfers=%d accounts=%d sum=0 head=%x state=%x\n",
		index, counts.Transfers, counts.Accounts, head, b.book.Digest())
	return err
}
