package server

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// peer is one Exchange stream. Answers that come while a frame is on its way
// leave together in the next.
type peer struct {
	s      *Server
	who    caller
	stream grpc.BidiStreamingServer[pb.Frame, pb.Frame]
	wake   chan struct{}
	named  string // the gateway of the last wish, which it may name

	mu      sync.Mutex
	out     []byte
	waiting int // requests not yet answered
}

// Exchange serves one stream until either side ends it.
func (g *service) Exchange(stream grpc.BidiStreamingServer[pb.Frame, pb.Frame]) error {
	p := &peer{s: g.s, who: callerOf(stream.Context()), stream: stream, wake: make(chan struct{}, 1)}
	heard := make(chan error, 1)
	go func() { heard <- p.hear() }()
	return p.speak(heard)
}

// hear takes frames until the stream ends.
func (p *peer) hear() error {
	var items []item
	var frame pb.Frame // its room is used again: what is read of it owns its bytes
	for {
		err := p.stream.RecvMsg(&frame)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		items = items[:0]
		now := time.Now()
		err = wire.Each(frame.Records, func(r wire.Record) error {
			it, err := p.take(r, now)
			if err == nil && it.to != nil {
				items = append(items, it)
			}
			return err
		})
		if _, worded := status.FromError(err); !worded {
			err = status.Error(codes.InvalidArgument, err.Error())
		}
		if err != nil {
			return err
		}
		p.queue(items)
		clear(items)
		frame.Trim()
		if p.unsent() > maxUnsent {
			return status.Error(codes.ResourceExhausted, "the answers are not read")
		}
	}
}

// unsent is how many bytes of answers wait to be sent.
func (p *peer) unsent() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.out)
}

// queue hands a frame's requests to the writer, or refuses those that are too
// many for this stream or for the node.
func (p *peer) queue(items []item) {
	p.mu.Lock()
	room := min(max(0, maxInFlight-p.waiting), len(items))
	p.waiting += len(items)
	p.mu.Unlock()
	taken := items[:room]
	if !p.s.inbox.put(taken...) {
		room = 0
	}
	for _, it := range items[room:] {
		p.s.refuse(it, ledger.Overloaded)
	}
}

// take reads one record: a request or command to be journaled comes back as an
// item, anything else is answered at once.
func (p *peer) take(r wire.Record, now time.Time) (item, error) {
	if need := tableRecords[r.Kind]; need != 0 && p.who.role&need == 0 {
		return item{}, p.forbid(r, need)
	}
	switch r.Kind {
	case wire.KindTransfer, wire.KindCheck:
		req, err := r.Request()
		if err != nil {
			return item{}, err
		}
		if req.Transfer != nil && req.Transfer.Kind == ledger.KindIssue {
			return p.issue(r.Correlation, req.Transfer, now), nil
		}
		if t := req.Transfer; t != nil && !t.Kind.Dialled() { // not a subscriber's to ask for
			p.say(r.Correlation, ledger.Result{ID: t.ID, Reject: ledger.CommandForbidden})
			return item{}, nil
		}
		if req.Payer == "" || req.Transfer != nil && req.Payee == "" && req.Transfer.Kind != ledger.KindReversal {
			// Without the numbers nobody could tell an alias that was re-pointed.
			p.say(r.Correlation, ledger.Result{ID: req.ID(), Reject: ledger.CommandForbidden})
			return item{}, nil
		}
		if o := req.Origin(); o.Gateway != p.named {
			if !p.s.mayBring(p.who, o.Gateway) {
				p.say(r.Correlation, ledger.Result{ID: req.ID(), Reject: ledger.CommandForbidden})
				return item{}, nil
			}
			p.named = o.Gateway
		}
		return item{req: req, arrived: now, id: r.Correlation, to: p}, nil
	case wire.KindWho, wire.KindAsk:
		return item{}, p.ask(r)
	}
	cmd, err := r.Command()
	if err != nil {
		return item{}, err
	}
	switch c := cmd.(type) {
	case ledger.Ack:
		if p.s.door.mayOwn(p.who, c.Consumer) != nil {
			p.say(r.Correlation, ledger.Result{Reject: ledger.CommandForbidden})
			return item{}, nil
		}
		p.say(r.Correlation, ledger.Result{Reject: p.s.takeAck(c)})
		return item{}, nil
	case ledger.SetLanguage, ledger.Resolve, ledger.EndAsk:
		return item{cmd: cmd, arrived: now, id: r.Correlation, to: p}, nil
	}
	p.say(r.Correlation, ledger.Result{Reject: ledger.CommandForbidden})
	return item{}, nil
}

// forbid refuses a record that is another role's. A wish gets its answer, so that
// nobody takes it for unknown; a question has no such answer, and its stream ends
// in words.
func (p *peer) forbid(r wire.Record, need Role) error {
	err := p.s.door.refuse(p.who, fmt.Sprintf("say records of kind %d", r.Kind), need)
	if r.Kind == wire.KindWho || r.Kind == wire.KindAsk {
		return status.Error(codes.InvalidArgument, status.Convert(err).Message()) // PermissionDenied is the door's: nothing was taken
	}
	p.say(r.Correlation, ledger.Result{Reject: ledger.CommandForbidden})
	return nil
}

// issue lets money in only where that was allowed: it is an administrator's.
func (p *peer) issue(id uint64, t *ledger.Transfer, now time.Time) item {
	if !p.s.cfg.Issues {
		p.say(id, ledger.Result{ID: t.ID, Reject: ledger.CommandForbidden})
		return item{}
	}
	return item{cmd: &ledger.Move{Transfer: *t}, arrived: now, id: id, to: p}
}

// answer is called by the writer.
func (p *peer) answer(id uint64, res ledger.Result, _ uint64) {
	if len(res.Lines) > 0 {
		p.s.nameOther(&res)
	}
	p.append(func(dst []byte) ([]byte, error) {
		p.waiting--
		return wire.AppendResult(dst, id, &res)
	})
}

// say queues a result for the stream.
func (p *peer) say(id uint64, res ledger.Result) {
	p.append(func(dst []byte) ([]byte, error) { return wire.AppendResult(dst, id, &res) })
}

// append queues one record for the stream; write holds p.mu.
func (p *peer) append(write func([]byte) ([]byte, error)) {
	p.mu.Lock()
	out, err := write(p.out)
	p.out = out
	p.mu.Unlock()
	if err != nil {
		p.s.log.Error("an answer could not be written", "error", err)
		return
	}
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// speak sends what waits, one frame at a time, until the stream or the node ends.
func (p *peer) speak(heard <-chan error) error {
	var spare []byte
	for {
		var err error
		over := false
		select {
		case <-p.wake:
		case err = <-heard:
			return err
		case <-p.s.stop.Done():
			over, err = true, stopping()
		}
		p.mu.Lock()
		out := p.out
		p.out = spare[:0]
		p.mu.Unlock()
		if bad := p.s.sound(); bad != nil {
			return bad
		}
		if len(out) > 0 {
			if serr := p.stream.Send(&pb.Frame{Records: out}); serr != nil {
				return fmt.Errorf("send: %w", serr)
			}
		}
		spare = out
		if over {
			return err
		}
	}
}
