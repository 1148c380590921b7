package ledgerclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

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

	broken atomic.Bool // dead is set
	spare  sync.Pool   // of *call, answered

	mu    sync.Mutex
	calls map[uint64]*call
	next  uint64 // correlation of the next call
	round uint64 // how often out was taken by the writer
	out   []byte
	dead  error
}

// call is one question that waits.
type call struct {
	round uint64    // the round whose out has its bytes
	until time.Time // when the link gives it up; zero: its caller does
	what  reply     // before heard
	heard chan struct{}
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

// ask says one thing and waits for the record that answers it.
func (l *link) ask(ctx context.Context, until time.Time, q question) (wire.Record, error) {
	id, c, err := l.put(until, q)
	if err != nil {
		return wire.Record{}, err
	}
	r, answered := c.wait(ctx)
	if !answered {
		l.drop(id)
		return wire.Record{}, r.fault()
	}
	c.what = reply{} // it holds on to a whole frame
	l.spare.Put(c)   // nobody answers twice
	if r.err != nil {
		return wire.Record{}, r.fault()
	}
	return r.record, nil
}

// fault is what an asker hears who has no answer.
func (r reply) fault() error {
	if r.sent {
		return fmt.Errorf("%w: %w", ErrUnknown, r.err)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, r.err)
}

// wait returns when the call is answered or ctx ends. Who has no deadline of its own
// is spared the choice between two channels, which costs as much as the answer.
func (c *call) wait(ctx context.Context) (r reply, answered bool) {
	ended := ctx.Done()
	if ended == nil {
		<-c.heard
		return c.what, true
	}
	select {
	case <-c.heard:
		return c.what, true
	case <-ended:
		return reply{err: ctx.Err(), sent: true}, false // its bytes are not taken back
	}
}

// put writes a question into the next frame; an error means that it will not be sent.
func (l *link) put(until time.Time, q question) (id uint64, c *call, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead != nil || len(l.calls) >= l.most {
		return 0, nil, l.full()
	}
	at := len(l.out)
	if l.out, err = q.appendTo(l.out, l.next+1); err != nil {
		return 0, nil, err
	}
	if len(l.out) > wire.MaxFrame { // of callers who left, too; the ledger takes no longer frame
		l.out = l.out[:at]
		return 0, nil, l.full()
	}
	l.next++
	c = l.fresh()
	c.round, c.until = l.round, until
	l.calls[l.next] = c
	select {
	case l.wake <- struct{}{}:
	default:
	}
	return l.next, c, nil
}

// full is why nothing can be said; l.mu is held.
func (l *link) full() error {
	switch {
	case l.dead != nil:
		return fmt.Errorf("%w: %w", ErrUnavailable, l.dead)
	case len(l.calls) >= l.most:
		return fmt.Errorf("%w: %d calls wait for an answer", ErrUnavailable, l.most)
	}
	return fmt.Errorf("%w: %d bytes wait to be sent", ErrUnavailable, len(l.out))
}

// fresh is a call that nobody uses.
func (l *link) fresh() *call {
	if c, ok := l.spare.Get().(*call); ok {
		return c
	}
	return &call{heard: make(chan struct{}, 1)}
}

// hear ends a call, which nobody ends twice.
func (c *call) hear(r reply) {
	c.what = r
	c.heard <- struct{}{}
}

// drop forgets a call whose caller left.
func (l *link) drop(id uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.calls, id)
}

// write sends what waits, one frame at a time. Whoever is about to say something
// says it first: a frame costs more than all that is in it.
func (l *link) write() {
	sweep := time.NewTicker(sweepEvery)
	defer sweep.Stop()
	var spare []byte
	for {
		select {
		case <-l.wake:
		case now := <-sweep.C:
			l.giveUp(now)
			continue
		case <-l.gone:
			return
		}
		runtime.Gosched()
		out, alive := l.take(spare)
		if !alive {
			return
		}
		err := l.stream.Send(&pb.Frame{Records: out})
		if errors.Is(err, io.EOF) {
			return // the other end said why: read hears it
		}
		if err != nil {
			l.die(fmt.Errorf("send: %w", err))
			return
		}
		spare = out // gRPC has encoded it
	}
}

// take is what waits to be sent, for which next takes its place. Of a dead link nothing
// is: what waited was told that it never left.
func (l *link) take(next []byte) (out []byte, alive bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead != nil {
		return nil, false
	}
	out, l.out = l.out, next[:0]
	l.round++
	return out, true
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

// deliver answers one call. A call has room for its one answer: nobody waits here. Who
// has his answer asks the next thing while others' are delivered: the lock is free
// between two.
func (l *link) deliver(r wire.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.calls[r.Correlation]; c != nil {
		delete(l.calls, r.Correlation)
		c.hear(reply{record: r})
	}
	return nil
}

// giveUp ends the calls whose time is over. What they said is not taken back.
func (l *link) giveUp(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, c := range l.calls {
		if !c.until.IsZero() && !now.Before(c.until) {
			delete(l.calls, id)
			c.hear(reply{err: context.DeadlineExceeded, sent: true})
		}
	}
}

// die ends the link and every call on it.
func (l *link) die(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead != nil {
		return
	}
	l.dead = err
	l.broken.Store(true)
	l.cancel()
	close(l.gone)
	shut := status.Code(errors.Unwrap(err)) == codes.PermissionDenied // at the door: nothing was taken
	if shut {
		err = fmt.Errorf("%w: %s", ErrRefused, status.Convert(errors.Unwrap(err)).Message())
		l.dead = err
	}
	for id, c := range l.calls {
		c.hear(reply{err: err, sent: c.round < l.round && !shut})
		delete(l.calls, id)
	}
}
