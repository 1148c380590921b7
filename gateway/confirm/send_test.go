package confirm

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mlango/gateway/binds"
	"mlango/smpp"
)

// network answers for each operator: an error, or a status.
type network struct {
	mu    sync.Mutex
	says  map[string]any
	whole map[string]bool
	sent  []string
}

func (n *network) Send(ctx context.Context, operator string, _ binds.Set, _ string, _ binds.Priority, m *smpp.Message) (binds.Response, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch say := n.says[operator].(type) {
	case smpp.Status:
		return binds.Response{Status: say}, nil
	case error:
		return binds.Response{}, say
	}
	n.sent = append(n.sent, fmt.Sprintf("%s %d", operator, len(m.Content())))
	return binds.Response{MessageID: "1", Bind: "sms-1.1"}, nil
}

func (n *network) Whole(operator string) bool { return n.whole[operator] }

func (n *network) say(operator string, what any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.says[operator] = what
}

func (n *network) took() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Join(n.sent, ", ")
}

func newNetwork(t *testing.T) (*network, *Confirm) {
	t.Helper()
	n := &network{says: map[string]any{}, whole: map[string]bool{"bulk": true}}
	c, err := New(Config{Sender: n, Bundles: noBundles{}, Data: t.TempDir(), Routes: binds.Routes{
		{Home: "safari", Via: []string{"safari", "bulk"}, Sender: "M-WALLET"},
		{Home: "alone", Via: []string{"alone"}, Sender: "M-WALLET"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return n, c
}

// TestFallback: a short loss is waited for, a long one goes by the next operator,
// and the first is asked again with every SMS.
func TestFallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, c := newNetwork(t)
		text := sms{to: "254722000001", text: "hello"}
		must := func(home, want string) {
			t.Helper()
			if err := c.send(t.Context(), home, text); err != nil || !strings.HasSuffix(n.took(), want) {
				t.Errorf("%v; by %s, want %s", err, n.took(), want)
			}
		}
		n.say("safari", binds.ErrNoBind)
		time.AfterFunc(100*time.Millisecond, func() { n.say("safari", nil) })
		must("safari", "safari 5")

		n.say("safari", binds.ErrNoBind)
		began := time.Now()
		must("safari", "bulk 5")
		if took := time.Since(began); took < fallbackAfter {
			t.Errorf("the fallback was used after %v", took)
		}
		began = time.Now()
		must("safari", "bulk 5")
		if took := time.Since(began); took != 0 {
			t.Errorf("a known loss cost %v", took)
		}
		n.say("safari", nil)
		must("safari", "safari 5")

		n.say("safari", smpp.StatusInvDstAddr) // a number that was ported away
		must("safari", "bulk 5")
		n.say("safari", binds.ErrUnknown) // it may have arrived: nobody else is asked
		time.AfterFunc(time.Minute, func() { n.say("safari", nil) })
		must("safari", "safari 5")

		n.say("safari", binds.ErrNoBind)
		n.say("bulk", binds.ErrNoBind)
		time.AfterFunc(time.Minute, func() { n.say("bulk", nil) })
		must("safari", "bulk 5")
	})
}

func TestRefusedByAll(t *testing.T) {
	n, c := newNetwork(t)
	n.say("safari", smpp.StatusInvDstAddr)
	n.say("bulk", smpp.StatusPermAppError)
	if err := c.send(t.Context(), "safari", sms{to: "254722000001", text: "hello"}); !errors.Is(err, errRefused) {
		t.Error(err)
	}
	if err := c.send(t.Context(), "nobody", sms{to: "254722000001", text: "hello"}); !errors.Is(err, errNoRoute) {
		t.Error(err)
	}
}

// TestLongTexts go in parts to an SMSC and whole to an API; when the SMSC goes away
// between two parts, the other gets all of it.
func TestLongTexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, c := newNetwork(t)
		long := sms{to: "254722000001", text: strings.Repeat("x", 200)}
		if err := c.send(t.Context(), "alone", long); err != nil || strings.Count(n.took(), "alone") != 2 {
			t.Errorf("%v: %s", err, n.took())
		}
		n.say("safari", binds.ErrNoBind)
		if err := c.send(t.Context(), "safari", long); err != nil || !strings.HasSuffix(n.took(), "bulk 200") {
			t.Errorf("%v: %s", err, n.took())
		}
	})
}

// TestRoutesChangeUnderAText: whoever takes an operator out of the routes reaches the
// texts that wait for it too.
func TestRoutesChangeUnderAText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, c := newNetwork(t)
		n.say("alone", binds.ErrNoBind)
		time.AfterFunc(time.Minute, func() { c.Reroute(binds.Routes{{Home: "alone", Via: []string{"bulk"}, Sender: "M-WALLET"}}) })
		if err := c.send(t.Context(), "alone", sms{to: "254733000001", text: "hello"}); err != nil || n.took() != "bulk 5" {
			t.Errorf("%v; by %s", err, n.took())
		}
	})
}

// TestNotSentIsNotUnknown: who waited in vain for a window sent nothing, so that no
// second copy may be laid to it; and what SMPP cannot carry is parked, not tried for ever.
func TestNotSentIsNotUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, c := newNetwork(t)
		seen := &seenMap{n: map[string]int{}}
		c.cfg.Seen = seen.add
		n.say("alone", fmt.Errorf("%w: %w", binds.ErrQueueFull, context.DeadlineExceeded))
		time.AfterFunc(time.Second, func() { n.say("alone", nil) })
		if err := c.send(t.Context(), "alone", sms{to: "254733000001", text: "hello"}); err != nil || seen.count(SeenUnknown) != 0 || seen.count(SeenRetried) == 0 {
			t.Errorf("%v; %v", err, seen.n)
		}
		n.say("alone", fmt.Errorf("pool: %w", smpp.ErrBadMessage))
		if err := c.send(t.Context(), "alone", sms{to: "254733000001", text: "hello"}); !errors.Is(err, errRefused) {
			t.Error(err)
		}
	})
}

// TestDeadOperatorStopsOnlyItsOwn: one operator's SMSC is away, and the others'
// subscribers are told all the same.
func TestDeadOperatorStopsOnlyItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, c := newNetwork(t)
		n.say("alone", binds.ErrNoBind)
		ctx, stop := context.WithCancel(t.Context())
		dead := make(chan error, 1)
		go func() { dead <- c.send(ctx, "alone", sms{to: "254733000001", text: "x"}) }()
		for range 100 {
			if err := c.send(t.Context(), "safari", sms{to: "254722000001", text: "hello"}); err != nil {
				t.Fatal(err)
			}
		}
		stop()
		if err := <-dead; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}
