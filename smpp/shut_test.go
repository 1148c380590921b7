package smpp

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

// TestWhoIsShutOut: an address is, after so many refusals in one second, once, and until
// its time is over; one that is slower, or no address, never.
func TestWhoIsShutOut(t *testing.T) {
	now := time.Unix(1_000, 0)
	hurries, strolls := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	s := newShutter()
	for i := range 3 * shutAfter {
		if got, want := s.refuse(now, hurries), i == shutAfter-1; got != want {
			t.Fatalf("refusal %d shuts out: %v", i+1, got)
		}
		if s.refuse(now, netip.Addr{}) || s.refuse(now.Add(time.Duration(i)*time.Second/(shutAfter-1)), strolls) {
			t.Fatal(i)
		}
		now = now.Truncate(time.Second)
	}
	if s.lift(now.Add(shutFor-1)) || len(s.out) != 1 {
		t.Error("let in before its time", s.out)
	}
	if !s.lift(now.Add(shutFor)) || len(s.out) != 0 {
		t.Error("not let in", s.out)
	}
}

// TestNoMoreAreShutOutThanAFilterHolds, and none more counted than we remember.
func TestNoMoreAreShutOutThanAFilterHolds(t *testing.T) {
	s, now := newShutter(), time.Unix(1_000, 0)
	for i := range maxSuspects + 10 {
		from := netip.MustParseAddr(fmt.Sprintf("10.0.%d.%d", i/256, i%256))
		for range shutAfter {
			s.refuse(now, from)
		}
	}
	if len(s.out) != maxShut || len(s.refused) != maxSuspects {
		t.Error(len(s.out), len(s.refused))
	}
}
