package binds

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mlango/smpp"
)

// mute is an SMSC that binds and then says nothing: neither answers nor goodbye.
func mute(t testing.TB) *smsc {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var conns []net.Conn
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			go func() {
				b := make([]byte, 4096)
				_, _ = conn.Read(b) // the bind
				_, _ = conn.Write(append(append([]byte{0, 0, 0, 17, 0x80, 0, 0, 9, 0, 0, 0, 0}, b[12:16]...), 0))
				for {
					if _, err := conn.Read(b); err != nil {
						return
					}
				}
			}()
		}
	}()
	t.Cleanup(func() {
		ln.Close()
		mu.Lock()
		defer mu.Unlock()
		for _, c := range conns {
			c.Close()
		}
	})
	return &smsc{host: "127.0.0.1", port: ln.Addr().(*net.TCPAddr).Port}
}

// TestMuteBindStopsNobody: what waits for a bind that does not answer goes
// elsewhere, and so does whatever comes after.
func TestMuteBindStopsNobody(t *testing.T) {
	dumb, good := mute(t), newSMSC(t, 0, smpp.ServerConfig{})
	p := run(t, nil, dumb.bind(SetSMS, func(b *Bind) { b.Window = 2 }), good.bind(SetSMS, func(b *Bind) { b.Window = 2 }))
	await(t, "bound", func() bool { return p.ups() == 2 })
	var told, unknown atomic.Int32
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			switch r, err := p.Send(t.Context(), "safari", SetSMS, "", SMS, text(fmt.Sprintf("2547220000%02d", i), "hello")); {
			case err == nil && r.Bind == "sms-2.1":
				told.Add(1)
			case errors.Is(err, ErrUnknown):
				unknown.Add(1)
			default:
				t.Errorf("%+v %v", r, err)
			}
		})
	}
	await(t, "all but those that the mute one has", func() bool { return told.Load() >= 38 })
	await(t, "the mute one is known", func() bool { return p.State()[0].Stalled })
	if st := p.State()[0]; st.InFlight > 2 || st.WaitingSMS != 0 {
		t.Errorf("%+v", st)
	}
	for _, l := range p.table.Load().links {
		l.current().(*smpp.Session).Abort() // or they would wait for the response timer
	}
	all.Wait()
	if told.Load()+unknown.Load() != 40 || unknown.Load() > 2 {
		t.Errorf("%d told, %d unknown", told.Load(), unknown.Load())
	}
}

// TestStandby sends nothing while another of its set does.
func TestStandby(t *testing.T) {
	a, b := newSMSC(t, 0, smpp.ServerConfig{}), newSMSC(t, 0, smpp.ServerConfig{})
	p := run(t, nil, a.bind(SetSMS, func(b *Bind) { b.Standby = true }), b.bind(SetSMS))
	await(t, "bound", func() bool { return p.ups() == 2 })
	send := func() string {
		r, err := p.Send(t.Context(), "safari", SetSMS, "", SMS, text("254722000001", "hello"))
		if err != nil {
			t.Error(err)
		}
		return r.Bind
	}
	for range 20 {
		if by := send(); by != "sms-2.1" {
			t.Errorf("by %s", by)
		}
	}
	b.stop(t)
	await(t, "the loss is seen", func() bool { return p.ups() == 1 })
	if by := send(); by != "sms-1.1" {
		t.Errorf("by %s", by)
	}
}

// TestShared: two binds that answer share the load, also when there is little. The SMSC
// takes its time: of binds that answer at once, one that is not served for a moment by
// rights gets nothing meanwhile.
func TestShared(t *testing.T) {
	c := newSMSC(t, 0, smpp.ServerConfig{OnMessage: func(*smpp.Session, *smpp.Message) smpp.Status {
		time.Sleep(2 * time.Millisecond)
		return smpp.StatusOK
	}})
	p := run(t, nil, c.bind(SetSMS, func(b *Bind) { b.Binds = 2; b.Window = 5 }))
	await(t, "bound", func() bool { return p.ups() == 2 })
	by := map[string]int{}
	for range 10 {
		r, err := p.Send(t.Context(), "safari", SetSMS, "", SMS, text("254722000001", "hello"))
		if err != nil {
			t.Fatal(err)
		}
		by[r.Bind]++
	}
	if by["sms-1.1"] != 5 || by["sms-1.2"] != 5 {
		t.Errorf("one after the other by %v", by)
	}
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			if _, err := p.Send(t.Context(), "safari", SetSMS, "", SMS, text(fmt.Sprintf("254722000%03d", i), "hello")); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, st := range p.State() {
		if st.Sent < 50 || st.RoundTrip <= 0 || st.Breaker != "closed" || st.Phase != Bound {
			t.Errorf("%+v", st)
		}
	}
}

// TestTransmitterAndReceiver: what comes in by a receiver is answered by its
// transmitter, also when it is asked for by name.
func TestTransmitterAndReceiver(t *testing.T) {
	c := newSMSC(t, 0, smpp.ServerConfig{})
	in := make(chan string, 1)
	p := run(t, func(_ string, _ Set, bind string, _ *smpp.Message) smpp.Status {
		in <- bind
		return smpp.StatusOK
	}, c.bind(SetUSSD, func(b *Bind) { b.Mode = "rx" }), c.bind(SetUSSD, func(b *Bind) { b.Mode = "tx" }))
	await(t, "bound", func() bool { return p.ups() == 2 && len(c.Sessions()) == 2 })
	for _, s := range c.Sessions() {
		if s.Mode() == smpp.RX {
			if _, err := s.Deliver(t.Context(), text("334", "*334#")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if r, err := p.Send(t.Context(), "safari", SetUSSD, <-in, USSD, text("254722000001", "menu")); err != nil || r.Bind != "ussd-2.1" {
		t.Errorf("%+v %v", r, err)
	}
}

// TestBreaker: a bind that refuses everything is left alone a while, then tried
// with one; statuses that are the message's own fault do not count.
func TestBreaker(t *testing.T) {
	var sick atomic.Bool
	var asked atomic.Int32
	c := newSMSC(t, 0, smpp.ServerConfig{OnMessage: func(*smpp.Session, *smpp.Message) smpp.Status {
		asked.Add(1)
		if sick.Load() {
			return smpp.StatusSysErr
		}
		return smpp.StatusInvDstAddr
	}})
	p := run(t, nil, c.bind(SetSMS))
	await(t, "bound", func() bool { return p.ups() == 1 })
	send := func() (smpp.Status, error) {
		r, err := p.Send(t.Context(), "safari", SetSMS, "", SMS, text("254722000001", "hello"))
		return r.Status, err
	}
	for range 3 * tripLeast {
		if status, err := send(); status != smpp.StatusInvDstAddr || err != nil {
			t.Fatal(status, err)
		}
	}
	sick.Store(true)
	for range tripAfter {
		if status, err := send(); status != smpp.StatusSysErr || err != nil {
			t.Fatal(status, err)
		}
	}
	before := asked.Load()
	if _, err := send(); err != ErrNoBind || asked.Load() != before || p.State()[0].Breaker != "open" || p.State()[0].Refused[smpp.StatusSysErr] != tripAfter {
		t.Errorf("%v, %+v", err, p.State()[0])
	}
	sick.Store(false)
	await(t, "it is tried again", func() bool { _, err := send(); return err == nil })
	if p.State()[0].Breaker != "closed" {
		t.Errorf("%+v", p.State()[0])
	}
}

// BenchmarkFailover is from the death of one of two SMSCs under load to the first
// SMS that its senders brought over the other: one that cuts its links, one that
// only falls silent.
func BenchmarkFailover(b *testing.B) {
	b.Run("cut", func(b *testing.B) {
		for range b.N {
			first := benchSMSC(b)
			failover(b, first, func() {
				for _, s := range first.Sessions() {
					s.Abort()
				}
			})
		}
	})
	b.Run("silent", func(b *testing.B) {
		for range b.N {
			failover(b, mute(b), func() {})
		}
	})
}

func failover(b *testing.B, first *smsc, die func()) {
	second := benchSMSC(b)
	p, err := New(Config{Operators: []Operator{{Name: "safari", Binds: []Bind{first.bind(SetSMS), second.bind(SetSMS, func(b *Bind) { b.Standby = true })}}}}, nil)
	if err != nil {
		b.Fatal(err)
	}
	stop := runPool(p, 2)
	var died atomic.Int64
	over, done := make(chan time.Duration, 1), make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	var senders sync.WaitGroup
	for i := range 20 {
		senders.Go(func() {
			for ctx.Err() == nil {
				r, err := p.Send(ctx, "safari", SetSMS, "", SMS, text(fmt.Sprintf("2547220000%02d", i), "hello"))
				if at := died.Load(); err == nil && at != 0 && r.Bind == "sms-2.1" {
					select {
					case over <- time.Duration(time.Now().UnixNano() - at):
					case <-done:
					}
				}
			}
		})
	}
	time.Sleep(20 * time.Millisecond)
	died.Store(time.Now().UnixNano())
	die()
	b.ReportMetric(float64((<-over).Microseconds())/1000, "ms-to-the-next-SMS")
	cancel()
	close(done)
	senders.Wait()
	stop()
}

// TestEndedDialoguesOpenNoBreaker: a USSD centre refuses screens of subscribers who
// hung up, as often as they do; the bind is none the worse.
func TestEndedDialoguesOpenNoBreaker(t *testing.T) {
	c := newSMSC(t, 0, smpp.ServerConfig{OnMessage: func(_ *smpp.Session, m *smpp.Message) smpp.Status {
		if string(m.Text) == "late" {
			return smpp.StatusSysErr
		}
		return smpp.StatusOK
	}})
	p := run(t, nil, c.bind(SetBoth))
	await(t, "bound", func() bool { return p.ups() == 1 })
	for range 3 * tripLeast {
		if r, err := p.Send(t.Context(), "safari", SetUSSD, "", USSD, text("254722000001", "late")); err != nil || r.Status != smpp.StatusSysErr {
			t.Fatal(r, err)
		}
	}
	for range tripAfter {
		if r, err := p.Send(t.Context(), "safari", SetSMS, "", SMS, text("254722000001", "late")); err != nil || r.Status != smpp.StatusSysErr {
			t.Fatal(r, err)
		}
	}
	if _, err := p.Send(t.Context(), "safari", SetSMS, "", SMS, text("254722000001", "sms")); err != ErrNoBind || p.State()[0].Breaker != "open" {
		t.Errorf("SMS: %v %+v", err, p.State()[0])
	}
	if r, err := p.Send(t.Context(), "safari", SetUSSD, "", USSD, text("254722000001", "menu")); err != nil || r.Status != smpp.StatusOK {
		t.Errorf("a sick SMSC took screens with it: %+v %v", r, err)
	}
}
