package binds

import (
	"context"
	"net"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mlango/smpp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "s3cret"

// smsc is an operator's end on a loopback port.
type smsc struct {
	*smpp.Server
	host string
	port int
}

func newSMSC(t *testing.T, port int, cfg smpp.ServerConfig) *smsc {
	t.Helper()
	if cfg.Auth == nil {
		cfg.Auth = func(_, password string) smpp.Status {
			if smpp.SameSecret(password, secret) {
				return smpp.StatusOK
			}
			return smpp.StatusInvPassword
		}
	}
	if cfg.OnMessage == nil {
		cfg.OnMessage = func(*smpp.Session, *smpp.Message) smpp.Status { return smpp.StatusOK }
	}
	ln, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		t.Fatal(err)
	}
	c := &smsc{Server: smpp.NewServer(cfg), host: "127.0.0.1", port: ln.Addr().(*net.TCPAddr).Port}
	go func() { _ = c.Serve(ln) }()
	t.Cleanup(func() { c.stop(t) })
	return c
}

func (c *smsc) stop(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := c.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
}

func (c *smsc) bind(set Set, change ...func(*Bind)) Bind {
	b := Bind{Set: set, Host: c.host, Port: c.port, SystemID: "house", Password: secret}
	for _, f := range change {
		f(&b)
	}
	return b
}

// run brings a pool with one operator, safari, up.
func run(t *testing.T, receive Receiver, binds ...Bind) *Pool {
	t.Helper()
	if receive == nil {
		receive = func(string, Set, string, *smpp.Message) smpp.Status { return smpp.StatusOK }
	}
	p, err := New(Config{Operators: []Operator{{Name: "safari", Binds: binds}}}, receive)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return p
}

// await polls a condition that another goroutine is about to make true.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 10_000 {
		if ok() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

func (p *Pool) ups() (n int) {
	for _, b := range p.State() {
		if b.Up {
			n++
		}
	}
	return n
}

func text(to, s string) *smpp.Message {
	m := &smpp.Message{Source: smpp.Address{Addr: "MLANGO"}, Dest: smpp.Address{TON: 1, NPI: 1, Addr: to}}
	m.DataCoding, m.Text = smpp.EncodeText(s)
	return m
}

func TestSendAndReceive(t *testing.T) {
	got := make(chan string, 10)
	c := newSMSC(t, 0, smpp.ServerConfig{OnMessage: func(_ *smpp.Session, m *smpp.Message) smpp.Status {
		got <- string(m.Text)
		return smpp.StatusOK
	}})
	in := make(chan string, 10)
	p := run(t, func(operator string, set Set, bind string, m *smpp.Message) smpp.Status {
		in <- operator + " " + string(set) + " " + bind + " " + string(m.Text)
		return smpp.StatusOK
	}, c.bind(SetBoth))
	await(t, "bound", func() bool { return p.ups() == 1 })
	for prio, set := range map[Priority]Set{USSD: SetUSSD, SMS: SetSMS} {
		r, err := p.Send(t.Context(), "safari", set, "", prio, text("254722000001", string(set)))
		if err != nil || r.Status != smpp.StatusOK || r.MessageID == "" {
			t.Fatal(r, err)
		}
		if s := <-got; s != string(set) {
			t.Errorf("%q", s)
		}
	}
	m := text("334", "*334#")
	m.TLVs = []smpp.TLV{{Tag: smpp.TagUSSDServiceOp, Value: []byte{1}}}
	if r, err := c.Sessions()[0].Deliver(t.Context(), m); err != nil || r.Status != smpp.StatusOK {
		t.Fatal(r, err)
	}
	if s := <-in; s != "safari ussd both-1.1 *334#" {
		t.Errorf("%q", s)
	}
	if _, err := p.Send(t.Context(), "nobody", SetSMS, "", SMS, m); err != ErrNoBind {
		t.Error(err)
	}
	s := p.State()[0]
	if s.Sent != 2 || s.Received != 1 || s.InFlight != 0 || !s.Up {
		t.Errorf("%+v", s)
	}
}
