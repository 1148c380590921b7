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

// folder is a stopped node's zone and keys.
type folder struct {
	data    string
	zone    Zone
	vault   *vault.Vault // nil when there is none to be read
	keyless error        // why
}

// openFolder reads what the books were begun with; fs.ErrNotExist when there are none.
// The vault may be elsewhere, or another's to read; a wrong or a damaged one is
// refused, and so is half a one.
func openFolder(data string) (f *folder, err error) {
	zone, err := server.Zone(data)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usage("no books in %s – name the folder of a node; of `simulator demo --data DIR` it is DIR/ledgerd (%w)", data, err)
	}
	if err != nil {
		return nil, err
	}
	f = &folder{data: data, zone: Zone(zone)}
	if _, err := os.Stat(filepath.Join(data, server.VaultDir)); errors.Is(err, fs.ErrNotExist) {
		f.keyless = fmt.Errorf("there is no folder %s in %s: it is kept apart from the journal's copies, see OPERATING.md", server.VaultDir, data)
		return f, nil
	}
	f.vault, err = vault.Load(filepath.Join(data, server.VaultDir))
	if errors.Is(err, fs.ErrPermission) {
		f.vault, f.keyless = nil, err
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	if err := server.OwnVault(data, f.vault); err != nil {
		return nil, errors.Join(fmt.Errorf("%w; bring back the vault that was copied with this journal, and the file books beside it", err), f.vault.Close())
	}
	return f, nil
}

// needVault refuses a folder without its keys.
func (f *folder) needVault() error { return f.keyless }

// receiptKey is the key of receipt numbers, or none.
func (f *folder) receiptKey() (key [16]byte) {
	if f.vault != nil {
		key = f.vault.ReceiptKey()
	}
	return key
}

// person opens a name and a number; of who was forgotten there is neither.
func (f *folder) person(n ledger.Account, sealed []byte) (name, number string) {
	if f.vault == nil || len(sealed) == 0 {
		return "", ""
	}
	name, number, err := f.vault.OpenPerson(uint64(n), sealed)
	if err != nil {
		return "", ""
	}
	return name, number
}

// ref opens the reference of a payment; without a vault there is none.
func (f *folder) ref(of ledger.ID, payer ledger.Account, sealed []byte) string {
	if f.vault == nil {
		return ""
	}
	text, err := f.vault.OpenRef(uint64(payer), of, sealed)
	if err != nil {
		return ""
	}
	return text
}

func (f *folder) close() error {
	if f.vault == nil {
		return nil
	}
	return f.vault.Close()
}

// books are a stopped node's journal, keys and state.
type books struct {
	*folder
	journal *journal.Journal
	pages   *server.Pages
	scratch string // folder of pages
	book    *ledger.Book
}

// inUse says that a node serves the folder.
func inUse(err error) error {
	if errors.Is(err, journal.ErrInUse) {
		return usage("%w; stop the node first, or ask it with --config or --node", err)
	}
	return err
}

// newBooks makes empty books for a data folder; fs.ErrNotExist when there are none in
// it.
func newBooks(data string) (b *books, err error) {
	b = &books{}
	if b.folder, err = openFolder(data); err != nil {
		return nil, err
	}
	if b.scratch, err = os.MkdirTemp("", "ledgerd-"); err == nil {
		b.pages, err = server.OpenPages(b.scratch)
	}
	if err != nil {
		return nil, errors.Join(err, b.close())
	}
	b.book = ledger.New(ledger.Options{ReceiptKey: b.receiptKey(), ZoneMinutes: int(b.zone), Stores: b.pages.Stores})
	return b, nil
}

// openBooks opens a data folder for reading only, all of it checked, to be replayed.
func openBooks(data string) (*books, error) {
	b, err := newBooks(data)
	if err != nil {
		return nil, err
	}
	b.journal, err = journal.Open(filepath.Join(data, server.JournalDir), journal.Options{ReadOnly: true})
	if err != nil {
		return nil, errors.Join(inUse(err), b.close())
	}
	return b, nil
}

// bookBooks opens a data folder for reading only and books everything on the way: it
// is read once. after is told each entry once all of it is booked; it may be nil.
func bookBooks(data string, fn func(*books, *server.Booked) error, after func(*books, journal.Header) error) (*books, error) {
	b, err := newBooks(data)
	if err != nil {
		return nil, err
	}
	var entry func(journal.Header) error
	if after != nil {
		entry = func(h journal.Header) error { return after(b, h) }
	}
	b.journal, err = server.OpenReplay(filepath.Join(data, server.JournalDir), b.book, func(done *server.Booked) error { return fn(b, done) }, entry)
	if err != nil {
		return nil, errors.Join(inUse(err), b.close())
	}
	return b, nil
}

// replay books everything and tells each command to fn.
func (b *books) replay(fn func(*server.Booked) error) error {
	return server.Replay(b.journal, b.book, fn)
}

// close gives the folder back and takes away what the replay wrote beside it.
func (b *books) close() error {
	err := b.folder.close()
	if b.journal != nil {
		err = errors.Join(err, b.journal.Close())
	}
	if b.pages != nil {
		err = errors.Join(err, b.pages.Close())
	}
	if b.scratch != "" {
		err = errors.Join(err, os.RemoveAll(b.scratch))
	}
	return err
}

// look asks something of the books in a data folder as its next start would have
// them: quick, by the newest snapshot.
func look(data string, ask func(*folder, *server.Looked) error) error {
	f, err := openFolder(data)
	if err != nil {
		return err
	}
	defer f.close()
	scratch, err := os.MkdirTemp("", "ledgerd-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	v, err := server.Look{Data: data, Scratch: scratch, ReceiptKey: f.receiptKey(), ZoneMinutes: int(f.zone)}.Open()
	if err != nil {
		return damaged(inUse(err))
	}
	defer v.Close()
	if err := ask(f, v); err != nil {
		return err
	}
	return v.Book.Err()
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
