package smpp

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// State is where a link is in its life (SMPP 3.4 §2.2).
type State uint8

// The states in their order.
const (
	StateOpen State = iota
	StateBoundTX
	StateBoundRX
	StateBoundTRX
	StateUnbound
	StateClosed
)

// Session is one bind, either end. Its methods may be called from any goroutine.
//
// Two goroutines serve it: the reader, which also runs OnMessage and queues the
// responses, and the writer, which sends whatever is queued in one write. Who sends one
// request after the other writes them himself, as nothing could join them, and reads
// the answers. One timer sweeps over silence and over requests without an answer.
type Session struct {
	conn       net.Conn
	in         *frames
	esme       bool // which end we are
	mode       Mode
	peer       string
	timers     Timers
	onMessage  OnMessage
	onEnd      func(*Session, error)
	nextID     func() string // message ids, the SMSC's end
	manage     Manage        // the SMSC's end, as are:
	version    uint8         // interface_version of the bind
	congestion func() uint8
	onAlert    func(*Session, Alert)
	tap        Tap
	log        *slog.Logger

	free    chan *call // the window: whoever holds a call may send one request
	wake    chan struct{}
	leaving chan struct{} // closed when no new requests are taken
	done    chan struct{}

	unflushed bool      // whoever reads': responses queued, writer not woken
	gathered  int       // and PDUs read since then
	writeBy   time.Time // the connection's write deadline; whoever writes has it

	mu       sync.Mutex
	state    State
	seq      uint32
	unbind   uint32           // sequence of our unbind
	calls    map[uint32]*call // our requests in flight
	out      []byte           // what is written next
	spare    []byte           // of the batch before, to queue in
	writing  bool             // somebody writes a batch
	together bool             // since a request was alone on its way, others were beside it
	owed     int              // octets of out that are responses
	batch    uint64           // how often it took
	final    bool             // close once out is written
	err      error
	timer    *time.Timer
	sweeps   sweeps
	lease    lease

	heard                    atomic.Bool // a PDU
	moved                    atomic.Bool // a request that is no enquire_link
	pdusIn, bad, unsolicited atomic.Uint64
	pdusOut                  atomic.Uint64
	peerBusy                 atomic.Uint32 // congestion_state the peer said last
	enquired                 atomic.Int64  // when enquire_link last crossed, in ns since 1970
}

// Stats counts what a session saw.
type Stats struct {
	In, Out     uint64 // PDUs
	Bad         uint64 // PDUs we refused
	Unsolicited uint64 // responses nobody waited for
	InFlight    int    // our requests without an answer
}

// newSession wraps a connection whose bind is through. The SMSC's end numbers
// its requests from 0x40000000: some ESMEs keep one table for both directions
// and would take our request for the answer to theirs.
func newSession(conn net.Conn, in *frames, esme bool, mode Mode, window int, t Timers) *Session {
	s := &Session{
		conn: conn, in: in, esme: esme, mode: mode, timers: t,
		state:   StateBoundTX + State([...]int{TRX: 2, TX: 0, RX: 1}[mode]),
		free:    make(chan *call, windowOf(window)),
		calls:   make(map[uint32]*call),
		wake:    make(chan struct{}, 1),
		leaving: make(chan struct{}),
		done:    make(chan struct{}),
		lease:   lease{back: make(chan struct{}, 1)},
		seq:     1, // the bind had it
	}
	if !esme {
		s.seq = firstServerSeq - 1
	}
	for range cap(s.free) {
		s.free <- &call{done: make(chan outcome, 1)}
	}
	return s
}

// start runs the writer and the timer; the reader is the caller's to run.
func (s *Session) start() {
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	go s.write()
	s.startSweeps()
}

// Submit sends m (a submit_sm unless m.Kind says data_sm) and waits for the
// answer. It waits for a place in the window until ctx ends; then, and when the
// link is down, nothing was sent. Once sent the only error is ErrUnknown. It may outlast
// ctx by two milliseconds, and with a peer that reads nothing until Timers.Write.
func (s *Session) Submit(ctx context.Context, m *Message) (Response, error) {
	return s.request(ctx, m, SubmitSM)
}

// Deliver is Submit from the SMSC's end: a deliver_sm unless m.Kind says data_sm.
func (s *Session) Deliver(ctx context.Context, m *Message) (Response, error) {
	return s.request(ctx, m, DeliverSM)
}

// Close takes no new requests, waits for the answers to the old ones, unbinds
// and closes, all until ctx ends; then the link is cut.
func (s *Session) Close(ctx context.Context) error {
	s.mu.Lock()
	first := s.leave()
	s.mu.Unlock()
	if first && s.drained(ctx) {
		s.sendUnbind()
	}
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
		s.end(errAborted)
		return fmt.Errorf("smpp: close: %w", ctx.Err())
	}
}

// leave takes no new requests from here on; s.mu is held. first is false when
// that was so already.
func (s *Session) leave() (first bool) {
	if s.state >= StateUnbound {
		return false
	}
	s.state = StateUnbound
	close(s.leaving)
	return true
}

// drained waits for the answers to all requests: who holds every call knows
// that nothing is in flight.
func (s *Session) drained(ctx context.Context) bool {
	for range cap(s.free) {
		select {
		case <-s.free:
		case <-s.done:
			return false
		case <-ctx.Done():
			return false
		}
	}
	return true
}

func (s *Session) sendUnbind() {
	s.mu.Lock()
	s.unbind = s.nextSeq()
	s.out = appendBare(s.out, header{id: pdu.UnbindID, seq: s.unbind})
	s.mu.Unlock()
	s.wakeWriter()
}

// Abort cuts the link at once, without unbind.
func (s *Session) Abort() { s.end(errAborted) }

// end closes the link once, for the first reason given, and hands back every
// request without an answer: those the writer took as unknown, the rest as
// never sent.
func (s *Session) end(why error) {
	s.mu.Lock()
	if s.state == StateClosed {
		s.mu.Unlock()
		return
	}
	s.leave()
	s.state, s.err = StateClosed, why
	left, batch := s.calls, s.batch
	s.calls, s.out = nil, nil
	if s.timer != nil {
		s.timer.Stop()
	}
	for _, c := range left {
		if c.batch == batch {
			s.finish(c, outcome{err: ErrClosed})
		} else {
			s.finish(c, outcome{err: ErrUnknown})
		}
	}
	s.mu.Unlock()
	s.conn.Close()
	close(s.done)
	if s.onEnd != nil {
		s.onEnd(s, s.Err())
	}
}

// Done is closed when the link is down.
func (s *Session) Done() <-chan struct{} { return s.done }

// Err is why the link is down; nil while it is up and after an orderly unbind.
func (s *Session) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == errUnbound {
		return nil
	}
	return s.err
}

// SystemID is who bound (SMSC's end) or whom we bound to (ESME's end).
func (s *Session) SystemID() string { return s.peer }

// Mode is the mode of the bind.
func (s *Session) Mode() Mode { return s.mode }

// Remote is the peer's address.
func (s *Session) Remote() net.Addr { return s.conn.RemoteAddr() }

// Local is our own address on the link.
func (s *Session) Local() net.Addr { return s.conn.LocalAddr() }

// State is where the link is in its life.
func (s *Session) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// Enquired is when an enquire_link of either side was last answered; zero while
// none was.
func (s *Session) Enquired() time.Time {
	if at := s.enquired.Load(); at != 0 {
		return time.Unix(0, at)
	}
	return time.Time{}
}

// Stats is a snapshot of the session's counters.
func (s *Session) Stats() Stats {
	s.mu.Lock()
	inFlight := len(s.calls)
	s.mu.Unlock()
	return Stats{
		In: s.pdusIn.Load(), Out: s.pdusOut.Load(),
		Bad: s.bad.Load(), Unsolicited: s.unsolicited.Load(),
		InFlight: inFlight,
	}
}
