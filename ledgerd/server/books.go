package server

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	files []*pagefile.File
}

// OpenPages opens the files in a folder, or makes both.
func OpenPages(folder string) (p *Pages, err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("server: folder of pages: %w", err)
	}
	var open [5]*pagefile.File
	for i, name := range [...]string{"records", "lines", "commits", "ids", "ends"} {
		if open[i], err = pagefile.Open(filepath.Join(folder, name)); err != nil {
			return nil, errors.Join(err, (&Pages{files: open[:i]}).Close())
		}
	}
	return &Pages{ledger.Stores{Records: open[0], Lines: open[1], Commits: open[2], IDs: open[3], Ends: open[4]}, open[:]}, nil
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
func (s *Server) loadBooks(at journal.Snapshot, r io.Reader) (now int64, err error) {
	o := ledger.Options{ReceiptKey: s.vault.ReceiptKey(), ZoneMinutes: s.cfg.ZoneMinutes,
		Horizon: s.cfg.Horizon, Keep: s.cfg.Keep, Stores: s.pages.Stores}
	if r == nil {
		s.book = ledger.New(o)
		return 0, s.book.Err()
	}
	now, err = readSnapshot(r, func(r io.Reader) (err error) {
		s.book, err = ledger.Load(r, o)
		return err
	})
	if err != nil {
		s.log.Warn("a snapshot is not used", "entry", at.Index, "error", err)
		return 0, err
	}
	return now, s.knowPeople()
}

// knowPeople holds the vault against the people in loaded books, as missKey does
// against each command of a replay.
func (s *Server) knowPeople() error {
	for n, known := range s.book.People() {
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
