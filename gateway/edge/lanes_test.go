package edge

import (
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestLateHouseBeginsNothing: while hops take longer than they should, running
// sessions go on and no new one begins; when they are quick again, or few, all do.
func TestLateHouseBeginsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLanes(lanesLimits{hops: 100, begins: 90, calm: 2, late: time.Second, waiting: 4})
		hop := func(session string, begins bool, takes time.Duration) bool {
			return l.run(session, begins, new(atomic.Bool), func() { time.Sleep(takes) })
		}
		slow := func(takes time.Duration) {
			for i := range 12 * forgets {
				if !hop("running"+strconv.Itoa(i%80), false, takes) {
					t.Fatalf("hop %d of a running session was refused", i)
				}
				if i%80 == 79 {
					time.Sleep(takes)
					synctest.Wait()
				}
			}
			time.Sleep(takes)
			synctest.Wait()
		}
		slow(3 * time.Second)
		for i, want := range []bool{true, true, false} { // two are few
			if got := hop("new"+strconv.Itoa(i), true, time.Second); got != want {
				t.Errorf("begin %d behind late answers: %v", i, got)
			}
		}
		if !hop("running", false, time.Second) {
			t.Error("a running session does not go on")
		}
		slow(10 * time.Millisecond)
		for i := range 10 {
			if !hop("later"+strconv.Itoa(i), true, time.Second) {
				t.Errorf("begin %d behind quick answers was refused", i)
			}
		}
		time.Sleep(time.Minute) // all end
	})
}
