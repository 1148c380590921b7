package phone

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"mlango/internal/trace"
	"mlango/simulator/operator"
)

const (
	anna = "254722000001"
	ben  = "254722000002"
)

// stubNetwork is a network in a few lines: a menu of three screens, and what was asked
// of it.
type stubNetwork struct {
	mu     sync.Mutex
	shown  map[string]operator.Screen
	boxes  map[string][]operator.SMS
	away   map[string]bool
	faults operator.Faults
	events map[string][]trace.Event
	fails  error // of the next dial
}

func newStub() *stubNetwork {
	return &stubNetwork{shown: map[string]operator.Screen{}, boxes: map[string][]operator.SMS{}, away: map[string]bool{}, events: map[string][]trace.Event{}}
}

func (n *stubNetwork) show(number string, s operator.Screen) (operator.Screen, error) {
	s.Session, s.Elapsed = "s1", time.Millisecond
	n.shown[number] = s
	return s, nil
}

// Dial opens the menu.
func (n *stubNetwork) Dial(_ context.Context, number, code string) (operator.Screen, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.fails != nil:
		return operator.Screen{}, n.fails
	case code == "":
		return operator.Screen{}, operator.ErrInput
	case n.away[number]:
		return operator.Screen{}, operator.ErrNoSignal
	}
	return n.show(number, operator.Screen{Text: "M-Wallet\n1 Send money", Open: true})
}

// Press goes on in it.
func (n *stubNetwork) Press(_ context.Context, number, input string) (operator.Screen, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch s := n.shown[number]; {
	case !s.Open:
		return operator.Screen{}, operator.ErrNoSession
	case input == "1":
		return n.show(number, operator.Screen{Text: "Enter PIN", Open: true, Secret: true})
	}
	return n.show(number, operator.Screen{Text: "Done"})
}

// Hangup forgets it.
func (n *stubNetwork) Hangup(_ context.Context, number string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.shown, number)
	return nil
}

// Inbox is what was put there.
func (n *stubNetwork) Inbox(number string) []operator.SMS {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.boxes[number]
}

// Shown is the open screen.
func (n *stubNetwork) Shown(number string) operator.Screen {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.shown[number]
}

// Signal is as SetSignal left it.
func (n *stubNetwork) Signal(number string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !n.away[number]
}

// SetSignal knows subscriber numbers only.
func (n *stubNetwork) SetSignal(number string, on bool) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !strings.HasPrefix(number, "254") {
		return operator.ErrNumber
	}
	n.away[number] = !on
	return nil
}

// SetFaults remembers.
func (n *stubNetwork) SetFaults(f operator.Faults) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.faults = f
}

// SetFaultsFor remembers for good.
func (n *stubNetwork) SetFaultsFor(f operator.Faults, _ time.Duration) { n.SetFaults(f) }

// DropBinds has none.
func (n *stubNetwork) DropBinds() {}

// Units is a handset's.
func (n *stubNetwork) Units() (septets, ucs2 int) { return 182, 80 }

// Zone is Nairobi's.
func (n *stubNetwork) Zone() *time.Location { return time.FixedZone("EAT", 3*3600) }

// SMSTraceName is the network's own too.
func (n *stubNetwork) SMSTraceName(id string) string { return "sms/" + id }

// TraceName is the network's own.
func (n *stubNetwork) TraceName(number, session string) string {
	return trace.Session("test", number, session)
}

// Events are what was put there.
func (n *stubNetwork) Events(name string) []trace.Event {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.events[name]
}

// ask calls the server as a program on this machine does.
func ask(t *testing.T, h http.Handler, method, path, body string, edit ...func(*http.Request)) (int, string) {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "127.0.0.1:8090"
	for _, e := range edit {
		e(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}
