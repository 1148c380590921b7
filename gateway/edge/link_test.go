package edge

import (
	"testing"
	"time"

	"mlango/gateway/dialog"
	"mlango/smpp"
)

// TestLinkDiesUnderAHop: the hop's screen goes by another bind, or by the next one
// that is made before the deadline; the dialogue never hears of the link, and goes on
// under its key wherever the operator goes on with it.
func TestLinkDiesUnderAHop(t *testing.T) {
	for name, again := range map[string]bool{"another bind is up": false, "it binds again": true} {
		t.Run(name, func(t *testing.T) {
			r := &room{wait: make(chan struct{})}
			addr, e := doors(t, r)
			first, screens, err := ussdc(t, addr, "ussdc", "s3cret", smpp.TRX)
			if err != nil {
				t.Fatal(err)
			}
			second, other := first, screens
			bind := func() {
				if second, other, err = ussdc(t, addr, "ussdc", "s3cret", smpp.TRX); err != nil {
					t.Fatal(err)
				}
			}
			submit(t, first, hop(1, 9, 0, "*334#"))
			text(t, screens)
			submit(t, first, hop(18, 9, 1, "wait"))
			for len(r.seen()) < 2 {
				time.Sleep(time.Millisecond)
			}
			if !again {
				bind()
			}
			first.Abort()
			for e.Bound("safari") > 1 || again && e.Bound("safari") > 0 {
				time.Sleep(time.Millisecond)
			}
			close(r.wait)
			if again {
				bind()
			}
			if got := text(t, other); got != "waited" {
				t.Errorf("screen %q", got)
			}
			submit(t, second, hop(18, 9, 2, "x"))
			if got := text(t, other); got != "Menu x" {
				t.Errorf("the dialogue goes on with %q", got)
			}
			for _, h := range r.seen() {
				if h.Op == dialog.Abort || h.Session != "09" {
					t.Errorf("the dialogue heard %+v", h)
				}
			}
		})
	}
}

// TestLinkStaysAway: nobody binds again until the deadline. The dialogue hears that its
// screen was not shown, and no more: what it did it tells otherwise.
func TestLinkStaysAway(t *testing.T) {
	r := &room{wait: make(chan struct{})}
	seen := make(chan Seen, 4)
	addr, e := doors(t, r)
	e.cfg.Deadline, e.cfg.Seen = 2*time.Second, func(s Seen) { seen <- s }
	s, _, err := ussdc(t, addr, "ussdc", "s3cret", smpp.TRX)
	if err != nil {
		t.Fatal(err)
	}
	submit(t, s, hop(18, 9, 1, "wait"))
	for len(r.seen()) < 1 {
		time.Sleep(time.Millisecond)
	}
	s.Abort()
	for e.Bound("safari") > 0 {
		time.Sleep(time.Millisecond)
	}
	close(r.wait)
	if got := <-seen; got.Refused != RefusedSend {
		t.Errorf("seen %+v", got)
	}
	if got := r.ended(t, 1); got != "waited false" || len(r.seen()) != 1 {
		t.Errorf("the dialogue heard %q, %+v", got, r.seen())
	}
}
