// Package smpp speaks SMPP 3.4 on one connection, both ends of it, and what SMPP
// 5.0 adds that a peer may say there: framing with deadlines, the codec, the bind,
// the window, the timers, text. It takes its vocabulary from go-smpp and completes
// it from the specifications.
package smpp

import (
	"github.com/fiorix/go-smpp/smpp/pdu"
	"github.com/fiorix/go-smpp/smpp/pdu/pdutlv"
)

// CommandID and Status are go-smpp's names for the fields of the PDU header
// (SMPP 3.4 §5.1.2.1 and §5.1.3).
type (
	CommandID = pdu.ID
	Status    = pdu.Status
	Tag       = pdutlv.Tag
)

// Address is a number with its type and plan (SMPP 3.4 §5.2.5, §5.2.6). Addr is
// at most 20 octets.
type Address struct {
	TON, NPI uint8
	Addr     string
}

// TLV is one optional parameter; Value is at most 65535 octets.
type TLV struct {
	Tag   Tag
	Value []byte
}

// Kind tells which of the three message PDUs a Message is.
type Kind uint8

// The message PDUs: submit_sm, deliver_sm, data_sm.
const (
	SubmitSM Kind = iota + 1
	DeliverSM
	DataSM
)

// Message is the body of submit_sm, deliver_sm or data_sm (SMPP 3.4 §4.4.1,
// §4.6.1, §4.7.1), its one-octet fields first: they pack. A decoded Message owns its
// bytes.
type Message struct {
	Kind               Kind
	ESMClass           uint8
	ProtocolID         uint8
	Priority           uint8
	RegisteredDelivery uint8
	Replace            uint8
	DataCoding         uint8
	DefaultMsgID       uint8
	ServiceType        string // at most 5 octets
	Source, Dest       Address
	ScheduleTime       string
	ValidityPeriod     string
	Text               []byte // short_message, at most 254 octets; nil in data_sm
	TLVs               []TLV

	// MessageID is the id the response carries. It crosses no wire with the
	// request: a Server fills it before OnMessage sees the message (so that a
	// receipt can name it later) and OnMessage may put its own.
	MessageID string
}

// Content is the text octets wherever they travel: in short_message or, when
// that is empty, in message_payload.
func (m *Message) Content() []byte {
	if len(m.Text) > 0 {
		return m.Text
	}
	payload, _ := m.TLV(TagMessagePayload)
	return payload
}

// TLV finds an optional parameter; ok is false when the message has none.
func (m *Message) TLV(tag Tag) (value []byte, ok bool) {
	for i := range m.TLVs {
		if m.TLVs[i].Tag == tag {
			return m.TLVs[i].Value, true
		}
	}
	return nil, false
}
