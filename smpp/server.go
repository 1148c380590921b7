package smpp

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"encoding/hex"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// ServerConfig is the SMSC's end.
type ServerConfig struct {
	SystemID string // how we call ourselves in bind responses
	TLS      *tls.Config
	// Auth judges a bind; anything but StatusOK refuses it. Compare passwords with
	// SameSecret. nil refuses everybody.
	Auth func(systemID, password string) Status
	// Allow judges the peer's address before a byte is read; nil allows all.
	Allow func(remote net.Addr) bool
	// AllowBind judges which addresses a system_id may bind from, before its
	// password is looked at; nil allows all.
	AllowBind func(systemID string, remote net.Addr) bool
	Lockout   Lockout // of peers that guess passwords
	// OnBind is called when a bind is through, before its first message.
	OnBind func(s *Session)
	// OnClose is called once for every bind that ended, with its reason; nil is an
	// orderly unbind.
	OnClose   func(s *Session, err error)
	OnMessage OnMessage // nil refuses every message
	Tap       Tap       // nil sees nothing
	Manage    Manage    // query, cancel, replace; refused unless given
	MaxConns  int       // connections, bound or not; 0 means 1000
	MaxBinds  int       // binds of one system_id; 0 means no limit of its own
	MaxAddr   int       // connections of one address, bound or not; 0 means no limit of its own
	// AddrPace is how many connections a second of one address may end without a bind, ten
	// times as many at once; 0 means 10, below zero no limit. An address of which 300 are
	// turned away within a second, for its pace or by Allow, and none binds, has the kernel
	// drop its new ones for ten seconds, see Listen.
	AddrPace int
	// Congestion is how busy we are, in percent: ESMEs that bound as SMPP 5.0 hear
	// it in every response. nil does not say. It must not wait.
	Congestion func() uint8
	Window     int // our requests in flight on each bind
	Timers     Timers
	// Terms are what a bind gets by its system_id instead of Window and Timers; Init and
	// HalfPDU, which run before it is known, stay. nil: they are the same for all.
	Terms func(systemID string) (window int, t Timers)
	Log   *slog.Logger
}

// Server answers binds on a listener.
type Server struct {
	cfg    ServerConfig
	idBase string // message ids of two runs differ
	lastID atomic.Uint64
	wg     sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	done     chan struct{}
	lns      map[net.Listener]struct{}
	conns    map[net.Conn]struct{}
	sessions map[*Session]struct{}
	addrs    map[netip.Addr]int // connections of each neighbourhood
	guard    *guard
	pace     *pace
	shutter  *shutter // whose connections the kernel drops; under mu
	lifting  bool     // a look at who is shut out is to come
	lines    lines
}

// NewServer makes a server that is not listening yet.
func NewServer(cfg ServerConfig) *Server {
	cfg.Timers = cfg.Timers.withDefaults()
	if cfg.MaxConns <= 0 {
		cfg.MaxConns = defaultMaxConns
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.OnMessage == nil {
		cfg.OnMessage = refuseAll
	}
	if cfg.Auth == nil {
		cfg.Auth = func(string, string) Status { return StatusBindFailed }
	}
	var salt [3]byte
	_, _ = rand.Read(salt[:]) // it never fails
	return &Server{
		cfg: cfg, idBase: hex.EncodeToString(salt[:]),
		done:     make(chan struct{}),
		lns:      make(map[net.Listener]struct{}),
		conns:    make(map[net.Conn]struct{}),
		sessions: make(map[*Session]struct{}),
		addrs:    make(map[netip.Addr]int),
		guard:    newGuard(cfg.Lockout),
		pace:     newPace(cfg.AddrPace),
		shutter:  newShutter(),
	}
}

// SameSecret compares two secrets in a time that tells nothing about them.
func SameSecret(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// Serve accepts binds on ln until Close; then it returns nil.
func (v *Server) Serve(ln net.Listener) error {
	if !v.listen(ln) {
		return ln.Close()
	}
	for {
		conn, err := ln.Accept()
		switch {
		case err == nil:
			v.admit(conn)
		case v.isClosed():
			return nil
		default: // out of descriptors, most likely: it passes
			v.cfg.Log.Warn("smpp: accept", "err", err)
			if !v.pause() {
				return nil
			}
		}
	}
}

func (v *Server) listen(ln net.Listener) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return false
	}
	v.lns[ln] = struct{}{}
	if len(v.shutter.out) > 0 {
		_, _ = v.tellListeners() // without it his knocks are closed unread
	}
	return true
}

func (v *Server) isClosed() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.closed
}

func (v *Server) pause() bool {
	select {
	case <-time.After(acceptPause):
		return true
	case <-v.done:
		return false
	}
}

// ServeConn serves one connection that was accepted elsewhere, until it is down.
func (v *Server) ServeConn(conn net.Conn) {
	if v.enter(conn) {
		v.serve(conn, nil)
	}
}

func (v *Server) admit(conn net.Conn) {
	if v.enter(conn) {
		go v.serve(conn, nil)
	}
}

// enter counts a connection in, or closes it.
func (v *Server) enter(conn net.Conn) bool {
	now := time.Now()
	err := v.place(conn, now)
	if err == nil {
		return true
	}
	conn.Close()
	if counts(err) {
		v.turnedAway(now, neighbourhood(conn.RemoteAddr()))
	}
	if say, untold := v.lines.may(now); say {
		v.cfg.Log.Warn("smpp: connection refused", "remote", conn.RemoteAddr(), "err", err, "untold", untold)
	}
	return false
}

// place is a connection's, if there is one for it.
func (v *Server) place(conn net.Conn, now time.Time) error {
	remote := conn.RemoteAddr()
	from := neighbourhood(remote)
	switch {
	case v.cfg.Allow != nil && !v.cfg.Allow(remote):
		return errAddress
	case !v.pace.admits(now, from):
		return errHurry
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case v.closed:
		return errAborted
	case len(v.conns) >= v.cfg.MaxConns, v.cfg.MaxAddr > 0 && v.addrs[from] >= v.cfg.MaxAddr:
		return errCrowded
	}
	v.conns[conn] = struct{}{}
	v.addrs[from]++
	v.wg.Add(1)
	return nil
}

func (v *Server) leave(conn net.Conn) {
	v.mu.Lock()
	delete(v.conns, conn)
	if from := neighbourhood(conn.RemoteAddr()); v.addrs[from] > 1 {
		v.addrs[from]--
	} else {
		delete(v.addrs, from)
	}
	v.mu.Unlock()
	v.wg.Done()
}

// Sessions is a snapshot of the binds that are up.
func (v *Server) Sessions() []*Session {
	v.mu.Lock()
	defer v.mu.Unlock()
	all := make([]*Session, 0, len(v.sessions))
	for s := range v.sessions {
		all = append(all, s)
	}
	return all
}

// Close stops listening, unbinds every session and waits for them until ctx
// ends; what is left then is cut.
func (v *Server) Close(ctx context.Context) error {
	v.mu.Lock()
	if !v.closed {
		v.closed = true
		close(v.done)
	}
	for ln := range v.lns {
		ln.Close()
	}
	bound := make(map[net.Conn]bool, len(v.sessions))
	for s := range v.sessions {
		bound[s.conn] = true
		v.wg.Go(func() { _ = s.Close(ctx) })
	}
	for conn := range v.conns {
		if !bound[conn] {
			conn.Close()
		}
	}
	v.mu.Unlock()
	v.wg.Wait()
	return ctx.Err()
}

// newID is a message_id nobody gave before.
func (v *Server) newID() string {
	return string(strconv.AppendUint(append(make([]byte, 0, 24), v.idBase...), v.lastID.Add(1), 16))
}
