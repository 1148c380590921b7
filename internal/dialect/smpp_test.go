package dialect

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDialectFile: a file of an operator's own is held to what the codec can keep.
func TestDialectFile(t *testing.T) {
	good, err := os.ReadFile(filepath.Join("smpp", "standard.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"good", "", "", ""},
		{"no name", "name: standard", "", "no name"},
		{"an unknown PDU", "service_type: USSD", "pdu: submit_multi", "carries no USSD"},
		{"an op twice", "input: [18]", "input: [18, 1]", "code 1 stands twice"},
		{"notify like end", "notify: [3]", "notify: [17]", "code 17 stands twice"},
		{"continue and end alike", "end: [17]", "end: [2]", ""},
		{"alike without an end bit", "end: 0x0001}   # its_session_info\nops:", "end: 0}\nops:", ""},
		{"no abort", "abort: [129]", "abort: []", "have a code each"},
		{"three octets", "octets: 2", "octets: 3", "1, 2 or 4 octets"},
		{"no key", "key: 0xff00", "key: 0", "bits of the key"},
		{"a key with holes", "key: 0xff00", "key: 0xf0f0", "bits of the key"},
		{"a bit twice", "unit: 0x00fe", "unit: 0x01fe", "stands in two"},
		{"a bit outside", "key: 0xff00", "key: 0xff0000", "outside of 2 octets"},
		{"two end bits", "end: 0x0001", "end: 0x0003", "one bit"},
		{"a long tag", "tag: 0x1383", "tag: 0x11383", "16 bits"},
		{"a tag in letters", "tag: 0x1383", "tag: its_session_info", "no number of 32 bits"},
		{"no tag but a key", "tag: 0x1383", "tag: 0", "without a tag"},
		{"no coding", "gsm: [0, 15], ", "", "one of coding.gsm and coding.packed"},
		{"only packed", "gsm: [0, 15]", "packed: [68]", ""},
		{"a coding twice", "ucs2: [8, 72]", "ucs2: [8, 15]", "data_coding 15 stands twice"},
		{"a long screen", "septets: 182", "septets: 183", "1 to 182 septets"},
	} {
		file := filepath.Join(t.TempDir(), "acme.yaml")
		if err := os.WriteFile(file, []byte(strings.Replace(string(good), c.old, c.new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := OverSMPP(file)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// TestSessionKeys: a key that is too long, too large or not the shortest way to
// write it is none.
func TestSessionKeys(t *testing.T) {
	tata, err := OverSMPP("tata")
	if err != nil {
		t.Fatal(err)
	}
	for key, good := range map[string]bool{"7fff": true, "0000": true, "8000": false, "1": false, "00001": false, "": false, "+123": false, "7FFF": false} {
		_, err := tata.EncodeReply(Hop{Session: key, MSISDN: "254722000001"}, "334", Reply{})
		if (err == nil) != good || err != nil && !errors.Is(err, ErrValue) {
			t.Errorf("%q: %v", key, err)
		}
	}
	for name, want := range map[string]string{"tata": "3039", "standard": "39", "smppplus": "00003039", "address": "555", "mica": "3039"} {
		d, err := OverSMPP(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.SessionKey(0x3039, "*555*7#"); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// FuzzDialects: what any dialect reads, it writes so that it reads the same.
func FuzzDialects(f *testing.F) {
	var all []*SMPP
	for _, name := range Names("smpp") {
		d, err := OverSMPP(name)
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, d)
	}
	f.Add(uint8(0), "254722000001", "334", "*334#", []byte{1}, []byte{0x1f, 0})
	f.Add(uint8(1), "254722000001", "*334#", "1", []byte{2}, []byte{0x12, 0x35})
	f.Add(uint8(7), "254722000001", "*334*1#", "", []byte{18}, []byte{0, 0, 0, 7})
	f.Fuzz(func(t *testing.T, which uint8, source, dest, text string, op, session []byte) {
		d := all[int(which)%len(all)]
		m := Message{Source: source, Dest: dest, Text: text, TLVs: []TLV{{TagServiceOp, op}, {uint16(d.Session.Tag), session}}}
		if h, r, err := d.DecodeReply(m); err == nil {
			again, err := d.EncodeReply(h, source, r)
			if err != nil {
				t.Fatalf("%s: %+v: %v", d.Name, r, err)
			}
			if back, same, err := d.DecodeReply(again); err != nil || back != h || same != r {
				t.Fatalf("%s: %+v came back as %+v, %v", d.Name, r, same, err)
			}
		}
		h, err := d.DecodeHop(m)
		if err != nil {
			return
		}
		again, err := d.EncodeHop(h, dest)
		if errors.Is(err, ErrLength) {
			return // a code that only fits the text
		}
		if back, err2 := d.DecodeHop(again); err != nil || err2 != nil || back != h {
			t.Fatalf("%s: %+v came back as %+v, %v, %v", d.Name, h, back, err, err2)
		}
	})
}
