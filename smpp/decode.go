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

// Octets of a body that stand beside its Message. With that and its optional parameters
// a screen fills a size class of the allocator, and so does the longest short_message.
const (
	screenBody = 152
	longBody   = 432
)

// room is a Message with the place its fields need, so that decoding one takes a single
// allocation. n is the octets of the body; one longer than longBody takes a second.
func room(n int) (m *Message, tlvs []TLV, body []byte) {
	if n <= screenBody {
		p := new(struct {
			Message
			tlvs [3]TLV
			body [screenBody]byte
		})
		return &p.Message, p.tlvs[:0], p.body[:0]
	}
	p := new(struct {
		Message
		tlvs [5]TLV
		body [longBody]byte
	})
	return &p.Message, p.tlvs[:0], p.body[:0]
}

// DecodeMessage reads the body of a submit_sm, deliver_sm or data_sm; the bytes
// are copied. The error carries the status the PDU should be answered with, see
// StatusOf.
func DecodeMessage(id CommandID, body []byte) (*Message, error) {
	m, tlvs, own := room(len(body))
	c := cursor{b: append(own, body...)}
	switch id {
	case pdu.SubmitSMID:
		m.Kind = SubmitSM
		m.readShort(&c)
	case pdu.DeliverSMID:
		m.Kind = DeliverSM
		m.readShort(&c)
	case pdu.DataSMID:
		m.Kind = DataSM
		m.readData(&c)
	default:
		return nil, &badPDU{StatusInvCmdID, "not a message"}
	}
	m.TLVs = c.tlvs(tlvs)
	if m.Dest.Addr == "" {
		c.fail(StatusInvDstAddr, "empty destination")
	}
	if c.bad != StatusOK {
		return nil, &badPDU{c.bad, c.what}
	}
	return m, nil
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

// tableZeros stand for fields that are not there.
var tableZeros = [...]byte{0, 0, 0, 0, 0}

// octets reads n one-octet fields, at most five; zeros when they are not there.
func (c *cursor) octets(n int) []byte {
	if len(c.b) < n {
		c.fail(StatusInvCmdLen, "PDU is cut")
		return tableZeros[:n]
	}
	o := c.b[:n]
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
	return c.filled(most, status, what)
}

// filled is a cstring that is not empty.
func (c *cursor) filled(most int, status Status, what string) string {
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
	b := c.b
	for len(b) > 0 {
		if len(into) == maxTLVs || len(b) < 4 {
			c.fail(StatusInvTLVStream, "optional parameters are cut or too many")
			return nil
		}
		end := 4 + int(binary.BigEndian.Uint16(b[2:]))
		if end > len(b) {
			c.fail(StatusInvTLVStream, "length of an optional parameter is a lie")
			return nil
		}
		into = append(into, TLV{Tag: Tag(binary.BigEndian.Uint16(b)), Value: b[4:end:end]})
		b = b[end:]
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
