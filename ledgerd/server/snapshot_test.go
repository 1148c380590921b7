package server

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"mlango/ledgerd/journal"
	"mlango/ledgerd/ledger"
)

// still is a view of books that are but a digest.
type still struct {
	digest   [32]byte
	fail     error
	released *int
}

func (v still) Write(w io.Writer) error {
	_, err := w.Write(v.digest[:])
	return errors.Join(err, v.fail)
}

func (v still) Release() { *v.released++ }

// TestSnapshots: one at a time, as of what is applied; one that fails is tried
// again later, and the node goes on.
func TestSnapshots(t *testing.T) {
	s := idle(t)
	drive(t, s)
	var fail error
	begun, released := 0, 0
	s.snaps.every, s.snaps.rest = 3, 0
	s.snaps.freeze = func() frozen {
		begun++
		return still{s.book.Digest(), fail, &released}
	}
	enter := func(n int) {
		t.Helper()
		for range n {
			s.inbox.put(item{cmd: ledger.Grant{Consumer: ledger.ConsumerSMS, Owner: "gw"}})
			drive(t, s)
		}
	}
	enter(2)
	if begun != 0 {
		t.Fatal("a snapshot before its time")
	}
	enter(6)
	if begun != 1 {
		t.Fatalf("%d snapshots at once", begun)
	}
	if err := s.kept(<-s.snaps.done); err != nil {
		t.Fatal(err)
	}
	at, _, err := s.journal.LoadSnapshot(func(_ journal.Snapshot, r io.Reader) error {
		now, err := readSnapshot(r, func(r io.Reader) error {
			b, err := io.ReadAll(r)
			if len(b) != 32 {
				t.Errorf("%d bytes of books", len(b))
			}
			return err
		})
		if now == 0 || now > s.clock.last {
			t.Errorf("as of %d", now)
		}
		return err
	})
	if err != nil || at.Index != 4 || s.Stats().Snapshot != 4 || released != 1 {
		t.Fatalf("snapshot of %d, %+v, %d released: %v", at.Index, s.Stats(), released, err)
	}
	fail = errors.New("the books cannot be written")
	enter(1)
	if err := s.kept(<-s.snaps.done); err != nil || s.Stats().Unkept != 1 || released != 2 {
		t.Fatalf("%v, %+v", err, s.Stats())
	}
	fail = nil
	enter(3)
	if err := s.kept(<-s.snaps.done); err != nil || s.Stats().Snapshot != 13 {
		t.Fatalf("%v, %+v", err, s.Stats())
	}
	if err := s.kept(journal.ErrFailed); !errors.Is(err, journal.ErrFailed) {
		t.Fatalf("a failing disk: %v", err)
	}
}

func TestSnapshotOfAnotherVersion(t *testing.T) {
	var b bytes.Buffer
	released := 0
	if err := writeSnapshot(&b, 7, still{released: &released}); err != nil {
		t.Fatal(err)
	}
	head := b.Bytes()
	if now, err := readSnapshot(bytes.NewReader(head), func(io.Reader) error { return nil }); now != 7 || err != nil {
		t.Fatal(now, err)
	}
	head[0]++
	if _, err := readSnapshot(bytes.NewReader(head), nil); !errors.Is(err, ErrSnapshot) {
		t.Fatal(err)
	}
	if _, err := readSnapshot(bytes.NewReader(head[:10]), nil); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
}
