package ledgerclient

import (
	"context"
	"fmt"
	"sync"

	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// link is one Exchange stream. What several goroutines say while the last frame
// is on its way leaves together in the next; a lone call leaves at once.
type link struct {
	stream pb.Ledger_ExchangeClient
	cancel context.CancelFunc
	most   int           // calls in flight
	wake   chan struct{} // there is something in out
	gone   chan struct{} // closed when dead

	mu    sync.Mutex
	calls map[uint64]*call
	next  uint64 // correlation of the next call
	round uint64 // how often out was taken by the writer
	out   []byte
	dead  error
}

// call is one question that waits.
type call struct {
	round uint64 // the round whose out has its bytes
	reply chan reply
}

// reply is an answer, or why there is none; sent is whether the question may
// have left.
type reply struct {
	record wire.Record
	err    error
	sent   bool
}

func newLink(stream pb.Ledger_ExchangeClient, cancel context.CancelFunc, most int) *link {
	l := &link{stream: stream, cancel: cancel, most: most, wake: make(chan struct{}, 1),
		gone: make(chan struct{}), calls: map[uint64]*call{}}
	go l.write()
	go l.read()
	return l
}

// ask sends one record and waits for the record with the same correlation.
func (l *link) ask(ctx context.Context, record []byte) (wire.Record, error) {
	id, c, err := l.put(record)
	if err != nil {
		return wire.Record{}, err
	}
	var r reply
	select {
	case r = <-c.reply:
	case <-ctx.Done():
		l.drop(id)
		r = reply{err: ctx.Err(), sent: true} // its bytes are not taken back
	}
	switch {
	case r.err == nil:
		return r.record, nil
	case r.sent:
		return wire.Record{}, fmt.Errorf("%w: %w", ErrUnknown, r.err)
	}
	return wire.Record{}, fmt.Errorf("%w: %w", ErrUnavailable, r.err)
}

// put queues a record; an error means that it will not be sent.
func (l *link) put(record []byte) (uint64, *call, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.dead != nil:
		return 0, nil, fmt.Errorf("%w: %w", ErrUnavailable, l.dead)
	case len(l.calls) >= l.most:
		return 0, nil, fmt.Errorf("%w: %d calls wait for an answer", ErrUnavailable, l.most)
	case len(l.out)+len(record) > wire.MaxFrame: // of callers who left, too; the ledger takes no longer frame
		return 0, nil, fmt.Errorf("%w: %d bytes wait to be sent", ErrUnavailable, len(l.out))
	}
	l.next++
	c := &call{round: l.round, reply: make(chan reply, 1)}
	l.calls[l.next] = c
	at := len(l.out)
	l.out = append(l.out, record...)
	wire.SetCorrelation(l.out[at:], l.next)
	select {
	case l.wake <- struct{}{}:
	default:
	}
	return l.next, c, nil
}

// drop forgets a call whose caller left.
func (l *link) drop(id uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.calls, id)
}

// write sends what waits, one frame at a time.
func (l *link) write() {
	var spare []byte
	for {
		select {
		case <-l.wake:
		case <-l.gone:
			return
		}
		l.mu.Lock()
		out := l.out
		l.out = spare[:0]
		l.round++
		l.mu.Unlock()
		if err := l.stream.Send(&pb.Frame{Records: out}); err != nil {
			l.die(fmt.Errorf("send: %w", err))
			return
		}
		spare = out // gRPC has encoded it
	}
}

// read hands answers to those who wait.
func (l *link) read() {
	for {
		frame, err := l.stream.Recv()
		if err == nil {
			err = wire.Each(frame.Records, l.deliver)
		}
		if err != nil {
			l.die(fmt.Errorf("receive: %w", err))
			return
		}
	}
}

func (l *link) deliver(r wire.Record) error {
	l.mu.Lock()
	c := l.calls[r.Correlation]
	delete(l.calls, r.Correlation)
	l.mu.Unlock()
	if c != nil {
		c.reply <- reply{record: r}
	}
	return nil
}

// die ends the link and every call on it.
func (l *link) die(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead != nil {
		return
	}
	l.dead = err
	l.cancel()
	close(l.gone)
	for id, c := range l.calls {
		c.reply <- reply{err: err, sent: c.round < l.round}
		delete(l.calls, id)
	}
}

func (l *link) alive() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dead == nil
}

// live returns the link, opening it when there is none; many callers share one
// opening. An error means that nothing was sent.
func (c *Client) live(ctx context.Context) (*link, error) {
	for {
		c.mu.Lock()
		if c.link != nil && c.link.alive() {
			defer c.mu.Unlock()
			return c.link, nil
		}
		if c.life.Err() != nil {
			defer c.mu.Unlock()
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, ErrClosed)
		}
		opening := c.opening
		if opening == nil {
			opening = make(chan struct{})
			c.opening = opening
			go c.open(opening)
		}
		c.mu.Unlock()
		select {
		case <-opening:
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
		}
		c.mu.Lock()
		err := c.openErr
		c.mu.Unlock()
		if err != nil {
			return nil, err
		}
	}
}

// open makes the stream; its life is the client's, not one caller's.
func (c *Client) open(done chan struct{}) {
	l, err := c.openLink()
	c.mu.Lock()
	c.link, c.openErr, c.opening = l, err, nil
	c.mu.Unlock()
	close(done)
}

func (c *Client) openLink() (*link, error) {
	wait, cancelWait := context.WithTimeout(c.life, connectTimeout)
	defer cancelWait()
	if err := c.connected(wait); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(c.life)
	stream, err := c.api.Exchange(ctx)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return newLink(stream, cancel, c.cfg.InFlight), nil
}
