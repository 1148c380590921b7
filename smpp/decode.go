package smpp

import (
	"bytes"
	"encoding/binary"
	"unsafe"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// Octets of each text field without its final NUL (SMPP 3.4 §4.4.1, §4.7.1).
const (
	mostServiceType = 5
	mostAddress     = 20
	mostDataAddress = 64 // data_sm
	mostTime        = 16
	mostMessageID   = 64
)

// packed is a Message with the room most messages need, so that decoding one
// takes a single allocation.
type packed struct {
	Message
	tlvs [4]TLV
	body [192]byte
}

// DecodeMessage reads the body of a submit_sm, deliver_sm or data_sm; the bytes
// are copied. The error carries the status the PDU should be answered with, see
// StatusOf.
func DecodeMessage(id CommandID, body []byte) (*Message, error) {
	p := new(packed)
	switch id {
	case pdu.SubmitSMID:
		p.Kind = SubmitSM
	case pdu.DeliverSMID:
		p.Kind = DeliverSM
	case pdu.DataSMID:
		p.Kind = DataSM
	default:
		return nil, &badPDU{StatusInvCmdID, "not a message"}
	}
	b := append(p.body[:0], body...)
	c := cursor{b: b, bad: StatusOK}
	if p.Kind == DataSM {
		p.readData(&c)
	} else {
		p.readShort(&c)
	}
	p.TLVs = c.tlvs(p.tlvs[:0])
	if p.Dest.Addr == "" {
		c.fail(StatusInvDstAddr, "empty destination")
	}
	if c.bad != StatusOK {
		return nil, &badPDU{c.bad, c.what}
	}
	return &p.Message, nil
}

// readShort reads submit_sm and deliver_sm, which have the same fields.
func (m *Message) readShort(c *cursor) {
	m.ServiceType = c.cstring(mostServiceType, StatusInvServiceType, "service_type")
	m.Source = c.address(mostAddress, StatusInvSrcAddr, "source_addr")
	m.Dest = c.address(mostAddress, StatusInvDstAddr, "destination_addr")
	m.ESMClass = c.octet()
	m.ProtocolID = c.octet()
	m.Priority = c.octet()
	m.ScheduleTime = c.cstring(mostTime, StatusInvSchedule, "schedule_delivery_time")
	m.ValidityPeriod = c.cstring(mostTime, StatusInvValidity, "validity_period")
	m.RegisteredDelivery = c.octet()
	m.Replace = c.octet()
	m.DataCoding = c.octet()
	m.DefaultMsgID = c.octet()
	m.Text = c.text()
}

func (m *Message) readData(c *cursor) {
	m.ServiceType = c.cstring(mostServiceType, StatusInvServiceType, "service_type")
	m.Source = c.address(mostDataAddress, StatusInvSrcAddr, "source_addr")
	m.Dest = c.address(mostDataAddress, StatusInvDstAddr, "destination_addr")
	m.ESMClass = c.octet()
	m.RegisteredDelivery = c.octet()
	m.DataCoding = c.octet()
}

// cursor reads fields one after the other and keeps the first thing that was
// wrong; after that it reads nothing.
type cursor struct {
	b    []byte
	bad  Status
	what string
}

func (c *cursor) fail(status Status, what string) {
	if c.bad == StatusOK {
		c.bad, c.what, c.b = status, what, nil
	}
}

func (c *cursor) octet() uint8 {
	if len(c.b) == 0 {
		c.fail(StatusInvCmdLen, "PDU is cut")
		return 0
	}
	o := c.b[0]
	c.b = c.b[1:]
	return o
}

// cstring reads a NUL-terminated field of at most most octets. The string lies
// over the message's own bytes; nobody writes there, as Text and TLV values end
// where they end.
func (c *cursor) cstring(most int, status Status, what string) string {
	if c.bad != StatusOK {
		return ""
	}
	end := bytes.IndexByte(c.b[:min(len(c.b), most+1)], 0)
	switch {
	case end < 0 && len(c.b) > most:
		c.fail(status, what+" is too long")
		return ""
	case end < 0:
		c.fail(StatusInvCmdLen, "PDU is cut in "+what)
		return ""
	case end == 0:
		c.b = c.b[1:]
		return ""
	}
	s := unsafe.String(&c.b[0], end)
	c.b = c.b[end+1:]
	return s
}

func (c *cursor) address(most int, status Status, what string) Address {
	return Address{TON: c.octet(), NPI: c.octet(), Addr: c.cstring(most, status, what)}
}

// text reads sm_length and short_message.
func (c *cursor) text() []byte {
	n := int(c.octet())
	switch {
	case c.bad != StatusOK || n == 0:
		return nil
	case n > maxText || n > len(c.b):
		c.fail(StatusInvMsgLen, "sm_length is a lie")
		return nil
	}
	text := c.b[:n:n]
	c.b = c.b[n:]
	return text
}

// tlvs reads optional parameters to the end of the PDU.
func (c *cursor) tlvs(into []TLV) []TLV {
	for len(c.b) > 0 {
		if len(into) == maxTLVs || len(c.b) < 4 {
			c.fail(StatusInvTLVStream, "optional parameters are cut or too many")
			return nil
		}
		n := int(binary.BigEndian.Uint16(c.b[2:]))
		if n > len(c.b)-4 {
			c.fail(StatusInvTLVStream, "length of an optional parameter is a lie")
			return nil
		}
		tag := Tag(binary.BigEndian.Uint16(c.b))
		into = append(into, TLV{Tag: tag, Value: c.b[4 : 4+n : 4+n]})
		c.b = c.b[4+n:]
	}
	if len(into) == 0 {
		return nil
	}
	return into
}

// StatusOf is the status a PDU is answered with whose reading failed with err.
func StatusOf(err error) Status {
	if bad, ok := err.(*badPDU); ok {
		return bad.status
	}
	return StatusSysErr
}
