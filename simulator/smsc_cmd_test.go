package main

import (
	"bytes"
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	foreign "github.com/fiorix/go-smpp/smpp"
	foreignpdu "github.com/fiorix/go-smpp/smpp/pdu"
	"github.com/fiorix/go-smpp/smpp/pdu/pdufield"
	"github.com/fiorix/go-smpp/smpp/pdu/pdutext"

	"mlango/internal/dialect"
	"mlango/simulator/operator"
	"mlango/smpp"
)

// printed is an output that tests read while it is written.
type printed struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.Write(b)
}

func (p *printed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.String()
}

// anSMSC runs until the test ends.
func anSMSC(t *testing.T, c smscCmd) (s *smsc, at string, out *printed) {
	t.Helper()
	out = &printed{}
	c.Listen = "127.0.0.1:0"
	if c.DLR == "" {
		c.DLR = "DELIVRD:100"
	}
	if c.Code == "" {
		c.Code = "334"
	}
	c.MSISDN = []string{payerNumber}
	s, err := c.build(&world{out: out, err: out})
	if err != nil {
		t.Fatal(err)
	}
	if at, _, err = c.open(s); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = s.op.Close(ctx)
		s.forget()
	})
	return s, at, out
}

// TestSMSCForAForeignESME binds go-smpp's transceiver: it sends, gets its receipt with
// the share's word, and reads what a subscriber writes. No number is printed whole.
func TestSMSCForAForeignESME(t *testing.T) {
	s, at, out := anSMSC(t, smscCmd{DLR: "EXPIRED/027:100"})
	heard := make(chan string, 10)
	tr := &foreign.Transceiver{Addr: at, User: "anybody", Passwd: "any", Handler: func(p foreignpdu.Body) {
		if p.Header().ID == foreignpdu.DeliverSMID {
			heard <- p.Fields()[pdufield.ShortMessage].String()
		}
	}}
	if st := <-tr.Bind(); st.Status() != foreign.Connected {
		t.Fatal(st.Error())
	}
	defer tr.Close()
	sm, err := tr.Submit(&foreign.ShortMessage{Src: "334", Dst: payerNumber, Text: pdutext.GSM7("habari"), Register: pdufield.FinalDeliveryReceipt})
	if err != nil {
		t.Fatal(err)
	}
	if got := next(t, heard); !strings.HasPrefix(got, "id:"+sm.RespID()+" ") || !strings.Contains(got, "stat:EXPIRED err:027") {
		t.Errorf("the receipt of %s says %q", sm.RespID(), got)
	}
	if err := s.op.Write(t.Context(), payerNumber, "334", moText(0)); err != nil {
		t.Fatal(err)
	}
	if got := next(t, heard); got != moText(0) {
		t.Errorf("the subscriber wrote %q", got)
	}
	if n := len(s.op.Inbox(payerNumber)); n != 0 {
		t.Errorf("an expired SMS arrived, %d in the inbox", n)
	}
	await(out, "EXPIRED ESME_ROK")
	if log := out.String(); strings.Contains(log, payerNumber) || strings.Contains(log, "habari") {
		t.Errorf("it printed\n%s", log)
	}
}

// await waits until something is printed; the test's own time limit ends it.
func await(out *printed, want string) {
	for !strings.Contains(out.String(), want) {
		time.Sleep(time.Millisecond)
	}
}

func next(t *testing.T, heard <-chan string) string {
	t.Helper()
	select {
	case s := <-heard:
		return s
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		return ""
	}
}

// TestSMSCByModes: a transmitter's receipts come on its account's receiver, and not on
// another's; above the throttle it hears so.
func TestSMSCByModes(t *testing.T) {
	_, at, _ := anSMSC(t, smscCmd{Throttle: 3})
	heard := map[string]chan string{"one": make(chan string, 10), "two": make(chan string, 10)}
	bind := func(id string, mode smpp.Mode) *smpp.Session {
		s, err := smpp.Dial(t.Context(), smpp.Config{Addr: at, SystemID: id, Mode: mode, OnMessage: func(_ *smpp.Session, m *smpp.Message) smpp.Status {
			r, _ := smpp.ParseReceipt(m)
			heard[id] <- r.ID + r.Stat
			return smpp.StatusOK
		}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Abort)
		return s
	}
	tx := bind("one", smpp.TX)
	bind("two", smpp.RX)
	bind("one", smpp.RX)
	throttled := 0
	for range 20 {
		m := &smpp.Message{Kind: smpp.SubmitSM, Source: smpp.Address{Addr: "334"}, Dest: smpp.Address{TON: 1, NPI: 1, Addr: payerNumber}, Text: []byte("hi"), RegisteredDelivery: 1}
		resp, err := tx.Submit(t.Context(), m)
		switch {
		case err != nil:
			t.Fatal(err)
		case resp.Status == smpp.StatusThrottled:
			throttled++
		case next(t, heard["one"]) != resp.MessageID+"DELIVRD":
			t.Error("another receipt came")
		}
	}
	if throttled == 0 || len(heard["two"]) > 0 {
		t.Errorf("%d of 20 throttled, %d receipts for another account", throttled, len(heard["two"]))
	}
}

// TestSMSCAsUSSDCentre: a handset dials to the ESME that is bound, in its dialect.
func TestSMSCAsUSSDCentre(t *testing.T) {
	s, at, out := anSMSC(t, smscCmd{Dialect: "tata", Code: "*384#"})
	if _, err := s.op.Dial(t.Context(), payerNumber, "*384#"); err == nil {
		t.Fatal("with nobody bound somebody answered")
	}
	d, err := dialect.OverSMPP("tata")
	if err != nil {
		t.Fatal(err)
	}
	e, err := smpp.Dial(t.Context(), smpp.Config{Addr: at, SystemID: "menu", OnMessage: func(esme *smpp.Session, m *smpp.Message) smpp.Status {
		in := dialect.Message{ServiceType: m.ServiceType, Source: m.Source.Addr, Dest: m.Dest.Addr, Text: smpp.DecodeText(m.DataCoding, m.Text)}
		for _, v := range m.TLVs {
			in.TLVs = append(in.TLVs, dialect.TLV{Tag: uint16(v.Tag), Value: v.Value})
		}
		h, err := d.DecodeHop(in)
		if err != nil {
			return smpp.StatusSysErr
		}
		out, _ := d.EncodeReply(h, "384", dialect.Reply{Text: "You said " + h.Text, End: h.Op == dialect.Input})
		reply := &smpp.Message{Kind: smpp.SubmitSM, ServiceType: out.ServiceType, Source: smpp.Address{Addr: out.Source}, Dest: smpp.Address{TON: 1, NPI: 1, Addr: out.Dest}}
		reply.DataCoding, reply.Text = smpp.EncodeText(out.Text)
		for _, v := range out.TLVs {
			reply.TLVs = append(reply.TLVs, smpp.TLV{Tag: smpp.Tag(v.Tag), Value: v.Value})
		}
		go func() { _, _ = esme.Submit(context.Background(), reply) }()
		return smpp.StatusOK
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Abort()
	await(out, operator.EventBind)
	if _, err := s.op.Dial(t.Context(), payerNumber, "*384#"); err != nil {
		t.Fatal(err)
	}
	screen, err := s.op.Press(t.Context(), payerNumber, "12345")
	if err != nil || screen.Text != "You said 12345" || screen.Open {
		t.Errorf("%+v %v", screen, err)
	}
	if strings.Contains(out.String(), "12345") {
		t.Errorf("what was typed is printed:\n%s", out)
	}
}

// TestSMSCKeepsItsDoor: on the network only with a password and addresses; a wrong one
// is refused.
func TestSMSCKeepsItsDoor(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("right\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, at, out := anSMSC(t, smscCmd{User: []string{"menu"}, PasswordFile: file})
	for id, password := range map[string]string{"menu": "wrong", "other": "right"} {
		if s, err := smpp.Dial(t.Context(), smpp.Config{Addr: at, SystemID: id, Password: password}); err == nil {
			s.Abort()
			t.Errorf("%s with %s is bound", id, password)
		}
	}
	s, err := smpp.Dial(t.Context(), smpp.Config{Addr: at, SystemID: "menu", Password: "right"})
	if err != nil {
		t.Fatal(err)
	}
	s.Abort()
	if !strings.Contains(out.String(), operator.EventRefused) {
		t.Errorf("it printed\n%s", out)
	}
	open := smscCmd{Listen: "0.0.0.0:2775", DLR: "DELIVRD:1", Code: "334", MSISDN: []string{payerNumber}, User: []string{"menu"}, PasswordFile: file}
	if _, err := open.build(&world{}); err == nil || !strings.Contains(err.Error(), "--allow") {
		t.Errorf("on the network without --allow: %v", err)
	}
	open.Allow = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	if s, err := open.build(&world{}); err != nil {
		t.Error(err)
	} else {
		_ = s.op.Close(t.Context())
	}
}

// TestSMSCRefuses says what is wrong with a flag.
func TestSMSCRefuses(t *testing.T) {
	for args, want := range map[string]string{
		"--dlr DELIVRD":          "write it as",
		"--dlr ENROUTE:5":        "ends no SMS",
		"--dlr UNDELIV/1:5":      "three digits",
		"--delay 2h":             "--delay",
		"--mo -1":                "--mo",
		"--throttle -1":          "--throttle",
		"--dialect morse":        "standard",
		"--code mary":            "digits and stars",
		"--http 0.0.0.0:8090":    "this machine only",
		"--user me":              "go together",
		"--msisdn 12":            "--msisdn",
		"--listen 2775":          "write it as",
		"--password-file /none":  "go together",
		"--listen 10.0.0.1:2775": "--allow",
	} {
		out := &printed{}
		w := &world{in: strings.NewReader(""), out: out, err: out, env: func(string) string { return "" }}
		if code := run(context.Background(), w, append([]string{"smsc"}, strings.Fields(args)...), func(int) {}); code != 2 || !strings.Contains(out.String(), want) {
			t.Errorf("%s: exit %d, %s", args, code, out)
		}
	}
}
