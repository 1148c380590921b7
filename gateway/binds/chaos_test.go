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
func chaotic(t *testing.T, f far.Faults, onSMS func(far.SMS)) (*far.Operator, *smsc) {
	t.Helper()
	o, err := far.New(far.Config{Name: "safari", USSDSystemID: "ussd", SMSSystemID: "house", Password: secret, Inbox: -1, OnSMS: onSMS})
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
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = o.Close(ctx) // whoever is left is cut
		<-done
	})
	return o, &smsc{host: "127.0.0.1", port: ln.Addr().(*net.TCPAddr).Port}
}

// TestChaos: throttled, queue full, unanswered, cut, and requests of the SMSC under
// our own numbers. No SMS is lost, none comes twice unless its answer was lost, and
// every deliver_sm is handed over once.
func TestChaos(t *testing.T) {
	var mu sync.Mutex
	copies, handed := map[string][]far.SMS{}, map[string]int{}
	o, c := chaotic(t, far.Faults{Busy: 20, Full: 50, RespDrop: 100, Cut: 300, Clash: true}, func(s far.SMS) {
		mu.Lock()
		defer mu.Unlock()
		copies[s.To] = append(copies[s.To], s)
	})
	p := run(t, func(_ string, set Set, _ string, m *smpp.Message) smpp.Status {
		mu.Lock()
		defer mu.Unlock()
		r, ok := smpp.ParseReceipt(m)
		if !ok || set != SetSMS {
			t.Errorf("no receipt: %+v", m)
		}
		handed[r.ID]++
		return smpp.StatusOK
	}, c.bind(SetSMS, func(b *Bind) { b.Binds, b.ResponseTimeout = 3, 2*time.Second })) // an answer that is read later was lost for us, and not for the SMSC
	var senders sync.WaitGroup
	for worker := range 50 {
		senders.Go(func() {
			for i := worker; i < chaosSMS; i += 50 {
				insist(t, p, fmt.Sprintf("2547%08d", i))
			}
		})
	}
	senders.Wait()
	mu.Lock()
	defer mu.Unlock()
	twice := 0
	for to, all := range copies {
		twice += len(all) - 1
		for _, s := range all[:len(all)-1] {
			if !o.Unheard(s.ID) {
				t.Errorf("%s came again though %s was answered", to, s.ID)
			}
		}
	}
	if len(copies) != chaosSMS {
		t.Errorf("%d of %d SMS arrived", len(copies), chaosSMS)
	}
	for id, n := range handed {
		if n != 1 {
			t.Errorf("the receipt about %s was handed over %d times", id, n)
		}
	}
	if acked := o.Counts().Receipts; acked > uint64(len(handed)) {
		t.Errorf("%d deliver_sm were acknowledged, %d handed over", acked, len(handed))
	}
	var lost, throttled uint64
	for _, st := range p.State() {
		lost, throttled = lost+st.Lost, throttled+st.Throttled
	}
	if lost == 0 || throttled == 0 || twice == 0 {
		t.Errorf("no chaos: %d links lost, %d throttled, %d SMS twice", lost, throttled, twice)
	}
	t.Logf("%d SMS, %d once more; %d receipts; %d links lost, %d throttled", len(copies), twice, len(handed), lost, throttled)
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
