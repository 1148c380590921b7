package smpp

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/fiorix/go-smpp/smpp/encoding"
	"pgregory.net/rapid"
)

// TestGSMIsGoSMPPs compares our tables with go-smpp's, rune by rune, both ways.
func TestGSMIsGoSMPPs(t *testing.T) {
	codec := encoding.GSM7(false)
	for r := rune(0); r < 0x3000; r++ {
		_, ours := Septets(string(r))
		theirs := len(encoding.ValidateGSM7String(string(r))) == 0
		if r == escape {
			continue // the escape is no character
		}
		if ours != theirs {
			t.Errorf("%U: in our tables %v, in go-smpp's %v", r, ours, theirs)
		}
		if !ours || !theirs {
			continue
		}
		want, err := codec.NewEncoder().Bytes([]byte(string(r)))
		if _, got := EncodeText(string(r)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%U is %x, go-smpp says %x, %v", r, got, want, err)
		}
	}
}

func TestDecodeTolerates(t *testing.T) {
	for _, c := range []struct {
		coding uint8
		in     string
		want   string
	}{
		{0x00, "*334#", "*334#"},
		{0x0F, "*334*1*0722000002*500#", "*334*1*0722000002*500#"},
		{0x00, "\x1b\x65 5", "€ 5"},
		{0x00, "a\x1b", "a "},        // escape at the end
		{0x00, "\x1bA", "A"},         // unknown extension
		{0x00, "caf\xe9", "café"},    // Latin-1 where septets should be
		{0x03, "caf\xe9", "café"},    // Latin-1
		{0x44, "*334#", "*334#"},     // CBS, 8-bit data
		{0x48, "\x00*\x00#", "*#"},   // CBS, UCS-2
		{0x08, "\x00a\x00", "a"},     // odd octet
		{0x08, "\xd8\x3d", "\ufffd"}, // half a pair
		{0x08, "\xd8\x3d\xde\x00", "😀"},
		{0xF0, "hi", "hi"}, {0xF4, "hi", "hi"}, {0x11, "\x00h", "h"},
	} {
		if got := DecodeText(c.coding, []byte(c.in)); got != c.want {
			t.Errorf("coding %#x, %x: %q, want %q", c.coding, c.in, got, c.want)
		}
	}
}

func TestTextCounts(t *testing.T) {
	for s, want := range map[string]int{"": 0, "hello": 5, "Ksh5 €": 7, "[{}]": 8} {
		if n, gsm := Septets(s); !gsm || n != want {
			t.Errorf("%q: %d septets, want %d", s, n, want)
		}
	}
	if _, gsm := Septets("habari 😀"); gsm || Units("habari 😀") != 9 {
		t.Error("an emoji is two units and no septet")
	}
}

// anyText mixes plain, extended, accented, and supplementary characters.
func anyText(t *rapid.T) string {
	set := rapid.SampledFrom([]string{"abc €{}[]~|^\\ 123", "abc ш中😀é ", "😀😁"}).Draw(t, "set")
	n := rapid.IntRange(0, 700).Draw(t, "length")
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(strings.Split(set, "")), n, n).Draw(t, "text"), "")
}

// TestSplitAndJoin: parts fit, no part ends in half a character, and in any order
// they give the text back.
func TestSplitAndJoin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := anyText(t)
		parts := SplitSMS(text, rapid.Uint8().Draw(t, "ref"))
		j := NewJoiner(4, time.Minute)
		now := time.Unix(0, 0)
		var whole string
		done := false
		for _, i := range rapid.Permutation(indices(len(parts))).Draw(t, "order") {
			m := sms("")
			parts[i].Put(m)
			checkPart(t, parts[i], len(parts))
			if done {
				t.Fatal("whole before the last part")
			}
			whole, done = j.Add(now, m)
		}
		if !done || whole != text {
			t.Fatalf("%d parts: %q became %q", len(parts), text, whole)
		}
		if len(j.open) != 0 {
			t.Fatal("the joiner keeps what is whole")
		}
	})
}

func indices(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func checkPart(t *rapid.T, p Part, parts int) {
	b, most := p.Text, soloSeptets
	if p.Coding == CodingUCS2 {
		most = 2 * soloUnits
	}
	if parts > 1 {
		b, most = b[concatHeader:], partSeptets
		if p.Coding == CodingUCS2 {
			most = 2 * partUnits
		}
	}
	if len(b) > most {
		t.Fatalf("a part of %d, at most %d go", len(b), most)
	}
	if s := DecodeText(p.Coding, b); strings.ContainsRune(s, utf8.RuneError) || p.Coding == CodingGSM7 && len(b) > 0 && b[len(b)-1] == escape {
		t.Fatalf("a character was cut: %q", s)
	}
}

func TestSplitAtTheEdges(t *testing.T) {
	for text, want := range map[string]int{
		strings.Repeat("a", 160): 1, strings.Repeat("a", 161): 2, strings.Repeat("a", 306): 2, strings.Repeat("a", 307): 3,
		strings.Repeat("ш", 70): 1, strings.Repeat("ш", 71): 2, strings.Repeat("ш", 134): 2, strings.Repeat("ш", 135): 3,
		strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152): 3, // the escape does not fit
		strings.Repeat("😀", 67):                                   3, // 33 pairs in a part
		strings.Repeat("a", 999_999):                              255,
	} {
		if got := len(SplitSMS(text, 1)); got != want {
			t.Errorf("%d octets of %.3s…: %d parts, want %d", len(text), text, got, want)
		}
	}
}

func TestJoinerIsBounded(t *testing.T) {
	j := NewJoiner(3, time.Minute)
	now := time.Unix(0, 0)
	part := func(from, text string, header string) *Message {
		m := sms(text)
		m.Source.Addr, m.ESMClass, m.Text = from, esmUDH, []byte(header+text)
		return m
	}
	for i := range 100 {
		now = now.Add(time.Second)
		j.Add(now, part(string(rune('a'+i%26))+strings.Repeat("x", i%10), "x", "\x05\x00\x03\x07\x02\x01"))
	}
	if len(j.open) != 3 {
		t.Errorf("%d texts are kept", len(j.open))
	}
	if _, whole := j.Add(now.Add(time.Hour), part("late", "b", "\x05\x00\x03\x07\x02\x02")); whole || len(j.open) != 1 {
		t.Errorf("old texts stay: %d", len(j.open))
	}
	for name, header := range map[string]string{
		"part 0": "\x05\x00\x03\x07\x02\x00", "part 3 of 2": "\x05\x00\x03\x07\x02\x03", "lying element": "\x05\x00\x09\x07\x02\x01",
		"no element": "\x00", "other element": "\x04\x24\x02\x00\x00",
	} {
		if text, whole := j.Add(now, part(name, "hello", header)); !whole || text != "hello" {
			t.Errorf("%s: %q %v", name, text, whole)
		}
	}
	if text, whole := j.Add(now, part("wide", "hello", "\x06\x08\x04\x01\x02\x01\x01")); !whole || text != "hello" {
		t.Errorf("16-bit reference: %q", text)
	}
	sar := sms("one")
	sar.TLVs = []TLV{{TagSarRef, []byte{1, 2}}, {TagSarTotal, []byte{2}}, {TagSarPart, []byte{1}}}
	if _, whole := j.Add(now, sar); whole {
		t.Error("sar parameters are not read")
	}
	lie := sms("")
	lie.ESMClass, lie.Text = esmUDH, []byte{200, 1}
	if _, whole := j.Add(now, lie); !whole {
		t.Error("a header that is longer than the text")
	}
}

func TestReceipts(t *testing.T) {
	at := time.Date(2026, 11, 22, 9, 14, 0, 0, time.UTC)
	m := sms("")
	Receipt{ID: "a1b2", Stat: "DELIVRD", Err: "000", Submitted: at, Done: at}.Put(m)
	want := "id:a1b2 sub:001 dlvrd:001 submit date:2611220914 done date:2611220914 stat:DELIVRD err:000 text:"
	if string(m.Text) != want || m.check() != nil {
		t.Errorf("%q", m.Text)
	}
	for name, c := range map[string]struct {
		text string
		tlvs []TLV
		id   string
		stat string
	}{
		"ours":                           {want, m.TLVs, "a1b2", "DELIVRD"},
		"text only":                      {want, nil, "a1b2", "DELIVRD"},
		"upper case":                     {"ID:9 STAT:expired", nil, "9", "EXPIRED"},
		"text that lies":                 {"id:9 stat:UNDELIV text:id:8 stat:DELIVRD", nil, "9", "UNDELIV"},
		"letters that grow when lowered": {"id:9 stat:UNDELIV " + strings.Repeat("Ⱥ", 9) + " Text:id:8", nil, "9", "UNDELIV"},
		"cut there":                      {"id:9 stat:UNDELIV " + strings.Repeat("Ⱥ", 9) + "text:", nil, "9", "UNDELIV"},
		"TLVs win":                       {"id:9 stat:UNKNOWN", []TLV{{TagReceiptedMsgID, []byte("A\x00")}, {TagMessageState, []byte{2}}}, "A", "DELIVRD"},
		"strange state":                  {"id:9 stat:UNDELIV", []TLV{{TagMessageState, []byte{0}}}, "9", "UNDELIV"},
		"nothing":                        {"hello", nil, "", ""},
		"endless id":                     {"id:" + strings.Repeat("9", 99) + " stat:DELIVRD", nil, "", "DELIVRD"},
	} {
		d := sms(c.text)
		d.ESMClass, d.TLVs = esmReceipt, c.tlvs
		r, ok := ParseReceipt(d)
		if r.ID != c.id || r.Stat != c.stat || ok != (c.id != "" && c.stat != "") {
			t.Errorf("%s: %+v %v", name, r, ok)
		}
	}
	if _, ok := ParseReceipt(sms(want)); ok {
		t.Error("an SMS that looks like a receipt is none")
	}
}
