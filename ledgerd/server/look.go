package server

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"mlango/ledgerd/journal"
	"mlango/ledgerd/ledger"
)

// Look says what to look at.
type Look struct {
	Data        string   // a stopped node's folder
	Scratch     string   // an empty folder for pages
	ReceiptKey  [16]byte // zero: receipts are not the node's
	ZoneMinutes int      // of the books
}

// Looked is a stopped node's books as its next start would have them. Nothing in its
// folder is changed.
type Looked struct {
	Journal *journal.Journal
	Book    *ledger.Book
	Pages   *Pages
	At      int64 // ms, of the last entry
}

// Open reads the newest snapshot with the pages that belong to it and what the journal
// has behind it, or where those are not to be had the whole journal. It is quick, and
// no proof of what it did not read: that is Replay's.
func (l Look) Open() (v *Looked, err error) {
	v = &Looked{}
	if v.Pages, err = LookPages(filepath.Join(l.Data, PagesDir), l.Scratch); err != nil {
		return nil, err
	}
	o := ledger.Options{ReceiptKey: l.ReceiptKey, ZoneMinutes: l.ZoneMinutes, Stores: v.Pages.Stores}
	load := func(_ journal.Snapshot, r io.Reader) (book *ledger.Book, at int64, err error) {
		if r == nil {
			book = ledger.New(o)
			return book, 0, book.Err()
		}
		at, err = readSnapshot(r, func(r io.Reader) (err error) {
			book, err = ledger.Load(r, o)
			return err
		})
		return book, at, err
	}
	books := newReplay(func(*Booked) error { return nil })
	if v.Journal, err = books.open(filepath.Join(l.Data, JournalDir), journal.Options{ReadOnly: true}, load); err != nil {
		return nil, errors.Join(err, v.Pages.Close())
	}
	v.Book, v.At = books.book, books.at
	if v.Book == nil { // a journal without a single segment
		v.Book = ledger.New(o)
	}
	return v, nil
}

// Snapshot reads the books of one snapshot with the pages that belong to it, to be
// compared with others.
func (l Look) Snapshot(j *journal.Journal, at journal.Snapshot) (book *ledger.Book, pages *Pages, err error) {
	if pages, err = LookPages(filepath.Join(l.Data, PagesDir), l.Scratch); err != nil {
		return nil, nil, err
	}
	o := ledger.Options{ReceiptKey: l.ReceiptKey, ZoneMinutes: l.ZoneMinutes, Stores: pages.Stores, Compare: true}
	err = j.ReadSnapshot(at, func(r io.Reader) error {
		_, err := readSnapshot(r, func(r io.Reader) (err error) {
			book, err = ledger.Load(r, o)
			return err
		})
		return err
	})
	if err != nil {
		return nil, nil, errors.Join(err, pages.Close())
	}
	return book, pages, nil
}

// HasPages tells whether a data folder has the pages of its books at all: a restored one
// has none until its first start.
func HasPages(data string) bool {
	_, err := os.Stat(filepath.Join(data, PagesDir, tablePages[0]))
	return err == nil
}

// Close gives the folder back.
func (v *Looked) Close() error { return errors.Join(v.Journal.Close(), v.Pages.Close()) }
