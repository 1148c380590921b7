package binds

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"mlango/smpp"
)

// ErrQueueFull says that too many wait for every bind of the set, or that no
// place came free until ctx ended: nothing was sent.
var ErrQueueFull = errors.New("binds: no place in a window came free, nothing was sent")

// Pool keeps every bind of every operator up and sends over them.
type Pool struct {
	operators map[string]*operator
	links     []*link
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
	p := &Pool{operators: make(map[string]*operator)}
	for _, o := range cfg.Operators {
		o.Binds = slices.Clone(o.Binds) // Check writes into them
		for _, f := range o.Check() {
			return nil, fmt.Errorf("binds: operator %s: %s: %s – %s", o.Name, f.Path, f.What, f.Mend)
		}
		links, err := linksOf(o, receive, cfg.Log)
		if err != nil {
			return nil, fmt.Errorf("binds: operator %s: %w", o.Name, err)
		}
		p.operators[o.Name] = newOperator(links)
		p.links = append(p.links, links...)
	}
	return p, nil
}

// linksOf names the links of an operator by set, entry and connection: ussd-1.1.
func linksOf(o Operator, receive Receiver, log *slog.Logger) ([]*link, error) {
	var links []*link
	for i, b := range o.Binds {
		for k := range b.Binds {
			l, err := newLink(o.Name, fmt.Sprintf("%s-%d.%d", b.Set, i+1, k+1), b, receive, log)
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
	var wg sync.WaitGroup
	for _, l := range p.links {
		wg.Go(func() { l.run(ctx) })
	}
	wg.Wait()
	return nil
}

// Send submits m on a good bind of the operator's set, on the one named bind if
// that is up. SMS to one number leave in the order of the calls. A throttled SMS
// is tried again until ctx ends, USSD never is. ErrNoBind and ErrQueueFull mean
// that nothing was sent, ErrUnknown that it may have arrived; any other error is
// the message's own fault.
func (p *Pool) Send(ctx context.Context, operator string, set Set, bind string, prio Priority, m *smpp.Message) (Response, error) {
	o := p.operators[operator]
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
