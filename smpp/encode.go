package smpp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// ErrBadMessage says that a message cannot be sent as it is, to anybody.
var ErrBadMessage = errors.New("smpp: message cannot be sent")

var (
	errNoDest = fmt.Errorf("%w: it has no destination", ErrBadMessage)
	errNUL    = fmt.Errorf("%w: a NUL inside a text field", ErrBadMessage)
	errKind   = fmt.Errorf("%w: it is neither submit_sm, deliver_sm nor data_sm", ErrBadMessage)
	errInData = fmt.Errorf("%w: data_sm has no short_message, message_payload carries the text", ErrBadMessage)
	errTLVs   = fmt.Errorf("%w: it has too many optional parameters", ErrBadMessage)
)

// commandOf is the command that carries a message of that kind.
func commandOf(k Kind) CommandID {
	switch k {
	case DeliverSM:
		return pdu.DeliverSMID
	case DataSM:
		return pdu.DataSMID
	}
	return pdu.SubmitSMID
}

// check refuses a message that would not be read back as it is.
func (m *Message) check() error {
	if m.Kind < SubmitSM || m.Kind > DataSM {
		return errKind
	}
	address := mostAddress
	if m.Kind == DataSM {
		address = mostDataAddress
	}
	for _, f := range [...]struct {
		name, text string
		most       int
	}{
		{"service_type", m.ServiceType, mostServiceType},
		{"source_addr", m.Source.Addr, address},
		{"destination_addr", m.Dest.Addr, address},
		{"schedule_delivery_time", m.ScheduleTime, mostTime},
		{"validity_period", m.ValidityPeriod, mostTime},
	} {
		if len(f.text) > f.most {
			return tooLong(f.name, len(f.text), f.most)
		}
		if strings.IndexByte(f.text, 0) >= 0 {
			return errNUL
		}
	}
	switch {
	case m.Dest.Addr == "":
		return errNoDest
	case len(m.Text) > maxText:
		return tooLong("short_message", len(m.Text), maxText)
	case m.Kind == DataSM && len(m.Text) > 0:
		return errInData
	case len(m.TLVs) > maxTLVs:
		return errTLVs
	}
	return m.checkSize()
}

// checkSize keeps the whole PDU below what we would read ourselves.
func (m *Message) checkSize() error {
	size := headerLen + 3*maxText // more than the mandatory fields can be
	for _, t := range m.TLVs {
		size += 4 + len(t.Value)
	}
	if size > maxPDU {
		return tooLong("PDU", size, maxPDU)
	}
	return nil
}

// appendMessage writes m, which passed check, as a whole PDU.
func appendMessage(dst []byte, seq uint32, m *Message) []byte {
	start := len(dst)
	dst = appendHeader(dst, header{id: commandOf(m.Kind), seq: seq})
	dst = appendCString(dst, m.ServiceType)
	dst = appendAddress(dst, m.Source)
	dst = appendAddress(dst, m.Dest)
	return closeFrame(m.appendRest(dst), start)
}

// appendRest writes what follows whom it is for.
func (m *Message) appendRest(dst []byte) []byte {
	if m.Kind == DataSM {
		dst = append(dst, m.ESMClass, m.RegisteredDelivery, m.DataCoding)
	} else {
		dst = append(dst, m.ESMClass, m.ProtocolID, m.Priority)
		dst = appendCString(dst, m.ScheduleTime)
		dst = appendCString(dst, m.ValidityPeriod)
		dst = append(dst, m.RegisteredDelivery, m.Replace, m.DataCoding, m.DefaultMsgID, byte(len(m.Text)))
		dst = append(dst, m.Text...)
	}
	for _, t := range m.TLVs {
		dst = appendTLV(dst, t)
	}
	return dst
}

func appendCString(dst []byte, s string) []byte { return append(append(dst, s...), 0) }

func appendAddress(dst []byte, a Address) []byte {
	return appendCString(append(dst, a.TON, a.NPI), a.Addr)
}

func appendTLV(dst []byte, t TLV) []byte {
	dst = binary.BigEndian.AppendUint16(dst, uint16(t.Tag))
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(t.Value)))
	return append(dst, t.Value...)
}
