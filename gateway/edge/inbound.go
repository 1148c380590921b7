package edge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"mlango/gateway/binds"
	"mlango/smpp"
)

// centre is an operator's USSD centre that binds to us: its binds that are up.
type centre struct {
	operator string
	mu       sync.Mutex
	binds    []*inbound
	parted   bool // its account is another now: nobody binds here any more
	made     int
	turn     int
	lost     uint64 // binds that ended
	wait     time.Time
	last     string // why the last one did
}

// inbound is one bind.
type inbound struct {
	name     string
	session  *smpp.Session
	window   int
	since    time.Time
	tally    binds.Tally
	received atomic.Uint64
}

func (c *centre) add(s *smpp.Session, d *Door) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.fits(s.SystemID(), d) {
		return false
	}
	c.made++
	c.binds = append(c.binds, &inbound{name: s.SystemID() + "." + strconv.Itoa(c.made), session: s, window: d.Window, since: time.Now()})
	return true
}

// room tells whether an account may have one bind more right now.
func (c *centre) room(systemID string, d *Door) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fits(systemID, d)
}

func (c *centre) fits(systemID string, d *Door) bool {
	same := 0
	for _, b := range c.binds {
		if b.session.SystemID() == systemID {
			same++
		}
	}
	return !c.parted && same < max(d.Binds, 1)
}

func (c *centre) remove(s *smpp.Session, why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, b := range c.binds {
		if b.session == s {
			c.binds = append(c.binds[:i:i], c.binds[i+1:]...)
			c.lost++
			c.wait, c.last = time.Now(), "it unbound"
			if why != nil {
				c.last = why.Error()
			}
			return
		}
	}
}

// of is the bind that a session is; nil when it is none any more.
func (c *centre) of(s *smpp.Session) *inbound {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range c.binds {
		if b.session == s {
			return b
		}
	}
	return nil
}

// part unbinds them all: the account is another now.
func (c *centre) part() {
	c.mu.Lock()
	c.parted = true
	all := c.binds
	c.mu.Unlock()
	for _, b := range all {
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
			defer cancel()
			_ = b.session.Close(ctx) // who does not unbind is cut
		}()
	}
}

// choose is the named bind, or the next in turn that takes screens; nil when there
// is none.
func (c *centre) choose(name string) *inbound {
	c.mu.Lock()
	defer c.mu.Unlock()
	var able []*inbound
	for _, b := range c.binds {
		switch {
		case b.session.Mode() == smpp.TX:
		case b.name == name:
			return b
		default:
			able = append(able, b)
		}
	}
	if len(able) == 0 {
		return nil
	}
	c.turn++
	return able[c.turn%len(able)]
}

// send delivers a screen, with the errors of binds.Sender.
func (c *centre) send(ctx context.Context, name string, m *smpp.Message) (binds.Response, error) {
	b := c.choose(name)
	if b == nil {
		return binds.Response{}, binds.ErrNoBind
	}
	began := time.Now()
	r, err := b.session.Deliver(ctx, m)
	switch {
	case errors.Is(err, smpp.ErrClosed):
		return binds.Response{}, binds.ErrNoBind
	case errors.Is(err, smpp.ErrUnknown):
		b.tally.Silence()
		return binds.Response{}, binds.ErrUnknown
	case err != nil && ctx.Err() != nil:
		return binds.Response{}, fmt.Errorf("%w: %w", binds.ErrQueueFull, err)
	case err != nil:
		return binds.Response{}, fmt.Errorf("edge: deliver: %w", err)
	}
	b.tally.Answer(r.Status, time.Since(began))
	return binds.Response{Status: r.Status, MessageID: r.MessageID, Bind: b.name}, nil
}

// Inbound is a snapshot of the binds that USSD centres made to us, as of those that
// we make; an operator of whom none is up has one that waits.
func (e *Edge) Inbound() (all []binds.BindState) {
	t := e.table.Load()
	for _, addr := range t.addrs {
		seen := map[*centre]bool{}
		for _, a := range t.accounts[addr] {
			if !seen[a.centre] {
				all = append(all, a.centre.state(addr)...)
			}
			seen[a.centre] = true
		}
	}
	slices.SortStableFunc(all, func(a, b binds.BindState) int { return strings.Compare(a.Operator, b.Operator) })
	return all
}

func (c *centre) state(addr string) (all []binds.BindState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range c.binds {
		s := binds.BindState{
			Operator: c.operator, Bind: b.name, Addr: b.session.Remote().String(), Set: binds.SetUSSD, Mode: b.session.Mode().String(),
			Phase: binds.Bound, Up: true, Since: b.since, Window: b.window, InFlight: b.session.Stats().InFlight, Breaker: "closed",
			Enquired: b.session.Enquired(), Received: b.received.Load(),
		}
		b.tally.Into(&s)
		all = append(all, s)
	}
	if len(c.binds) == 0 {
		why := "its USSD centre is not bound to us at " + addr
		if c.last != "" {
			why += ": " + c.last
		}
		all = append(all, binds.BindState{Operator: c.operator, Bind: "ussd-door", Addr: addr, Set: binds.SetUSSD, Phase: binds.Waiting,
			Since: c.wait, LastError: why, Breaker: "closed", Lost: c.lost})
	}
	return all
}
