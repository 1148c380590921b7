package smpp

import (
	"strings"
	"time"
)

// Receipt is an SMSC's report on an SMS (SMPP 3.4 appendix B).
type Receipt struct {
	ID              string // message_id of the submit_sm_resp
	Stat            string // DELIVRD, EXPIRED, DELETED, UNDELIV, ACCEPTD, UNKNOWN, REJECTD
	Err             string
	Submitted, Done time.Time // written, not read: every SMSC has its own zone
}

const (
	esmKind     = 0x3C // the message type bits of esm_class (SMPP 3.4 §5.2.12)
	esmReceipt  = 0x04
	mostReceipt = 512 // octets of a receipt we look at
	receiptDate = "0601021504"
)

// tableStates is message_state (SMPP 3.4 §5.2.28) as receipts spell it.
var tableStates = [...]string{
	1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED",
	5: "UNDELIV", 6: "ACCEPTD", 7: "UNKNOWN", 8: "REJECTD",
}

// ParseReceipt reads a delivery receipt; ok is false when m is none. The TLVs
// win over the text, whose form is every SMSC's own.
func ParseReceipt(m *Message) (r Receipt, ok bool) {
	if m.ESMClass&esmKind != esmReceipt {
		return Receipt{}, false
	}
	text := m.Content()
	text = text[:min(len(text), mostReceipt)]
	r = receiptText(DecodeText(m.DataCoding, text))
	if id, has := m.TLV(TagReceiptedMsgID); has && len(id) <= mostMessageID+1 {
		r.ID = strings.TrimRight(string(id), "\x00")
	}
	if state, has := m.TLV(TagMessageState); has && len(state) == 1 {
		if int(state[0]) < len(tableStates) && tableStates[state[0]] != "" {
			r.Stat = tableStates[state[0]]
		}
	}
	return r, r.ID != "" && r.Stat != ""
}

// receiptText finds `id:… stat:… err:…` in any order and case; what follows
// `text:` is the subscriber's own.
func receiptText(s string) (r Receipt) {
	for at := range s { // a lower-cased copy may have other places
		if end := at + len("text:"); end <= len(s) && strings.EqualFold(s[at:end], "text:") {
			s = s[:at]
			break
		}
	}
	for _, word := range strings.Fields(s) {
		name, value, _ := strings.Cut(word, ":")
		if len(value) > mostMessageID {
			continue
		}
		switch strings.ToLower(name) {
		case "id":
			r.ID = value
		case "stat":
			r.Stat = strings.ToUpper(value)
		case "err":
			r.Err = value
		}
	}
	return r
}

// Put makes m the delivery receipt of r.
func (r Receipt) Put(m *Message) {
	delivered := "000"
	if r.Stat == tableStates[2] {
		delivered = "001"
	}
	text := "id:" + r.ID + " sub:001 dlvrd:" + delivered +
		" submit date:" + r.Submitted.Format(receiptDate) + " done date:" + r.Done.Format(receiptDate) +
		" stat:" + r.Stat + " err:" + r.Err + " text:"
	m.ESMClass = m.ESMClass&^esmKind | esmReceipt
	m.DataCoding, m.Text = CodingGSM7, []byte(text[:min(len(text), maxText)])
	m.TLVs = append(m.TLVs, TLV{Tag: TagReceiptedMsgID, Value: append([]byte(r.ID), 0)})
	for state, name := range tableStates {
		if name == r.Stat && name != "" {
			m.TLVs = append(m.TLVs, TLV{Tag: TagMessageState, Value: []byte{byte(state)}})
		}
	}
}
