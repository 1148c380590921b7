package edge

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"mlango/internal/dialect"
	"mlango/smpp"
)

// doors serves two operators whose USSD centres bind to one address of ours.
func doors(t *testing.T, r *room) (addr string, e *Edge) {
	t.Helper()
	return doorsAs(t, r, func(*Door) {})
}

// doorsAs is doors, with their first account changed.
func doorsAs(t *testing.T, r *room, change func(*Door)) (addr string, e *Edge) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr = ln.Addr().String()
	over, err := dialect.OverSMPP("standard")
	if err != nil {
		t.Fatal(err)
	}
	door := Door{Listen: addr, SystemID: "ussdc", Password: "s3cret", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Binds: 2, Window: 10}
	change(&door)
	far := door
	far.SystemID, far.Allow = "far", []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}
	e = New(Config{Handler: r, ShortCodes: []string{"334"}, Deadline: 4 * time.Second, Operators: []Operator{
		{Name: "safari", SMPP: over, Doors: []Door{door}}, {Name: "other", SMPP: over, Doors: []Door{far}},
	}})
	if got := e.DoorAddrs(); len(got) != 1 || got[0] != addr {
		t.Fatalf("addresses %v", got)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- e.ServeSMPP(ctx, addr, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return addr, e
}

// ussdc is an operator's USSD centre that binds to us.
func ussdc(t *testing.T, addr, id, password string, mode smpp.Mode) (*smpp.Session, chan *smpp.Message, error) {
	t.Helper()
	screens := make(chan *smpp.Message, 16)
	s, err := smpp.Dial(t.Context(), smpp.Config{Addr: addr, SystemID: id, Password: password, Mode: mode,
		OnMessage: func(_ *smpp.Session, m *smpp.Message) smpp.Status { screens <- m; return smpp.StatusOK }})
	if err == nil {
		t.Cleanup(s.Abort)
	}
	return s, screens, err
}

func submit(t *testing.T, s *smpp.Session, m *smpp.Message) smpp.Status {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	resp, err := s.Submit(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	return resp.Status
}

func text(t *testing.T, screens chan *smpp.Message) string {
	t.Helper()
	select {
	case m := <-screens:
		if m.Kind != smpp.DeliverSM {
			t.Errorf("a screen came as kind %d", m.Kind)
		}
		return string(m.Text)
	case <-time.After(10 * time.Second):
		t.Fatal("no screen came")
		return ""
	}
}

// TestCentreBindsToUs: hops come as submit_sm, screens go as deliver_sm, on the
// same bind, or on another that takes them when that one is gone.
func TestCentreBindsToUs(t *testing.T) {
	r := &room{}
	addr, e := doors(t, r)
	first, screens, err := ussdc(t, addr, "ussdc", "s3cret", smpp.TRX)
	if err != nil {
		t.Fatal(err)
	}
	if st := submit(t, first, hop(1, 9, 0, "*334#")); st != smpp.StatusOK {
		t.Fatalf("submit_sm_resp %v", st)
	}
	if got := text(t, screens); got != "Menu " {
		t.Errorf("screen %q", got)
	}
	if err := e.Open(t.Context(), "safari", "254722000002", "*334#"); err != nil {
		t.Errorf("open: %v", err)
	}
	text(t, screens)
	sends, none, err := ussdc(t, addr, "ussdc", "s3cret", smpp.TX)
	if err != nil {
		t.Fatal(err)
	}
	if st := submit(t, sends, hop(18, 9, 1, "bye")); st != smpp.StatusOK {
		t.Fatalf("submit_sm_resp %v", st)
	}
	if got := text(t, screens); got != "Bye" || len(none) != 0 {
		t.Errorf("screen %q, and %d on a bind that only sends", got, len(none))
	}
	if n := e.Bound("safari"); n != 2 {
		t.Errorf("%d binds are up", n)
	}
	first.Abort()
	sends.Abort()
	for e.Bound("safari") > 0 {
		time.Sleep(time.Millisecond)
	}
	if h := r.seen()[0]; h.Operator != "safari" || h.Session != "09" {
		t.Errorf("hop %+v", h)
	}
}

// TestCentreThatMayNotBind: a wrong password, an account nobody gave, another's
// address, one bind too many.
func TestCentreThatMayNotBind(t *testing.T) {
	r := &room{}
	addr, e := doors(t, r)
	for _, c := range [][2]string{{"ussdc", "wrong"}, {"ussdc", ""}, {"nobody", "s3cret"}, {"nobody", ""}} {
		if _, _, err := ussdc(t, addr, c[0], c[1], smpp.TRX); err == nil {
			t.Errorf("%s bound with %q", c[0], c[1])
		}
	}
	if s, _, err := ussdc(t, addr, "far", "s3cret", smpp.TRX); err == nil {
		<-s.Done()
	}
	var up []*smpp.Session
	for range 2 {
		s, _, err := ussdc(t, addr, "ussdc", "s3cret", smpp.TRX)
		if err != nil {
			t.Fatal(err)
		}
		up = append(up, s)
	}
	var refused *smpp.BindError
	if _, _, err := ussdc(t, addr, "ussdc", "s3cret", smpp.TRX); !errors.As(err, &refused) || refused.Status != smpp.StatusBindFailed {
		t.Errorf("one bind too many: %v", err)
	}
	for _, s := range up {
		if st := submit(t, s, hop(18, 1, 1, "x")); st != smpp.StatusOK {
			t.Errorf("a good bind is answered %v", st)
		}
	}
	if e.Bound("other") != 0 || e.Bound("safari") != 2 {
		t.Errorf("%d and %d are bound", e.Bound("other"), e.Bound("safari"))
	}
}

// TestCentreGuesses: who guesses passwords is not heard any more, not even with the
// right one; the account binds on from elsewhere.
func TestCentreGuesses(t *testing.T) {
	addr, e := doorsAs(t, &room{}, func(d *Door) { d.Lockout = smpp.Lockout{Wrong: 2, For: time.Hour} })
	for range 2 {
		if _, _, err := ussdc(t, addr, "ussdc", "guess", smpp.TRX); err == nil {
			t.Fatal("a guess bound")
		}
	}
	if _, _, err := ussdc(t, addr, "ussdc", "s3cret", smpp.TRX); err == nil || e.Bound("safari") != 0 {
		t.Errorf("a locked out address bound: %v", err)
	}
}

// TestCentreKnocks: an address that only knocks is turned away unread after its share.
func TestCentreKnocks(t *testing.T) {
	addr, _ := doorsAs(t, &room{}, func(d *Door) { d.AddrPace = 1 })
	for range 64 {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	if _, _, err := ussdc(t, addr, "ussdc", "s3cret", smpp.TRX); err == nil {
		t.Error("it is heard all the same")
	}
}

// TestTermsAreReadAgain: what the file says of an account's window is good for its next
// bind, though its address stays open for another's.
func TestTermsAreReadAgain(t *testing.T) {
	addr, e := doors(t, &room{})
	l := &listener{e: e, addr: addr}
	changed := *e.operator("safari")
	changed.Doors = slices.Clone(changed.Doors)
	changed.Doors[0].Window, changed.Doors[0].EnquireLink = 3, time.Minute
	e.Replace([]Operator{changed, *e.operator("other")}, func(name string) bool { return name == "other" })
	if window, timers := l.terms("ussdc"); window != 3 || timers.EnquireLink != time.Minute {
		t.Errorf("%d, %+v", window, timers)
	}
	if window, _ := l.terms("far"); window != 10 {
		t.Errorf("the other account has a window of %d", window)
	}
}
