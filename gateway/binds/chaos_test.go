package binds

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	far "mlango/simulator/operator"
	"mlango/smpp"
)

// chaosSMS are sent through the chaotic SMSC, each to a number of its own.
const chaosSMS = 2000

// chaotic is a simulated operator that misbehaves in every way it can.
func chaotic(t *testing.T, f far.Faults, c *chaos) (*far.Operator, *smsc) {
	t.Helper()
	o, err := far.New(far.Config{Name: "safari", USSDSystemID: "ussd", SMSSystemID: "house", Password: secret, Inbox: -1, OnSMS: c.onSMS, OnReceipt: c.onReceipt})
	if err != nil {
		t.Fatal(err)
	}
	o.SetFaults(f)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- o.Serve(ln) }()
	t.Cleanup(func() {
		closing(t, o)
		<-done
	})
	return o, &smsc{host: "127.0.0.1", port: ln.Addr().(*net.TCPAddr).Port}
}

// closing ends the network; whoever is left is cut.
func closing(t *testing.T, o *far.Operator) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = o.Close(ctx)
}

// deliveries are the deliver_sm of one network by what is in them: how often each was
// answered and how often it was not, by the network's book, and how often our side was
// handed it.
type deliveries struct {
	mu sync.Mutex
	of map[string]*struct{ answered, unanswered, handed int }
}

func (d *deliveries) note(what string, answered, unanswered, handed int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.of == nil {
		d.of = map[string]*struct{ answered, unanswered, handed int }{}
	}
	if d.of[what] == nil {
		d.of[what] = &struct{ answered, unanswered, handed int }{}
	}
	one := d.of[what]
	one.answered, one.unanswered, one.handed = one.answered+answered, one.unanswered+unanswered, one.handed+handed
}

// judge holds each to its own: what was answered was handed over as often, and beyond
// that only what got no answer. again is how many of those came twice.
func (d *deliveries) judge(t *testing.T) (again int) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	for what, n := range d.of {
		if n.handed < n.answered || n.handed > n.answered+n.unanswered {
			t.Errorf("%s: handed over %d times, answered %d, not answered %d", what, n.handed, n.answered, n.unanswered)
		}
		again += max(n.handed-n.answered, 0)
	}
	return again
}

// chaos is what of the network's side a test looks at.
type chaos struct {
	mu     sync.Mutex
	copies map[string][]far.SMS // by recipient
	given  deliveries
}

func (c *chaos) onSMS(s far.SMS) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.copies[s.To] = append(c.copies[s.To], s)
}

func (c *chaos) onReceipt(r far.Reported) {
	if r.Answered {
		c.given.note("receipt "+r.ID, 1, 0, 0)
	} else {
		c.given.note("receipt "+r.ID, 0, 1, 0)
	}
}

// handed is our application: it knows a deliver_sm by what is in it.
func (c *chaos) handed(m *smpp.Message) {
	if r, ok := smpp.ParseReceipt(m); ok {
		c.given.note("receipt "+r.ID, 0, 0, 1)
		return
	}
	c.given.note(smpp.DecodeText(m.DataCoding, m.Content()), 0, 0, 1)
}

// TestChaos: throttled, queue full, unanswered, cut, and requests of the SMSC under
// our own numbers. No SMS is lost, none comes twice unless its answer was lost; every
// receipt, and every SMS that a subscriber writes, is handed over once, or once more
// for an answer that was lost.
func TestChaos(t *testing.T) {
	seen := &chaos{copies: map[string][]far.SMS{}}
	o, c := chaotic(t, far.Faults{Busy: 20, Full: 50, RespDrop: 100, Cut: 300, Clash: true, ReceiptTwice: 40}, seen)
	p := run(t, func(_ string, set Set, _ string, m *smpp.Message) smpp.Status {
		if set != SetSMS {
			t.Errorf("%+v came by %s", m, set)
		}
		seen.handed(m)
		return smpp.StatusOK
	}, c.bind(SetSMS, func(b *Bind) { b.Binds, b.ResponseTimeout = 3, 2*time.Second })) // an answer that is read later was lost for us, and not for the SMSC
	var senders sync.WaitGroup
	for worker := range 50 {
		senders.Go(func() {
			for i := worker; i < chaosSMS; i += 50 {
				to := fmt.Sprintf("2547%08d", i)
				insist(t, p, to)
				seen.answer(t, o, to)
			}
		})
	}
	senders.Wait()
	closing(t, o) // what is under way ends
	twice := seen.judgeSMS(t, o)
	again := seen.given.judge(t)
	var lost, throttled uint64
	for _, st := range p.State() {
		lost, throttled = lost+st.Lost, throttled+st.Throttled
	}
	if lost == 0 || throttled == 0 || twice == 0 {
		t.Errorf("no chaos: %d links lost, %d throttled, %d SMS twice", lost, throttled, twice)
	}
	t.Logf("%d SMS, %d once more; %d deliver_sm, %d once more; %d links lost, %d throttled", len(seen.copies), twice, len(seen.given.of), again, lost, throttled)
}

// answer is what a subscriber writes back, again while nothing left the network.
func (c *chaos) answer(t *testing.T, o *far.Operator, from string) {
	text := "thanks from " + from
	for {
		switch err := o.Write(t.Context(), from, "334", text); {
		case err == nil:
			c.given.note(text, 1, 0, 0)
			return
		case errors.Is(err, smpp.ErrUnknown):
			c.given.note(text, 0, 1, 0)
		case errors.Is(err, smpp.ErrClosed), errors.Is(err, far.ErrNoService):
			time.Sleep(time.Millisecond)
		default:
			t.Errorf("%s: %v", from, err)
			return
		}
	}
}

// judgeSMS: every SMS is there, and those that are there twice had their answer lost.
func (c *chaos) judgeSMS(t *testing.T, o *far.Operator) (twice int) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for to, all := range c.copies {
		twice += len(all) - 1
		for _, s := range all[:len(all)-1] {
			if !o.Unheard(s.ID) {
				t.Errorf("%s came again though %s was answered", to, s.ID)
			}
		}
	}
	if len(c.copies) != chaosSMS {
		t.Errorf("%d of %d SMS arrived", len(c.copies), chaosSMS)
	}
	return twice
}

// insist sends one SMS until it is taken, as confirm does.
func insist(t *testing.T, p *Pool, to string) {
	m := text(to, "salary of "+to)
	m.RegisteredDelivery = 1
	for {
		r, err := p.Send(t.Context(), "safari", SetSMS, "", SMS, m)
		switch {
		case err == nil && r.Status == smpp.StatusOK:
			return
		case errors.Is(err, ErrNoBind), errors.Is(err, ErrUnknown), errors.Is(err, ErrQueueFull):
			time.Sleep(time.Millisecond)
		default:
			t.Errorf("%s: %+v %v", to, r, err)
			return
		}
	}
}
