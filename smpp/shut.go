package smpp

import (
	"context"
	"errors"
	"maps"
	"net"
	"net/netip"
	"slices"
	"time"
)

// shutter decides whose connections are not even opened any more. An address of which
// shutAfter connections were turned away within a second, and none bound before that, goes on
// knocking, and each knock costs what the kernel needs to open and close a connection, 30 to
// 50 µs: for a while the kernel drops its SYNs instead. What it has open stays open. A SYN
// that was dropped is sent again by its sender (RFC 9293 §3.8.1): an honest peer of the same
// address waits. Pure: the server owns the clock and the sockets.
type shutter struct {
	after  int           // connections turned away within a second
	lasts  time.Duration // how long an address is shut out
	second int64
	turned map[netip.Addr]int       // away in this second, of at most maxSuspects neighbourhoods
	out    map[netip.Addr]time.Time // until when, of at most maxShut neighbourhoods
}

func newShutter() *shutter {
	return &shutter{after: shutAfter, lasts: shutFor, turned: make(map[netip.Addr]int), out: make(map[netip.Addr]time.Time)}
}

// turnAway counts a connection that was not let in, and tells whether its address is shut
// out from now on.
func (s *shutter) turnAway(now time.Time, from netip.Addr) bool {
	if second := now.Unix(); second != s.second {
		s.second = second
		clear(s.turned)
	}
	if _, there := s.turned[from]; !from.IsValid() || !there && len(s.turned) >= maxSuspects {
		return false
	}
	s.turned[from]++
	if _, already := s.out[from]; already || s.turned[from] < s.after || len(s.out) >= maxShut {
		return false
	}
	s.out[from] = now.Add(s.lasts)
	return true
}

// bound forgets what was counted of an address: whoever binds is somebody, and his other
// links come back in the same moment as this one.
func (s *shutter) bound(from netip.Addr) { delete(s.turned, from) }

// lift lets those in again whose time is over.
func (s *shutter) lift(now time.Time) {
	maps.DeleteFunc(s.out, func(_ netip.Addr, until time.Time) bool { return !now.Before(until) })
}

// counts tells whether who was turned away for this reason knocks without a right to: a
// door that is full is not his doing.
func counts(why error) bool { return errors.Is(why, errAddress) || errors.Is(why, errHurry) }

// turnedAway counts a connection that was not let in, and shuts its address out if it
// hurries.
func (v *Server) turnedAway(now time.Time, from netip.Addr) {
	v.mu.Lock()
	var told int
	var err error
	if !v.closed && v.shutter.turnAway(now, from) {
		told, err = v.tellListeners()
		v.liftLater()
	}
	v.mu.Unlock()
	if told == 0 && err == nil { // nobody is shut out, or each knock is closed and told as before
		return
	}
	if err != nil { // of both lines, maxShut in shutFor at most
		v.cfg.Log.Warn("smpp: address hurries, and is not shut out of every listener", "remote", from, "listeners", told, "err", err)
		return
	}
	v.cfg.Log.Warn("smpp: address shut out, the kernel drops its new connections", "remote", from, "for", shutFor)
}

// liftLater looks at who is shut out once more when the next time is over; v.mu is held.
func (v *Server) liftLater() {
	if v.lifting {
		return
	}
	v.lifting = true
	wait := v.shutter.lasts
	for _, until := range v.shutter.out {
		wait = min(wait, time.Until(until))
	}
	time.AfterFunc(wait, v.lift)
}

// lift lets in again whose time is over. A filter that the kernel does not change now, for
// want of memory, is changed later.
func (v *Server) lift() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.lifting = false; v.closed {
		return
	}
	v.shutter.lift(time.Now())
	if _, err := v.tellListeners(); err != nil || len(v.shutter.out) > 0 {
		v.liftLater()
	}
}

// tellListeners has the kernel drop the SYNs of who is shut out now, and of nobody else,
// and tells at how many listeners it does; v.mu is held. One that takes no filter is no
// error, and one that is closed needs none.
func (v *Server) tellListeners() (told int, err error) {
	out := slices.Collect(maps.Keys(v.shutter.out))
	for ln := range v.lns {
		switch e := dropSYNs(ln, out); {
		case e == nil:
			told++
		case !errors.Is(e, errors.ErrUnsupported) && !errors.Is(e, net.ErrClosed):
			err = errors.Join(err, e)
		}
	}
	return told, err
}

// Listen listens for binds at a TCP address. It is net.Listen without MPTCP, which no
// ESME speaks and whose sockets take no filter: at such a listener a Server closes each
// connection of an address that hurries, and cannot have the kernel drop it.
func Listen(addr string) (net.Listener, error) {
	var plain net.ListenConfig
	plain.SetMultipathTCP(false)
	return plain.Listen(context.Background(), "tcp", addr)
}
