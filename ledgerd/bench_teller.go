package main

import (
	"context"
	"sync"
	"time"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// teller reads every notice of the bench's world and acknowledges it, as whoever
// sends the SMS does.
type teller struct {
	client *ledgerclient.Client

	mu    sync.Mutex
	epoch uint64
	upto  map[ledger.Lane]uint64 // not acknowledged yet
}

// tell runs a teller until it is told to stop.
func tell(ctx context.Context, client *ledgerclient.Client) (stop func()) {
	t := &teller{client: client, upto: map[ledger.Lane]uint64{}}
	ctx, cancel := context.WithCancel(ctx)
	var both sync.WaitGroup
	both.Go(func() { // it ends because it is told to
		_ = client.Notices(ctx, ledger.ConsumerSMS, "bench", 0, (benchHome+1)*ledger.LanesPerOperator-1, t.read)
	})
	both.Go(func() { t.acknowledge(ctx) })
	return func() {
		cancel()
		both.Wait()
	}
}

func (t *teller) read(epoch uint64, list []ledger.Notice) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.epoch = epoch
	for i := range list {
		t.upto[list[i].Lane] = list[i].Seq
	}
	return nil
}

// acknowledge says how far each lane is, all lanes together.
func (t *teller) acknowledge(ctx context.Context) {
	tick := time.NewTicker(benchAcks)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		var said sync.WaitGroup
		t.mu.Lock()
		for lane, seq := range t.upto {
			epoch := t.epoch
			said.Go(func() { _ = t.client.Ack(ctx, ledger.ConsumerSMS, lane, epoch, seq, nil) }) // what is not heard is said again with the next
		}
		clear(t.upto)
		t.mu.Unlock()
		said.Wait()
	}
}
