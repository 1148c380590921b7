package edge

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"mlango/gateway/binds"
	"mlango/smpp"
)

// maxDoorConns is how many connections one of our SMPP addresses holds, bound or
// not.
const maxDoorConns = 256

// Door is one account by which an operator's USSD centre binds to us: we are the
// SMSC then, and hops come as submit_sm.
type Door struct {
	Listen   string // host:port; operators may share one
	SystemID string // no other account at Listen has it
	Password string // never empty
	Allow    []netip.Prefix
	Binds    int         // at most so many at once
	Window   int         // our deliver_sm in flight on each
	TLS      *tls.Config // of all accounts at Listen

	EnquireLink, ResponseTimeout time.Duration // zero: smpp's own
}

// centre is an operator's USSD centre that binds to us: its binds that are up.
type centre struct {
	mu    sync.Mutex
	binds []*inbound
	made  int
	turn  int
}

// inbound is one bind.
type inbound struct {
	name    string
	session *smpp.Session
	since   time.Time
}

// account is whom a system_id belongs to.
type account struct {
	operator string
	door     *Door
}

// listener is one address that USSD centres bind to.
type listener struct {
	e        *Edge
	accounts map[string]account
	server   *smpp.Server
}

// DoorAddrs are the addresses that USSD centres bind to, each once.
func (e *Edge) DoorAddrs() []string {
	var addrs []string
	seen := map[string]bool{}
	for _, o := range e.cfg.Operators {
		for _, d := range o.Doors {
			if !seen[d.Listen] {
				addrs = append(addrs, d.Listen)
			}
			seen[d.Listen] = true
		}
	}
	return addrs
}

// ServeSMPP lets the USSD centres that belong to an address bind on ln until ctx
// ends; then it unbinds them.
func (e *Edge) ServeSMPP(ctx context.Context, addr string, ln net.Listener) error {
	l := &listener{e: e, accounts: map[string]account{}}
	cfg := smpp.ServerConfig{
		SystemID: "mlango", Auth: l.auth, Allow: l.allow, OnBind: l.bound, OnClose: l.gone, OnMessage: l.message,
		MaxConns: maxDoorConns, Log: e.cfg.Log,
	}
	for i := range e.cfg.Operators {
		o := &e.cfg.Operators[i]
		for j := range o.Doors {
			if d := &o.Doors[j]; d.Listen == addr {
				l.accounts[d.SystemID] = account{o.Name, d}
				cfg.TLS, cfg.Window = d.TLS, max(cfg.Window, d.Window)
				cfg.Timers = smpp.Timers{EnquireLink: d.EnquireLink, Response: d.ResponseTimeout}
			}
		}
	}
	l.server = smpp.NewServer(cfg)
	stop := context.AfterFunc(ctx, func() {
		bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
		defer cancel()
		_ = l.server.Close(bye) // who does not unbind is cut
	})
	defer stop()
	if err := l.server.Serve(ln); err != nil {
		return fmt.Errorf("edge: serve SMPP: %w", err)
	}
	return nil
}

// auth compares in the same time whether the account exists or not.
func (l *listener) auth(systemID, password string) smpp.Status {
	a, known := l.accounts[systemID]
	want := ""
	if known {
		want = a.door.Password
	}
	if same := smpp.SameSecret(password, want); !same || !known || want == "" {
		return smpp.StatusInvPassword
	}
	return smpp.StatusOK
}

// allow lets an address in that any account here may come from.
func (l *listener) allow(remote net.Addr) bool {
	for _, a := range l.accounts {
		if a.door.allows(remote) {
			return true
		}
	}
	return false
}

func (d *Door) allows(remote net.Addr) bool {
	at, err := netip.ParseAddrPort(remote.String())
	if err != nil {
		return false
	}
	for _, p := range d.Allow {
		if p.Contains(at.Addr().Unmap()) {
			return true
		}
	}
	return false
}

// bound takes a bind in. One that comes from another's address, or is one too
// many, is cut.
func (l *listener) bound(s *smpp.Session) {
	a := l.accounts[s.SystemID()]
	if !a.door.allows(s.Remote()) || !l.e.centres[a.operator].add(s, max(a.door.Binds, 1)) {
		l.e.cfg.Log.Warn("a bind was cut: its address is not allowed, or it is one too many", "operator", a.operator, "remote", s.Remote())
		s.Abort()
		return
	}
	l.e.cfg.Log.Info("a USSD centre is bound", "operator", a.operator, "remote", s.Remote(), "mode", s.Mode().String())
}

func (l *listener) gone(s *smpp.Session, err error) {
	a := l.accounts[s.SystemID()]
	if a.door == nil {
		return
	}
	l.e.centres[a.operator].remove(s)
	l.e.cfg.Log.Info("a USSD centre is gone", "operator", a.operator, "remote", s.Remote(), "err", err)
}

// message hands a hop on under the bind's name.
func (l *listener) message(s *smpp.Session, m *smpp.Message) smpp.Status {
	a := l.accounts[s.SystemID()]
	name := l.e.centres[a.operator].name(s)
	if name == "" {
		return smpp.StatusInvBindStatus
	}
	return l.e.Receive(a.operator, binds.SetUSSD, name, m)
}

func (c *centre) add(s *smpp.Session, most int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	same := 0
	for _, b := range c.binds {
		if b.session.SystemID() == s.SystemID() {
			same++
		}
	}
	if same >= most {
		return false
	}
	c.made++
	c.binds = append(c.binds, &inbound{name: s.SystemID() + "." + strconv.Itoa(c.made), session: s, since: time.Now()})
	return true
}

func (c *centre) remove(s *smpp.Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, b := range c.binds {
		if b.session == s {
			c.binds = append(c.binds[:i:i], c.binds[i+1:]...)
			return
		}
	}
}

func (c *centre) name(s *smpp.Session) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range c.binds {
		if b.session == s {
			return b.name
		}
	}
	return ""
}

// choose is the named bind, or the next in turn that takes screens; nil when
// there is none.
func (c *centre) choose(name string) *smpp.Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	var able []*smpp.Session
	for _, b := range c.binds {
		switch {
		case b.session.Mode() == smpp.TX:
		case b.name == name:
			return b.session
		default:
			able = append(able, b.session)
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
	s := c.choose(name)
	if s == nil {
		return binds.Response{}, binds.ErrNoBind
	}
	r, err := s.Deliver(ctx, m)
	switch {
	case errors.Is(err, smpp.ErrClosed):
		return binds.Response{}, binds.ErrNoBind
	case errors.Is(err, smpp.ErrUnknown):
		return binds.Response{}, binds.ErrUnknown
	case err != nil && ctx.Err() != nil:
		return binds.Response{}, fmt.Errorf("%w: %w", binds.ErrQueueFull, err)
	case err != nil:
		return binds.Response{}, fmt.Errorf("edge: deliver: %w", err)
	}
	return binds.Response{Status: r.Status, MessageID: r.MessageID}, nil
}

// Bound is how many binds of an operator's USSD centre are up, where it binds to
// us.
func (e *Edge) Bound(operator string) int {
	c := e.centres[operator]
	if c == nil {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.binds)
}
