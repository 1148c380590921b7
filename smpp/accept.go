package smpp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"
)

// serve takes one connection through its bind and reads it until it is down; first,
// if any, is what we say before the bind.
func (v *Server) serve(raw net.Conn, first func(net.Conn) error) {
	defer v.leave(raw)
	conn := raw
	if v.cfg.TLS != nil {
		conn = tls.Server(raw, v.cfg.TLS)
	}
	s, err := v.welcome(raw, conn, first)
	if err != nil {
		if say, untold := v.lines.may(time.Now()); say {
			v.cfg.Log.Info("smpp: no bind", "remote", raw.RemoteAddr(), "err", err, "untold", untold)
		}
		lingeringClose(conn)
		return
	}
	s.start()
	s.read()
	<-s.done
}

// welcome waits for a good bind, no longer than the session timer.
func (v *Server) welcome(raw, conn net.Conn, first func(net.Conn) error) (*Session, error) {
	ctx, cancel := context.WithTimeout(context.Background(), v.cfg.Timers.Init)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	if first != nil {
		if err := first(conn); err != nil {
			return nil, err
		}
	}
	in := newFrames(conn, v.cfg.Timers.HalfPDU)
	s, err := v.hello(conn, in)
	if inTime := stop(); err == nil && !inTime {
		s.end(errNoBind)
		return nil, errNoBind
	}
	return s, err
}

func (v *Server) hello(conn net.Conn, in *frames) (*Session, error) {
	for range maxHello {
		frame, err := in.next()
		if errors.Is(err, errBadLength) {
			_, _ = conn.Write(appendBare(nil, in.nack()))
		}
		if err != nil {
			return nil, err
		}
		h := parseHeader(frame)
		if mode, ok := modeOf(h.id); ok {
			return v.bind(conn, in, h, mode, frame[headerLen:])
		}
		if err := beforeBind(conn, h); err != nil {
			return nil, err
		}
	}
	return nil, errNoBind
}

// bind judges a bind and answers it. A refused peer may try again on a new
// connection.
func (v *Server) bind(conn net.Conn, in *frames, h header, mode Mode, body []byte) (*Session, error) {
	b, err := decodeBind(body)
	if err != nil {
		_, _ = conn.Write(appendBare(nil, h.answer(StatusOf(err))))
		return nil, err
	}
	window, timers := v.cfg.Window, v.cfg.Timers
	if v.cfg.Terms != nil {
		window, timers = v.cfg.Terms(b.systemID)
		timers = timers.withDefaults()
	}
	s := newSession(conn, in, false, mode, window, timers)
	s.peer, s.log, s.onMessage, s.nextID, s.onEnd = b.systemID, v.cfg.Log, v.cfg.OnMessage, v.newID, v.ended
	s.manage, s.version, s.congestion, s.tap = v.cfg.Manage, b.version, v.cfg.Congestion, v.cfg.Tap
	status := v.judge(conn.RemoteAddr(), &b)
	if status == StatusOK && !v.register(s) {
		status = StatusBindFailed
	}
	if status != StatusOK {
		_, _ = conn.Write(appendBare(nil, h.answer(status)))
		return nil, fmt.Errorf("smpp: bind of %q refused: %w", b.systemID, status)
	}
	v.pace.bound(time.Now(), neighbourhood(conn.RemoteAddr()))
	if v.cfg.OnBind != nil {
		v.cfg.OnBind(s)
	}
	if _, err := conn.Write(appendBindResponse(nil, h, b.version, v.cfg.SystemID)); err != nil {
		s.end(err)
		return nil, fmt.Errorf("smpp: write: %w", err)
	}
	return s, nil
}

// judge decides on a bind: a locked out peer is not heard, an address that the
// system_id does not bind from is told no more than that.
func (v *Server) judge(remote net.Addr, b *bindPDU) Status {
	now := time.Now()
	switch {
	case v.guard.locked(now, remote, b.systemID):
		return StatusBindFailed
	case v.cfg.AllowBind != nil && !v.cfg.AllowBind(b.systemID, remote):
		return StatusBindFailed
	}
	status := v.cfg.Auth(b.systemID, b.password)
	v.guard.judged(now, remote, b.systemID, status)
	return status
}

// register counts a bind in, unless its system_id has its share.
func (v *Server) register(s *Session) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	same := 0
	for other := range v.sessions {
		if other.peer == s.peer {
			same++
		}
	}
	if v.closed || v.cfg.MaxBinds > 0 && same >= v.cfg.MaxBinds {
		return false
	}
	v.sessions[s] = struct{}{}
	v.shutter.bound(neighbourhood(s.conn.RemoteAddr()))
	return true
}

func (v *Server) ended(s *Session, err error) {
	v.mu.Lock()
	delete(v.sessions, s)
	v.mu.Unlock()
	if v.cfg.OnClose != nil {
		v.cfg.OnClose(s, err)
	}
}
