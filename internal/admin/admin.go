// Package admin is the address every server shows to the people who run it:
// health, readiness, metrics, profiles. Rooms see metrics only as the small
// interfaces below, so that none of them knows Prometheus.
package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Limits of the admin listener.
const (
	maxHeaderBytes = 16 << 10
	readTimeout    = 10 * time.Second
	idleTimeout    = 60 * time.Second
	closeTimeout   = time.Second
)

// Config says where the admin address is. An empty Addr serves nothing.
type Config struct{ Addr string }

// Ready says whether the program can do its work, and which of its parts limp.
type Ready func() (ready bool, degraded []string)

// Server is the admin address of one program. Register everything before Serve.
type Server struct {
	cfg   Config
	mux   *http.ServeMux
	reg   *prometheus.Registry
	ready atomic.Pointer[Ready]
	ln    net.Listener
}

// New makes the server with /healthz, /readyz, /metrics and /debug/pprof.
func New(cfg Config) *Server {
	s := &Server{cfg: cfg, mux: http.NewServeMux(), reg: prometheus.NewRegistry()}
	s.reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "alive") })
	s.mux.HandleFunc("GET /readyz", s.readyz)
	s.mux.Handle("GET /metrics", promhttp.HandlerFor(s.reg, promhttp.HandlerOpts{}))
	s.mux.HandleFunc("/debug/pprof/", pprof.Index)
	s.mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	s.mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	s.mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	s.mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return s
}

// Ready sets what /readyz asks. Until then the program is starting.
func (s *Server) Ready(f Ready) { s.ready.Store(&f) }

// Handle adds a page; the pattern is http.ServeMux's.
func (s *Server) Handle(pattern string, h http.Handler) { s.mux.Handle(pattern, h) }

// Handler is every page, for tests and for servers that listen themselves. What a
// page of somebody else's has a browser send here, beside reading, is refused: the
// admin address trusts whoever reaches it, and a browser on the machine does.
func (s *Server) Handler() http.Handler {
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if reads := r.Method == http.MethodGet || r.Method == http.MethodHead; !reads && renamed(r) {
			JSON(w, http.StatusForbidden, map[string]string{
				"error": "the admin address of this machine was asked under the name " + strconv.QuoteToASCII(r.Host),
				"mend":  "ask it by its IP address, or as localhost",
			})
			return
		}
		s.mux.ServeHTTP(w, r)
	}))
}

// renamed tells whether a loopback address was asked under a name: that of a page whose
// name server has a browser take us for the page's own server, so that nothing is foreign.
func renamed(r *http.Request) bool {
	at, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok || !at.IP.IsLoopback() {
		return false
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = strings.Trim(r.Host, "[]")
	}
	return host != "localhost" && net.ParseIP(host) == nil
}

func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	ready, degraded := false, []string{"starting"}
	if f := s.ready.Load(); f != nil {
		ready, degraded = (*f)()
	}
	if degraded == nil {
		degraded = []string{}
	}
	status := http.StatusOK
	if !ready {
		status = http.StatusServiceUnavailable
	}
	JSON(w, status, map[string]any{"ready": ready, "degraded": degraded, "pid": os.Getpid()})
}

// JSON writes one JSON answer.
func JSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the reader went away: nothing to mend
}

// Listen takes the address; Serve does it too when it was not called.
func (s *Server) Listen() (net.Addr, error) {
	ln, err := net.Listen("tcp", s.cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("admin: listen: %w", err)
	}
	s.ln = ln
	return ln.Addr(), nil
}

// Serve answers until ctx ends; with no address it only waits.
func (s *Server) Serve(ctx context.Context) error {
	if s.cfg.Addr == "" {
		<-ctx.Done()
		return nil
	}
	if s.ln == nil {
		if _, err := s.Listen(); err != nil {
			return err
		}
	}
	srv := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: readTimeout, ReadTimeout: readTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes}
	defer context.AfterFunc(ctx, func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
		defer cancel()
		if srv.Shutdown(stop) != nil {
			_ = srv.Close() // a long profile is cut; there is nobody left to tell
		}
	})()
	if err := srv.Serve(s.ln); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("admin: serve: %w", err)
	}
	return nil
}
