package smpp

import (
	"context"
	"net"
	"net/netip"
	"time"
)

// shutter decides whose connections are not even opened any more. An address that was
// refused shutAfter times in a second goes on knocking, and each knock costs what the
// kernel needs to open and close a connection, 30 to 50 µs: for shutFor the kernel drops
// its SYNs instead. What it has open stays open, and a SYN that was dropped is sent again
// by its sender (RFC 9293 §3.8.1), so that an honest peer of that address is late and no
// more. Pure: the server owns the clock and the sockets.
type shutter struct {
	second  int64
	refused map[netip.Addr]int       // of this second, of at most maxSuspects neighbourhoods
	out     map[netip.Addr]time.Time // until when, of at most maxShut neighbourhoods
}

func newShutter() *shutter {
	return &shutter{refused: make(map[netip.Addr]int), out: make(map[netip.Addr]time.Time)}
}

// refuse counts a refused connection and tells whether its address is shut out from now
// on.
func (s *shutter) refuse(now time.Time, from netip.Addr) bool {
	if second := now.Unix(); second != s.second {
		s.second = second
		clear(s.refused)
	}
	if _, there := s.refused[from]; !from.IsValid() || !there && len(s.refused) >= maxSuspects {
		return false
	}
	s.refused[from]++
	if _, already := s.out[from]; already || s.refused[from] < shutAfter || len(s.out) >= maxShut {
		return false
	}
	s.out[from] = now.Add(shutFor)
	return true
}

// lift lets those in again whose time is over, and tells whether there were any.
func (s *shutter) lift(now time.Time) (any bool) {
	for from, until := range s.out {
		if !now.Before(until) {
			delete(s.out, from)
			any = true
		}
	}
	return any
}

// refused remembers a connection that was not let in, and shuts its address out if it
// hurries.
func (v *Server) refused(now time.Time, from netip.Addr) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed || !v.shutter.refuse(now, from) {
		return
	}
	v.shut()
	v.cfg.Log.Warn("smpp: address shut out, the kernel drops its new connections", "remote", from, "for", shutFor)
	time.AfterFunc(shutFor, v.lift)
}

func (v *Server) lift() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.closed && v.shutter.lift(time.Now()) {
		v.shut()
	}
}

// shut gives every listener who is shut out; v.mu is held. Where the kernel has no such
// filter, each knock is answered by closing it, as before.
func (v *Server) shut() {
	for ln := range v.lns {
		if err := dropSYNs(ln, v.shutter.out); err != nil {
			v.cfg.Log.Warn("smpp: shut out", "listener", ln.Addr(), "err", err)
		}
	}
}

// Listen listens for binds at a TCP address. It is net.Listen without MPTCP, which no
// ESME speaks and whose sockets take no filter: at such a listener a Server cannot have
// the kernel drop the connections of who hurries.
func Listen(addr string) (net.Listener, error) {
	var plain net.ListenConfig
	plain.SetMultipathTCP(false)
	return plain.Listen(context.Background(), "tcp", addr)
}
