package server

import (
	"errors"
	"testing"
	"time"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// TestALiveOwnerKeepsItsLanes: a second gateway of the same operator gets nothing while the
// first works, all that is left once it is gone, and again all when that one stalls.
func TestALiveOwnerKeepsItsLanes(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	first, gone, leave := listen(n, "g1")
	next(t, first, 1)
	second, lost, _ := listen(n, "g2")
	n.do(n.send(1, 2, 500, 0, rightPIN), ledger.OK)
	for _, one := range next(t, first, 2) {
		if err := n.c.Ack(n.ctx(), ledger.ConsumerSMS, one.Lane, one.epoch, one.Seq, nil); err != nil {
			t.Fatal(err)
		}
	}
	n.do(n.send(2, 3, 700, 0, rightPIN), ledger.OK)
	next(t, first, 2) // under way, when it leaves
	select {
	case one := <-second:
		t.Fatalf("while the first works the second is told %+v", one)
	case err := <-gone:
		t.Fatalf("the first lost its lanes: %v", err)
	default:
	}
	leave()
	for _, one := range next(t, second, 3)[1:] { // the grant, and what was under way
		if one.Amount != 700 {
			t.Errorf("fed again: %+v", one)
		}
	}
	n.srv.feeds.patience = 10 * time.Millisecond
	third, _, _ := listen(n, "g3")
	next(t, third, 3)
	if err := <-lost; !errors.Is(err, ledgerclient.ErrNotOwner) {
		t.Errorf("who acknowledged nothing lost its lanes with %v", err)
	}
}
