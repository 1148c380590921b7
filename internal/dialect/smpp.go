package dialect

import (
	"encoding/hex"
	"fmt"
	"slices"

	"mlango/internal/conf"
)

// Tags of the optional parameters a dialect reads and writes.
const (
	TagServiceOp   uint16 = 0x0501
	TagSessionInfo uint16 = 0x1383
	TagReplyType   uint16 = 0x1380
)

// Modulo is where the dialogue units of its_session_info wrap: seven bits.
const Modulo = 128

// The two charsets by their plain data_coding.
const (
	GSM  uint8 = 0
	UCS2 uint8 = 8
)

// TLV is one optional parameter.
type TLV struct {
	Tag   uint16
	Value []byte
}

// Message is what USSD uses of a deliver_sm or submit_sm. Text is already
// decoded by the charset that Charset names.
type Message struct {
	ServiceType  string
	Source, Dest string
	Text         string
	TLVs         []TLV
}

func (m *Message) tlv(tag uint16, size int) ([]byte, error) {
	for _, t := range m.TLVs {
		if t.Tag != tag {
			continue
		}
		if len(t.Value) != size {
			return nil, fmt.Errorf("%w: parameter 0x%04x has %d octets, not %d", ErrLength, tag, len(t.Value), size)
		}
		return t.Value, nil
	}
	return nil, fmt.Errorf("%w: parameter 0x%04x", ErrMissing, tag)
}

// ops are the codes of ussd_service_op; the first of a list is sent.
type ops struct {
	Begin    []uint8 `yaml:"begin"`
	Input    []uint8 `yaml:"input"`
	Abort    []uint8 `yaml:"abort"`
	Continue []uint8 `yaml:"continue"`
	End      []uint8 `yaml:"end"`
}

// SMPP is one operator's way to speak USSD over SMPP.
type SMPP struct {
	Name        string   `yaml:"name"`
	ServiceType string   `yaml:"service_type"`
	Units       Units    `yaml:"units"`
	Session     string   `yaml:"session"`
	Ops         ops      `yaml:"ops"`
	Code        []string `yaml:"code"`
	Coding      struct {
		GSM  []uint8 `yaml:"gsm"`
		UCS2 []uint8 `yaml:"ucs2"`
	} `yaml:"coding"`
	SecretReplyType uint8 `yaml:"secret_reply_type"`
}

// OverSMPP reads a dialect by its name.
func OverSMPP(name string) (*SMPP, error) {
	d := &SMPP{}
	doc, err := load("smpp", name, d)
	if err != nil {
		return nil, err
	}
	d.check(doc)
	return d, doc.Err()
}

func (d *SMPP) check(doc *conf.Doc) {
	checkUnits(doc, d.Units)
	if d.Session != "its_session_info" {
		doc.Fail("session", "the session key is its_session_info", "name a parameter this version reads")
	}
	seen := map[uint8]bool{}
	for _, list := range [][]uint8{d.Ops.Begin, d.Ops.Input, d.Ops.Abort, d.Ops.Continue, d.Ops.End} {
		if len(list) == 0 {
			doc.Fail("ops", "begin, input, abort, continue and end have a code each", "add the missing list")
		}
		for _, code := range list {
			if seen[code] {
				doc.Fail("ops", fmt.Sprintf("code %d stands twice", code), "keep one")
			}
			seen[code] = true
		}
	}
	for _, place := range d.Code {
		if place != "short_message" && place != "destination_addr" {
			doc.Fail("code", fmt.Sprintf("%q holds no dialled string", place), "short_message or destination_addr")
		}
	}
	if len(d.Code) == 0 || len(d.Coding.GSM) == 0 || len(d.Coding.UCS2) == 0 {
		doc.Fail("coding", "code, coding.gsm and coding.ucs2 are not empty", "see smpp/standard.yaml")
	}
}

// Charset is the charset of a text: what data_coding says, unless the octets
// plainly are UCS-2 under a GSM label, as some operators send them.
func (d *SMPP) Charset(dataCoding uint8, text []byte) (uint8, error) {
	switch {
	case slices.Contains(d.Coding.UCS2, dataCoding):
		return UCS2, nil
	case !slices.Contains(d.Coding.GSM, dataCoding):
		return 0, fmt.Errorf("%w: data_coding %d", ErrValue, dataCoding)
	case mislabelled(text):
		return UCS2, nil
	}
	return GSM, nil
}

// mislabelled tells UCS-2 digits, stars and hashes from GSM text: every even
// octet is zero, which as GSM would be a row of @.
func mislabelled(text []byte) bool {
	if len(text) == 0 || len(text)%2 != 0 {
		return false
	}
	for i := 0; i < len(text); i += 2 {
		if text[i] != 0 || text[i+1] < ' ' {
			return false
		}
	}
	return true
}

// DataCoding is what to send for a charset: what the other side used when that
// means the same, else the dialect's own.
func (d *SMPP) DataCoding(charset, echo uint8) uint8 {
	list := d.Coding.GSM
	if charset == UCS2 {
		list = d.Coding.UCS2
	}
	if slices.Contains(list, echo) {
		return echo
	}
	return list[0]
}

// DecodeHop reads what the operator says.
func (d *SMPP) DecodeHop(m Message) (Hop, error) {
	op, end, h, err := d.decode(m)
	if err != nil {
		return Hop{}, err
	}
	if h.MSISDN, err = msisdn(m.Source); err != nil {
		return Hop{}, err
	}
	if len(m.Text) > MaxInput {
		return Hop{}, fmt.Errorf("%w: %d octets of text", ErrLength, len(m.Text))
	}
	switch {
	case slices.Contains(d.Ops.Abort, op), end && slices.Contains(d.Ops.Input, op):
		h.Op = Abort
	case slices.Contains(d.Ops.Begin, op) && !end:
		h.Op = Begin
		h.Code, err = d.code(m)
	case slices.Contains(d.Ops.Input, op):
		h.Op, h.Text = Input, m.Text
	default:
		err = fmt.Errorf("%w: ussd_service_op %d", ErrValue, op)
	}
	if err != nil {
		return Hop{}, err
	}
	return h, nil
}

// decode reads the two parameters every USSD message has.
func (d *SMPP) decode(m Message) (op uint8, end bool, h Hop, err error) {
	code, err := m.tlv(TagServiceOp, 1)
	if err != nil {
		return 0, false, h, err
	}
	info, err := m.tlv(TagSessionInfo, 2)
	if err != nil {
		return 0, false, h, err
	}
	h.Session = hex.EncodeToString(info[:1])
	h.Position = uint32(info[1] >> 1)
	return code[0], info[1]&1 == 1, h, nil
}

// code finds the dialled string.
func (d *SMPP) code(m Message) (string, error) {
	for _, place := range d.Code {
		s := m.Text
		if place == "destination_addr" {
			s = dialled(m.Dest)
		}
		if isCode(s) {
			return s, nil
		}
	}
	return "", ErrCode
}

// dialled makes a short code a dialled string: 334 is *334#.
func dialled(s string) string {
	if s != "" && s[0] != '*' {
		s = "*" + s
	}
	if s != "" && s[len(s)-1] != '#' {
		s += "#"
	}
	return s
}

// EncodeHop writes what the operator says; dest is the short code.
func (d *SMPP) EncodeHop(h Hop, dest string) (Message, error) {
	m := Message{ServiceType: d.ServiceType, Source: h.MSISDN, Dest: dest}
	op := d.Ops.Input[0]
	switch h.Op {
	case Begin:
		op, m.Text = d.Ops.Begin[0], h.Code
	case Input:
		m.Text = h.Text
	default:
		op = d.Ops.Abort[0]
	}
	return m, d.encode(&m, op, h, h.Op == Abort)
}

// EncodeReply writes the answer to h from the short code dest.
func (d *SMPP) EncodeReply(h Hop, dest string, r Reply) (Message, error) {
	m := Message{ServiceType: d.ServiceType, Source: dest, Dest: h.MSISDN, Text: r.Text}
	op := d.Ops.Continue[0]
	if r.End {
		op = d.Ops.End[0]
	}
	if err := d.encode(&m, op, h, r.End); err != nil {
		return m, err
	}
	if r.Secret && d.SecretReplyType != 0 {
		m.TLVs = append(m.TLVs, TLV{TagReplyType, []byte{d.SecretReplyType}})
	}
	return m, nil
}

func (d *SMPP) encode(m *Message, op uint8, h Hop, end bool) error {
	info := make([]byte, 2, 3)
	if n, err := hex.Decode(info[:1], []byte(firstTwo(h.Session))); err != nil || n != 1 || len(h.Session) != 2 {
		return fmt.Errorf("%w: session key %q", ErrValue, h.Session)
	}
	info[1] = uint8(h.Position%Modulo) << 1
	if end {
		info[1] |= 1
	}
	m.TLVs = make([]TLV, 0, 3)
	m.TLVs = append(m.TLVs, TLV{TagServiceOp, []byte{op}}, TLV{TagSessionInfo, info})
	return nil
}

func firstTwo(s string) string { return s[:min(2, len(s))] }

// DecodeReply reads the answer and which hop it answers. The op and the end bit
// must agree.
func (d *SMPP) DecodeReply(m Message) (Hop, Reply, error) {
	op, end, h, err := d.decode(m)
	if err != nil {
		return Hop{}, Reply{}, err
	}
	if h.MSISDN, err = msisdn(m.Dest); err != nil {
		return Hop{}, Reply{}, err
	}
	r := Reply{Text: m.Text, End: slices.Contains(d.Ops.End, op)}
	if !r.End && !slices.Contains(d.Ops.Continue, op) {
		return Hop{}, Reply{}, fmt.Errorf("%w: ussd_service_op %d", ErrValue, op)
	}
	if r.End != end {
		return Hop{}, Reply{}, fmt.Errorf("%w: ussd_service_op %d and the end bit disagree", ErrValue, op)
	}
	if kind, err := m.tlv(TagReplyType, 1); err == nil {
		r.Secret = d.SecretReplyType != 0 && kind[0] == d.SecretReplyType
	}
	return h, r, nil
}
