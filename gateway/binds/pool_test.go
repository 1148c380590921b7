package binds

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"mlango/smpp"
)

// TestSMSIsNotOvertakenByItsNext: the second to a number waits, also while the
// first is throttled; USSD to the same number does not.
func TestSMSIsNotOvertakenByItsNext(t *testing.T) {
	got := make(chan string, 100)
	var refusals atomic.Int32
	c := newSMSC(t, 0, smpp.ServerConfig{OnMessage: func(_ *smpp.Session, m *smpp.Message) smpp.Status {
		got <- string(m.Text)
		switch {
		case string(m.Text) == "first" && refusals.Add(1) == 1:
			return smpp.StatusThrottled
		case string(m.Text) == "first" && refusals.Load() == 2:
			return smpp.StatusMsgQueueFull
		}
		return smpp.StatusOK
	}})
	p := run(t, nil, c.bind(SetBoth, func(b *Bind) { b.Binds = 2 }))
	await(t, "bound", func() bool { return p.ups() == 2 })
	done := make(chan error, 2)
	send := func(s string) {
		r, err := p.Send(t.Context(), "safari", SetSMS, "", SMS, text("254722000001", s))
		if err == nil && r.Status != smpp.StatusOK {
			err = r.Status
		}
		done <- err
	}
	go send("first")
	if s := <-got; s != "first" {
		t.Fatal(s)
	}
	go send("second")
	if _, err := p.Send(t.Context(), "safari", SetUSSD, "", USSD, text("254722000001", "screen")); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	close(got)
	var order []string
	for s := range got {
		if s != "screen" {
			order = append(order, s)
		}
	}
	if fmt.Sprint(order) != "[first first second]" {
		t.Error(order)
	}
	if n := p.State()[0].Throttled + p.State()[1].Throttled; n != 2 {
		t.Errorf("%d throttled answers are counted", n)
	}
}

func TestThrottledUSSDIsTheCallers(t *testing.T) {
	c := newSMSC(t, 0, smpp.ServerConfig{OnMessage: func(*smpp.Session, *smpp.Message) smpp.Status { return smpp.StatusThrottled }})
	p := run(t, nil, c.bind(SetUSSD))
	await(t, "bound", func() bool { return p.ups() == 1 })
	r, err := p.Send(t.Context(), "safari", SetUSSD, "", USSD, text("254722000001", "screen"))
	if err != nil || r.Status != smpp.StatusThrottled || p.State()[0].Sent != 1 {
		t.Error(r, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := p.Send(ctx, "safari", SetUSSD, "", SMS, text("254722000001", "sms")); !errors.Is(err, ErrQueueFull) {
		t.Errorf("an SMS that is throttled until its end: %v", err)
	}
}

// TestFailover: one of two SMSCs dies, the next message goes over the other; the
// first comes back and is bound again.
func TestFailover(t *testing.T) {
	a := newSMSC(t, 0, smpp.ServerConfig{})
	b := newSMSC(t, 0, smpp.ServerConfig{})
	p := run(t, nil, a.bind(SetSMS), b.bind(SetSMS))
	await(t, "bound", func() bool { return p.ups() == 2 })
	send := func(bind string) error {
		_, err := p.Send(t.Context(), "safari", SetSMS, bind, SMS, text("254722000001", "hello"))
		return err
	}
	if err := send("sms-2.1"); err != nil || p.State()[1].Sent != 1 {
		t.Errorf("the named bind was not used: %v %+v", err, p.State())
	}
	for _, s := range a.Sessions() {
		s.Abort()
	}
	a.stop(t)
	await(t, "the loss is seen", func() bool { return p.ups() == 1 })
	for range 20 {
		if err := send("sms-1.1"); err != nil {
			t.Error(err)
		}
	}
	if st := p.State()[0]; st.Up || st.Lost != 1 || st.LastError == "" {
		t.Errorf("%+v", st)
	}
	newSMSC(t, a.port, smpp.ServerConfig{})
	await(t, "bound again", func() bool { return p.ups() == 2 })
	if err := send("sms-1.1"); err != nil || p.State()[0].Sent == 0 {
		t.Errorf("%v %+v", err, p.State()[0])
	}
	if err := send("sms-9.9"); err != nil {
		t.Errorf("an unknown name is no reason to fail: %v", err)
	}
}

func TestNoBindIsSaidAtOnce(t *testing.T) {
	refuse := newSMSC(t, 0, smpp.ServerConfig{Auth: func(string, string) smpp.Status { return smpp.StatusInvPassword }})
	rx := newSMSC(t, 0, smpp.ServerConfig{})
	p := run(t, nil, refuse.bind(SetSMS), rx.bind(SetSMS, func(b *Bind) { b.Mode = "rx" }), rx.bind(SetUSSD))
	await(t, "bound and refused", func() bool { return p.ups() == 2 && p.State()[0].LastError != "" })
	if _, err := p.Send(t.Context(), "safari", SetSMS, "", SMS, text("254722000001", "hello")); err != ErrNoBind {
		t.Error(err)
	}
	if _, err := p.Send(t.Context(), "safari", SetUSSD, "", SMS, text("", "nobody")); !errors.Is(err, smpp.ErrBadMessage) {
		t.Error(err)
	}
}

// TestSentWithoutAnswerIsUnknown: a peer that reads and never answers.
func TestSentWithoutAnswerIsUnknown(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	read := make(chan struct{})
	go func() {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		b := make([]byte, 4096)
		_, _ = conn.Read(b) // the bind
		resp := append([]byte{0, 0, 0, 17, 0x80, 0, 0, 9, 0, 0, 0, 0}, b[12:16]...)
		_, _ = conn.Write(append(resp, 0))
		_, _ = conn.Read(b) // the submit_sm
		read <- struct{}{}
	}()
	c := &smsc{host: "127.0.0.1", port: ln.Addr().(*net.TCPAddr).Port}
	p := run(t, nil, c.bind(SetSMS))
	await(t, "bound", func() bool { return p.ups() == 1 })
	done := make(chan error, 1)
	go func() {
		_, err := p.Send(t.Context(), "safari", SetSMS, "", SMS, text("254722000001", "hello"))
		done <- err
	}()
	<-read
	if err := <-done; err != ErrUnknown {
		t.Error(err)
	}
	await(t, "counted", func() bool { return p.State()[0].Unknown == 1 })
}

// TestShutdownUnbinds lets the answers come in and says goodbye.
func TestShutdownUnbinds(t *testing.T) {
	closed := make(chan error, 2)
	c := newSMSC(t, 0, smpp.ServerConfig{OnClose: func(_ *smpp.Session, err error) { closed <- err }})
	p, err := New(Config{Operators: []Operator{{Name: "safari", Binds: []Bind{c.bind(SetBoth, func(b *Bind) { b.Binds = 2 })}}}},
		func(string, Set, string, *smpp.Message) smpp.Status { return smpp.StatusOK })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	await(t, "bound", func() bool { return p.ups() == 2 })
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := <-closed; err != nil {
			t.Errorf("the bind ended with %v, not with unbind", err)
		}
	}
	if _, err := p.Send(t.Context(), "safari", SetSMS, "", SMS, text("254722000001", "late")); err != ErrNoBind || p.ups() != 0 {
		t.Error(err)
	}
}

// TestReceivedInOrder: what an operator sends about one number arrives in order,
// and a receiver's status is the answer.
// TestNobodyToReceive: who only tries the binds does not take a subscriber's hop.
func TestNobodyToReceive(t *testing.T) {
	bound := make(chan *smpp.Session, 1)
	c := newSMSC(t, 0, smpp.ServerConfig{OnBind: func(s *smpp.Session) { bound <- s }})
	p, err := New(Config{Operators: []Operator{{Name: "safari", Binds: []Bind{c.bind(SetBoth)}}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	resp, err := (<-bound).Deliver(t.Context(), text("334", "*334#"))
	if err != nil || resp.Status != smpp.StatusTempAppError {
		t.Errorf("%v, %v", resp.Status, err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestReceivedInOrder(t *testing.T) {
	c := newSMSC(t, 0, smpp.ServerConfig{Window: 100})
	var seen []string
	p := run(t, func(_ string, _ Set, _ string, m *smpp.Message) smpp.Status {
		if string(m.Text) == "refuse" {
			return smpp.StatusThrottled
		}
		seen = append(seen, string(m.Text)) // one bind, one reader
		return smpp.StatusOK
	}, c.bind(SetUSSD))
	await(t, "bound", func() bool { return p.ups() == 1 && len(c.Sessions()) == 1 })
	s := c.Sessions()[0]
	for i := range 200 {
		if r, err := s.Deliver(t.Context(), text("334", fmt.Sprint(i))); err != nil || r.Status != smpp.StatusOK {
			t.Fatal(r, err)
		}
	}
	if r, err := s.Deliver(t.Context(), text("334", "refuse")); err != nil || r.Status != smpp.StatusThrottled {
		t.Error(r, err)
	}
	for i, got := range seen {
		if got != fmt.Sprint(i) {
			t.Fatalf("%d: %s", i, got)
		}
	}
}

func TestPausesGrowAndVary(t *testing.T) {
	for step, most := range []time.Duration{0: leastPause, 1: 2 * leastPause, 5: 16 * time.Second, 6: mostPause, 60: mostPause} {
		if most == 0 {
			continue
		}
		for range 100 {
			if d := pauseAfter(step); d < most/2 || d > most {
				t.Errorf("step %d: %v", step, d)
			}
		}
	}
}

// BenchmarkSend is one message through gate, order and session over loopback,
// both ends in this process, 100 senders to different numbers.
func BenchmarkSend(b *testing.B) {
	c := benchSMSC(b)
	for prio, name := range map[Priority]string{USSD: "ussd", SMS: "sms"} {
		b.Run(name, func(b *testing.B) {
			p, stop := benchPool(b, c)
			defer stop()
			var n atomic.Int64
			b.SetParallelism(50)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				m := text(fmt.Sprintf("2547%08d", n.Add(1)), "1. Send money\n2. Airtime\n3. Balance")
				for pb.Next() {
					if _, err := p.Send(b.Context(), "safari", SetSMS, "", prio, m); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

func benchSMSC(b *testing.B) *smsc {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	c := &smsc{host: "127.0.0.1", port: ln.Addr().(*net.TCPAddr).Port, Server: smpp.NewServer(smpp.ServerConfig{
		Auth:      func(string, string) smpp.Status { return smpp.StatusOK },
		OnMessage: func(*smpp.Session, *smpp.Message) smpp.Status { return smpp.StatusOK },
	})}
	go func() { _ = c.Serve(ln) }()
	b.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

func benchPool(b *testing.B, c *smsc) (p *Pool, stop func()) {
	p, err := New(Config{Operators: []Operator{{Name: "safari", Binds: []Bind{c.bind(SetSMS, func(b *Bind) { b.Window = 100 })}}}},
		func(string, Set, string, *smpp.Message) smpp.Status { return smpp.StatusOK })
	if err != nil {
		b.Fatal(err)
	}
	return p, runPool(p, 1)
}

// runPool returns when so many binds are up.
func runPool(p *Pool, ups int) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	for p.ups() < ups {
		time.Sleep(time.Millisecond)
	}
	return func() { cancel(); <-ended }
}
