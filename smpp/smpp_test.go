package smpp

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"
)

const secret = "s3cret"

// listen starts a server on a free loopback port that lets `house` in.
func listen(tb testing.TB, cfg ServerConfig) (*Server, string) {
	tb.Helper()
	if cfg.Auth == nil {
		cfg.Auth = func(id, password string) Status {
			if !SameSecret(password, secret) {
				return StatusInvPassword
			}
			return StatusOK
		}
	}
	if cfg.OnMessage == nil {
		cfg.OnMessage = func(*Session, *Message) Status { return StatusOK }
	}
	if cfg.SystemID == "" {
		cfg.SystemID = "smsc"
	}
	ln, err := Listen("127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	v := NewServer(cfg)
	served := make(chan error, 1)
	go func() { served <- v.Serve(ln) }()
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := v.Close(ctx); err != nil {
			tb.Errorf("close: %v", err)
		}
		if err := <-served; err != nil {
			tb.Errorf("serve: %v", err)
		}
	})
	return v, ln.Addr().String()
}

func dial(tb testing.TB, addr string, change ...func(*Config)) *Session {
	tb.Helper()
	cfg := Config{Addr: addr, SystemID: "house", Password: secret}
	for _, f := range change {
		f(&cfg)
	}
	s, err := Dial(context.Background(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Abort)
	return s
}

func sms(text string) *Message {
	coding, b := EncodeText(text)
	return &Message{
		Kind:   SubmitSM,
		Source: Address{TON: 5, Addr: "MLANGO"}, Dest: Address{TON: 1, NPI: 1, Addr: "254722000001"},
		RegisteredDelivery: 1, DataCoding: coding, Text: b,
	}
}

func TestExchangeBothWays(t *testing.T) {
	got := make(chan *Message, 10)
	v, addr := listen(t, ServerConfig{OnMessage: func(_ *Session, m *Message) Status { got <- m; return StatusOK }})
	back := make(chan *Message, 10)
	s := dial(t, addr, func(c *Config) {
		c.OnMessage = func(_ *Session, m *Message) Status { back <- m; return StatusTempAppError }
	})
	if s.SystemID() != "smsc" || s.State() != StateBoundTRX {
		t.Fatalf("bound to %q in state %d", s.SystemID(), s.State())
	}
	r, err := s.Submit(t.Context(), sms("hello"))
	if err != nil || r.Status != StatusOK {
		t.Fatal(r, err)
	}
	if m := <-got; string(m.Text) != "hello" || m.MessageID != r.MessageID || r.MessageID == "" {
		t.Errorf("%q, ids %q and %q", m.Text, m.MessageID, r.MessageID)
	}
	ends := v.Sessions()
	if len(ends) != 1 || ends[0].SystemID() != "house" {
		t.Fatal(ends)
	}
	r, err = ends[0].Deliver(t.Context(), sms("*334#"))
	if err != nil || r.Status != StatusTempAppError {
		t.Fatal(r, err)
	}
	if m := <-back; m.Kind != DeliverSM || string(m.Text) != "*334#" {
		t.Error(m)
	}
	if err := s.Close(t.Context()); err != nil || s.Err() != nil || s.State() != StateClosed {
		t.Error(err, s.Err(), s.State())
	}
	if _, err := s.Submit(t.Context(), sms("late")); err != ErrClosed {
		t.Error(err)
	}
}

func TestManyAtOnce(t *testing.T) {
	_, addr := listen(t, ServerConfig{})
	s := dial(t, addr, func(c *Config) { c.Window = 50 })
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			for k := range 20 {
				if r, err := s.Submit(t.Context(), sms(fmt.Sprint(i, k))); err != nil || r.Status != StatusOK {
					t.Error(r, err)
				}
			}
		})
	}
	wg.Wait()
	if st := s.Stats(); st.InFlight != 0 || st.Unsolicited != 0 || st.Bad != 0 {
		t.Error(st)
	}
}
