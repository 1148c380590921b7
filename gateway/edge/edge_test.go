package edge

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mlango/gateway/binds"
	"mlango/gateway/dialog"
	"mlango/internal/dialect"
	"mlango/internal/trace"
	"mlango/smpp"
)

// room is a dialogue that answers by what was typed.
type room struct {
	mu   sync.Mutex
	hops []dialog.Hop
	wait chan struct{} // "wait" answers when it is closed
	ends []string      // what became of each reply
}

// Shown notes a reply's end.
func (r *room) Shown(reply dialog.Reply, shown bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ends = append(r.ends, fmt.Sprintf("%.8s %v", reply.Text, shown))
}

// ended waits for the ends of n replies.
func (r *room) ended(t *testing.T, n int) string {
	t.Helper()
	for {
		r.mu.Lock()
		got := slices.Clone(r.ends)
		r.mu.Unlock()
		if len(got) >= n {
			return strings.Join(got, ", ")
		}
		select {
		case <-t.Context().Done():
			t.Fatal("no end came")
		case <-time.After(time.Millisecond):
		}
	}
}

func (r *room) Handle(ctx context.Context, h dialog.Hop) dialog.Reply {
	r.mu.Lock()
	r.hops = append(r.hops, h)
	r.mu.Unlock()
	word := h.Text[strings.LastIndex(h.Text, "*")+1:]
	if h.Op == dialog.Begin && strings.ContainsAny(h.Code, "bl") {
		word = strings.Trim(h.Code, "*#345") // for dials that tests make up
	}
	switch {
	case word == "again":
		return dialog.Reply{Text: "Menu", Repeated: true}
	case h.Op == dialog.Abort:
		return dialog.Reply{Silent: true}
	case word == "wait":
		<-r.wait
		return dialog.Reply{Text: "waited", End: true}
	case word == "pin":
		return dialog.Reply{Text: "Enter PIN", Secret: true}
	case word == "bye":
		return dialog.Reply{Text: "Bye", End: true}
	case word == "long":
		return dialog.Reply{Text: strings.Repeat("x", 183)}
	case word == "amharic":
		return dialog.Reply{Text: "ሰላም"}
	case word == "longucs2":
		return dialog.Reply{Text: strings.Repeat("ሰ", 81)}
	}
	return dialog.Reply{Text: "Menu " + word}
}

func (r *room) seen() []dialog.Hop {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]dialog.Hop(nil), r.hops...)
}

// link is a Sender over one real bind.
type link struct {
	mu      sync.Mutex
	session *smpp.Session
	binds   []string
	fail    []error // answered first, one a call
}

func (l *link) Send(ctx context.Context, _ string, _ binds.Set, bind string, _ binds.Priority, m *smpp.Message) (binds.Response, error) {
	l.mu.Lock()
	l.binds = append(l.binds, bind)
	if len(l.fail) > 0 {
		err := l.fail[0]
		l.fail = l.fail[1:]
		l.mu.Unlock()
		return binds.Response{}, err
	}
	l.mu.Unlock()
	resp, err := l.session.Submit(ctx, m)
	return binds.Response{Status: resp.Status, MessageID: resp.MessageID}, err
}

// farCentre is the operator's end: a real SMPP server with a real bind of ours.
type farCentre struct {
	t       *testing.T
	far     *smpp.Session
	link    *link
	screens chan *smpp.Message
	status  chan smpp.Status // for the next submit_sm; OK when empty
}

func (c *farCentre) deliver(m *smpp.Message) smpp.Status {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 5*time.Second)
	defer cancel()
	m.Kind = smpp.DeliverSM
	resp, err := c.far.Deliver(ctx, m)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp.Status
}

func (c *farCentre) screen() *smpp.Message {
	c.t.Helper()
	select {
	case m := <-c.screens:
		return m
	case <-time.After(10 * time.Second):
		c.t.Fatal("no screen came")
		return nil
	}
}

func newCentre(t *testing.T, cfg Config) (*farCentre, *Edge) {
	t.Helper()
	c := &farCentre{t: t, link: &link{}, screens: make(chan *smpp.Message, 64), status: make(chan smpp.Status, 8)}
	bound := make(chan *smpp.Session, 1)
	server := smpp.NewServer(smpp.ServerConfig{
		SystemID: "ussdc", Auth: func(_, _ string) smpp.Status { return smpp.StatusOK },
		OnBind: func(s *smpp.Session) { bound <- s },
		OnMessage: func(_ *smpp.Session, m *smpp.Message) smpp.Status {
			select {
			case st := <-c.status:
				return st
			default:
				c.screens <- m
				return smpp.StatusOK
			}
		},
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(ln)
	cfg.Sender = c.link
	e := New(cfg)
	c.link.session, err = smpp.Dial(t.Context(), smpp.Config{Addr: ln.Addr().String(), SystemID: "mlango",
		Tap: func(s *smpp.Session, in bool, pdu []byte) { cfg.Wire.PDU("safari", "safari/1", true, s, in, pdu) },
		OnMessage: func(_ *smpp.Session, m *smpp.Message) smpp.Status {
			return e.Receive("safari", binds.SetUSSD, "safari/1", m)
		}})
	if err != nil {
		t.Fatal(err)
	}
	c.far = <-bound
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		_ = server.Close(ctx)
		c.link.session.Abort()
	})
	return c, e
}

func config(t *testing.T, r *room) Config {
	t.Helper()
	over, err := dialect.OverSMPP("standard")
	if err != nil {
		t.Fatal(err)
	}
	web, err := dialect.OverHTTP("africastalking")
	if err != nil {
		t.Fatal(err)
	}
	return Config{
		Handler: r, ShortCodes: []string{"334", "555*7"}, Deadline: 4 * time.Second, Trace: trace.New(),
		Operators: []Operator{
			{Name: "safari", SMPP: over}, {Name: "at", HTTP: web},
			{Name: "far", HTTP: web, Allow: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}},
		},
	}
}

func hop(op, session, unit byte, text string) *smpp.Message {
	return &smpp.Message{
		ServiceType: "USSD", Source: smpp.Address{TON: 1, NPI: 1, Addr: "254722000001"}, Dest: smpp.Address{TON: 0, NPI: 1, Addr: "334"},
		Text: []byte(text), TLVs: []smpp.TLV{{Tag: smpp.TagUSSDServiceOp, Value: []byte{op}}, {Tag: smpp.TagITSSessionInfo, Value: []byte{session, unit << 1}}},
	}
}

func tlv(t *testing.T, m *smpp.Message, tag smpp.Tag) string {
	t.Helper()
	v, _ := m.TLV(tag)
	return string(v)
}

func TestSMPPDialogue(t *testing.T) {
	r := &room{}
	c, e := newCentre(t, config(t, r))
	for _, step := range []struct {
		in         *smpp.Message
		text       string
		op, info   string
		secret     bool
		dataCoding uint8
	}{
		{hop(1, 9, 0, "*334#"), "Menu ", "\x02", "\x09\x00", false, 0},
		{hop(18, 9, 1, "pin"), "Enter PIN", "\x02", "\x09\x02", true, 0},
		{hop(18, 9, 2, "amharic"), "ሰላም", "\x02", "\x09\x04", false, 8},
		{hop(18, 9, 3, "long"), TextLate, "\x11", "\x09\x07", false, 0},
		{hop(18, 9, 4, "longucs2"), TextLate, "\x11", "\x09\x09", false, 0},
		{hop(18, 9, 5, "bye"), "Bye", "\x11", "\x09\x0b", false, 0},
		{hop(1, 10, 0, "*999#"), TextUnknownCode, "\x11", "\x0a\x01", false, 0},
		{hop(1, 11, 0, "*555*7*1#"), "Menu ", "\x02", "\x0b\x00", false, 0},
		{hop(1, 12, 0, "*3345#"), TextUnknownCode, "\x11", "\x0c\x01", false, 0},
	} {
		if st := c.deliver(step.in); st != smpp.StatusOK {
			t.Fatalf("%q: deliver_sm_resp %v", step.in.Text, st)
		}
		m := c.screen()
		if got := smpp.DecodeText(m.DataCoding, m.Text); got != step.text || m.DataCoding != step.dataCoding {
			t.Errorf("%q: screen %q in coding %d", step.in.Text, got, m.DataCoding)
		}
		if tlv(t, m, smpp.TagUSSDServiceOp) != step.op || tlv(t, m, smpp.TagITSSessionInfo) != step.info {
			t.Errorf("%q: op %x info %x", step.in.Text, tlv(t, m, smpp.TagUSSDServiceOp), tlv(t, m, smpp.TagITSSessionInfo))
		}
		if (tlv(t, m, smpp.TagITSReplyType) == "\x03") != step.secret {
			t.Errorf("%q: its_reply_type %x", step.in.Text, tlv(t, m, smpp.TagITSReplyType))
		}
		if m.Source != step.in.Dest || m.Dest != step.in.Source || m.ServiceType != "USSD" || m.RegisteredDelivery != 0 {
			t.Errorf("%q: envelope %+v", step.in.Text, m)
		}
	}
	if err := e.Drain(t.Context()); err != nil {
		t.Error(err)
	}
	if st := c.deliver(hop(1, 20, 0, "*334#")); st != smpp.StatusThrottled {
		t.Errorf("a begin while draining: %v", st)
	}
}

func TestSMPPEchoesCodingAndServiceType(t *testing.T) {
	c, _ := newCentre(t, config(t, &room{}))
	in := hop(1, 1, 0, "")
	in.ServiceType, in.DataCoding, in.Text = "CMT", 72, []byte("\x00*\x003\x003\x004\x00#")
	c.deliver(in)
	if m := c.screen(); m.ServiceType != "CMT" || m.DataCoding != 0 {
		t.Errorf("envelope %+v", m)
	}
	in = hop(18, 1, 1, "")
	in.DataCoding, in.Text = 15, []byte("1")
	c.deliver(in)
	if m := c.screen(); m.DataCoding != 15 {
		t.Errorf("coding %d", m.DataCoding)
	}
}

func TestSMPPAbortIsSilent(t *testing.T) {
	r := &room{}
	c, e := newCentre(t, config(t, r))
	c.deliver(hop(1, 1, 0, "*334#"))
	c.screen()
	for e.Running() > 0 { // the screen is out a moment before its hop is over
		runtime.Gosched()
	}
	c.deliver(hop(129, 1, 1, ""))
	if err := e.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	hops := r.seen()
	if len(hops) != 2 || hops[1].Op != dialog.Abort || len(c.screens) != 0 {
		t.Errorf("hops %+v, %d screens", hops, len(c.screens))
	}
}

// TestSMPPHostile sends what no operator should; after each the good session on
// the same bind goes on.
func TestSMPPHostile(t *testing.T) {
	change := func(f func(m *smpp.Message)) *smpp.Message {
		m := hop(1, 200, 0, "*334#")
		f(m)
		return m
	}
	for _, c := range []struct {
		name string
		m    *smpp.Message
		want smpp.Status
	}{
		{"no session info", change(func(m *smpp.Message) { m.TLVs = m.TLVs[:1] }), smpp.StatusMissingTLV},
		{"no op, no receipt", change(func(m *smpp.Message) { m.TLVs = m.TLVs[1:] }), smpp.StatusPermAppError},
		{"long op", change(func(m *smpp.Message) { m.TLVs[0].Value = []byte{1, 1} }), smpp.StatusInvTLVLen},
		{"empty op", change(func(m *smpp.Message) { m.TLVs[0].Value = nil }), smpp.StatusInvTLVLen},
		{"long session info", change(func(m *smpp.Message) { m.TLVs[1].Value = make([]byte, 300) }), smpp.StatusInvTLVLen},
		{"unknown op", change(func(m *smpp.Message) { m.TLVs[0].Value = []byte{35} }), smpp.StatusInvTLVValue},
		{"our own op", change(func(m *smpp.Message) { m.TLVs[0].Value = []byte{17} }), smpp.StatusInvTLVValue},
		{"begin that ends", change(func(m *smpp.Message) { m.TLVs[1].Value = []byte{1, 1} }), smpp.StatusInvTLVValue},
		{"no number", change(func(m *smpp.Message) { m.Source.Addr = "" }), smpp.StatusInvSrcAddr},
		{"a name for a number", change(func(m *smpp.Message) { m.Source.Addr = "BANK" }), smpp.StatusInvSrcAddr},
		{"no code", change(func(m *smpp.Message) { m.Text, m.Dest.Addr = nil, "BANK" }), smpp.StatusInvDstAddr},
		{"unknown coding", change(func(m *smpp.Message) { m.DataCoding = 245 }), smpp.StatusInvTLVValue},
		{"a letter", change(func(m *smpp.Message) { m.TLVs, m.Text = nil, []byte("hello") }), smpp.StatusPermAppError},
		{"a receipt", change(func(m *smpp.Message) { m.TLVs, m.ESMClass, m.Text = nil, 4, []byte("id:1 stat:DELIVRD") }), smpp.StatusOK},
		{"half a character", change(func(m *smpp.Message) { m.DataCoding, m.Text, m.Dest.Addr = 8, []byte{0, '*', 0}, "BANK" }), smpp.StatusInvDstAddr},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &room{}
			good, _ := newCentre(t, config(t, r))
			good.deliver(hop(1, 1, 0, "*334#"))
			good.screen()
			if got := good.deliver(c.m); got != c.want {
				t.Errorf("deliver_sm_resp %v, want %v", got, c.want)
			}
			good.deliver(hop(18, 1, 1, "bye"))
			if m := good.screen(); string(m.Text) != "Bye" {
				t.Errorf("the good session ended with %q", m.Text)
			}
			if n := len(r.seen()); n != 2 {
				t.Errorf("%d hops reached the dialogue", n)
			}
		})
	}
}

func TestSMPPOrderAndRoom(t *testing.T) {
	r := &room{wait: make(chan struct{})}
	cfg := config(t, r)
	cfg.Deadline = time.Minute
	c, e := newCentre(t, cfg)
	e.lanes.begins = 2
	c.deliver(hop(1, 1, 0, "*334#"))
	c.screen()
	for e.Running() > 0 { // the screen is out a moment before its hop is over
		runtime.Gosched()
	}
	c.deliver(hop(18, 1, 1, "wait"))
	for i := range byte(maxQueued) {
		if st := c.deliver(hop(18, 1, 2+i, string('a'+rune(i)))); st != smpp.StatusOK {
			t.Fatalf("input %d: %v", i, st)
		}
	}
	if st := c.deliver(hop(18, 1, 99, "z")); st != smpp.StatusMsgQueueFull {
		t.Errorf("more than its queue: %v", st)
	}
	if st := c.deliver(hop(1, 2, 0, "*334#")); st != smpp.StatusThrottled {
		t.Errorf("a begin in a full house: %v", st)
	}
	if st := c.deliver(hop(18, 3, 1, "x")); st != smpp.StatusOK {
		t.Errorf("a running session in a full house: %v", st)
	}
	c.screen() // session 3
	close(r.wait)
	want := "waited"
	for i := range maxQueued + 1 {
		if m := c.screen(); string(m.Text) != want {
			t.Fatalf("screen %d is %q, want %q", i, m.Text, want)
		}
		want = "Menu " + string('a'+rune(i))
	}
}

func TestSMPPLate(t *testing.T) {
	r := &room{wait: make(chan struct{})}
	cfg := config(t, r)
	cfg.Deadline = 2 * time.Second // a small part of it is left to send
	c, _ := newCentre(t, cfg)
	c.deliver(hop(18, 1, 1, "wait"))
	if m := c.screen(); string(m.Text) != TextLate {
		t.Errorf("screen %q", m.Text)
	}
	close(r.wait)
	c.deliver(hop(18, 2, 1, "x"))
	if m := c.screen(); string(m.Text) != "Menu x" {
		t.Errorf("a second screen for the late hop: %q", m.Text)
	}
}

func TestSMPPSend(t *testing.T) {
	c, _ := newCentre(t, config(t, &room{}))
	c.link.fail = []error{binds.ErrNoBind}
	c.status <- smpp.StatusThrottled
	c.status <- smpp.StatusMsgQueueFull
	c.deliver(hop(1, 1, 0, "*334#"))
	c.screen()
	c.link.mu.Lock()
	got := strings.Join(c.link.binds, ",")
	c.link.mu.Unlock()
	if got != "safari/1,,," {
		t.Errorf("binds asked: %q", got)
	}
	seen := make(chan Seen, 1)
	cfg := config(t, &room{})
	cfg.Seen = func(s Seen) { seen <- s }
	d, _ := newCentre(t, cfg)
	d.link.fail = []error{binds.ErrUnknown}
	d.deliver(hop(1, 1, 0, "*334#"))
	if s := <-seen; s.Refused != RefusedSend {
		t.Errorf("seen %+v", s)
	}
}

func BenchmarkReceive(b *testing.B) {
	over, err := dialect.OverSMPP("standard")
	if err != nil {
		b.Fatal(err)
	}
	done := make(chan struct{}, 1)
	e := New(Config{Handler: &room{}, Sender: nowhere{}, ShortCodes: []string{"334"}, Deadline: 4 * time.Second,
		Operators: []Operator{{Name: "safari", SMPP: over}}, Seen: func(Seen) { done <- struct{}{} }})
	m := hop(18, 9, 1, "1")
	b.ReportAllocs()
	for b.Loop() {
		if e.Receive("safari", binds.SetUSSD, "safari/1", m) != smpp.StatusOK {
			b.Fatal("refused")
		}
		<-done
	}
}

type nowhere struct{}

func (nowhere) Send(context.Context, string, binds.Set, string, binds.Priority, *smpp.Message) (binds.Response, error) {
	return binds.Response{}, nil
}
