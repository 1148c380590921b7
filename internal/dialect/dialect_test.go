package dialect

import (
	"errors"
	"strings"
	"testing"
)

func standard(t testing.TB) *SMPP {
	t.Helper()
	d, err := OverSMPP("standard")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestFilesHold(t *testing.T) {
	for _, name := range Names("smpp") {
		if d, err := OverSMPP(name); err != nil || d.Name != name {
			t.Errorf("smpp/%s: %v", name, err)
		}
	}
	for _, name := range Names("http") {
		if d, err := OverHTTP(name); err != nil || d.Name != name {
			t.Errorf("http/%s: %v", name, err)
		}
	}
	if _, err := OverSMPP("../http/africastalking"); !errors.Is(err, ErrUnknown) {
		t.Errorf("got %v", err)
	}
}

const tagSessionInfo uint16 = 0x1383

func info(op byte, session, unit byte) []TLV {
	return []TLV{{TagServiceOp, []byte{op}}, {tagSessionInfo, []byte{session, unit}}}
}

func TestSMPPHop(t *testing.T) {
	const n = "254722000001"
	for _, c := range []struct {
		name string
		m    Message
		want Hop
		err  error
	}{
		{"begin", Message{Source: n, Dest: "334", Text: "*334#", TLVs: info(1, 0x1f, 0)},
			Hop{Op: Begin, Session: "1f", MSISDN: n, Code: "*334#"}, nil},
		{"begin, code in the address", Message{Source: "+" + n, Dest: "334", TLVs: info(1, 0, 0)},
			Hop{Op: Begin, Session: "00", MSISDN: n, Code: "*334#"}, nil},
		{"shortcut", Message{Source: n, Dest: "334", Text: "*334*1*0722000002*500#", TLVs: info(1, 2, 0)},
			Hop{Op: Begin, Session: "02", MSISDN: n, Code: "*334*1*0722000002*500#"}, nil},
		{"input", Message{Source: n, Dest: "334", Text: "1", TLVs: info(18, 2, 6)},
			Hop{Op: Input, Session: "02", MSISDN: n, Text: "1", Position: 3}, nil},
		{"empty input", Message{Source: n, Dest: "334", TLVs: info(18, 2, 254)},
			Hop{Op: Input, Session: "02", MSISDN: n, Position: 127}, nil},
		{"abort", Message{Source: n, TLVs: info(129, 2, 4)}, Hop{Op: Abort, Session: "02", MSISDN: n, Position: 2}, nil},
		{"input with the end bit", Message{Source: n, TLVs: info(18, 2, 5)}, Hop{Op: Abort, Session: "02", MSISDN: n, Position: 2}, nil},
		{"no op", Message{Source: n, Text: "*334#", TLVs: info(1, 2, 0)[1:]}, Hop{}, ErrMissing},
		{"no session", Message{Source: n, Text: "*334#", TLVs: info(1, 2, 0)[:1]}, Hop{}, ErrMissing},
		{"short session", Message{Source: n, Text: "*334#", TLVs: []TLV{{TagServiceOp, []byte{1}}, {tagSessionInfo, []byte{1}}}}, Hop{}, ErrLength},
		{"long op", Message{Source: n, Text: "*334#", TLVs: []TLV{{TagServiceOp, []byte{1, 1}}, {tagSessionInfo, []byte{1, 0}}}}, Hop{}, ErrLength},
		{"unknown op", Message{Source: n, Text: "1", TLVs: info(35, 2, 2)}, Hop{}, ErrValue},
		{"begin with the end bit", Message{Source: n, Text: "*334#", TLVs: info(1, 2, 1)}, Hop{}, ErrValue},
		{"our own op", Message{Source: n, Text: "1", TLVs: info(2, 2, 2)}, Hop{}, ErrValue},
		{"no number", Message{Text: "*334#", TLVs: info(1, 2, 0)}, Hop{}, ErrMSISDN},
		{"letters for a number", Message{Source: "MPESA", Text: "*334#", TLVs: info(1, 2, 0)}, Hop{}, ErrMSISDN},
		{"a long number", Message{Source: strings.Repeat("2", 16), Text: "*334#", TLVs: info(1, 2, 0)}, Hop{}, ErrMSISDN},
		{"no code", Message{Source: n, Text: "hello", TLVs: info(1, 2, 0)}, Hop{}, ErrCode},
		{"long input", Message{Source: n, Text: strings.Repeat("1", 255), TLVs: info(18, 2, 2)}, Hop{}, ErrLength},
	} {
		got, err := standard(t).DecodeHop(c.m)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %+v, %v; want %+v, %v", c.name, got, err, c.want, c.err)
		}
	}
}

func TestSMPPReply(t *testing.T) {
	d := standard(t)
	h := Hop{Op: Input, Session: "1f", MSISDN: "254722000001", Position: 130}
	for _, r := range []Reply{{Text: "M-Wallet"}, {Text: "Enter PIN", Secret: true}, {Text: "Done", End: true}} {
		m, err := d.EncodeReply(h, "334", r)
		if err != nil {
			t.Fatal(err)
		}
		if m.ServiceType != "USSD" || m.Source != "334" || m.Dest != h.MSISDN {
			t.Errorf("addresses of %+v", m)
		}
		gotHop, got, err := d.DecodeReply(m)
		if err != nil || got != r || gotHop.Position != 2 || gotHop.Session != "1f" || gotHop.MSISDN != h.MSISDN {
			t.Errorf("%+v came back as %+v %+v, %v", r, gotHop, got, err)
		}
	}
	if _, err := d.EncodeReply(Hop{Session: "1g"}, "334", Reply{}); !errors.Is(err, ErrValue) {
		t.Errorf("a foreign session key: %v", err)
	}
	for name, tlvs := range map[string][]TLV{"end without its bit": info(17, 1, 2), "bit without end": info(2, 1, 3), "an input": info(18, 1, 2)} {
		if _, _, err := d.DecodeReply(Message{Dest: h.MSISDN, TLVs: tlvs}); !errors.Is(err, ErrValue) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCoding(t *testing.T) {
	d := standard(t)
	for _, c := range []struct {
		coding uint8
		text   string
		want   uint8
		err    error
	}{
		{0, "*334#", GSM, nil}, {15, "1", GSM, nil}, {8, "\x00*", UCS2, nil}, {72, "\x00*", UCS2, nil},
		{0, "\x00*\x003\x00#", UCS2, nil}, {0, "\x00\x00", GSM, nil}, {0, "", GSM, nil}, {245, "x", 0, ErrValue},
	} {
		if got, err := d.Charset(c.coding, []byte(c.text)); got != c.want || !errors.Is(err, c.err) {
			t.Errorf("Charset(%d, %q) = %d, %v", c.coding, c.text, got, err)
		}
	}
	for _, c := range [][4]uint8{{GSM, 0, 0, GSM}, {GSM, 15, 15, GSM}, {GSM, 72, 0, GSM}, {UCS2, 72, 72, UCS2}, {UCS2, 0, 8, UCS2}} {
		if got, as := d.DataCoding(c[0], c[1]); got != c[2] || as != c[3] {
			t.Errorf("DataCoding(%d, %d) = %d, %d, want %d, %d", c[0], c[1], got, as, c[2], c[3])
		}
	}
}

// TestPackedCoding: packed text is asked for by its data_coding, or by the dialect
// that has no other.
func TestPackedCoding(t *testing.T) {
	d := standard(t)
	d.Coding.Packed = []uint8{68, 69}
	for _, c := range [][4]uint8{{GSM, 69, 69, Packed}, {GSM, 15, 15, GSM}, {GSM, 8, 0, GSM}, {UCS2, 68, 8, UCS2}} {
		if got, as := d.DataCoding(c[0], c[1]); got != c[2] || as != c[3] {
			t.Errorf("DataCoding(%d, %d) = %d, %d, want %d, %d", c[0], c[1], got, as, c[2], c[3])
		}
	}
	if got, err := d.Charset(68, []byte{0xAA, 0xD9}); got != Packed || err != nil {
		t.Errorf("68 is %d, %v", got, err)
	}
	d.Coding.GSM = nil
	if got, as := d.DataCoding(GSM, 8); got != 68 || as != Packed {
		t.Errorf("without gsm: %d, %d", got, as)
	}
}

func FuzzSMPP(f *testing.F) {
	f.Add("254722000001", "334", "*334#", []byte{1}, []byte{0x1f, 0})
	f.Add("+254722000001", "334", "1", []byte{18}, []byte{0, 255})
	d := standard(f)
	f.Fuzz(func(t *testing.T, source, dest, text string, op, session []byte) {
		m := Message{Source: source, Dest: dest, Text: text, TLVs: []TLV{{TagServiceOp, op}, {tagSessionInfo, session}}}
		_, _, _ = d.DecodeReply(m)
		h, err := d.DecodeHop(m)
		if err != nil {
			return
		}
		again, err := d.EncodeHop(h, dest)
		if err != nil {
			t.Fatalf("%+v: %v", h, err)
		}
		if back, err := d.DecodeHop(again); err != nil || back != h {
			t.Fatalf("%+v came back as %+v, %v", h, back, err)
		}
	})
}

func BenchmarkSMPP(b *testing.B) {
	d := standard(b)
	m := Message{Source: "254722000001", Dest: "334", Text: "1", TLVs: info(18, 2, 6)}
	b.ReportAllocs()
	for b.Loop() {
		h, err := d.DecodeHop(m)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := d.EncodeReply(h, "334", Reply{Text: "Menu"}); err != nil {
			b.Fatal(err)
		}
	}
}
