package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/journal"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/pagefile"
)

// Pages are the files of what books let go of from memory. The journal makes them
// anew if they are lost.
type Pages struct {
	ledger.Stores
	files []pageStore
	fresh bool // they were made just now
}

// pageStore is one of them.
type pageStore interface {
	WritePage(n uint64, page []byte) error
	ReadPage(n uint64, page []byte) error
	Sync() error
	io.Closer
}

// tablePages are their names.
var tablePages = [...]string{"records", "lines", "commits", "ids", "ends", "refs"}

// OpenPages opens the files in a folder, or makes them.
func OpenPages(folder string) (p *Pages, err error) {
	fresh := false
	if _, err := os.Stat(filepath.Join(folder, tablePages[0])); errors.Is(err, fs.ErrNotExist) {
		fresh = true
	}
	p, err = openPages(folder, func(name string) (pageStore, error) { return pagefile.Open(filepath.Join(folder, name)) })
	if err == nil {
		p.fresh = fresh
	}
	return p, err
}

// LookPages opens the files in a folder for reading only; what is written stands in
// another folder.
func LookPages(folder, scratch string) (*Pages, error) {
	return openPages(scratch, func(name string) (pageStore, error) {
		return pagefile.Look(filepath.Join(folder, name), filepath.Join(scratch, name))
	})
}

func openPages(folder string, open func(name string) (pageStore, error)) (*Pages, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("server: folder of pages: %w", err)
	}
	p := &Pages{}
	for _, name := range tablePages {
		f, err := open(name)
		if err != nil {
			return nil, errors.Join(err, p.Close())
		}
		p.files = append(p.files, f)
	}
	p.Stores = ledger.Stores{Records: p.files[0], Lines: p.files[1], Commits: p.files[2], IDs: p.files[3], Ends: p.files[4], Refs: p.files[5]}
	return p, nil
}

// Close closes them.
func (p *Pages) Close() (err error) {
	for _, f := range p.files {
		err = errors.Join(err, f.Close())
	}
	return err
}

// loadBooks makes the books of a snapshot, or new ones, and tells leader time. A
// snapshot whose pages are lost is refused: an older one or the whole journal
// makes them again.
func (s *Server) loadBooks(at journal.Snapshot, r io.Reader) (book *ledger.Book, now int64, err error) {
	o := ledger.Options{ReceiptKey: s.vault.ReceiptKey(), ZoneMinutes: s.cfg.ZoneMinutes,
		Horizon: s.cfg.Horizon, Keep: s.cfg.Keep, Stores: s.pages.Stores}
	if r == nil {
		book = ledger.New(o)
		return book, 0, book.Err()
	}
	now, err = readSnapshot(r, func(r io.Reader) (err error) {
		book, err = ledger.Load(r, o)
		return err
	})
	switch {
	case err != nil && s.pages.fresh: // nothing is wrong
		s.log.Info("the whole journal is read: the folder has no pages yet, as after a restore; they are made now", "snapshot", at.Index)
		return nil, 0, err
	case err != nil:
		s.log.Warn("a snapshot is not used", "entry", at.Index, "error", err)
		return nil, 0, err
	}
	return book, now, s.knowPeople(book)
}

// knowPeople holds the vault against the people in loaded books, as missKey does
// against each command of a replay.
func (s *Server) knowPeople(book *ledger.Book) error {
	for n, known := range book.People() {
		switch {
		case !known:
			if err := Forget(s.vault, n); err != nil {
				return err
			}
		case !s.vault.Knows(uint64(n)):
			s.log.Error("a person is lost to us; the account goes on without name and SMS", "error",
				fmt.Errorf("account %d: %w", n, ErrKeyGone))
		}
	}
	return nil
}

// ErrPages says that a page of the books could not be written or read: what they
// would answer from then on is worth nothing.
var ErrPages = errors.New("server: the books lost a page; start again, and they are made anew")

// sound tells whether the books may be believed. It is asked before anything of
// what they said leaves the node.
func (s *Server) sound() error {
	if err := s.book.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrPages, err)
	}
	return nil
}

// honest gives no answer of books that may not be believed.
func (s *Server) honest(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	answer, err := handle(ctx, req)
	if bad := s.sound(); bad != nil {
		return nil, status.Error(codes.Internal, bad.Error())
	}
	return answer, err
}
