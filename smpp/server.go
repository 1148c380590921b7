package smpp

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
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
	// OnBind is called when a bind is through, before its first message.
	OnBind func(s *Session)
	// OnClose is called once for every bind that ended, with its reason.
	OnClose   func(s *Session, err error)
	OnMessage OnMessage
	MaxConns  int // connections, bound or not; 0 means 1000
	MaxBinds  int // binds of one system_id; 0 means no limit of its own
	Window    int // our requests in flight on each bind
	Timers    Timers
	Log       *slog.Logger
}

// Server answers binds on a listener.
type Server struct{ cfg ServerConfig }

// NewServer makes a server that is not listening yet.
func NewServer(cfg ServerConfig) *Server { return &Server{cfg: cfg} }

// Serve accepts binds on ln until Close; then it returns nil.
func (v *Server) Serve(ln net.Listener) error { return nil }

// Sessions is a snapshot of the binds that are up.
func (v *Server) Sessions() []*Session { return nil }

// Close stops listening, unbinds every session and waits for them until ctx
// ends; what is left then is cut.
func (v *Server) Close(ctx context.Context) error { return nil }
