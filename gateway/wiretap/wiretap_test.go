package wiretap

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"mlango/smpp"
)

const (
	number = "254722000001"
	other  = "254733000009"
	secret = "4826"
)

// line is a bind with a tapped ESME, as ours.
type line struct {
	t    *testing.T
	tap  *Wiretap
	esme *smpp.Session
	smsc *smpp.Session
	stop func()
}

func newLine(t *testing.T) *line {
	t.Helper()
	l := &line{t: t, tap: &Wiretap{}}
	ok := func(*smpp.Session, *smpp.Message) smpp.Status { return smpp.StatusOK }
	v := smpp.NewServer(smpp.ServerConfig{Auth: func(string, string) smpp.Status { return smpp.StatusOK },
		OnMessage: func(_ *smpp.Session, m *smpp.Message) smpp.Status {
			if m.ServiceType == "BUSY" {
				return smpp.StatusThrottled
			}
			return smpp.StatusOK
		}})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = v.Serve(ln) }()
	l.esme, err = smpp.Dial(t.Context(), smpp.Config{Addr: ln.Addr().String(), SystemID: "house", Password: "hushhush", OnMessage: ok,
		Tap: func(s *smpp.Session, in bool, pdu []byte) { l.tap.PDU("safari", "ussd-1.1", true, s, in, pdu) }})
	if err != nil {
		t.Fatal(err)
	}
	l.smsc = v.Sessions()[0]
	l.stop = func() { _ = l.esme.Close(context.Background()); _ = v.Close(context.Background()) }
	t.Cleanup(l.stop)
	return l
}

// types has a subscriber send a text.
func (l *line) types(from, text string, op byte) {
	l.t.Helper()
	m := &smpp.Message{Source: smpp.Address{TON: 1, NPI: 1, Addr: from}, Dest: smpp.Address{Addr: "334"}, Text: []byte(text), ServiceType: "USSD",
		TLVs: []smpp.TLV{{Tag: smpp.TagUSSDServiceOp, Value: []byte{op}}, {Tag: smpp.TagCallback, Value: []byte("\x01" + other)}}}
	if _, err := l.smsc.Deliver(l.t.Context(), m); err != nil {
		l.t.Fatal(err)
	}
}

// shows sends a screen, as the door does.
func (l *line) shows(to, text string, asks, end bool) {
	l.t.Helper()
	l.tap.Screen(to, "s1", asks, end)
	m := &smpp.Message{Source: smpp.Address{Addr: "334"}, Dest: smpp.Address{TON: 1, NPI: 1, Addr: to}, ServiceType: "USSD"}
	m.DataCoding, m.Text = smpp.EncodeText(text)
	if asks {
		m.TLVs = append(m.TLVs, smpp.TLV{Tag: smpp.TagITSReplyType, Value: []byte{3}})
	}
	if _, err := l.esme.Submit(l.t.Context(), m); err != nil {
		l.t.Fatal(err)
	}
}

func (l *line) start(length time.Duration) string {
	l.t.Helper()
	id, err := l.tap.Start(number, length, time.Now())
	if err != nil {
		l.t.Fatal(err)
	}
	return id
}

// written is a trace in both forms.
func (l *line) written(id string) (lines string, capture []byte) {
	l.t.Helper()
	tr := l.tap.Get(id, time.Now())
	for _, e := range tr.Report(0, time.Now()).Events {
		way := "->"
		if e.In {
			way = "<-"
		}
		lines += fmt.Sprintln(e.Link, way, e.What, e.Text)
	}
	var file bytes.Buffer
	if err := tr.Capture(&file); err != nil {
		l.t.Fatal(err)
	}
	return lines, file.Bytes()
}

// TestPayment traces a payment: everything of the one subscriber, nothing of
// another, no number whole, no PIN and no password, in either form.
func TestPayment(t *testing.T) {
	l := newLine(t)
	id := l.start(time.Minute)
	l.types(number, "*334#", 1)
	l.shows(number, "1 Send money", false, false)
	l.types(other, "*334#", 1)
	l.types(number, "1", 18)
	l.shows(number, "To whom?", false, false)
	l.types(number, "0722000002", 18)
	l.shows(number, "Send Ksh500 to "+other+"? Enter PIN", true, false)
	l.types(number, secret, 18)
	l.shows(number, "Umefanya: é "+other, false, true)
	l.types(number, secret, 18) // once more, after the end
	lines, capture := l.written(id)
	for _, want := range []string{
		`safari/ussd-1.1 <- deliver_sm #1073741824 2547*****001 → 334  op 1 PSSR indication  "*334#"`,
		`-> deliver_sm_resp #1073741824 ok after`, `<- deliver_sm #1073741826 2547*****001 → 334  op 18 USSR confirm  "1"`,
		`"xxxxxxxxxx"`, `"Send Ksh500 to 2547*****009? Enter PIN"`, "asks for a secret", `USSR confirm  "xxxx"`, `é 2547*****009"`,
	} {
		if !strings.Contains(lines, want) {
			t.Errorf("%s is not in\n%s", want, lines)
		}
	}
	if got := strings.Count(lines, "\n"); got != 18 {
		t.Errorf("%d lines\n%s", got, lines)
	}
	for _, no := range []string{number, other, number[1:], secret, "hush", "0722000002"} {
		if strings.Contains(lines, no) || bytes.Contains(capture, []byte(no)) {
			t.Errorf("%q is told\n%s", no, lines)
		}
	}
	if n := pdus(t, capture); n != 18 {
		t.Errorf("%d PDUs in the capture", n)
	}
}

// pdus reads the PDUs out of a capture as a dissector does: each TCP payload is
// whole PDUs here.
func pdus(t *testing.T, file []byte) (n int) {
	t.Helper()
	for rest := file[24:]; len(rest) > 0; {
		size := binary.BigEndian.Uint32(rest[8:])
		for data := rest[16+14+20+20 : 16+size]; len(data) > 0; n++ {
			length := binary.BigEndian.Uint32(data)
			if id := smpp.CommandID(binary.BigEndian.Uint32(data[4:])); id&response == 0 {
				if _, err := smpp.DecodeMessage(id, data[16:length]); err != nil {
					t.Error(err)
				}
			}
			data = data[length:]
		}
		rest = rest[16+size:]
	}
	return n
}

// TestMiddleOfADialogue: of a dialogue whose last screen is not known every input
// is blanked, also a choice.
func TestMiddleOfADialogue(t *testing.T) {
	l := newLine(t)
	id := l.start(time.Minute)
	l.types(number, "482", 18)
	l.shows(number, "1 Send money", false, false)
	l.types(number, "1", 18)
	l.tap.Screen(number, "another", true, false) // a second dialogue asks for the PIN
	l.types(number, "48", 18)
	lines, _ := l.written(id)
	if strings.Contains(lines, "48") || !strings.Contains(lines, `"xxx"`) || !strings.Contains(lines, `"1"`) || !strings.Contains(lines, `"xx"`) {
		t.Error(lines)
	}
}

// TestPackedText: a USSD centre packs its text under a data_coding of its own. No number
// and no PIN is in the octets, nor behind an esm_class that calls a hop a receipt.
func TestPackedText(t *testing.T) {
	l := newLine(t)
	id := l.start(time.Minute)
	send := func(by *smpp.Session, m *smpp.Message, text string) {
		t.Helper()
		m.DataCoding, m.ServiceType = 68, "USSD"
		m.Text, _ = smpp.PackGSM7(text)
		m.TLVs = []smpp.TLV{{Tag: smpp.TagUSSDServiceOp, Value: []byte{18}}}
		var err error
		if by == l.esme {
			_, err = by.Submit(t.Context(), m)
		} else {
			_, err = by.Deliver(t.Context(), m)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range 8 { // wherever the number stands among the bits
		l.tap.Screen(number, "s1", true, false)
		send(l.esme, &smpp.Message{Source: smpp.Address{Addr: "334"}, Dest: smpp.Address{Addr: number}}, strings.Repeat("x", i)+" to "+other+"? PIN")
		send(l.smsc, &smpp.Message{Source: smpp.Address{Addr: number}, Dest: smpp.Address{Addr: "334"}, ESMClass: 4}, secret)
	}
	_, capture := l.written(id)
	tr := l.tap.Get(id, time.Now())
	tr.mu.Lock()
	defer tr.mu.Unlock()
	for i, p := range tr.pieces {
		code := smpp.CommandID(binary.BigEndian.Uint32(p.octets[4:]))
		if code&response != 0 {
			continue
		}
		m, err := smpp.DecodeMessage(code, p.octets[pduHeader:])
		if err != nil {
			t.Fatal(err)
		}
		text := smpp.UnpackGSM7(m.Text)
		if strings.Contains(text, other) || strings.Contains(text, secret) || code == idSubmit && !strings.Contains(text, " to 2547*****009? PIN") {
			t.Errorf("%d: %q", i, text)
		}
	}
	if bytes.Contains(capture, []byte(number)) {
		t.Error("the number is whole in the capture")
	}
}

func TestRefusedAndSMS(t *testing.T) {
	l := newLine(t)
	id := l.start(time.Minute)
	m := &smpp.Message{Source: smpp.Address{TON: 5, Addr: "M-WALLET"}, Dest: smpp.Address{Addr: number}, ServiceType: "BUSY", Text: []byte("TKM4K2X9QZ Confirmed.")}
	if _, err := l.esme.Submit(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	receipt := &smpp.Message{Source: smpp.Address{Addr: "+" + number}, Dest: smpp.Address{Addr: "M-WALLET"}, ESMClass: 4, Text: []byte("id:123456789012 to " + number + " stat:DELIVRD")}
	if _, err := l.smsc.Deliver(t.Context(), receipt); err != nil {
		t.Fatal(err)
	}
	lines, _ := l.written(id)
	if !strings.Contains(lines, "(0x00000058)") || !strings.Contains(lines, "TKM4K2X9QZ Confirmed.") || !strings.Contains(lines, "id:123456789012 to 2547*****001 stat:DELIVRD") {
		t.Error(lines)
	}
}

func TestLimits(t *testing.T) {
	var w Wiretap
	now := time.Now()
	if _, err := w.Start("0722", time.Minute, now); !errors.Is(err, ErrNumber) {
		t.Error(err)
	}
	if _, err := w.Start(number, MaxTime+1, now); !errors.Is(err, ErrTime) {
		t.Error(err)
	}
	first, _ := w.Start(number, time.Minute, now)
	if again, err := w.Start(number, 2*time.Minute, now); again != first || err != nil || !w.Get(first, now).ends().Equal(now.Add(2*time.Minute)) {
		t.Error(again, err)
	}
	for i := range MaxTraces - 1 {
		if _, err := w.Start(fmt.Sprint(254722000100+i), time.Minute, now); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Start(other, time.Minute, now); !errors.Is(err, ErrMany) {
		t.Error(err)
	}
	if !w.Stop(first, now) || w.Stop("nobody", now) || w.Traces(number) {
		t.Error("it does not stop")
	}
	if w.Get(first, now) == nil || w.Get(first, now.Add(keptAfter+time.Second)) != nil {
		t.Error("it is not kept, or for ever")
	}
	if _, err := w.Start(other, time.Minute, now.Add(keptAfter+time.Second)); err != nil {
		t.Error(err)
	}
}

// TestEndedMakeRoom: whoever is on call looks at one subscriber after the other, and need
// not wait until the traces before are forgotten.
func TestEndedMakeRoom(t *testing.T) {
	var w Wiretap
	now := time.Now()
	var ids []string
	for i := range 2 * MaxTraces {
		id, err := w.Start(fmt.Sprint(254722000100+i), time.Minute, now.Add(time.Duration(i)*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		w.Stop(id, now.Add(time.Duration(i)*time.Second))
		ids = append(ids, id)
	}
	now = now.Add(time.Minute)
	if len(w.all) != MaxTraces || w.Get(ids[MaxTraces-1], now) != nil || w.Get(ids[MaxTraces], now) == nil {
		t.Errorf("%d are kept, not the latest", len(w.all))
	}
}

// TestTimeIsUp: what crosses after a trace's time is not of it.
func TestTimeIsUp(t *testing.T) {
	l := newLine(t)
	id, err := l.tap.Start(number, time.Minute, time.Now().Add(-time.Minute-time.Second))
	if err != nil {
		t.Fatal(err)
	}
	l.types(number, "*334#", 1)
	if r := l.tap.Get(id, time.Now()).Report(0, time.Now()); r.Runs || len(r.Events) != 0 {
		t.Errorf("%+v", r)
	}
	if l.tap.Get(id, time.Now()); !l.tap.Idle() {
		t.Error("it goes on looking")
	}
}

// TestFull: a trace stops at its limits and says so.
func TestFull(t *testing.T) {
	var w Wiretap
	id, _ := w.Start(number, time.Minute, time.Now())
	call := &Call{Operator: "sandbox", Number: number, Remote: netip.MustParseAddrPort("10.0.0.9:4000"), Local: netip.MustParseAddrPort("10.0.0.1:8080"),
		Method: "POST", Began: time.Now(), Status: 200, ReplyType: "text/plain", Reply: []byte("CON " + other),
		Again: func(m Mask) (string, string, []byte, bool) {
			return "?who=" + m.Number(other), "text/plain\r\nX: y", []byte("typed " + m.Typed("4826")), true
		}}
	for range MaxPieces {
		w.HTTP(call)
	}
	r := w.Get(id, time.Now()).Report(0, time.Now())
	if len(r.Events) != MaxPieces || !r.Full || !r.Runs || r.Number != "2547*****001" {
		t.Errorf("%d events, full %v", len(r.Events), r.Full)
	}
	if e := r.Events[0]; !e.In || e.What != "POST" || e.Text != "/ussd/sandbox who=2547*****009 typed xxxx" {
		t.Errorf("%+v", e)
	}
	if e := r.Events[1]; e.In || e.What != "200" || !strings.HasPrefix(e.Text, `"CON 2547*****009" after`) {
		t.Errorf("%+v", e)
	}
	var file bytes.Buffer
	if err := w.Get(id, time.Now()).Capture(&file); err != nil || !bytes.Contains(file.Bytes(), []byte("POST /ussd/sandbox?who=2547*****009 HTTP/1.1\r\n")) || bytes.Contains(file.Bytes(), []byte("\r\nX: y")) {
		t.Errorf("%v %q", err, file.Bytes()[:300])
	}
	if after := w.Get(id, time.Now()).Report(r.Next, time.Now()); len(after.Events) != 0 {
		t.Error("events come twice")
	}
}

func TestMasks(t *testing.T) {
	for _, c := range []struct {
		text   string
		wide   int
		hushed bool
		want   string
	}{
		{"1", 1, false, "1"}, {"1", 1, true, "x"}, {secret, 1, false, "xxxx"}, {"*334#", 1, true, "*334#"},
		{"*334*1*0722000002*4826#", 1, true, "*334*x*xxxxxxxxxx*xxxx#"}, {"*4826", 1, true, "xxxxx"},
		{"\x001", 2, false, "\x001"}, {"\x004\x008\x002\x006", 2, false, "\x00x\x00x\x00x\x00x"}, {"482615", 2, false, "\x00x\x00x\x00x"},
		{"4826159", 2, true, "\x00x\x00x\x00xx"}, {"", 1, true, ""},
	} {
		got := []byte(c.text)
		maskTyped(got, c.wide, c.hushed)
		if string(got) != c.want {
			t.Errorf("%q becomes %q, want %q", c.text, got, c.want)
		}
	}
	for text, want := range map[string]string{
		"to 254722000001.": "to 2547*****001.", "12345678": "12345678", "Ksh5,000.00": "Ksh5,000.00",
		"\x002\x005\x004\x007\x002\x002\x000\x000\x000\x000\x000\x001": "\x002\x005\x004\x007\x00*\x00*\x00*\x00*\x00*\x000\x000\x001",
	} {
		got := []byte(text)
		if maskNumbers(got); string(got) != want {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

// FuzzFields: whatever a PDU says of its own lengths, places lie inside it.
func FuzzFields(f *testing.F) {
	head := make([]byte, pduHeader)
	f.Add(append(head, "USSD\x00\x01\x01254722000001\x00\x00\x00334\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x054826#\x05\x01\x00\x01\x12"...), true)
	f.Add(head, false)
	f.Fuzz(func(t *testing.T, pdu []byte, data bool) {
		if len(pdu) < pduHeader {
			return
		}
		id := idDeliver
		if data {
			id = idData
		}
		if f, ok := fieldsOf(id, pdu); ok {
			f.is(pdu, number)
			f.mask(pdu, true, true, number)
		}
	})
}
