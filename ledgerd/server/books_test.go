package server

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/table"
)

// TestStartFromSnapshot: a start loads the books that were written beside the
// writer, and books only what came since; without the pages, or with a snapshot
// that does not hold, it books all there is. The books are the same each time.
func TestStartFromSnapshot(t *testing.T) {
	dir := t.TempDir()
	often := func(c *Config) { c.Snapshot, c.Keep = 200, 1 }
	n := start(t, dir, often).seed()
	for i := range ledger.Amount(1000) {
		n.do(n.send(ledger.Account(1+i%8), ledger.Account(1+(i+1)%8), 100+i, 0, rightPIN), ledger.OK)
	}
	r := n.send(1, 2, 50_000, 700, rightPIN)
	first := n.do(r, ledger.OK)
	for i, wait := ledger.Amount(0), time.Now(); n.srv.Stats().Snapshot < 900 && time.Since(wait) < 80*time.Second; i++ { // one is due only when something is booked
		n.do(n.send(ledger.Account(1+i%8), ledger.Account(1+(i+1)%8), 2000+i%1000, 0, rightPIN), ledger.OK)
	}
	n.stop()
	digest := n.srv.Digest()

	again := func(what string, loaded bool) {
		t.Helper()
		n = start(t, dir, often)
		defer n.stop()
		if got := n.srv.journal.Recovered().Snapshot; (got > 0) != loaded {
			t.Fatalf("%s: began from entry %d", what, got)
		}
		if n.srv.Digest() != digest {
			t.Fatalf("%s: other books", what)
		}
		if res, known, err := n.c.Lookup(n.ctx(), r.Transfer.ID); err != nil || !known || !sameAnswer(res, first) {
			t.Fatalf("%s: %+v, first %+v: %v", what, res, first, err)
		}
	}
	again("snapshot", true)
	if err := os.RemoveAll(filepath.Join(dir, PagesDir)); err != nil {
		t.Fatal(err)
	}
	again("no pages", false)
	again("pages made anew", true)
	damagePages(t, filepath.Join(dir, PagesDir, "records"))
	again("a damaged page", false)
	snapshots, _ := filepath.Glob(filepath.Join(dir, JournalDir, "*.snap*"))
	if len(snapshots) == 0 {
		t.Fatal("no snapshots in the folder")
	}
	for _, path := range snapshots {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		raw[len(raw)/2] ^= 1
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again("damaged snapshots", false)
}

// damagePages changes a byte of every page of a file.
func damagePages(t *testing.T, path string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil || len(raw) < table.PageBytes {
		t.Fatalf("%d bytes of pages: %v", len(raw), err)
	}
	for at := 77; at < len(raw); at += table.PageBytes {
		raw[at] ^= 1
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// lost is a store that fails.
type lost struct{ table.Memory }

var errLost = errors.New("lost")

func (*lost) ReadPage(uint64, []byte) error  { return errLost }
func (*lost) WritePage(uint64, []byte) error { return errLost }

// TestLostPageEndsTheNode: what the books cannot look up is not answered at all.
func TestLostPageEndsTheNode(t *testing.T) {
	s := idle(t)
	s.book = ledger.New(ledger.Options{Horizon: 1, Stores: ledger.Stores{IDs: &lost{}}})
	id := func(at int64) ledger.ID { return ledger.NewID(at, [10]byte{1}) }
	const hour = 3_600_000
	s.book.Apply(ledger.Resolve{ID: id(1000 * hour)}, ledger.Place{}, 1000*hour)
	s.book.Apply(ledger.Tick{}, ledger.Place{}, 1010*hour)
	if err := s.sound(); !errors.Is(err, ErrPages) || !errors.Is(err, errLost) {
		t.Fatal(err)
	}
	if _, err := s.honest(t.Context(), nil, nil, func(context.Context, any) (any, error) { return 1, nil }); err == nil {
		t.Fatal("an answer of books that lost a page")
	}
}
