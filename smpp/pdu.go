// Package smpp speaks SMPP 3.4 on one connection, both ends of it: framing with
// deadlines, the codec, the bind, the window, the timers, text. It takes its
// vocabulary (command ids, statuses, TLV tags) from go-smpp.
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

// The statuses this house uses (SMPP 3.4 §5.1.3, table 5-2).
const (
	StatusOK             Status = 0x00000000
	StatusInvMsgLen      Status = 0x00000001
	StatusInvCmdLen      Status = 0x00000002
	StatusInvCmdID       Status = 0x00000003
	StatusInvBindStatus  Status = 0x00000004
	StatusAlreadyBound   Status = 0x00000005
	StatusSysErr         Status = 0x00000008
	StatusInvSrcAddr     Status = 0x0000000A
	StatusInvDstAddr     Status = 0x0000000B
	StatusBindFailed     Status = 0x0000000D
	StatusInvPassword    Status = 0x0000000E
	StatusInvSystemID    Status = 0x0000000F
	StatusMsgQueueFull   Status = 0x00000014
	StatusInvServiceType Status = 0x00000015
	StatusSubmitFail     Status = 0x00000045
	StatusInvSystemType  Status = 0x00000053
	StatusThrottled      Status = 0x00000058
	StatusInvSchedule    Status = 0x00000061
	StatusInvValidity    Status = 0x00000062
	StatusTempAppError   Status = 0x00000064
	StatusPermAppError   Status = 0x00000065
	StatusInvTLVStream   Status = 0x000000C0
	StatusInvTLVLen      Status = 0x000000C2
	StatusInvTLVValue    Status = 0x000000C4
	StatusUnknownErr     Status = 0x000000FF
)

// Tags that carry USSD over SMPP (SMPP 3.4 §5.3.2) and the long text.
const (
	TagUSSDServiceOp   Tag = 0x0501
	TagITSSessionInfo  Tag = 0x1383
	TagITSReplyType    Tag = 0x1380
	TagUserMessageRef  Tag = 0x0204
	TagMessagePayload  Tag = 0x0424
	TagReceiptedMsgID  Tag = 0x001E
	TagMessageState    Tag = 0x0427
	TagScInterfaceVers Tag = 0x0210
	TagCongestionState Tag = 0x0428
	TagSarRef          Tag = 0x020C
	TagSarTotal        Tag = 0x020E
	TagSarPart         Tag = 0x020F
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
// §4.6.1, §4.7.1). A decoded Message owns its bytes.
type Message struct {
	Kind               Kind
	ServiceType        string // at most 5 octets
	Source, Dest       Address
	ESMClass           uint8
	ProtocolID         uint8
	Priority           uint8
	ScheduleTime       string
	ValidityPeriod     string
	RegisteredDelivery uint8
	Replace            uint8
	DataCoding         uint8
	DefaultMsgID       uint8
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
