package smpp

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/fiorix/go-smpp/smpp/pdu"
	"github.com/fiorix/go-smpp/smpp/pdu/pdufield"
	"pgregory.net/rapid"
)

// anyMessage draws whatever check lets through.
func anyMessage(t *rapid.T) *Message {
	text := func(name string, most int) string {
		return rapid.StringMatching(`[ -~]*`).Filter(func(s string) bool { return len(s) <= most }).Draw(t, name)
	}
	octet := func(name string) uint8 { return rapid.Uint8().Draw(t, name) }
	m := &Message{
		Kind:        Kind(rapid.IntRange(1, 3).Draw(t, "kind")),
		ServiceType: text("service", mostServiceType),
		Source:      Address{octet("ton"), octet("npi"), text("source", mostAddress)},
		Dest:        Address{octet("ton"), octet("npi"), "2" + text("dest", mostAddress-1)},
		ESMClass:    octet("esm"), RegisteredDelivery: octet("registered"), DataCoding: octet("coding"),
	}
	if m.Kind != DataSM {
		m.ProtocolID, m.Priority, m.Replace, m.DefaultMsgID = octet("pid"), octet("prio"), octet("replace"), octet("default")
		m.ScheduleTime, m.ValidityPeriod = text("schedule", mostTime), text("validity", mostTime)
		m.Text = rapid.SliceOfN(rapid.Byte(), 1, maxText).Draw(t, "text")
	}
	for range rapid.IntRange(0, 6).Draw(t, "tlvs") {
		m.TLVs = append(m.TLVs, TLV{Tag(rapid.Uint16().Draw(t, "tag")), rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "value")})
	}
	return m
}

func equalMessages(a, b *Message) bool {
	x, y := *a, *b
	x.TLVs, y.TLVs, x.Text, y.Text = nil, nil, nil, nil
	same := reflect.DeepEqual(x, y) && bytes.Equal(a.Text, b.Text) && len(a.TLVs) == len(b.TLVs)
	for i := 0; same && i < len(a.TLVs); i++ {
		same = a.TLVs[i].Tag == b.TLVs[i].Tag && bytes.Equal(a.TLVs[i].Value, b.TLVs[i].Value)
	}
	return same
}

func TestMessagesReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := anyMessage(t)
		if err := m.check(); err != nil {
			t.Fatal(err)
		}
		frame := appendMessage(nil, 7, m)
		back, err := DecodeMessage(commandOf(m.Kind), frame[headerLen:])
		if err != nil || !equalMessages(m, back) {
			t.Fatalf("%+v became %+v: %v", m, back, err)
		}
		clear(frame) // a decoded message owns its bytes
		if !equalMessages(m, back) {
			t.Fatal("the message lies over the frame")
		}
	})
}

// TestEveryCutIsNoticed cuts a PDU at every octet: only where the optional
// parameters begin is what is left a PDU.
func TestEveryCutIsNoticed(t *testing.T) {
	for kind := SubmitSM; kind <= DataSM; kind++ {
		m := sms("hello")
		m.Kind = kind
		if kind == DataSM {
			m.Text = nil
		}
		bare := len(appendMessage(nil, 1, m))
		m.TLVs = []TLV{{TagUSSDServiceOp, []byte{2}}}
		frame := appendMessage(nil, 1, m)
		for cut := headerLen; cut < len(frame); cut++ {
			_, err := DecodeMessage(commandOf(kind), frame[headerLen:cut])
			if (err == nil) != (cut == bare) {
				t.Errorf("kind %d cut at %d of %d: %v", kind, cut, len(frame), err)
			}
		}
	}
}

func TestBadMessagesHaveTheirOwnStatus(t *testing.T) {
	const addrs = "\x00" + "\x01\x01254700000001\x00" + "\x00\x01334\x00"
	for name, c := range map[string]struct {
		body string
		want Status
	}{
		"empty":                {"", StatusInvCmdLen},
		"long service_type":    {"ABCDEF\x00", StatusInvServiceType},
		"long source":          {"\x00\x01\x01" + strings.Repeat("1", 21) + "\x00", StatusInvSrcAddr},
		"long destination":     {"\x00\x01\x01254\x00\x01\x01" + strings.Repeat("1", 21) + "\x00", StatusInvDstAddr},
		"no destination":       {"\x00\x01\x01254\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", StatusInvDstAddr},
		"address without end":  {"\x00\x01\x01254", StatusInvCmdLen},
		"long schedule":        {addrs + "\x00\x00\x00" + strings.Repeat("1", 17) + "\x00", StatusInvSchedule},
		"long validity":        {addrs + "\x00\x00\x00\x00" + strings.Repeat("1", 17) + "\x00", StatusInvValidity},
		"cut before sm_length": {addrs + "\x00\x00\x00\x00\x00\x00\x00\x00\x00", StatusInvCmdLen},
		"lying sm_length":      {addrs + "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05abc", StatusInvMsgLen},
		"sm_length 255":        {addrs + "\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff" + strings.Repeat("a", 255), StatusInvMsgLen},
		"cut TLV":              {addrs + "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01a\x05\x01\x00", StatusInvTLVStream},
		"lying TLV":            {addrs + "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01a\x05\x01\xff\xff\x01", StatusInvTLVStream},
		"65 TLVs":              {addrs + "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01a" + strings.Repeat("\x14\x00\x00\x00", 65), StatusInvTLVStream},
	} {
		m, err := DecodeMessage(pdu.SubmitSMID, []byte(c.body))
		var bad *badPDU
		if m != nil || !errors.As(err, &bad) || StatusOf(err) != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestUnsendableMessagesAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(*Message){
		"no destination":  func(m *Message) { m.Dest.Addr = "" },
		"long address":    func(m *Message) { m.Dest.Addr = strings.Repeat("1", 21) },
		"NUL in address":  func(m *Message) { m.Source.Addr = "a\x00b" },
		"long text":       func(m *Message) { m.Text = make([]byte, 255) },
		"long service":    func(m *Message) { m.ServiceType = "123456" },
		"text in data_sm": func(m *Message) { m.Kind = DataSM },
		"no kind":         func(m *Message) { m.Kind = 9 },
		"many TLVs":       func(m *Message) { m.TLVs = make([]TLV, 65) },
		"huge TLV":        func(m *Message) { m.TLVs = []TLV{{TagMessagePayload, make([]byte, 65535)}} },
	} {
		m := sms("hello")
		spoil(m)
		if err := m.check(); !errors.Is(err, ErrBadMessage) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestGoSMPPReadsWhatWeWrite asks a foreign decoder about submit_sm, and about
// deliver_sm with the text and addresses that matter to USSD.
func TestGoSMPPReadsWhatWeWrite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := anyMessage(t)
		if m.Kind = SubmitSM; len(m.Text) == 0 {
			m.Text = []byte("x")
		}
		m.ESMClass &^= esmUDH // it reads user data headers its own way
		frame := appendMessage(nil, 9, m)
		if len(frame) > pdu.MaxSize {
			return
		}
		body, err := pdu.Decode(bytes.NewReader(frame))
		if err != nil {
			t.Fatal(err)
		}
		f := body.Fields()
		for name, want := range map[pdufield.Name]string{
			pdufield.ServiceType: m.ServiceType, pdufield.SourceAddr: m.Source.Addr, pdufield.DestinationAddr: m.Dest.Addr,
			pdufield.ScheduleDeliveryTime: m.ScheduleTime, pdufield.ValidityPeriod: m.ValidityPeriod,
		} {
			if got := f[name].String(); got != want {
				t.Fatalf("%s: %q, want %q", name, got, want)
			}
		}
		if !bytes.Equal(f[pdufield.ShortMessage].Bytes(), m.Text) || body.Header().Seq != 9 {
			t.Fatalf("text %q, want %q", f[pdufield.ShortMessage].Bytes(), m.Text)
		}
		tlvs := body.TLVFields()
		for _, v := range m.TLVs {
			if tlvs[v.Tag] == nil {
				t.Fatalf("tag %#x is lost", v.Tag)
			}
		}
	})
}

func TestWeReadWhatGoSMPPWrites(t *testing.T) {
	p := pdu.NewSubmitSM(nil)
	f := p.Fields()
	_ = f.Set(pdufield.SourceAddr, "334")
	_ = f.Set(pdufield.DestinationAddr, "254722000001")
	_ = f.Set(pdufield.ShortMessage, []byte("Confirmed"))
	_ = f.Set(pdufield.RegisteredDelivery, 1)
	var b bytes.Buffer
	if err := p.SerializeTo(&b); err != nil {
		t.Fatal(err)
	}
	m, err := DecodeMessage(pdu.SubmitSMID, b.Bytes()[headerLen:])
	if err != nil || m.Source.Addr != "334" || m.Dest.Addr != "254722000001" || string(m.Text) != "Confirmed" || m.RegisteredDelivery != 1 {
		t.Errorf("%+v: %v", m, err)
	}
}

func TestResponsesAreReadWhateverTheirBody(t *testing.T) {
	for name, c := range map[string]struct {
		h    header
		body string
		want Response
	}{
		"good":           {header{id: pdu.SubmitSMRespID}, "abc\x00", Response{MessageID: "abc"}},
		"no body":        {header{id: pdu.SubmitSMRespID}, "", Response{}},
		"refused, bare":  {header{id: pdu.SubmitSMRespID, status: StatusThrottled}, "", Response{Status: StatusThrottled}},
		"refused, TLVs":  {header{id: pdu.SubmitSMRespID, status: StatusSysErr}, "\x00\x00\x1d\x00\x01x", Response{Status: StatusSysErr}},
		"no NUL":         {header{id: pdu.SubmitSMRespID}, "abc", Response{MessageID: "abc"}},
		"endless id":     {header{id: pdu.SubmitSMRespID}, strings.Repeat("a", 999), Response{MessageID: strings.Repeat("a", 64)}},
		"nack":           {header{id: pdu.GenericNACKID, status: StatusInvCmdID}, "", Response{Status: StatusInvCmdID}},
		"nack that's OK": {header{id: pdu.GenericNACKID}, "", Response{Status: StatusUnknownErr}},
	} {
		if got := parseResponse(c.h, []byte(c.body)); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// TestDecodeTakesOneAllocation: a screen, a receipt's worth, the longest short_message.
func TestDecodeTakesOneAllocation(t *testing.T) {
	for _, n := range []int{0, 70, 100, 160, maxText} {
		m := benchMessage()
		m.Text = make([]byte, n)
		m.ScheduleTime, m.ValidityPeriod = "261122091400000+", "000000010000000R"
		body := appendMessage(nil, 1, m)[headerLen:]
		if got := testing.AllocsPerRun(100, func() { _, _ = DecodeMessage(pdu.SubmitSMID, body) }); got != 1 {
			t.Errorf("%d octets of text take %v allocations", n, got)
		}
	}
}
