package edge

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mlango/gateway/binds"
	"mlango/gateway/dialog"
	"mlango/internal/dialect"
	"mlango/smpp"
)

// overSMPP are the built-in dialects and two that are only files.
func overSMPP(t *testing.T) (all []*dialect.SMPP) {
	t.Helper()
	files := filepath.Join("..", "..", "simulator", "testdata")
	for _, name := range append(dialect.Names("smpp"), filepath.Join(files, "acme.yaml"), filepath.Join(files, "packed.yaml")) {
		d, err := dialect.OverSMPP(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

// said is a hop as the operator of a dialect sends it, in one of its codings.
func said(t *testing.T, d *dialect.SMPP, h dialect.Hop, coding uint8) *smpp.Message {
	t.Helper()
	h.Session, h.MSISDN = d.SessionKey(7, "334"), hostileNumber
	out, err := d.EncodeHop(h, "334")
	if err != nil {
		t.Fatal(err)
	}
	_, text := encodeText(d, coding, out.Text)
	if slices.Contains(d.Coding.UCS2, coding) {
		text = nil
		for _, c := range out.Text { // as it is dialled and typed: ASCII
			text = append(text, 0, byte(c))
		}
	}
	m := &smpp.Message{ServiceType: out.ServiceType, Source: smpp.Address{TON: 1, NPI: 1, Addr: out.Source}, Dest: smpp.Address{Addr: out.Dest},
		DataCoding: coding, Text: text}
	if d.PDU == dialect.DataSM {
		m.Text, m.TLVs = nil, []smpp.TLV{{Tag: smpp.TagMessagePayload, Value: text}}
	}
	for _, v := range out.TLVs {
		m.TLVs = append(m.TLVs, smpp.TLV{Tag: smpp.Tag(v.Tag), Value: v.Value})
	}
	return m
}

// heard is a screen as the operator of a dialect reads it.
func heard(t *testing.T, d *dialect.SMPP, m *smpp.Message) dialect.Reply {
	t.Helper()
	charset, err := d.Charset(m.DataCoding, m.Content())
	if err != nil {
		t.Fatal(err)
	}
	in := dialect.Message{ServiceType: m.ServiceType, Source: m.Source.Addr, Dest: m.Dest.Addr, Text: decodeText(charset, m.Content())}
	for _, v := range m.TLVs {
		in.TLVs = append(in.TLVs, dialect.TLV{Tag: uint16(v.Tag), Value: v.Value})
	}
	_, r, err := d.DecodeReply(in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestSMPPEveryDialectEchoes: in each dialect and each coding it knows, service_type
// and data_coding come back as the operator used them, its_reply_type says that a
// screen asks for a PIN and is missing on any other, and the last screen ends.
func TestSMPPEveryDialectEchoes(t *testing.T) {
	for _, d := range overSMPP(t) {
		cfg := config(t, &room{})
		cfg.Operators[0].SMPP = d
		c, _ := newCentre(t, cfg)
		for _, coding := range slices.Concat(d.Coding.GSM, d.Coding.Packed, d.Coding.UCS2) {
			for i, want := range []dialect.Reply{{Text: "Menu "}, {Text: "Enter PIN", Secret: true}, {Text: "ሰላም"}, {Text: "Bye", End: true}} {
				h := dialect.Hop{Op: dialect.Input, Text: []string{"", "pin", "amharic", "bye"}[i], Position: uint32(i)}
				if i == 0 {
					h.Op, h.Code = dialect.Begin, "*334#"
				}
				in := said(t, d, h, coding)
				in.ServiceType = "CMT"
				if st := c.deliver(in); st != smpp.StatusOK {
					t.Fatalf("%s in coding %d: %v", d.Name, coding, st)
				}
				m := c.screen()
				if got := heard(t, d, m); got != want || m.ServiceType != "CMT" {
					t.Errorf("%s in coding %d: %+v, want %+v; service type %q", d.Name, coding, got, want, m.ServiceType)
				}
				kind, asks := m.TLV(smpp.TagITSReplyType)
				if asks != want.Secret || asks && kind[0] != d.SecretReplyType {
					t.Errorf("%s: its_reply_type %x on %q", d.Name, kind, want.Text)
				}
				if latin := i != 2; latin != slices.Contains(d.Coding.UCS2, coding) && m.DataCoding != coding {
					t.Errorf("%s: %q came in coding %d, is answered in %d", d.Name, want.Text, coding, m.DataCoding)
				}
			}
		}
	}
}

// TestSMPPEveryDialectFrees: whoever ends the dialogue, nothing of it stays: an abort
// of the operator in each of its shapes, and a screen of ours that it refuses.
func TestSMPPEveryDialectFrees(t *testing.T) {
	for _, d := range overSMPP(t) {
		var aborts []*smpp.Message
		for _, op := range d.Ops.Abort {
			m := said(t, d, dialect.Hop{Op: dialect.Abort, Position: 1}, slices.Concat(d.Coding.GSM, d.Coding.Packed)[0])
			setTLV(m, smpp.TagUSSDServiceOp, op)
			aborts = append(aborts, m)
		}
		if d.Session.End != 0 { // an input with the end bit
			m := said(t, d, dialect.Hop{Op: dialect.Abort, Position: 1}, slices.Concat(d.Coding.GSM, d.Coding.Packed)[0])
			setTLV(m, smpp.TagUSSDServiceOp, d.Ops.Input[0])
			aborts = append(aborts, m)
		}
		for i, abort := range append(aborts, nil) {
			r := &room{}
			cfg := config(t, r)
			cfg.Operators[0].SMPP = d
			c, e := newCentre(t, cfg)
			in := said(t, d, dialect.Hop{Op: dialect.Begin, Code: "*334#"}, slices.Concat(d.Coding.GSM, d.Coding.Packed)[0])
			if abort == nil {
				c.status <- smpp.StatusSubmitFail
				c.deliver(in)
			} else {
				c.deliver(in)
				c.screen()
				for e.Running() > 0 { // an abort beside the dial frees twice
					time.Sleep(time.Millisecond)
				}
				if st := c.deliver(abort); st != smpp.StatusOK {
					t.Fatalf("%s, abort %d: %v", d.Name, i, st)
				}
			}
			if err := e.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			hops := r.seen()
			if len(hops) != 2 || hops[1].Op != dialog.Abort || hops[1].Session != hops[0].Session || len(c.screens) != 0 {
				t.Errorf("%s, abort %d of %d: the dialogue saw %+v, and %d screens left", d.Name, i, len(aborts), hops, len(c.screens))
			}
		}
	}
}

// TestSMPPLogsNobody: in each dialect whoever pays, is refused, hangs up or says nothing
// that could be read stands in no log, nor does what was typed.
func TestSMPPLogsNobody(t *testing.T) {
	for _, d := range overSMPP(t) {
		logs := &logged{}
		cfg := config(t, &room{})
		cfg.Operators[0].SMPP, cfg.Log = d, logs.logger()
		c, e := newCentre(t, cfg)
		coding := slices.Concat(d.Coding.GSM, d.Coding.Packed)[0]
		c.status <- smpp.StatusSubmitFail
		c.deliver(said(t, d, dialect.Hop{Op: dialect.Input, Text: hostilePIN, Position: 1}, coding))
		c.link.mu.Lock()
		c.link.fail = []error{binds.ErrUnknown}
		c.link.mu.Unlock()
		c.deliver(said(t, d, dialect.Hop{Op: dialect.Input, Text: hostilePIN, Position: 2}, coding))
		c.deliver(said(t, d, dialect.Hop{Op: dialect.Input, Text: strings.Repeat("€", 90), Position: 3}, coding))
		bad := said(t, d, dialect.Hop{Op: dialect.Input, Text: hostilePIN, Position: 4}, coding)
		bad.Source.Addr = hostileNumber + hostilePIN
		c.deliver(bad)
		bad = said(t, d, dialect.Hop{Op: dialect.Begin, Code: "*334*1*" + hostilePIN + "#"}, coding)
		setTLV(bad, smpp.TagUSSDServiceOp, 250)
		c.deliver(bad)
		c.deliver(said(t, d, dialect.Hop{Op: dialect.Abort, Position: 5}, coding))
		if err := e.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		logs.check(t)
		if logs.buf.Len() == 0 {
			t.Errorf("%s: nothing was logged at all", d.Name)
		}
	}
}

func setTLV(m *smpp.Message, tag smpp.Tag, value byte) {
	for i := range m.TLVs {
		if m.TLVs[i].Tag == tag {
			m.TLVs[i].Value = []byte{value}
		}
	}
}

// TestSMPPPackedBounds: a packed screen is as long as MAP lets it be, and a character
// of the extension table is two septets of it.
func TestSMPPPackedBounds(t *testing.T) {
	d := overSMPP(t)[len(dialect.Names("smpp"))+1]
	for text, octets := range map[string]int{strings.Repeat("x", 182): 160, strings.Repeat("€", 91): 160, strings.Repeat("x", 7): 7, "": 0} {
		coding, b := encodeText(d, 68, text)
		if coding != 68 || len(b) != octets || decodeText(dialect.Packed, b) != text {
			t.Errorf("%d characters are %d octets in coding %d", len(text), len(b), coding)
		}
	}
}
