package edge

import (
	"strings"
	"testing"
	"time"

	"mlango/gateway/dialog"
	"mlango/smpp"
)

// TestSMPPAbortWhileAHopRuns: the dialogue hears of it at once, the hop's screen
// and those of the inputs behind it are dropped and counted, and a new dial under
// the same key is not touched.
func TestSMPPAbortWhileAHopRuns(t *testing.T) {
	r := &room{wait: make(chan struct{})}
	seen := make(chan Seen, 8)
	cfg := config(t, r)
	cfg.Deadline, cfg.Seen = time.Minute, func(s Seen) { seen <- s }
	c, e := newCentre(t, cfg)
	c.deliver(hop(18, 1, 1, "wait"))
	for len(r.seen()) < 1 { // it runs
		time.Sleep(time.Millisecond)
	}
	c.deliver(hop(18, 1, 2, "x"))
	if st := c.deliver(hop(129, 1, 3, "")); st != smpp.StatusOK {
		t.Fatalf("abort: %v", st)
	}
	for len(r.seen()) < 2 {
		time.Sleep(time.Millisecond)
	}
	if h := r.seen()[1]; h.Op != dialog.Abort || h.Session != "01" {
		t.Errorf("the dialogue heard %+v", h)
	}
	c.deliver(hop(1, 1, 0, "*334#"))
	close(r.wait)
	if m := c.screen(); string(m.Text) != "Menu " {
		t.Errorf("the new dial shows %q", m.Text)
	}
	if err := e.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{RefusedGone, RefusedGone, "", ""} {
		if s := <-seen; s.Refused != want {
			t.Errorf("hop %d is counted as %q, not %q", i, s.Refused, want)
		}
	}
	if got := r.ended(t, 4); !strings.Contains(got, "waited false") || len(c.screens) != 0 {
		t.Errorf("replies %s, %d more screens", got, len(c.screens))
	}
}

// TestSMPPRefusedScreenFreesTheSession: unless the screen only repeats one that
// was shown, or ended the session itself.
func TestSMPPRefusedScreenFreesTheSession(t *testing.T) {
	for text, want := range map[string]int{"x": 2, "again": 1, "bye": 1} {
		r := &room{}
		c, e := newCentre(t, config(t, r))
		c.status <- smpp.StatusSubmitFail
		c.deliver(hop(18, 1, 1, text))
		if err := e.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		hops := r.seen()
		if len(hops) != want || want == 2 && hops[1].Op != dialog.Abort {
			t.Errorf("%s: the dialogue saw %+v", text, hops)
		}
	}
}
