package smpp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"
)

// TestWhoIsShutOut: an address is, after so many connections turned away in one second,
// once, and until its time is over; one that is slower, that binds, or no address, never.
func TestWhoIsShutOut(t *testing.T) {
	now := time.Unix(1_000, 0)
	hurries, strolls, binds := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("192.0.2.3")
	s := newShutter()
	for i := range 3 * shutAfter {
		if got, want := s.turnAway(now, hurries), i == shutAfter-1; got != want {
			t.Fatalf("the %dth turned away shuts out: %v", i+1, got)
		}
		if s.turnAway(now, netip.Addr{}) || s.turnAway(now, binds) {
			t.Fatal(i)
		}
		if i%(shutAfter-1) == shutAfter-2 {
			s.bound(binds)
		}
	}
	for i := range 3 * shutAfter {
		if s.turnAway(now.Add(time.Duration(i)*time.Second/(shutAfter-1)), strolls) {
			t.Fatal(i)
		}
	}
	if s.lift(now.Add(shutFor - 1)); len(s.out) != 1 {
		t.Error("let in before its time", s.out)
	}
	if s.lift(now.Add(shutFor)); len(s.out) != 0 {
		t.Error("not let in", s.out)
	}
}

// TestNoMoreAreShutOutThanAFilterHolds, and none more counted than we remember.
func TestNoMoreAreShutOutThanAFilterHolds(t *testing.T) {
	s, now := newShutter(), time.Unix(1_000, 0)
	for i := range maxSuspects + 10 {
		from := netip.MustParseAddr(fmt.Sprintf("10.0.%d.%d", i/256, i%256))
		for range shutAfter {
			s.turnAway(now, from)
		}
	}
	if len(s.out) != maxShut || len(s.turned) != maxSuspects {
		t.Error(len(s.out), len(s.turned))
	}
}

// TestWhatCounts: a knock without a right to it does, a door that is full does not.
func TestWhatCounts(t *testing.T) {
	for why, want := range map[error]bool{errAddress: true, errHurry: true, errCrowded: false, errAborted: false, nil: false} {
		if counts(why) != want {
			t.Error(why, !want)
		}
	}
}

// brokenListener is one whose descriptor cannot be had for so many tries.
type brokenListener struct {
	*net.TCPListener
	fails int
}

func (l *brokenListener) SyscallConn() (syscall.RawConn, error) {
	if l.fails--; l.fails >= 0 {
		return nil, errors.New("not now")
	}
	return l.TCPListener.SyscallConn()
}

// TestListenersAreTold: one that takes no filter is no error and hides none; what the
// kernel does not do now is done later.
func TestListenersAreTold(t *testing.T) {
	v := NewServer(ServerConfig{})
	v.shutter.lasts = time.Millisecond
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	v.listen(struct{ net.Listener }{plain})
	if told, err := v.tellListeners(); told != 0 || err != nil {
		t.Error(told, err)
	}
	ours, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	broken := &brokenListener{ours.(*net.TCPListener), 3}
	v.listen(broken)
	if _, err := v.tellListeners(); err == nil {
		t.Error("what the listener did not do is not told")
	}
	v.lift()
	for over := false; !over; time.Sleep(time.Millisecond) {
		v.mu.Lock()
		over = broken.fails < 0 && !v.lifting
		v.mu.Unlock()
	}
}

// TestWhoBindsIsNotCounted: his other links come back in the same moment.
func TestWhoBindsIsNotCounted(t *testing.T) {
	v, addr := listen(t, ServerConfig{})
	here := netip.MustParseAddr("127.0.0.1")
	v.turnedAway(time.Now(), here)
	dial(t, addr)
	v.mu.Lock()
	defer v.mu.Unlock()
	if n := v.shutter.turned[here]; n != 0 {
		t.Error(n)
	}
}

// TestStrangersOfAListAreCounted, as well as those who hurry.
func TestStrangersOfAListAreCounted(t *testing.T) {
	v, addr := listen(t, ServerConfig{Allow: func(net.Addr) bool { return false }})
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("let in")
	}
	for n := 0; n == 0; time.Sleep(time.Millisecond) {
		v.mu.Lock()
		n = v.shutter.turned[netip.MustParseAddr("127.0.0.1")]
		v.mu.Unlock()
	}
}
