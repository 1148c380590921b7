package server

import (
	"net"
	"sync"
	"time"

	"google.golang.org/grpc/credentials"
)

// How often the same thing of the same caller is logged: who insists is not, and
// hides nobody else.
const (
	sayEvery = time.Second
	maxSaid  = 1024 // things that are remembered
)

// once remembers what was logged a moment ago.
type once struct {
	mu   sync.Mutex
	when map[string]time.Time
}

// fresh tells whether something was not logged a moment ago, and remembers it.
func (o *once) fresh(what string, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if at, said := o.when[what]; said && now.Sub(at) < sayEvery {
		return false
	}
	if o.when == nil {
		o.when = map[string]time.Time{}
	}
	if len(o.when) >= maxSaid {
		for old, at := range o.when {
			if now.Sub(at) >= sayEvery {
				delete(o.when, old)
			}
		}
	}
	if len(o.when) >= maxSaid {
		return false
	}
	o.when[what] = now
	return true
}

// handshakes is TLS that logs whom it did not let in.
type handshakes struct {
	credentials.TransportCredentials
	door *guard
}

// ServerHandshake lets a connection in or says why not.
func (h *handshakes) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := h.TransportCredentials.ServerHandshake(raw)
	if err != nil {
		host, _, _ := net.SplitHostPort(raw.RemoteAddr().String())
		if h.door.log != nil && h.door.said.fresh("tls\x00"+host+err.Error(), time.Now()) {
			h.door.log.Warn("a caller was not let in: no TLS was agreed on", "from", host, "error", err)
		}
	}
	return conn, info, err
}

// Clone keeps the log.
func (h *handshakes) Clone() credentials.TransportCredentials {
	return &handshakes{h.TransportCredentials.Clone(), h.door}
}
