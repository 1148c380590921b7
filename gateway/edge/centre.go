package edge

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"mlango/gateway/binds"
	"mlango/smpp"
)

// How many connections one of our SMPP addresses holds, bound or not, and of them one
// peer address: who only holds them open leaves room for the others.
const (
	maxDoorConns = 256
	maxDoorAddr  = maxDoorConns / 2
)

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

	Lockout  smpp.Lockout // who guesses passwords; of all accounts at Listen
	AddrPace int          // connections a second of one address that do not bind, as smpp.ServerConfig has it; of all accounts at Listen

	EnquireLink, ResponseTimeout time.Duration // zero: smpp's own
	Inactivity                   time.Duration // without a message so long a bind is ended; zero: never
}

// account is whom a system_id belongs to.
type account struct {
	centre *centre
	door   *Door
}

// listener is one address that USSD centres bind to.
type listener struct {
	e      *Edge
	addr   string
	server *smpp.Server
	bounds sync.Map // of *smpp.Session to account: whose it was when it bound
}

// ServeSMPP lets the USSD centres that belong to an address bind on ln until ctx
// ends; then it unbinds them.
func (e *Edge) ServeSMPP(ctx context.Context, addr string, ln net.Listener) error {
	l := &listener{e: e, addr: addr}
	cfg := smpp.ServerConfig{
		SystemID: "mlango", Auth: l.auth, Allow: l.allow, AllowBind: l.allowBind, OnBind: l.bound, OnClose: l.gone, OnMessage: l.message,
		Terms: l.terms, MaxConns: maxDoorConns, MaxAddr: maxDoorAddr, Log: e.cfg.Log,
	}
	for _, a := range l.accounts() {
		cfg.TLS, cfg.Lockout, cfg.AddrPace = a.door.TLS, a.door.Lockout, a.door.AddrPace
	}
	if e.cfg.Wire != nil {
		cfg.Tap = l.tap
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

// accounts are those that the address has now.
func (l *listener) accounts() map[string]account { return l.e.table.Load().accounts[l.addr] }

// terms are an account's own, as they are when it binds.
func (l *listener) terms(systemID string) (window int, t smpp.Timers) {
	a, known := l.accounts()[systemID]
	if !known {
		return 0, t
	}
	return a.door.Window, smpp.Timers{EnquireLink: a.door.EnquireLink, Response: a.door.ResponseTimeout, Inactivity: a.door.Inactivity}
}

// auth compares in the same time whether the account exists or not.
func (l *listener) auth(systemID, password string) smpp.Status {
	a, known := l.accounts()[systemID]
	want := ""
	if known {
		want = a.door.Password
	}
	if same := smpp.SameSecret(password, want); !same || !known || want == "" {
		return smpp.StatusInvPassword
	}
	if !a.centre.room(systemID, a.door) {
		l.e.cfg.Log.Warn("a bind was refused: it is one too many", "system_id", systemID, "operator", a.centre.operator)
		return smpp.StatusBindFailed
	}
	return smpp.StatusOK
}

// allow lets an address in that any account here may come from.
func (l *listener) allow(remote net.Addr) bool {
	for _, a := range l.accounts() {
		if a.door.allows(remote) {
			return true
		}
	}
	return false
}

// allowBind keeps an account to its own addresses. A name that nobody has goes on to
// auth, where it counts as a guess.
func (l *listener) allowBind(systemID string, remote net.Addr) bool {
	a, known := l.accounts()[systemID]
	return !known || a.door.allows(remote)
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

// bound takes a bind in. One that is one too many by now is cut, and one whose account
// went while it bound.
func (l *listener) bound(s *smpp.Session) {
	a, known := l.accounts()[s.SystemID()]
	if !known || !a.centre.add(s, a.door) {
		l.e.cfg.Log.Warn("a bind was cut: it is one too many, or its account is gone", "system_id", s.SystemID(), "remote", s.Remote())
		s.Abort()
		return
	}
	l.bounds.Store(s, a)
	l.e.cfg.Log.Info("a USSD centre is bound", "operator", a.centre.operator, "remote", s.Remote(), "mode", s.Mode().String())
}

// whose is the account that a session bound by.
func (l *listener) whose(s *smpp.Session) (a account, known bool) {
	v, known := l.bounds.Load(s)
	if known {
		a = v.(account)
	}
	return a, known
}

func (l *listener) gone(s *smpp.Session, err error) {
	a, known := l.whose(s)
	if !known {
		return
	}
	l.bounds.Delete(s)
	a.centre.remove(s, err)
	l.e.cfg.Log.Info("a USSD centre is gone", "operator", a.centre.operator, "remote", s.Remote(), "err", err)
}

// message hands a hop on under the bind's name.
func (l *listener) message(s *smpp.Session, m *smpp.Message) smpp.Status {
	a, known := l.whose(s)
	if !known {
		return smpp.StatusInvBindStatus
	}
	b := a.centre.of(s)
	if b == nil {
		return smpp.StatusInvBindStatus
	}
	b.received.Add(1)
	return l.e.Receive(a.centre.operator, binds.SetUSSD, b.name, m)
}

// tap shows a PDU to the wiretap, while anybody looks.
func (l *listener) tap(s *smpp.Session, in bool, pdu []byte) {
	if !l.e.cfg.Wire.Idle() {
		if a, known := l.whose(s); known {
			if b := a.centre.of(s); b != nil {
				l.e.cfg.Wire.PDU(a.centre.operator, b.name, false, s, in, pdu)
			}
		}
	}
}

// Bound is how many binds of an operator's USSD centre are up, where it binds to
// us.
func (e *Edge) Bound(operator string) int {
	c := e.table.Load().centres[operator]
	if c == nil {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.binds)
}
