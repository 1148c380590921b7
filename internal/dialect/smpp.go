package dialect

import (
	"fmt"
	"slices"
	"strings"

	"mlango/internal/conf"
)

// Tags of the optional parameters that every dialect reads and writes
// (SMPP 3.4 §5.3.2). The one that names the session is the dialect's own.
const (
	TagServiceOp uint16 = 0x0501 // ussd_service_op
	TagReplyType uint16 = 0x1380 // its_reply_type
)

// Modulo is where seven bits of dialogue units wrap, as its_session_info counts.
const Modulo = 128

// The charsets. GSM and UCS2 are their own plain data_coding; Packed is GSM with
// eight septets in seven octets (3GPP 23.038 §6.1.2.3), which some USSD centres send
// as they have it from MAP, under a data_coding of their own.
const (
	GSM    uint8 = 0
	UCS2   uint8 = 8
	Packed uint8 = 0x44
)

// DataSM is the PDU of a dialect that carries both directions in data_sm.
const DataSM = "data_sm"

// TLV is one optional parameter.
type TLV struct {
	Tag   uint16
	Value []byte
}

// Message is what USSD uses of a deliver_sm, submit_sm or data_sm. Text is
// already decoded by the charset that Charset names.
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

// ops are the codes of ussd_service_op. All of a list are understood, its first
// is sent.
type ops struct {
	Begin    []uint8 `yaml:"begin"`    // PSSR indication: a dial
	Input    []uint8 `yaml:"input"`    // USSR confirm: what was typed
	Abort    []uint8 `yaml:"abort"`    // the subscriber or the network ended it
	Notified []uint8 `yaml:"notified"` // USSN confirm: the handset showed it
	Continue []uint8 `yaml:"continue"` // USSR request: show, and wait for an input
	End      []uint8 `yaml:"end"`      // PSSR response: the last screen
	Notify   []uint8 `yaml:"notify"`   // USSN request: show, nobody answers
}

// from are the codes that the operator sends, to those it is sent.
func (o *ops) from() [][]uint8 { return [][]uint8{o.Begin, o.Input, o.Abort, o.Notified} }
func (o *ops) to() [][]uint8   { return [][]uint8{o.Continue, o.End, o.Notify} }

// SMPP is one operator's way to speak USSD over SMPP.
type SMPP struct {
	Name        string   `yaml:"name"`
	ServiceType string   `yaml:"service_type"`
	Units       Units    `yaml:"units"`
	PDU         string   `yaml:"pdu"` // data_sm; else deliver_sm and submit_sm
	Session     session  `yaml:"session"`
	Ops         ops      `yaml:"ops"`
	Code        []string `yaml:"code"`
	Coding      struct {
		GSM    []uint8 `yaml:"gsm"`
		Packed []uint8 `yaml:"packed"`
		UCS2   []uint8 `yaml:"ucs2"`
	} `yaml:"coding"` // data_coding of each charset, the first is sent; of gsm and packed one may be empty
	SecretReplyType uint8 `yaml:"secret_reply_type"`
}

// OverSMPP reads a dialect by its name, or a file of one whose path ends in
// .yaml.
func OverSMPP(name string) (*SMPP, error) {
	d := &SMPP{}
	var doc *conf.Doc
	var err error
	if IsFile(name) {
		doc, err = conf.Load(name, d)
	} else {
		doc, err = load("smpp", name, d)
	}
	if err != nil {
		return nil, err
	}
	d.check(doc)
	return d, doc.Err()
}

// IsFile tells the path of a dialect's file from the name of one that is built
// in.
func IsFile(name string) bool { return strings.HasSuffix(name, ".yaml") }

func (d *SMPP) check(doc *conf.Doc) {
	if d.Name == "" {
		doc.Fail("name", "the dialect has no name", "write name: and a word")
	}
	checkUnits(doc, d.Units)
	if d.PDU != "" && d.PDU != DataSM {
		doc.Fail("pdu", fmt.Sprintf("%q carries no USSD", d.PDU), "write pdu: data_sm, or remove it for deliver_sm and submit_sm")
	}
	d.Session.check(doc)
	d.checkOps(doc)
	for _, place := range d.Code {
		if place != "short_message" && place != "destination_addr" {
			doc.Fail("code", fmt.Sprintf("%q holds no dialled string", place), "short_message or destination_addr")
		}
	}
	if len(d.Code) == 0 || len(d.Coding.GSM)+len(d.Coding.Packed) == 0 || len(d.Coding.UCS2) == 0 {
		doc.Fail("coding", "code, coding.ucs2 and one of coding.gsm and coding.packed are not empty", "see smpp/standard.yaml")
	}
	seen := map[uint8]bool{}
	for _, coding := range slices.Concat(d.Coding.GSM, d.Coding.Packed, d.Coding.UCS2) {
		if seen[coding] {
			doc.Fail("coding", fmt.Sprintf("data_coding %d stands twice", coding), "keep it in one list")
		}
		seen[coding] = true
	}
}

// checkOps refuses codes that could be read in two ways. What is sent to the
// operator and what comes from it do not meet; continue and end may share a code
// where a bit tells them apart.
func (d *SMPP) checkOps(doc *conf.Doc) {
	for _, way := range [][][]uint8{d.Ops.from(), d.Ops.to()} {
		seen := map[uint8]int{}
		for i, list := range way {
			if len(list) == 0 {
				doc.Fail("ops", "begin, input, abort, notified, continue, end and notify have a code each", "add the missing list")
			}
			for _, code := range list {
				other, twice := seen[code]
				if seen[code] = i; twice && (d.Session.End == 0 || i == other || i == 2 || len(way) > 3) {
					doc.Fail("ops", fmt.Sprintf("code %d stands twice", code), "keep one, or name the bit that ends a session: session.end")
				}
			}
		}
	}
}

// Charset is the charset of a text: what data_coding says, unless the octets
// plainly are UCS-2 under another label, as some operators send them.
func (d *SMPP) Charset(dataCoding uint8, text []byte) (uint8, error) {
	switch {
	case slices.Contains(d.Coding.UCS2, dataCoding):
		return UCS2, nil
	case !slices.Contains(d.Coding.GSM, dataCoding) && !slices.Contains(d.Coding.Packed, dataCoding):
		return 0, fmt.Errorf("%w: data_coding %d", ErrValue, dataCoding)
	case mislabelled(text):
		return UCS2, nil
	case slices.Contains(d.Coding.Packed, dataCoding):
		return Packed, nil
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

// DataCoding is what to send for a text that is in GSM's tables, or needs UCS-2:
// its data_coding and its charset. It is what the other side used when that means
// the same, else the dialect's own.
func (d *SMPP) DataCoding(charset, echo uint8) (dataCoding, as uint8) {
	list := d.Coding.UCS2
	switch {
	case charset == UCS2:
	case slices.Contains(d.Coding.Packed, echo), len(d.Coding.GSM) == 0:
		list, charset = d.Coding.Packed, Packed
	default:
		list = d.Coding.GSM
	}
	if slices.Contains(list, echo) {
		return echo, charset
	}
	return list[0], charset
}
