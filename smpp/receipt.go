package smpp

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
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
	esmInterim  = 0x20 // intermediate delivery notification, in the same words
	mostReceipt = 512  // octets of a receipt we look at
	receiptDate = "0601021504"
)

// tableStates is message_state (SMPP 3.4 §5.2.28) as receipts spell it.
var tableStates = [...]string{
	1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED",
	5: "UNDELIV", 6: "ACCEPTD", 7: "UNKNOWN", 8: "REJECTD",
}

// tableSpelt is how some SMSCs spell a state in full, or shorter.
var tableSpelt = map[string]string{
	"DELIVERED": "DELIVRD", "UNDELIVERABLE": "UNDELIV", "UNDELIVERED": "UNDELIV", "UNDELIVRD": "UNDELIV",
	"ACCEPTED": "ACCEPTD", "REJECTED": "REJECTD", "EN_ROUTE": "ENROUTE", "FAILED": "UNDELIV",
}

// Final says that no other receipt about the SMS is to be expected.
func (r Receipt) Final() bool {
	switch r.Stat {
	case "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "REJECTD":
		return true
	}
	return false
}

// State is Stat as message_state (SMPP 3.4 §5.2.28); 0 when it is none.
func (r Receipt) State() uint8 {
	for state, name := range tableStates {
		if name == r.Stat && name != "" {
			return uint8(state)
		}
	}
	return 0
}

// About says whether the receipt is about the SMS whose submit_sm_resp said
// messageID. Some SMSCs write the number there in hex and here in decimal, or the
// other way round, or with zeros before it.
func (r Receipt) About(messageID string) bool {
	if r.ID == "" || messageID == "" {
		return false
	}
	if strings.EqualFold(r.ID, messageID) {
		return true
	}
	a, b := strings.TrimLeft(r.ID, "0"), strings.TrimLeft(messageID, "0")
	return a != "" && (strings.EqualFold(a, b) || sameNumber(a, b) || sameNumber(b, a))
}

// sameNumber compares decimal with hex.
func sameNumber(decimal, hex string) bool {
	d, err := strconv.ParseUint(decimal, 10, 64)
	h, err2 := strconv.ParseUint(hex, 16, 64)
	return err == nil && err2 == nil && d == h
}

// ParseReceipt reads a delivery receipt; ok is false when m is none. The TLVs
// win over the text, whose form is every SMSC's own. esm_class says that it is
// one; where an SMSC forgets that, both TLVs of a receipt do.
func ParseReceipt(m *Message) (r Receipt, ok bool) {
	_, named := m.TLV(TagReceiptedMsgID)
	_, stated := m.TLV(TagMessageState)
	kind := m.ESMClass & esmKind
	if kind != esmReceipt && kind != esmInterim && (m.Kind == SubmitSM || kind != 0 || !named || !stated) {
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
	if code, has := m.TLV(TagNetworkError); has && len(code) == 3 && r.Err == "" {
		r.Err = fmt.Sprintf("%03d", int(code[1])<<8|int(code[2]))
	}
	return r, r.ID != "" && r.Stat != ""
}

// receiptText finds `id:… stat:… err:…` in any order and case, with a blank after
// the colon or commas and semicolons for blanks; what follows `text:` is the
// subscriber's own.
func receiptText(s string) (r Receipt) {
	for at := range s { // a lower-cased copy may have other places
		if end := at + len("text:"); end <= len(s) && strings.EqualFold(s[at:end], "text:") {
			s = s[:at]
			break
		}
	}
	words := strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' })
	for i, word := range words {
		name, value, colon := strings.Cut(word, ":")
		if colon && value == "" && i+1 < len(words) && !strings.Contains(words[i+1], ":") {
			value = words[i+1]
		}
		if len(value) > mostMessageID {
			continue
		}
		switch strings.ToLower(name) {
		case "id":
			r.ID = value
		case "stat":
			r.Stat = strings.ToUpper(value)
			if short, ok := tableSpelt[r.Stat]; ok {
				r.Stat = short
			}
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
	if state := r.State(); state != 0 {
		m.TLVs = append(m.TLVs, TLV{Tag: TagMessageState, Value: []byte{state}})
	}
}
