package binds

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"mlango/smpp"
)

// ErrQueueFull says that too many wait for every bind of the set, or that no
// place came free until ctx ended: nothing was sent.
var ErrQueueFull = errors.New("binds: no place in a window came free, nothing was sent")

// Pool keeps every bind of every operator up and sends over them.
type Pool struct {
	cfg     Config
	receive Receiver
	table   atomic.Pointer[table]
	links   sync.WaitGroup // that run

	mu  sync.Mutex      // one Replace at a time
	ctx context.Context // Run's; nil before
}

// table is every operator's links; it is replaced, never changed.
type table struct {
	operators map[string]*operator
	links     []*link // in the order of the configuration
}

var _ Sender = (*Pool)(nil)

// New checks the configuration and makes a pool; Run brings it up. Without a
// receiver every message is refused for now, so that the operator keeps it for
// another bind.
func New(cfg Config, receive Receiver) (*Pool, error) {
	if receive == nil {
		receive = func(string, Set, string, *smpp.Message) smpp.Status { return smpp.StatusTempAppError }
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	p := &Pool{cfg: cfg, receive: receive}
	t, err := p.build(cfg.Operators, func(string) bool { return false })
	if err != nil {
		return nil, err
	}
	p.table.Store(t)
	return p, nil
}

// make is an operator as it is configured, not running.
func (p *Pool) make(o Operator) (*operator, error) {
	o.Binds = slices.Clone(o.Binds) // Check writes into them
	for _, f := range o.Check() {
		return nil, fmt.Errorf("binds: operator %s: %s: %s – %s", o.Name, f.Path, f.What, f.Mend)
	}
	links, err := p.linksOf(o)
	if err != nil {
		return nil, fmt.Errorf("binds: operator %s: %w", o.Name, err)
	}
	return newOperator(links), nil
}

// linksOf names the links of an operator by set, entry and connection: ussd-1.1.
func (p *Pool) linksOf(o Operator) ([]*link, error) {
	var links []*link
	for i, b := range o.Binds {
		for k := range b.Binds {
			l, err := newLink(o.Name, fmt.Sprintf("%s-%d.%d", b.Set, i+1, k+1), b, p.receive, p.cfg)
			if err != nil {
				return nil, fmt.Errorf("binds[%d]: %w", i, err)
			}
			links = append(links, l)
		}
	}
	return links, nil
}

// Run keeps the binds up until ctx ends, then lets answers come in, unbinds and
// returns nil.
func (p *Pool) Run(ctx context.Context) error {
	p.mu.Lock()
	p.ctx = ctx
	for _, o := range p.table.Load().operators {
		p.start(o)
	}
	p.mu.Unlock()
	<-ctx.Done()
	p.mu.Lock() // a Replace under way has started what it starts
	defer p.mu.Unlock()
	p.links.Wait()
	return nil
}

// Send submits m on a good bind of the operator's set, on the one named bind if
// that is up. SMS to one number leave in the order of the calls. A throttled SMS
// is tried again until ctx ends, USSD never is. ErrNoBind and ErrQueueFull mean
// that nothing was sent, ErrUnknown that it may have arrived; any other error is
// the message's own fault.
func (p *Pool) Send(ctx context.Context, operator string, set Set, bind string, prio Priority, m *smpp.Message) (Response, error) {
	o := p.table.Load().operators[operator]
	if o == nil {
		return Response{}, ErrNoBind
	}
	if prio != SMS {
		return o.send(ctx, set, bind, USSD, m)
	}
	release, err := o.turns.take(ctx, m.Dest.Addr)
	if err != nil {
		return Response{}, err
	}
	defer release()
	for {
		r, err := o.send(ctx, set, bind, SMS, m)
		if err == nil && throttled(r.Status) && ctx.Err() == nil {
			continue // the gate makes it rest
		}
		return r, err
	}
}
