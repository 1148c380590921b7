package confirm

import (
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// ack is one lane's acknowledgement.
type ack struct {
	lane        *lane
	id          ledger.Lane
	epoch, upto uint64
	except      []uint64
}

// acknowledge tells the ledger how far each lane is, every ackEach and once more
// when stopped.
func (p *post) acknowledge(stopped <-chan struct{}) {
	tick := time.NewTicker(ackEach)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			p.ackAll()
		case <-stopped:
			p.ackAll()
			return
		}
	}
}

func (p *post) ackAll() {
	ctx, cancel := context.WithTimeout(context.Background(), ackTimeout)
	defer cancel()
	var g errgroup.Group
	g.SetLimit(maxAcks)
	for _, a := range p.due() {
		g.Go(func() error {
			p.ack(ctx, a)
			return nil
		})
	}
	_ = g.Wait() // each lane that failed is due again
}

// due are the lanes of which the ledger does not know the latest.
func (p *post) due() []ack {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []ack
	for _, l := range p.lanes {
		if l.done > l.acked || l.epoch != l.ackedBy && l.done > 0 {
			out = append(out, ack{lane: l, id: l.id, epoch: l.epoch, upto: l.done, except: slices.Clone(l.except)})
		}
	}
	return out
}

func (p *post) ack(ctx context.Context, a ack) {
	err := p.c.cfg.Feed.Ack(ctx, consumer, a.id, a.epoch, a.upto, a.except)
	if err != nil && !errors.Is(err, ledgerclient.ErrNotOwner) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	a.lane.acked, a.lane.ackedBy = a.upto, a.epoch
}
