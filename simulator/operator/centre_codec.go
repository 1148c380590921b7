package operator

import (
	"fmt"

	"mlango/internal/dialect"
	"mlango/smpp"
)

// The numbering of addresses: a subscriber is international E.164, a short code
// has neither type nor plan.
const (
	tonInternational = 1
	npiISDN          = 1
)

// encode writes a hop as the dialect says.
func (c *centre) encode(p *hop) (*smpp.Message, error) {
	h := dialect.Hop{Session: p.session, MSISDN: p.msisdn, Code: p.code, Text: p.text, Position: p.unit}
	switch p.op {
	case opBegin:
		h.Op = dialect.Begin
	case opInput:
		h.Op = dialect.Input
	case opNotified:
		h.Op = dialect.Notified
	default:
		h.Op = dialect.Abort
	}
	d, err := c.dialect.EncodeHop(h, c.o.cfg.ShortCode)
	if err != nil {
		return nil, fmt.Errorf("operator: %w", err)
	}
	m := &smpp.Message{
		Kind: smpp.DeliverSM, ServiceType: d.ServiceType,
		Source: smpp.Address{TON: tonInternational, NPI: npiISDN, Addr: d.Source},
		Dest:   smpp.Address{Addr: d.Dest},
		TLVs:   make([]smpp.TLV, 0, len(d.TLVs)),
	}
	charset, text := smpp.EncodeText(d.Text)
	m.DataCoding, charset = c.dialect.DataCoding(charset, charset)
	if charset == dialect.Packed {
		text, _ = smpp.PackGSM7(d.Text) // it is in GSM's tables
	}
	m.Text = text
	if c.dialect.PDU == dialect.DataSM {
		m.Kind, m.Text = smpp.DataSM, nil
		m.TLVs = append(m.TLVs, smpp.TLV{Tag: smpp.TagMessagePayload, Value: text})
	}
	for _, t := range d.TLVs {
		m.TLVs = append(m.TLVs, smpp.TLV{Tag: smpp.Tag(t.Tag), Value: t.Value})
	}
	return m, nil
}

// message takes what the other side submits: a screen or an SMS. It runs on the
// link's own goroutine and never waits.
func (c *centre) message(s *smpp.Session, m *smpp.Message) smpp.Status {
	kind, status := c.judge(s, m)
	c.o.traceAnswer(m, status)
	if op := c.o.cfg.Open; op != nil && op.OnEvent != nil {
		e := Event{Kind: kind, SystemID: s.SystemID(), From: m.Source.Addr, To: m.Dest.Addr, Status: smpp.StatusName(status)}
		if kind != EventThrottle {
			e.ID, e.Text = m.MessageID, c.words(m)
		}
		c.o.tell(e)
	}
	return status
}

// judge takes a message, or says why not.
func (c *centre) judge(s *smpp.Session, m *smpp.Message) (kind string, status smpp.Status) {
	_, ussd := m.TLV(smpp.TagUSSDServiceOp)
	switch {
	case !c.o.throttle.allow(c.o.limit(ussd)):
		c.o.counts.throttled.Add(1)
		return EventThrottle, smpp.StatusThrottled
	case ussd:
		return EventScreen, c.screen(s, m)
	}
	return EventSMS, c.shortMessage(s, m)
}

// words is a message's text.
func (c *centre) words(m *smpp.Message) string {
	content := m.Content()
	if charset, err := c.dialect.Charset(m.DataCoding, content); err == nil {
		return decodeText(charset, content)
	}
	return smpp.DecodeText(m.DataCoding, content)
}

// limit is how many messages a second are taken; 0: all. A fault throttles SMS only,
// as an SMSC does that is apart from the USSD centre, unless it names USSD too.
func (o *Operator) limit(ussd bool) int {
	f := o.faults()
	switch {
	case f.Throttle > 0 && (!ussd || f.ThrottleUSSD):
		return f.Throttle
	case o.cfg.Open != nil:
		return o.cfg.Open.Throttle
	}
	return 0
}

// screen shows a submit_sm with a USSD op.
func (c *centre) screen(s *smpp.Session, m *smpp.Message) smpp.Status {
	content := m.Content()
	charset, err := c.dialect.Charset(m.DataCoding, content)
	if err != nil {
		return smpp.StatusSubmitFail
	}
	d := dialect.Message{
		ServiceType: m.ServiceType, Source: m.Source.Addr, Dest: m.Dest.Addr,
		Text: decodeText(charset, content), TLVs: make([]dialect.TLV, 0, len(m.TLVs)),
	}
	for _, t := range m.TLVs {
		d.TLVs = append(d.TLVs, dialect.TLV{Tag: uint16(t.Tag), Value: t.Value})
	}
	h, r, err := c.dialect.DecodeReply(d)
	if err != nil {
		return smpp.StatusSubmitFail
	}
	if c.o.cfg.OnPush != nil && (r.Notify || !c.o.expects(h.MSISDN, h.Session)) && c.pushed(s, m, h, r) {
		return smpp.StatusOK
	}
	if r.Notify || !c.o.show(h.MSISDN, h.Session, h.Position, c.dialect.Modulo(), answer{text: r.Text, end: r.End, secret: r.Secret, pdu: m}) {
		return smpp.StatusSubmitFail
	}
	return smpp.StatusOK
}

// decodeText reads octets in a charset of a dialect.
func decodeText(charset uint8, b []byte) string {
	if charset == dialect.Packed {
		return smpp.UnpackGSM7(b)
	}
	return smpp.DecodeText(charset, b)
}
