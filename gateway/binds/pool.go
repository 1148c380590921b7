package binds

import (
	"context"
	"errors"
	"time"

	"mlango/smpp"
)

// ErrQueueFull says that too many wait for every bind of the set: nothing was sent.
var ErrQueueFull = errors.New("binds: too many wait for a window, nothing was sent")

// Pool keeps every bind of every operator up and sends over them.
type Pool struct{}

// New checks the configuration and makes a pool; Run brings it up.
func New(cfg Config, receive Receiver) (*Pool, error) { return &Pool{}, nil }

// Run keeps the binds up until ctx ends, then lets answers come in, unbinds and
// returns nil.
func (p *Pool) Run(ctx context.Context) error { return nil }

// Send submits m on a good bind of the operator's set, see Sender. A throttled
// SMS is tried again until ctx ends; USSD never is.
func (p *Pool) Send(ctx context.Context, operator string, set Set, bind string, prio Priority, m *smpp.Message) (Response, error) {
	return Response{}, ErrNoBind
}

// BindState is one connection as metrics and `gateway doctor` see it.
type BindState struct {
	Operator, Bind, Addr     string
	Set                      Set
	Up                       bool
	Since                    time.Time // of this state
	LastError                string
	Window, InFlight         int
	WaitingUSSD, WaitingSMS  int
	Sent, Received           uint64
	Throttled, Unknown, Lost uint64 // answers THROTTLED or queue full; sent without an answer; connections lost
}

// State is a snapshot of every bind, in the order of the configuration.
func (p *Pool) State() []BindState { return nil }
