package smpp

import "strings"

// Query asks what became of a message (query_sm, SMPP 3.4 §4.8.1). Source is the
// source the message had.
type Query struct {
	MessageID string // at most 64 octets
	Source    Address
}

// QueryAnswer is query_sm_resp (SMPP 3.4 §4.8.2); all but Status counts only when
// Status is StatusOK.
type QueryAnswer struct {
	Status    Status
	MessageID string
	FinalDate string // SMPP time, at most 16 octets; empty while not final
	State     uint8  // message_state (SMPP 3.4 §5.2.28)
	Error     uint8  // the network's own code
}

// Cancel takes back a message, or all from Source to Dest that are not delivered
// when MessageID is empty (cancel_sm, SMPP 3.4 §4.9.1).
type Cancel struct {
	ServiceType  string // at most 5 octets
	MessageID    string // at most 64 octets
	Source, Dest Address
}

// Replace gives a message that is not delivered another text (replace_sm, SMPP
// 3.4 §4.10.1). Text is at most 254 octets.
type Replace struct {
	MessageID                    string // at most 64 octets
	Source                       Address
	ScheduleTime, ValidityPeriod string // empty leaves them as they are
	RegisteredDelivery           uint8
	DefaultMsgID                 uint8
	Text                         []byte
	TLVs                         []TLV // SMPP 5.0: message_payload
}

// Alert says that a subscriber can be reached again (alert_notification, SMPP 3.4
// §4.12.1). It has no answer.
type Alert struct {
	Source Address // the subscriber; at most 64 octets
	ESME   Address // who wanted to know; at most 64 octets
	TLVs   []TLV   // ms_availability_status
}

// Manage is what an SMSC does with the rarer requests: about earlier messages, and
// of one message to many. A nil member refuses its request as a command we do not have. Like OnMessage they run
// on the goroutine that reads the link and must not wait.
type Manage struct {
	Query   func(s *Session, q Query) QueryAnswer
	Cancel  func(s *Session, c Cancel) Status
	Replace func(s *Session, r *Replace) Status
	Multi   func(s *Session, m *Multi) MultiAnswer
}

// textField is a text field and the octets it may have.
type textField struct {
	name, text string
	most       int
}

func checkTexts(fields ...textField) error {
	for _, f := range fields {
		if len(f.text) > f.most {
			return tooLong(f.name, len(f.text), f.most)
		}
		if strings.IndexByte(f.text, 0) >= 0 {
			return errNUL
		}
	}
	return nil
}

func checkTLVs(tlvs []TLV) error {
	if len(tlvs) > maxTLVs {
		return errTLVs
	}
	size := 0
	for _, t := range tlvs {
		size += 4 + len(t.Value)
	}
	if size > maxPDU/2 {
		return tooLong("optional parameters", size, maxPDU/2)
	}
	return nil
}

func (q Query) check() error {
	return checkTexts(textField{"message_id", q.MessageID, mostMessageID}, textField{"source_addr", q.Source.Addr, mostAddress})
}

func appendQuery(dst []byte, q Query) []byte {
	return appendAddress(appendCString(dst, q.MessageID), q.Source)
}

func decodeQuery(body []byte) (q Query, err error) {
	c := cursorOf(body)
	q.MessageID = c.cstring(mostMessageID, StatusInvMsgID, "message_id")
	q.Source = c.address(mostAddress, StatusInvSrcAddr, "source_addr")
	c.tlvs(nil) // none is defined; a later version's are passed over
	return q, c.err()
}

func (a QueryAnswer) check() error {
	return checkTexts(textField{"message_id", a.MessageID, mostMessageID}, textField{"final_date", a.FinalDate, mostTime})
}

func appendQueryAnswer(dst []byte, a QueryAnswer) []byte {
	dst = appendCString(appendCString(dst, a.MessageID), a.FinalDate)
	return append(dst, a.State, a.Error)
}

// decodeQueryAnswer reads a body that goes with status OK.
func decodeQueryAnswer(body []byte) (a QueryAnswer, err error) {
	c := cursorOf(body)
	a.MessageID = c.cstring(mostMessageID, StatusInvMsgID, "message_id")
	a.FinalDate = c.cstring(mostTime, StatusInvValidity, "final_date")
	o := c.octets(2)
	a.State, a.Error = o[0], o[1]
	c.tlvs(nil)
	return a, c.err()
}

func (r Cancel) check() error {
	return checkTexts(textField{"service_type", r.ServiceType, mostServiceType}, textField{"message_id", r.MessageID, mostMessageID},
		textField{"source_addr", r.Source.Addr, mostAddress}, textField{"destination_addr", r.Dest.Addr, mostAddress})
}

func appendCancel(dst []byte, r Cancel) []byte {
	dst = appendCString(appendCString(dst, r.ServiceType), r.MessageID)
	return appendAddress(appendAddress(dst, r.Source), r.Dest)
}

func decodeCancel(body []byte) (r Cancel, err error) {
	c := cursorOf(body)
	r.ServiceType = c.cstring(mostServiceType, StatusInvServiceType, "service_type")
	r.MessageID = c.cstring(mostMessageID, StatusInvMsgID, "message_id")
	r.Source = c.address(mostAddress, StatusInvSrcAddr, "source_addr")
	r.Dest = c.address(mostAddress, StatusInvDstAddr, "destination_addr")
	c.tlvs(nil)
	return r, c.err()
}

func (r *Replace) check() error {
	if len(r.Text) > maxText {
		return tooLong("short_message", len(r.Text), maxText)
	}
	if err := checkTLVs(r.TLVs); err != nil {
		return err
	}
	return checkTexts(textField{"message_id", r.MessageID, mostMessageID}, textField{"source_addr", r.Source.Addr, mostAddress},
		textField{"schedule_delivery_time", r.ScheduleTime, mostTime}, textField{"validity_period", r.ValidityPeriod, mostTime})
}

func appendReplace(dst []byte, r *Replace) []byte {
	dst = appendAddress(appendCString(dst, r.MessageID), r.Source)
	dst = appendCString(appendCString(dst, r.ScheduleTime), r.ValidityPeriod)
	dst = append(dst, r.RegisteredDelivery, r.DefaultMsgID, byte(len(r.Text)))
	dst = append(dst, r.Text...)
	for _, t := range r.TLVs {
		dst = appendTLV(dst, t)
	}
	return dst
}

func decodeReplace(body []byte) (*Replace, error) {
	r := new(Replace)
	c := cursorOf(body)
	r.MessageID = c.cstring(mostMessageID, StatusInvMsgID, "message_id")
	r.Source = c.address(mostAddress, StatusInvSrcAddr, "source_addr")
	r.ScheduleTime = c.cstring(mostTime, StatusInvSchedule, "schedule_delivery_time")
	r.ValidityPeriod = c.cstring(mostTime, StatusInvValidity, "validity_period")
	o := c.octets(3)
	r.RegisteredDelivery, r.DefaultMsgID = o[0], o[1]
	r.Text = c.text(int(o[2]))
	r.TLVs = c.tlvs(nil)
	return r, c.err()
}

func (a Alert) check() error {
	if err := checkTLVs(a.TLVs); err != nil {
		return err
	}
	return checkTexts(textField{"source_addr", a.Source.Addr, mostDataAddress}, textField{"esme_addr", a.ESME.Addr, mostDataAddress})
}

func appendAlert(dst []byte, a Alert) []byte {
	dst = appendAddress(appendAddress(dst, a.Source), a.ESME)
	for _, t := range a.TLVs {
		dst = appendTLV(dst, t)
	}
	return dst
}

func decodeAlert(body []byte) (a Alert, err error) {
	c := cursorOf(body)
	a.Source = c.address(mostDataAddress, StatusInvSrcAddr, "source_addr")
	a.ESME = c.address(mostDataAddress, StatusInvDstAddr, "esme_addr")
	a.TLVs = c.tlvs(nil)
	return a, c.err()
}

// cursorOf reads a copy of body, which its owner will reuse.
func cursorOf(body []byte) cursor { return cursor{b: append([]byte(nil), body...)} }

func (c *cursor) err() error {
	if c.bad != StatusOK {
		return &badPDU{c.bad, c.what}
	}
	return nil
}
