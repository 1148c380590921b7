package smpp

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// knock binds over a pipe and returns what the server says to it.
func knock(t *testing.T, v *Server, systemID, password string) Status {
	t.Helper()
	ours, theirs := net.Pipe()
	go v.ServeConn(ours)
	r := newRaw(t, theirs)
	r.send(appendBind(nil, TRX, 1, &bindPDU{systemID: systemID, password: password, version: version34}))
	p := r.want(pdu.BindTransceiverRespID)
	theirs.Close()
	for range r.pdus { // until the link is down
	}
	synctest.Wait()
	return p.status
}

func passwordIs(want string) func(string, string) Status {
	return func(_, got string) Status {
		if !SameSecret(got, want) {
			return StatusInvPassword
		}
		return StatusOK
	}
}

// TestGuessersAreLockedOut: after the fifth wrong password the right one is not
// heard either, others are, and a minute later all is forgotten.
func TestGuessersAreLockedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		v := NewServer(ServerConfig{Auth: func(id, password string) Status { asked++; return passwordIs(secret)(id, password) }})
		for i := range defaultWrong {
			if got := knock(t, v, "house", fmt.Sprint("guess", i)); got != StatusInvPassword {
				t.Errorf("guess %d: %v", i, got)
			}
		}
		if got := knock(t, v, "house", secret); got != StatusBindFailed || asked != defaultWrong {
			t.Errorf("locked out: %v, %d passwords looked at", got, asked)
		}
		if got := knock(t, v, "other", secret); got != StatusOK {
			t.Errorf("another system_id: %v", got)
		}
		time.Sleep(defaultLockout)
		if got := knock(t, v, "house", secret); got != StatusOK {
			t.Errorf("a minute later: %v", got)
		}
	})
}

// TestGoodBindForgivesMistakes: who gets in again and again is not locked out by
// a wrong password now and then.
func TestGoodBindForgivesMistakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := NewServer(ServerConfig{Auth: passwordIs(secret), Lockout: Lockout{Wrong: 2}})
		for range 5 {
			if got := knock(t, v, "house", "typo"); got != StatusInvPassword {
				t.Error(got)
			}
			if got := knock(t, v, "house", secret); got != StatusOK {
				t.Error(got)
			}
		}
	})
}

// TestManyNamesOfOneAddress: one address that tries name after name is stopped,
// another address is not.
func TestManyNamesOfOneAddress(t *testing.T) {
	g := newGuard(Lockout{Wrong: 5, WrongAddr: 8})
	now := time.Unix(0, 0)
	bad, good := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 1}, &net.TCPAddr{IP: net.IPv4(192, 0, 2, 2), Port: 1}
	for i := range 8 {
		if name := fmt.Sprint("name", i); g.locked(now, bad, name) {
			t.Errorf("locked at name %d", i)
		} else {
			g.judged(now, bad, name, StatusInvPassword)
		}
	}
	bad.Port++ // a new connection
	if !g.locked(now, bad, "fresh") || g.locked(now, good, "fresh") {
		t.Error("the address is not what is counted")
	}
	if off := newGuard(Lockout{Wrong: -1}); off.locked(now, bad, "x") {
		t.Error("switched off, and locks")
	}
}

// TestGuardIsBounded: a hundred thousand names cost what maxSuspects do, and who
// is locked stays locked.
func TestGuardIsBounded(t *testing.T) {
	g := newGuard(Lockout{})
	now := time.Unix(0, 0)
	bad := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1)}
	for range defaultWrong {
		g.judged(now, bad, "house", StatusInvPassword)
	}
	for i := range maxSuspects + 200 {
		other := &net.TCPAddr{IP: net.IPv4(10, byte(i>>16), byte(i>>8), byte(i))}
		g.judged(now, other, fmt.Sprint(i), StatusInvPassword)
	}
	if len(g.known) > maxSuspects || !g.locked(now, bad, "house") {
		t.Errorf("%d remembered, locked: %v", len(g.known), g.locked(now, bad, "house"))
	}
}

// TestStrangersWhoHurryAreTurnedAway: an address has ten seconds' worth at once, then
// its pace; who binds is not counted, others are not touched, and memory is bounded.
func TestStrangersWhoHurryAreTurnedAway(t *testing.T) {
	p := newPace(10)
	now := time.Unix(0, 0)
	who := func(n int) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, byte(n >> 8), byte(n)}) }
	taken := func(host, n int) (in int) {
		for range n {
			if p.admits(now, who(host)) {
				in++
			}
		}
		return in
	}
	if in := taken(1, 500); in != 100 {
		t.Errorf("%d of five hundred at once came in, want 100", in)
	}
	if in := taken(2, 1); in != 1 {
		t.Error("another address pays for the stranger")
	}
	now = now.Add(time.Second)
	if in := taken(1, 100); in != 10 {
		t.Errorf("%d in a second, want 10", in)
	}
	for range 1000 {
		if !p.admits(now, who(3)) {
			t.Fatal("who binds each time is turned away")
		}
		p.bound(now, who(3))
	}
	for i := range maxSuspects + 100 {
		p.admits(now.Add(time.Duration(i)*time.Millisecond), who(i))
	}
	if len(p.known) > maxSuspects {
		t.Errorf("%d addresses are remembered", len(p.known))
	}
	if p := newPace(-1); !p.admits(now, who(4)) {
		t.Error("no limit turns somebody away")
	}
}

// TestStrangersWriteFewLines: ten a second, and how many more there were.
func TestStrangersWriteFewLines(t *testing.T) {
	var l lines
	now, told := time.Unix(0, 0), 0
	for range 10_000 {
		if say, _ := l.may(now); say {
			told++
		}
	}
	say, untold := l.may(now.Add(time.Second))
	if told != linesEach || !say || untold != 10_000-linesEach {
		t.Errorf("%d lines, then %v and %d more", told, say, untold)
	}
}

// TestNeighbours: who has a /64 of IPv6 is one peer.
func TestNeighbours(t *testing.T) {
	at := func(ip string) netip.Addr {
		return neighbourhood(&net.TCPAddr{IP: net.ParseIP(ip), Port: 1, Zone: "eth0"})
	}
	if at("2001:db8::1") != at("2001:db8::ffff:1") || at("2001:db8::1") == at("2001:db8:0:1::1") || at("192.0.2.1") == at("192.0.2.2") || at("192.0.2.1") != at("::ffff:192.0.2.1") {
		t.Error("peers are taken for others")
	}
	if neighbourhood(nil).IsValid() || neighbourhood(&net.UnixAddr{}).IsValid() {
		t.Error("what is no IP has an address")
	}
}

// TestChattingIsNoBind: a peer that asks and asks whether we live, one octet of
// patience at a time, is cut by the session timer all the same.
func TestChattingIsNoBind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		v := NewServer(ServerConfig{})
		go v.ServeConn(ours)
		began := time.Now()
		r := newRaw(t, theirs)
		for range 9 {
			if _, err := theirs.Write(appendBare(nil, header{id: pdu.EnquireLinkID, seq: 1})); err != nil {
				break
			}
			time.Sleep(time.Second)
		}
		for range r.pdus {
		}
		if _, err := theirs.Write([]byte{0}); err != io.ErrClosedPipe || time.Since(began) > 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

func TestAllowLists(t *testing.T) {
	allow := AllowPrefixes(netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32"))
	for addr, want := range map[string]bool{"192.0.2.9:5": true, "198.51.100.1:5": false, "[2001:db8::1]:5": true, "[::ffff:192.0.2.9]:5": true, "[::1]:5": false} {
		tcp, err := net.ResolveTCPAddr("tcp", addr)
		if err != nil || allow(tcp) != want {
			t.Errorf("%s: %v, %v", addr, !want, err)
		}
	}
	if allow(&net.UnixAddr{Name: "/x"}) || allow(nil) {
		t.Error("an address that is no IP is allowed")
	}
	synctest.Test(t, func(t *testing.T) {
		asked := false
		v := NewServer(ServerConfig{
			Auth:      func(string, string) Status { asked = true; return StatusOK },
			AllowBind: func(systemID string, _ net.Addr) bool { return systemID == "house" },
		})
		if got := knock(t, v, "other", ""); got != StatusBindFailed || asked {
			t.Error(got, asked)
		}
		if got := knock(t, v, "house", ""); got != StatusOK {
			t.Error(got)
		}
	})
}

// TestOneAddressHasItsShare: connections beyond it are closed unread, and the
// place of one that went is free again.
func TestOneAddressHasItsShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := NewServer(ServerConfig{Auth: passwordIs(secret), MaxAddr: 1})
		for range 3 {
			ours, theirs := net.Pipe()
			go v.ServeConn(ours)
			synctest.Wait()
			second, far := net.Pipe()
			v.ServeConn(second)
			if _, err := far.Write([]byte{0}); err != io.ErrClosedPipe {
				t.Error(err)
			}
			theirs.Close()
			synctest.Wait()
		}
	})
}

// TestCongestionIsSaidToWhoUnderstands: an ESME of SMPP 5.0 hears it with the good
// answer and with the refusal, one of 3.4 never; one of 3.3 gets no parameter.
func TestCongestionIsSaidToWhoUnderstands(t *testing.T) {
	status := StatusOK
	_, addr := listen(t, ServerConfig{
		Congestion: func() uint8 { return 83 },
		OnMessage:  func(*Session, *Message) Status { return status },
	})
	for version, want := range map[uint8]uint8{0x33: 0, 0x34: 0, 0x50: 83} {
		s := dial(t, addr, func(c *Config) { c.InterfaceVersion = version })
		for _, status = range []Status{StatusOK, StatusThrottled} {
			if r, err := s.Submit(t.Context(), sms("hello")); err != nil || s.Congestion() != want || r.Status != status {
				t.Errorf("%#x: %d%% %+v %v", version, s.Congestion(), r, err)
			}
		}
	}
	h := header{id: pdu.BindTransceiverID, seq: 1}
	if old, now := appendBindResponse(nil, h, 0x33, "smsc"), appendBindResponse(nil, h, 0x50, "smsc"); len(now)-len(old) != 5 {
		t.Errorf("%x and %x", old, now)
	}
}

// TestTermsAreEachBinds: a bind has the window and the timers of who made it.
func TestTermsAreEachBinds(t *testing.T) {
	binds := make(chan *Session, 2)
	_, addr := listen(t, ServerConfig{Window: 7, OnBind: func(s *Session) { binds <- s }, Terms: func(systemID string) (int, Timers) {
		if systemID == "wide" {
			return 50, Timers{Response: time.Minute}
		}
		return 0, Timers{}
	}})
	for id, want := range map[string]int{"wide": 50, "house": defaultWindow} {
		dial(t, addr, func(c *Config) { c.SystemID = id })
		if s := <-binds; cap(s.free) != want || s.timers.EnquireLink != defaultEnquireLink || (s.timers.Response == time.Minute) != (id == "wide") {
			t.Errorf("%s: window %d, timers %+v", id, cap(s.free), s.timers)
		}
	}
}
