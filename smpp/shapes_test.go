package smpp

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/fiorix/go-smpp/smpp/encoding"
	"pgregory.net/rapid"
)

// TestReceiptsInEveryShape: the spellings SMSCs are known to use.
func TestReceiptsInEveryShape(t *testing.T) {
	const tail = " sub:001 dlvrd:001 submit date:2611220914 done date:2611220914 "
	tlvs := []TLV{{TagReceiptedMsgID, []byte("7\x00")}, {TagMessageState, []byte{2}}}
	for name, c := range map[string]struct {
		esm  uint8
		text string
		tlvs []TLV
		want Receipt
	}{
		"appendix B":         {0x04, "id:7" + tail + "stat:DELIVRD err:000 text:hi", nil, Receipt{ID: "7", Stat: "DELIVRD", Err: "000"}},
		"seconds in dates":   {0x04, "id:7 sub:001 dlvrd:001 submit date:261122091400 done date:261122091401 stat:EXPIRED err:27 Text:", nil, Receipt{ID: "7", Stat: "EXPIRED", Err: "27"}},
		"blank after colon":  {0x04, "id: 7 stat: UNDELIV err: 0A1 text: hi", nil, Receipt{ID: "7", Stat: "UNDELIV", Err: "0A1"}},
		"nothing after err":  {0x04, "id:7 stat:DELIVRD err: text:hi", nil, Receipt{ID: "7", Stat: "DELIVRD"}},
		"commas":             {0x04, "id:7,sub:001,stat:REJECTD,err:5", nil, Receipt{ID: "7", Stat: "REJECTD", Err: "5"}},
		"lines":              {0x04, "id:7\r\nstat:DELETED\r\nerr:1\r\n", nil, Receipt{ID: "7", Stat: "DELETED", Err: "1"}},
		"in full":            {0x04, "ID:7 Stat:Delivered Err:0", nil, Receipt{ID: "7", Stat: "DELIVRD", Err: "0"}},
		"interim":            {0x20, "id:7 stat:ENROUTE err:0", nil, Receipt{ID: "7", Stat: "ENROUTE", Err: "0"}},
		"with a header":      {0x44, "id:7 stat:DELIVRD err:0", nil, Receipt{ID: "7", Stat: "DELIVRD", Err: "0"}},
		"TLVs alone":         {0x04, "", tlvs, Receipt{ID: "7", Stat: "DELIVRD"}},
		"class is forgotten": {0x00, "", tlvs, Receipt{ID: "7", Stat: "DELIVRD"}},
		"network's code":     {0x04, "", append([]TLV{{TagNetworkError, []byte{3, 0, 27}}}, tlvs...), Receipt{ID: "7", Stat: "DELIVRD", Err: "027"}},
		"in the payload":     {0x04, "", []TLV{{TagMessagePayload, []byte("id:7 stat:DELIVRD err:0")}}, Receipt{ID: "7", Stat: "DELIVRD", Err: "0"}},
		"an SMS":             {0x00, "id:7 stat:DELIVRD err:0", nil, Receipt{}},
		"a reply":            {0x10, "id:7 stat:DELIVRD err:0", tlvs, Receipt{}},
	} {
		m := &Message{Kind: DeliverSM, ESMClass: c.esm, Text: []byte(c.text), TLVs: c.tlvs}
		if got, ok := ParseReceipt(m); got != c.want || ok != (c.want.ID != "") {
			t.Errorf("%s: %+v %v", name, got, ok)
		} else if ok && got.Final() == (got.Stat == "ENROUTE") {
			t.Errorf("%s: final: %v", name, got.Final())
		}
	}
}

func TestReceiptIsAboutItsSMS(t *testing.T) {
	for _, c := range []struct {
		receipt, resp string
		want          bool
	}{
		{"a1b2", "a1b2", true}, {"A1B2", "a1b2", true}, {"0000123", "123", true},
		{"305419896", "12345678", true}, {"12345678", "305419896", true}, // decimal here, hex there, and back
		{"a1b2", "a1b3", false}, {"", "", false}, {"0", "", false}, {"000", "0", false}, {"12", "13", false},
		{strings.Repeat("9", 64), strings.Repeat("9", 63), false},
	} {
		if got := (Receipt{ID: c.receipt}).About(c.resp); got != c.want {
			t.Errorf("%q about %q: %v", c.receipt, c.resp, got)
		}
	}
}

// TestPackedReadsAsWritten, and as go-smpp packs where it is right: it fills with
// zeros, which is an '@' more to whoever reads by the book.
func TestPackedReadsAsWritten(t *testing.T) {
	set := strings.Split("abc @\r€{}[]Ññ123", "")
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(set), 0, 182).Draw(t, "text"), "")
		b, gsm := PackGSM7(text)
		n, _ := Septets(text)
		doubled := n > 0 && n%8 == 0 && strings.HasSuffix(text, "\r")
		want := text
		if doubled { // one more is read, and moves nothing on a screen: 3GPP 23.038 §6.1.2.3.1
			want += "\r"
		}
		if got := UnpackGSM7(b); !gsm || got != want {
			t.Fatalf("%q became %q", text, got)
		}
		if n%8 == 7 || doubled {
			return
		}
		if theirs, err := encoding.GSM7(true).NewEncoder().Bytes([]byte(text)); err != nil || !bytes.Equal(b, theirs) {
			t.Fatalf("%q: %x, go-smpp %x %v", text, b, theirs, err)
		}
	})
	if b, _ := PackGSM7("*334#"); !bytes.Equal(b, []byte{0xAA, 0xD9, 0x8C, 0x36, 0x02}) {
		t.Errorf("%x", b)
	}
	if _, gsm := PackGSM7("ш"); gsm {
		t.Error("Cyrillic is packed")
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add([]byte{0xAA, 0xD9, 0x8C, 0x36, 0x02})
	f.Fuzz(func(t *testing.T, b []byte) {
		if got := UnpackGSM7(b); len([]rune(got)) > len(b)*8/7 {
			t.Fatalf("%d octets became %d characters", len(b), len([]rune(got)))
		}
	})
}

// TestSARSplitAndJoin: in any order the parts give the text back, apart from
// another subscriber's with the same reference.
func TestSARSplitAndJoin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := [2]string{anyText(t), anyText(t)}
		ref := rapid.Uint16().Draw(t, "ref")
		var all []*Message
		for i, text := range texts {
			m := sms("")
			m.Source.Addr = string(rune('A' + i))
			all = append(all, SplitSAR(m, text, ref)...)
		}
		j, got := NewJoiner(4, time.Minute), map[string]string{}
		for _, i := range rapid.Permutation(indices(len(all))).Draw(t, "order") {
			if err := all[i].check(); err != nil {
				t.Fatal(err)
			}
			if text, whole := j.Add(time.Unix(0, 0), all[i]); whole {
				got[all[i].Source.Addr] = text
			}
		}
		if got["A"] != texts[0] || got["B"] != texts[1] || len(j.open) != 0 {
			t.Fatalf("%q became %q", texts, got)
		}
	})
}

func TestPayloadCarriesLongText(t *testing.T) {
	text := strings.Repeat("Ksh5,000.00 {€} ", 100)
	m := sms("")
	PutPayload(m, text)
	if whole, ok := NewJoiner(1, time.Minute).Add(time.Unix(0, 0), m); m.check() != nil || !ok || whole != text {
		t.Errorf("%v %q", m.check(), whole)
	}
}

// TestHugePartsAreNotKept: parts of 30,000 octets each, as message_payload allows,
// hold no more than one long text may have.
func TestHugePartsAreNotKept(t *testing.T) {
	j := NewJoiner(1, time.Minute)
	for part := range byte(10) {
		m := sms("")
		m.Text = nil
		m.TLVs = []TLV{{TagMessagePayload, make([]byte, 30_000)}, {TagSarRef, []byte{0, 1}}, {TagSarTotal, []byte{99}}, {TagSarPart, []byte{part + 1}}}
		if _, whole := j.Add(time.Unix(0, 0), m); whole {
			t.Error("whole")
		}
		for _, u := range j.open {
			if u.size > maxJoined {
				t.Errorf("%d octets are kept", u.size)
			}
		}
	}
}
