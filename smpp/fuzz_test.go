package smpp

import (
	"bytes"
	"net"
	"testing"
	"time"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// octets is a connection that reads from memory.
type octets struct {
	net.Conn
	r *bytes.Reader
}

func (o octets) Read(b []byte) (int, error)    { return o.r.Read(b) }
func (octets) SetReadDeadline(time.Time) error { return nil }

func FuzzFrames(f *testing.F) {
	f.Add(appendBare(nil, header{id: pdu.EnquireLinkID, seq: 1}))
	f.Add(append(appendMessage(nil, 1, sms("hello")), lying(3)...))
	f.Fuzz(func(t *testing.T, src []byte) {
		in := newFrames(octets{r: bytes.NewReader(src)}, time.Second)
		rest := src
		for {
			frame, err := in.next()
			if err != nil {
				return
			}
			if !bytes.Equal(frame, rest[:len(frame)]) {
				t.Fatal("a frame is not what was sent")
			}
			rest = rest[len(frame):]
			if len(in.buf) > maxPDU {
				t.Fatalf("the buffer has %d octets", len(in.buf))
			}
		}
	})
}

// fuzzMessage: what can be read is written and read again as the same.
func fuzzMessage(f *testing.F, kind Kind) {
	m := sms("hello")
	m.Kind, m.TLVs = kind, []TLV{{TagITSSessionInfo, []byte{1, 2}}}
	if kind == DataSM {
		m.Text = nil
	}
	f.Add(appendMessage(nil, 1, m)[headerLen:])
	for _, c := range hostileCases() {
		if len(c.send) < 999 {
			f.Add(c.send[headerLen:])
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := DecodeMessage(commandOf(kind), body)
		if err != nil {
			if StatusOf(err) == StatusOK || m != nil {
				t.Fatal("an error without a status")
			}
			return
		}
		if len(body) > maxPDU/2 {
			return
		}
		if err := m.check(); err != nil {
			t.Fatalf("read but not sendable: %v", err)
		}
		back, err := DecodeMessage(commandOf(kind), appendMessage(nil, 1, m)[headerLen:])
		if err != nil || !equalMessages(m, back) {
			t.Fatalf("%+v became %+v: %v", m, back, err)
		}
		DecodeText(m.DataCoding, m.Content())
		ParseReceipt(m)
	})
}

func FuzzSubmitSM(f *testing.F)  { fuzzMessage(f, SubmitSM) }
func FuzzDeliverSM(f *testing.F) { fuzzMessage(f, DeliverSM) }
func FuzzDataSM(f *testing.F)    { fuzzMessage(f, DataSM) }

func FuzzBind(f *testing.F) {
	f.Add(appendBind(nil, TRX, 1, &bindPDU{systemID: "house", password: secret, version: 0x34})[headerLen:])
	f.Fuzz(func(t *testing.T, body []byte) {
		b, err := decodeBind(body)
		if err != nil {
			return
		}
		if err := b.check(); err != nil {
			t.Fatal(err)
		}
		back, err := decodeBind(appendBind(nil, TX, 1, &b)[headerLen:])
		if err != nil || back != b {
			t.Fatalf("%+v became %+v: %v", b, back, err)
		}
	})
}

func FuzzText(f *testing.F) {
	f.Add("Ksh5,000.00 sent to JANE W 0722***002 €", uint8(0), []byte("\x05\x00\x03\x01\x02\x01hello"))
	f.Add("ȺȺȺtext:", CodingUCS2, []byte("\x02\x3a\x02\x3a\x02\x3a\x00t\x00e\x00x\x00t\x00:"))
	f.Add("long header", uint8('Y'), append([]byte{0xff}, make([]byte, 300)...)) // esm_class 0x59: a header of 255 octets
	f.Fuzz(func(t *testing.T, s string, coding uint8, b []byte) {
		c, enc := EncodeText(s)
		if got := DecodeText(c, enc); got != string([]rune(s)) {
			t.Fatalf("%q became %q", s, got)
		}
		DecodeText(coding, b)
		m := sms("")
		m.ESMClass, m.DataCoding, m.Text = coding, coding, b
		NewJoiner(1, time.Second).Add(time.Time{}, m)
		ParseReceipt(m)
	})
}
