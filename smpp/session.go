package smpp

import (
	"context"
	"net"
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
type Session struct{ done chan struct{} }

// Stats counts what a session saw.
type Stats struct {
	In, Out     uint64 // PDUs
	Bad         uint64 // PDUs we refused
	Unsolicited uint64 // responses nobody waited for
	InFlight    int    // our requests without an answer
}

// Dial connects and binds. The error is a *BindError when the SMSC refused.
func Dial(ctx context.Context, cfg Config) (*Session, error) { return nil, ErrClosed }

// Bind binds over a connection that exists; Dial without dialling.
func Bind(ctx context.Context, conn net.Conn, cfg Config) (*Session, error) { return nil, ErrClosed }

// BindError is the SMSC's refusal of a bind.
type BindError struct{ Status Status }

// Error says the status in words.
func (e *BindError) Error() string { return "smpp: bind refused: " + e.Status.Error() }

// Submit sends m (a submit_sm unless m.Kind says data_sm) and waits for the
// answer. It waits for a place in the window until ctx ends; then, and when the
// link is down, nothing was sent. Once sent the only error is ErrUnknown.
func (s *Session) Submit(ctx context.Context, m *Message) (Response, error) {
	return Response{}, ErrClosed
}

// Deliver is Submit from the SMSC's end: a deliver_sm unless m.Kind says data_sm.
func (s *Session) Deliver(ctx context.Context, m *Message) (Response, error) {
	return Response{}, ErrClosed
}

// Close takes no new requests, waits for the answers to the old ones, unbinds
// and closes, all until ctx ends; then the link is cut.
func (s *Session) Close(ctx context.Context) error { return nil }

// Abort cuts the link at once, without unbind.
func (s *Session) Abort() {}

// Done is closed when the link is down.
func (s *Session) Done() <-chan struct{} { return s.done }

// Err is why the link is down; nil while it is up and after an orderly unbind.
func (s *Session) Err() error { return nil }

// SystemID is who bound (SMSC's end) or whom we bound to (ESME's end).
func (s *Session) SystemID() string { return "" }

// Mode is the mode of the bind.
func (s *Session) Mode() Mode { return TRX }

// State is where the link is in its life.
func (s *Session) State() State { return StateOpen }

// Remote is the peer's address.
func (s *Session) Remote() net.Addr { return nil }

// Stats is a snapshot of the session's counters.
func (s *Session) Stats() Stats { return Stats{} }
