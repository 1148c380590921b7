package confirm

import (
	"fmt"
	"testing"
	"time"

	"mlango/gateway/binds"
	"mlango/smpp"
)

// TestReceiptsOfAFleet: a receipt that reaches another gateway is passed on, found by
// whose SMS it is about, once; what nobody knows is nobody's, and without others it is a
// stranger.
func TestReceiptsOfAFleet(t *testing.T) {
	const to = "254722000001"
	ours, seen := newTracker()
	theirs, elsewhere := newTracker()
	third, nothing := newTracker()
	up := true
	theirs.pass = func(b []byte) bool {
		if up {
			ours.passed(b, time.Now())
			third.passed(b, time.Now())
		}
		return up
	}
	ours.await("safari", submitted(to, binds.FinalReceipts), binds.Response{MessageID: "abc1", Bind: "sms-1.1"}, "R")
	now := time.Now()
	theirs.take("safari", "sms-1.1", smpp.Receipt{ID: "ABC1", Stat: "DELIVRD"}, to, now)
	if len(seen) != 0 {
		t.Errorf("passed on before its own time: %v", seen)
	}
	theirs.sweep(now.Add(earlyFor))
	theirs.take("safari", "sms-1.1", smpp.Receipt{ID: "nobody", Stat: "DELIVRD"}, to, now)
	theirs.take("other", "sms-1.1", smpp.Receipt{ID: "abc1", Stat: "DELIVRD"}, to, now)
	theirs.sweep(now.Add(earlyFor))
	up = false
	theirs.take("safari", "sms-1.1", smpp.Receipt{ID: "late", Stat: "DELIVRD"}, to, now)
	theirs.sweep(now.Add(earlyFor))
	ours.passed([]byte("{"), now)
	if got := fmt.Sprint(map[string]int(seen)); got != "map[sms-1.1 delivered:1 sms-1.1 elsewhere:1]" {
		t.Errorf("whose SMS it was counts %s", got)
	}
	if got := fmt.Sprint(map[string]int(elsewhere)); got != "map[sms-1.1 early:4 sms-1.1 passed:3 sms-1.1 stranger:1]" {
		t.Errorf("who passed it on counts %s", got)
	}
	if len(nothing) != 0 {
		t.Errorf("a third counts %v", nothing)
	}
}
