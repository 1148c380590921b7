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
	m.readRest(c)
}

// readRest reads what submit_sm, deliver_sm and submit_multi have after whom it is for.
func (m *Message) readRest(c *cursor) {
	o := c.octets(3)
	m.ESMClass, m.ProtocolID, m.Priority = o[0], o[1], o[2]
	m.ScheduleTime = c.cstring(mostTime, StatusInvSchedule, "schedule_delivery_time")
	m.ValidityPeriod = c.cstring(mostTime, StatusInvValidity, "validity_period")
	o = c.octets(5)
	m.RegisteredDelivery, m.Replace, m.DataCoding, m.DefaultMsgID = o[0], o[1], o[2], o[3]
	m.Text = c.text(int(o[4]))
}

func (m *Message) readData(c *cursor) {
	m.ServiceType = c.cstring(mostServiceType, StatusInvServiceType, "service_type")
	m.Source = c.address(mostDataAddress, StatusInvSrcAddr, "source_addr")
	m.Dest = c.address(mostDataAddress, StatusInvDstAddr, "destination_addr")
	o := c.octets(3)
	m.ESMClass, m.RegisteredDelivery, m.DataCoding = o[0], o[1], o[2]
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

// octets reads n one-octet fields, at most five; zeros when they are not there.
func (c *cursor) octets(n int) (o [5]byte) {
	if len(c.b) < n {
		c.fail(StatusInvCmdLen, "PDU is cut")
		return o
	}
	copy(o[:n], c.b)
	c.b = c.b[n:]
	return o
}

// cstring reads a NUL-terminated field of at most most octets. The string lies
// over the message's own bytes; nobody writes there, as Text and TLV values end
// where they end.
func (c *cursor) cstring(most int, status Status, what string) string {
	if len(c.b) > 0 && c.b[0] == 0 { // most fields are empty
		c.b = c.b[1:]
		return ""
	}
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
	}
	s := unsafe.String(&c.b[0], end)
	c.b = c.b[end+1:]
	return s
}

func (c *cursor) address(most int, status Status, what string) Address {
	o := c.octets(2)
	return Address{TON: o[0], NPI: o[1], Addr: c.cstring(most, status, what)}
}

// text reads short_message, n octets long as sm_length says.
func (c *cursor) text(n int) []byte {
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
