package server

import (
	"context"
	"errors"
	"testing"
	"time"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// TestTailGoesOn: after what was seen, under the same epoch, until another owns
// the lane.
func TestTailGoesOn(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	for i := range 3 {
		n.do(n.send(1, 2, ledger.Amount(100+i), 0, rightPIN), ledger.OK)
	}
	told, _, stop := listen(n, "g1")
	seen := next(t, told, 7)
	stop() // the connection broke
	epoch, lane := seen[0].epoch, ledger.LaneOf(homeNet, 2)

	tail := func(epoch, from uint64) (chan ledger.Notice, chan error) {
		feed, end := make(chan ledger.Notice, 100), make(chan error, 1)
		ctx, cancel := context.WithCancel(n.ctx())
		t.Cleanup(cancel)
		go func() {
			end <- n.c.Tail(ctx, ledger.ConsumerSMS, lane, epoch, from, func(list []ledger.Notice) error {
				for _, one := range list {
					feed <- one
				}
				return nil
			})
		}()
		return feed, end
	}
	feed, end := tail(epoch, 2)
	if one := <-feed; one.Seq != 3 || one.Addr != msisdn(2) {
		t.Fatalf("after notice 2 came %+v", one)
	}
	n.do(n.send(1, 2, 200, 0, rightPIN), ledger.OK)
	if one := <-feed; one.Seq != 4 {
		t.Fatalf("live came %+v", one)
	}
	if lag := n.srv.Lag(ledger.ConsumerSMS); lag.Notices != 8 || lag.Since == 0 || lag.Since > time.Now().UnixMilli() {
		t.Fatalf("lag %+v", lag)
	}
	if err := n.c.Ack(n.ctx(), ledger.ConsumerSMS, lane, epoch, 4, nil); err != nil {
		t.Fatalf("under the same epoch: %v", err)
	}
	listen(n, "g2")
	if err := <-end; !errors.Is(err, ledgerclient.ErrNotOwner) {
		t.Fatalf("the tail of one who lost the lane ended with %v", err)
	}
	for name, c := range map[string]struct {
		epoch, from uint64
		want        error
	}{
		"an old epoch":          {epoch, 0, ledgerclient.ErrNotOwner},
		"no epoch":              {0, 0, ledgerclient.ErrNotOwner},
		"what never was":        {epoch + 1, 77, ledgerclient.ErrRefused},
		"what is still to come": {epoch + 1, 5, ledgerclient.ErrRefused},
	} {
		_, end := tail(c.epoch, c.from)
		if err := <-end; !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	err := n.c.Tail(n.ctx(), "nobody", lane, epoch, 0, nil)
	if !errors.Is(err, ledgerclient.ErrRefused) {
		t.Errorf("an unknown consumer: %v", err)
	}
}
