package smpp

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// read serves the link until it is down.
func (s *Session) read() {
	for s.readOne() && (!s.lent() || s.lend()) {
	}
}

// readOne serves the next PDU; false ends reading. Responses gather while more PDUs are
// at hand, so that a busy peer gets them in few writes; a batch is small and handlers do
// not wait, so nobody's answer is late.
func (s *Session) readOne() bool {
	frame, err := s.in.next()
	if err != nil {
		s.readFailed(err)
		return false
	}
	s.heard.Store(true)
	s.pdusIn.Add(1)
	h := parseHeader(frame)
	if _, bind := modeOf(h.id); s.tap != nil && !bind { // one on a bound link is refused, and holds a password all the same
		s.tap(s, true, frame)
	}
	if !s.dispatch(h, frame[headerLen:]) {
		return false
	}
	if !h.isResponse() {
		s.lease.amid()
		if h.id != pdu.EnquireLinkID {
			s.moved.Store(true)
		}
	}
	if !s.unflushed {
		return true
	}
	if s.gathered++; s.gathered >= answerRun || !s.in.ready() {
		s.unflushed, s.gathered = false, 0
		s.wakeWriter()
	}
	return true
}

// readFailed ends the link. Framing that lies cannot be mended, but is told.
func (s *Session) readFailed(err error) {
	if !errors.Is(err, errBadLength) {
		s.end(err)
		return
	}
	s.bad.Add(1)
	s.log.Warn("smpp: peer's framing is broken", "peer", s.peer, "err", err)
	s.bare(s.in.nack())
	s.endAfterWrite(err)
}

// nack answers a PDU whose length is a lie, by its number if that is here.
func (f *frames) nack() header {
	h := header{id: pdu.GenericNACKID, status: StatusInvCmdLen}
	if f.w-f.r >= headerLen {
		h.seq = binary.BigEndian.Uint32(f.buf[f.r+12:])
	}
	return h
}

// dispatch handles one PDU; false ends reading.
func (s *Session) dispatch(h header, body []byte) bool {
	switch {
	case h.id == pdu.UnbindID:
		s.bare(header{id: pdu.UnbindRespID, seq: h.seq})
		s.endAfterWrite(errUnbound)
		return false
	case h.id == pdu.UnbindRespID:
		return s.unbound(h)
	case h.id == pdu.EnquireLinkRespID:
		s.enquired.Store(time.Now().UnixNano())
		s.echoed(h)
	case h.isResponse():
		s.answered(h, body)
	case h.id == pdu.SubmitSMID, h.id == pdu.DeliverSMID, h.id == pdu.DataSMID:
		s.message(h, body)
	case h.id == pdu.AlertNotificationID:
		s.alerted(body)
	case s.managing(h.id):
		s.managed(h, body)
	default:
		s.other(h, StatusAlreadyBound)
	}
	return true
}

// other answers what is no message: ifBind is the status a bind gets.
func (s *Session) other(h header, ifBind Status) {
	answer, ok := answerOther(h, ifBind)
	if !ok {
		return
	}
	switch h.id {
	case pdu.QuerySMID, pdu.CancelSMID, pdu.ReplaceSMID, pdu.SubmitMultiID:
		if s.esme || s.mode == RX { // an ESME that may send asks these
			answer.status = StatusInvBindStatus
		}
	}
	if answer.status != StatusOK {
		s.bad.Add(1)
	}
	if h.id == pdu.EnquireLinkID {
		s.enquired.Store(time.Now().UnixNano())
	}
	s.bare(answer)
}

// answerOther is the answer to a request that is neither a message nor unbind;
// ok is false when it has none (SMPP 3.4 §4.1.7, §4.12).
func answerOther(h header, ifBind Status) (answer header, ok bool) {
	answer = header{id: h.id | responseBit, seq: h.seq}
	switch h.id {
	case pdu.OutbindID, pdu.AlertNotificationID:
		return header{}, false
	case pdu.EnquireLinkID:
	case pdu.BindReceiverID, pdu.BindTransmitterID, pdu.BindTransceiverID:
		answer.status = ifBind
	case pdu.QuerySMID, pdu.CancelSMID, pdu.ReplaceSMID, pdu.SubmitMultiID:
		answer.status = StatusInvCmdID
	default:
		answer.id, answer.status = pdu.GenericNACKID, StatusInvCmdID
	}
	return answer, true
}

// message hands a message on and queues its response at once.
func (s *Session) message(h header, body []byte) {
	m, status := s.judge(h, body)
	if status == StatusOK {
		if s.nextID != nil && h.id != pdu.DeliverSMID {
			m.MessageID = s.nextID()
		}
		status = s.onMessage(s, m)
	} else {
		s.bad.Add(1)
		m = &Message{}
	}
	percent, say := s.congested()
	s.mu.Lock()
	out := appendResponse(s.out, h, status, m.MessageID)
	if say {
		out = appendCongestion(out, len(s.out), percent)
	}
	over := s.respond(out)
	s.mu.Unlock()
	if over {
		s.end(errSlow)
	}
}

// congested is what we say of our load; say is false to a peer that would not
// understand it.
func (s *Session) congested() (percent uint8, say bool) {
	if s.congestion == nil || s.version < version50 {
		return 0, false
	}
	return s.congestion(), true
}

// judge reads a message and whether it may come this way.
func (s *Session) judge(h header, body []byte) (*Message, Status) {
	toESME := h.id == pdu.DeliverSMID || h.id == pdu.DataSMID && s.esme
	if toESME != s.esme || s.esme && s.mode == TX || !s.esme && s.mode == RX {
		return nil, StatusInvBindStatus
	}
	m, err := DecodeMessage(h.id, body)
	if err != nil {
		s.log.Warn("smpp: message refused", "peer", s.peer, "seq", h.seq, "err", err)
		return nil, StatusOf(err)
	}
	return m, StatusOK
}

// unbound ends the link if the answer is to our unbind.
func (s *Session) unbound(h header) bool {
	s.mu.Lock()
	ours := s.unbind != 0 && s.unbind == h.seq
	s.mu.Unlock()
	if !ours {
		s.unsolicited.Add(1)
		return true
	}
	s.end(errUnbound)
	return false
}
