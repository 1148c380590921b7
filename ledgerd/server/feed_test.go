package server

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

const lastLane = (homeNet+1)*ledger.LanesPerOperator - 1

// told is what a feed gave.
type toldNotice struct {
	epoch uint64
	ledger.Notice
}

// listen feeds notices into a channel until stop; err gets the feed's end.
func listen(n *running, owner string) (told chan toldNotice, end chan error, stop func()) {
	ctx, cancel := context.WithCancel(n.ctx())
	told, end = make(chan toldNotice, 1000), make(chan error, 1)
	go func() {
		end <- n.c.Notices(ctx, ledger.ConsumerSMS, owner, 0, lastLane, func(epoch uint64, list []ledger.Notice) error {
			if len(list) == 0 {
				told <- toldNotice{epoch: epoch} // the grant
			}
			for _, one := range list {
				told <- toldNotice{epoch, one}
			}
			return nil
		})
	}()
	return told, end, cancel
}

// next takes n notices, whatever their order over lanes.
func next(t *testing.T, told chan toldNotice, n int) (list []toldNotice) {
	t.Helper()
	for range n {
		select {
		case one := <-told:
			list = append(list, one)
		case <-time.After(20 * time.Second):
			t.Fatalf("%d notices came, want %d", len(list), n)
		}
	}
	return list
}

func TestNotices(t *testing.T) {
	dir := t.TempDir()
	n := start(t, dir).seed()
	n.do(n.send(1, 2, 50_000, 700, rightPIN), ledger.OK)
	told, end, _ := listen(n, "g1")
	first := next(t, told, 3)
	if first[0].epoch != 1 || first[0].Seq != 0 {
		t.Fatalf("the first call tells the grant, got %+v", first[0])
	}
	sides := map[ledger.Side]ledger.Notice{}
	for _, one := range first[1:] {
		sides[one.Side] = one.Notice
	}
	payer, payee := sides[ledger.SidePayer], sides[ledger.SidePayee]
	if payer.Addr != msisdn(1) || payer.OtherAddr != msisdn(2) || payer.OtherName != "PERSON 2" || payer.Fee != 700 ||
		payer.Balance != startKES-50_700 || payer.Bundle != [32]byte{1} {
		t.Fatalf("payer's notice %+v", payer)
	}
	if payee.Addr != msisdn(2) || payee.OtherName != "PERSON 1" || payee.Fee != 0 || payee.Balance != startKES+50_000 {
		t.Fatalf("payee's notice %+v", payee)
	}
	if err := n.c.Ack(n.ctx(), ledger.ConsumerSMS, payer.Lane, 1, payer.Seq, nil); err != nil {
		t.Fatal(err)
	}
	if err := n.c.Ack(n.ctx(), ledger.ConsumerSMS, payer.Lane, 1, payer.Seq+1, nil); !errors.Is(err, ledgerclient.ErrNotOwner) {
		t.Fatalf("an acknowledgement of what never was: %v", err)
	}
	n.do(n.send(3, 4, 100, 0, rightPIN), ledger.OK)
	next(t, told, 2) // live

	// Another owner, when the first one acknowledges nothing for too long: its feed ends,
	// its epoch is refused, and what it did not acknowledge comes again.
	n.srv.feeds.patience = time.Millisecond
	again, _, stop := listen(n, "g2")
	grant := next(t, again, 1)[0]
	if err := <-end; !errors.Is(err, ledgerclient.ErrNotOwner) {
		t.Fatalf("the first owner's feed ended with %v", err)
	}
	if err := n.c.Ack(n.ctx(), ledger.ConsumerSMS, payee.Lane, 1, payee.Seq, nil); !errors.Is(err, ledgerclient.ErrNotOwner) {
		t.Fatalf("an older epoch's acknowledgement: %v", err)
	}
	for _, one := range next(t, again, 3) {
		if one.epoch != grant.epoch || one.Lane == payer.Lane && one.Seq == payer.Seq {
			t.Fatalf("fed again: %+v", one)
		}
	}
	stop()
	n.stop()

	// After a restart the acknowledgement stands and the rest is still there.
	n = start(t, dir)
	if open := n.srv.Stats().Notices; open != 3 {
		t.Fatalf("%d notices are open after the restart, want 3", open)
	}
	told, _, _ = listen(n, "g1")
	if third := next(t, told, 4); third[0].epoch != grant.epoch+1 {
		t.Fatalf("epoch %d after the restart, want %d", third[0].epoch, grant.epoch+1)
	}
}

// TestParkedNotice leaves one notice open behind the cursor; only that comes back.
func TestParkedNotice(t *testing.T) {
	dir := t.TempDir()
	n := start(t, dir).seed()
	for i := range 5 {
		n.do(n.send(1, 2, ledger.Amount(100+i), 0, rightPIN), ledger.OK)
	}
	told, _, stop := listen(n, "g1")
	lanes := map[ledger.Lane]uint64{}
	for _, one := range next(t, told, 11)[1:] {
		lanes[one.Lane] = max(lanes[one.Lane], one.Seq)
	}
	for lane, upto := range lanes {
		if err := n.c.Ack(n.ctx(), ledger.ConsumerSMS, lane, 1, upto, []uint64{2}); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	n.stop()
	n = start(t, dir)
	told, _, _ = listen(n, "g1")
	for _, one := range next(t, told, 1+len(lanes))[1:] {
		if one.Seq != 2 {
			t.Fatalf("an acknowledged notice came again: %+v", one)
		}
	}
}

func TestEntriesFromAnyIndexThenLive(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	type entry struct {
		index uint64
		at    int64
		head  [32]byte
		cmds  []ledger.Command
	}
	follow := func(from uint64) chan entry {
		feed := make(chan entry, 100)
		go n.c.Entries(n.ctx(), from, func(index uint64, at int64, head [32]byte, cmds []ledger.Command) error {
			feed <- entry{index, at, head, cmds}
			return nil
		})
		return feed
	}
	book := ledger.New(ledger.Options{ZoneMinutes: 180})
	feed := follow(1)
	var heads [][32]byte
	apply := func() {
		for i := uint64(len(heads)) + 1; i <= n.srv.Stats().Index; i++ {
			e := <-feed
			if e.index != i {
				t.Fatalf("entry %d came, want %d", e.index, i)
			}
			for k, cmd := range e.cmds {
				book.Apply(cmd, ledger.Place{Index: i, Offset: uint32(k)}, e.at)
			}
			heads = append(heads, e.head)
		}
	}
	apply()
	n.do(n.send(1, 2, 50_000, 700, rightPIN), ledger.OK)
	apply()
	if a, b := book.Digest(), n.srv.Digest(); !bytes.Equal(a[:], b[:]) {
		t.Fatal("an auditor's books differ from the node's")
	}
	last := uint64(len(heads))
	if e := <-follow(last); e.index != last || e.head != heads[last-1] {
		t.Fatalf("from %d: entry %d", last, e.index)
	}
}

// TestAcksGoAsThereIsRoom: under a backlog some leave now and the rest later; that
// not all fit is no reason for none.
func TestAcksGoAsThereIsRoom(t *testing.T) {
	s := idle(t)
	for lane := range ledger.Lane(8) {
		s.acks.waiting[ackLane{ledger.ConsumerSMS, lane}] = ledger.Ack{Consumer: ledger.ConsumerSMS, Lane: lane}
	}
	if !s.inbox.put(make([]item, maxBacklog-3)...) {
		t.Fatal("refused at the door")
	}
	s.putAcks()
	if s.inbox.waits() != maxBacklog || len(s.acks.waiting) != 5 {
		t.Fatalf("%d in the backlog, %d acknowledgements wait", s.inbox.waits(), len(s.acks.waiting))
	}
}
