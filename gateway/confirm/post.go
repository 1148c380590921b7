package confirm

import (
	"context"
	"sync"

	"mlango/internal/stop"
	"mlango/ledgerd/ledger"
)

// post works off one home operator's lanes. A dead operator stops only its own.
type post struct {
	c     *Confirm
	o     Operator
	end   context.CancelFunc // once it runs
	over  chan struct{}      // closed when it has acknowledged all it sent
	slots chan struct{}      // one for each notice in memory: the feed waits when they are gone

	mu    sync.Mutex
	lanes map[ledger.Lane]*lane
	work  sync.WaitGroup
}

// lane is one lane's notices in order, and how far they are done.
type lane struct {
	id      ledger.Lane
	epoch   uint64
	seen    uint64 // the highest notice that was taken in
	done    uint64 // up to here each is sent or parked
	except  []uint64
	queue   []ledger.Notice
	running bool
	acked   uint64 // what the ledger knows, under ackedBy
	ackedBy uint64
}

func newPost(c *Confirm, o Operator) *post {
	return &post{c: c, o: o, over: make(chan struct{}), slots: make(chan struct{}, maxWaiting), lanes: map[ledger.Lane]*lane{}}
}

// run feeds, sends and acknowledges until ctx ends.
func (p *post) run(ctx, sending context.Context) {
	var acks sync.WaitGroup
	stopped := make(chan struct{})
	acks.Go(func() { p.acknowledge(stopped) })
	from := ledger.Lane(p.o.Home) * ledger.LanesPerOperator
	for n := 0; ctx.Err() == nil; n++ {
		err := p.c.cfg.Feed.Notices(ctx, consumer, p.c.cfg.Owner, from, from+ledger.LanesPerOperator-1,
			func(epoch uint64, notices []ledger.Notice) error {
				n = 0
				return p.take(ctx, sending, epoch, notices)
			})
		if ctx.Err() == nil {
			p.c.cfg.Log.Warn("the outbox stopped and is asked again", "operator", p.o.Name, "err", err)
			pause(ctx, backoff(n))
		}
	}
	p.work.Wait()
	close(stopped)
	acks.Wait()
}

// take puts notices into their lanes, waiting while memory is full. What was
// taken before, under an older epoch, is only acknowledged again.
func (p *post) take(ctx, sending context.Context, epoch uint64, notices []ledger.Notice) error {
	for _, n := range notices {
		select {
		case p.slots <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		if !p.enqueue(ctx, sending, epoch, n) {
			<-p.slots
		}
	}
	return nil
}

func (p *post) enqueue(ctx, sending context.Context, epoch uint64, n ledger.Notice) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.lanes[n.Lane]
	if l == nil {
		l = &lane{id: n.Lane, epoch: epoch, seen: n.Seq - 1, done: n.Seq - 1, acked: n.Seq - 1, ackedBy: epoch}
		p.lanes[n.Lane] = l
	}
	l.epoch = epoch
	if n.Seq <= l.seen {
		return false
	}
	l.seen = n.Seq
	l.queue = append(l.queue, n)
	if !l.running {
		l.running = true
		p.work.Go(func() { p.drain(ctx, sending, l) })
	}
	return true
}

// drain sends a lane's notices one after the other.
func (p *post) drain(ctx, sending context.Context, l *lane) {
	for {
		n, ok := p.next(ctx, l)
		if !ok {
			return
		}
		sent := p.c.deliver(sending, &p.o, &n)
		if sent == cut {
			p.halt(l)
			return
		}
		stop.At(stop.AfterSMSBeforeAck)
		p.finish(l, &n, sent)
		<-p.slots
	}
}

func (p *post) next(ctx context.Context, l *lane) (ledger.Notice, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(l.queue) == 0 || ctx.Err() != nil {
		l.running = false
		return ledger.Notice{}, false
	}
	n := l.queue[0]
	l.queue = l.queue[1:]
	return n, true
}

func (p *post) halt(l *lane) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l.running = false
}

// finish moves the lane on. A notice that has no place among the dead letters
// stays open at the ledger as an exception, as long as there is room for it.
func (p *post) finish(l *lane, n *ledger.Notice, sent delivery) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l.done = n.Seq
	if sent != homeless {
		return
	}
	if len(l.except) == ledger.MaxExceptions {
		p.c.cfg.Log.Error("an SMS is given up: no room among dead letters and exceptions", "operator", p.o.Name, "receipt", n.Receipt.String())
		return
	}
	l.except = append(l.except, n.Seq)
}
