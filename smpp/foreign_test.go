package smpp

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	foreign "github.com/fiorix/go-smpp/smpp"
	"github.com/fiorix/go-smpp/smpp/pdu"
	"github.com/fiorix/go-smpp/smpp/pdu/pdufield"
	"github.com/fiorix/go-smpp/smpp/pdu/pdutext"
	"github.com/fiorix/go-smpp/smpp/smpptest"
)

// TestForeignESME lets go-smpp's Transceiver bind to our server: both ways, text
// intact, no message eaten although both number from one.
func TestForeignESME(t *testing.T) {
	got := make(chan *Message, 100)
	v, addr := listen(t, ServerConfig{OnMessage: func(_ *Session, m *Message) Status { got <- m; return StatusOK }})
	heard := make(chan string, 100)
	tr := &foreign.Transceiver{
		Addr: addr, User: "house", Passwd: secret,
		Handler: func(p pdu.Body) {
			if p.Header().ID == pdu.DeliverSMID {
				heard <- p.Fields()[pdufield.ShortMessage].String()
			}
		},
	}
	if st := <-tr.Bind(); st.Status() != foreign.Connected {
		t.Fatal(st.Error())
	}
	defer tr.Close()
	for i := range 20 {
		want := fmt.Sprintf("SMS {%d} €", i)
		sm, err := tr.Submit(&foreign.ShortMessage{Src: "334", Dst: "254722000001", Text: pdutext.GSM7(want)})
		if err != nil {
			t.Fatal(err)
		}
		m := <-got
		if text := DecodeText(m.DataCoding, m.Text); text != want || sm.RespID() != m.MessageID {
			t.Errorf("%q arrived as %q, id %q as %q", want, text, m.MessageID, sm.RespID())
		}
		r, err := v.Sessions()[0].Deliver(t.Context(), sms(want[:5]))
		if err != nil || r.Status != StatusOK {
			t.Fatal(r, err)
		}
		select {
		case text := <-heard:
			if _, b := EncodeText(want[:5]); text != string(b) {
				t.Errorf("heard %q", text)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("the foreign ESME acknowledged a deliver_sm and lost it")
		}
	}
}

// TestForeignSMSC binds our client to go-smpp's test server, which answers a
// bind with a number of its own: ours is in time a truthful refusal.
func TestForeignSMSC(t *testing.T) {
	v := smpptest.NewUnstartedServer()
	v.Handler = func(c smpptest.Conn, p pdu.Body) {
		if p.Header().ID != pdu.SubmitSMID {
			return
		}
		r := pdu.NewSubmitSMResp()
		r.Header().Seq = p.Header().Seq
		_ = r.Fields().Set(pdufield.MessageID, p.Fields()[pdufield.ShortMessage].String())
		_ = c.Write(r)
	}
	v.Start()
	defer v.Close()
	conn, err := net.Dial("tcp", v.Addr())
	if err != nil {
		t.Fatal(err)
	}
	s, err := Bind(t.Context(), renumbered{conn}, Config{SystemID: smpptest.DefaultUser, Password: smpptest.DefaultPasswd})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Abort()
	for i := range 20 {
		want := fmt.Sprint("id", i)
		if r, err := s.Submit(t.Context(), sms(want)); err != nil || r.MessageID != want {
			t.Fatal(r, err)
		}
	}
}

// renumbered gives a bind response the number of the bind: smpptest counts its
// own through the whole process.
type renumbered struct{ net.Conn }

func (r renumbered) Read(b []byte) (int, error) {
	n, err := r.Conn.Read(b)
	if n >= headerLen && parseHeader(b).id == pdu.BindTransceiverRespID {
		copy(b[12:16], []byte{0, 0, 0, 1})
	}
	return n, err
}

// TestForeignSMSCUntouched binds to smpptest as it is: in a process of its own its
// answer to the first bind has the bind's number, so nothing stands between.
func TestForeignSMSCUntouched(t *testing.T) {
	if os.Getenv(aloneEnv) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestForeignSMSCUntouched$", "-test.v")
		cmd.Env = append(os.Environ(), aloneEnv+"=1")
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "heard from a foreign SMSC") {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	v := foreignSMSC(t, "house", func(c smpptest.Conn) {
		p := pdu.NewDeliverSM()
		f := p.Fields()
		f[pdufield.UDHLength], f[pdufield.GSMUserData] = &pdufield.SM{}, &pdufield.SM{} // else it writes an octet too many
		_ = f.Set(pdufield.SourceAddr, "254722000001")
		_ = f.Set(pdufield.DestinationAddr, "334")
		_ = f.Set(pdufield.ShortMessage, []byte("*334#"))
		_ = c.Write(p)
	})
	heard := make(chan *Message, 20)
	s := dial(t, v.Addr(), func(c *Config) {
		c.OnMessage = func(_ *Session, m *Message) Status { heard <- m; return StatusOK }
	})
	for range 20 {
		if r, err := s.Submit(t.Context(), sms("hello")); err != nil || r.MessageID != "a1b2c3d4e5" {
			t.Fatal(r, err)
		}
	}
	if m := <-heard; string(m.Text) != "*334#" || m.Source.Addr != "254722000001" || m.Dest.Addr != "334" {
		t.Errorf("%+v", m)
	}
	t.Log("heard from a foreign SMSC")
}

// aloneEnv tells the test's own process from the one it starts.
const aloneEnv = "SMPP_TEST_ALONE"
