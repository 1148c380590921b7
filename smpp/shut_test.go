package smpp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
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

// TestAListenerThatTakesNoFilter: its knocks are closed, and it is told so once.
func TestAListenerThatTakesNoFilter(t *testing.T) {
	plain, err := net.Listen("unix", t.TempDir()+"/door")
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	v := NewServer(ServerConfig{})
	v.listen(struct{ net.Listener }{plain})
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.tellListeners(); !errors.Is(err, errors.ErrUnsupported) {
		t.Error(err)
	}
}
