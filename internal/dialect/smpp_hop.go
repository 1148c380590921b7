package dialect

import (
	"errors"
	"fmt"
	"slices"
)

// maxAddress is what an address of deliver_sm and submit_sm holds
// (SMPP 3.4 §5.2.8, §5.2.9).
const maxAddress = 20

// DecodeHop reads what the operator says.
func (d *SMPP) DecodeHop(m Message) (h Hop, err error) {
	op, end, err := d.decode(&m, m.Dest, &h)
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
	case slices.Contains(d.Ops.Notified, op):
		h.Op = Notified
	case slices.Contains(d.Ops.Begin, op) && !end:
		h.Op = Begin
		h.Code, err = d.code(&m)
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

// decode reads what every USSD message has: its op and its session.
func (d *SMPP) decode(m *Message, service string, h *Hop) (op uint8, end bool, err error) {
	code, err := m.tlv(TagServiceOp, 1)
	if err != nil {
		return 0, false, err
	}
	h.Session, h.Position, end, err = d.Session.read(m, service)
	return code[0], end, err
}

// code finds the dialled string.
func (d *SMPP) code(m *Message) (string, error) {
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
	op := d.Ops.Abort[0]
	switch h.Op {
	case Begin:
		op = d.Ops.Begin[0]
		if d.Code[0] != "destination_addr" {
			m.Text = h.Code
			break
		}
		if m.Dest = h.Code; len(h.Code) > maxAddress {
			return m, fmt.Errorf("%w: %d characters do not go into an address", ErrLength, len(h.Code))
		}
	case Input:
		op, m.Text = d.Ops.Input[0], h.Text
	case Notified:
		op = d.Ops.Notified[0]
	}
	return m, d.encode(&m, op, &h, h.Op == Abort)
}

// EncodeReply writes the answer to h from the short code dest.
func (d *SMPP) EncodeReply(h Hop, dest string, r Reply) (Message, error) {
	m := Message{ServiceType: d.ServiceType, Source: dest, Dest: h.MSISDN, Text: r.Text}
	op := d.Ops.Continue[0]
	switch {
	case r.Notify:
		op = d.Ops.Notify[0]
	case r.End:
		op = d.Ops.End[0]
	}
	if err := d.encode(&m, op, &h, r.End); err != nil {
		return m, err
	}
	if r.Secret && d.SecretReplyType != 0 {
		m.TLVs = append(m.TLVs, TLV{TagReplyType, []byte{d.SecretReplyType}})
	}
	return m, nil
}

func (d *SMPP) encode(m *Message, op uint8, h *Hop, end bool) (err error) {
	m.TLVs = append(make([]TLV, 0, 3), TLV{TagServiceOp, []byte{op}})
	m.TLVs, err = d.Session.append(m.TLVs, h, end)
	return err
}

// DecodeReply reads the answer and which hop it answers. Where the dialect has a
// bit for the end, it and the op must agree.
func (d *SMPP) DecodeReply(m Message) (h Hop, r Reply, err error) {
	op, end, err := d.decode(&m, m.Source, &h)
	if errors.Is(err, ErrMissing) && d.Session.Assigned && op != 0 {
		err = nil // a session we shall name
	}
	if err != nil {
		return Hop{}, Reply{}, err
	}
	if h.MSISDN, err = msisdn(m.Dest); err != nil {
		return Hop{}, Reply{}, err
	}
	if r, err = d.reply(op, end); err != nil {
		return Hop{}, Reply{}, err
	}
	r.Text = m.Text
	if kind, err := m.tlv(TagReplyType, 1); err == nil {
		r.Secret = d.SecretReplyType != 0 && kind[0] == d.SecretReplyType
	}
	return h, r, nil
}

// reply is what an op and the end bit say of a screen.
func (d *SMPP) reply(op uint8, end bool) (r Reply, err error) {
	goesOn, ends := slices.Contains(d.Ops.Continue, op), slices.Contains(d.Ops.End, op)
	switch r.Notify = slices.Contains(d.Ops.Notify, op); {
	case !goesOn && !ends && !r.Notify:
		return Reply{}, fmt.Errorf("%w: ussd_service_op %d", ErrValue, op)
	case d.Session.End == 0:
		r.End = ends
	case end && !ends, !end && !goesOn && !r.Notify:
		return Reply{}, fmt.Errorf("%w: ussd_service_op %d and the end bit disagree", ErrValue, op)
	default:
		r.End = end
	}
	return r, nil
}
