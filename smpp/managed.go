package smpp

import (
	"context"
	"fmt"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// Query asks the SMSC about an earlier message. It waits and fails as Submit does.
func (s *Session) Query(ctx context.Context, q Query) (QueryAnswer, error) {
	if err := q.check(); err != nil {
		return QueryAnswer{}, err
	}
	o, err := s.ask(ctx, pdu.QuerySMID, appendQuery(nil, q))
	if err != nil || o.Status != StatusOK {
		return QueryAnswer{Status: o.Status}, err
	}
	a, err := decodeQueryAnswer(o.body)
	if err != nil { // the status says it was answered; what is not known
		return QueryAnswer{Status: StatusUnknownErr}, nil
	}
	return a, nil
}

// Cancel takes back an earlier message. It waits and fails as Submit does.
func (s *Session) Cancel(ctx context.Context, c Cancel) (Response, error) {
	if err := c.check(); err != nil {
		return Response{}, err
	}
	o, err := s.ask(ctx, pdu.CancelSMID, appendCancel(nil, c))
	return Response{Status: o.Status}, err
}

// Replace gives an earlier message another text. It waits and fails as Submit does.
func (s *Session) Replace(ctx context.Context, r *Replace) (Response, error) {
	if err := r.check(); err != nil {
		return Response{}, err
	}
	o, err := s.ask(ctx, pdu.ReplaceSMID, appendReplace(nil, r))
	return Response{Status: o.Status}, err
}

// Multi sends one message to many. It waits and fails as Submit does; the answer
// names those whom it will not reach.
func (s *Session) Multi(ctx context.Context, m *Multi) (MultiAnswer, error) {
	if err := m.check(); err != nil {
		return MultiAnswer{}, err
	}
	o, err := s.ask(ctx, pdu.SubmitMultiID, appendMulti(nil, m))
	if err != nil || o.Status != StatusOK {
		return MultiAnswer{Status: o.Status}, err
	}
	a, err := decodeMultiAnswer(o.body)
	if err != nil { // the status says it was taken; whom it does not reach is not known
		return MultiAnswer{Status: StatusUnknownErr}, nil
	}
	return a, nil
}

// Alert tells the ESME that a subscriber can be reached again. No answer comes;
// ErrClosed says that it was not sent, also because the peer does not read.
func (s *Session) Alert(a Alert) error {
	if err := a.check(); err != nil {
		return err
	}
	if s.esme || s.mode == TX {
		return ErrDirection
	}
	s.mu.Lock()
	if s.state >= StateUnbound || len(s.out) > maxOwed {
		s.mu.Unlock()
		return ErrClosed
	}
	start := len(s.out)
	s.out = appendHeader(s.out, header{id: pdu.AlertNotificationID, seq: s.nextSeq()})
	s.out = closeFrame(appendAlert(s.out, a), start)
	s.pdusOut.Add(1)
	s.mu.Unlock()
	s.wakeWriter()
	return nil
}

// ask is request for what only an ESME that may send asks of an SMSC.
func (s *Session) ask(ctx context.Context, id CommandID, body []byte) (outcome, error) {
	if !s.esme || s.mode == RX {
		return outcome{}, ErrDirection
	}
	select {
	case c := <-s.free:
		o := s.exchange(ctx, c, parcel{command: id, body: body})
		return o, o.err
	case <-s.leaving:
		return outcome{}, ErrClosed
	case <-ctx.Done():
		return outcome{}, fmt.Errorf("smpp: waiting for the window: %w", ctx.Err())
	}
}

// managing says that a PDU is about an earlier message and the application has an
// answer to it.
func (s *Session) managing(id CommandID) bool {
	switch id {
	case pdu.QuerySMID:
		return s.manage.Query != nil
	case pdu.CancelSMID:
		return s.manage.Cancel != nil
	case pdu.ReplaceSMID:
		return s.manage.Replace != nil
	case pdu.SubmitMultiID:
		return s.manage.Multi != nil
	}
	return false
}

// managed answers one of the rarer requests.
func (s *Session) managed(h header, body []byte) {
	var answer []byte
	status := StatusInvBindStatus
	if s.mode != RX {
		answer, status = s.handManaged(h.id, body)
	}
	if status != StatusOK {
		s.bad.Add(1)
		s.bare(header{id: h.id | responseBit, status: status, seq: h.seq})
		return
	}
	s.mu.Lock()
	start := len(s.out)
	out := append(appendHeader(s.out, header{id: h.id | responseBit, seq: h.seq}), answer...)
	over := s.respond(closeFrame(out, start))
	s.mu.Unlock()
	if over {
		s.end(errSlow)
	}
}

// handManaged reads the request and lets the application decide; the answer is the
// body that goes with status OK.
func (s *Session) handManaged(id CommandID, body []byte) (answer []byte, status Status) {
	switch id {
	case pdu.QuerySMID:
		q, err := decodeQuery(body)
		if err != nil {
			return nil, StatusOf(err)
		}
		a := s.manage.Query(s, q)
		return appendQueryAnswer(nil, a), sound(a.Status, a.check())
	case pdu.CancelSMID:
		c, err := decodeCancel(body)
		if err != nil {
			return nil, StatusOf(err)
		}
		return nil, s.manage.Cancel(s, c)
	case pdu.ReplaceSMID:
		r, err := decodeReplace(body)
		if err != nil {
			return nil, StatusOf(err)
		}
		return nil, s.manage.Replace(s, r)
	}
	m, err := decodeMulti(body)
	if err != nil {
		return nil, StatusOf(err)
	}
	m.MessageID = s.nextID()
	a := s.manage.Multi(s, m)
	return appendMultiAnswer(nil, a), sound(a.Status, a.check())
}

// sound is the status of an answer, or what is said when the application's cannot
// be written.
func sound(status Status, bad error) Status {
	if status == StatusOK && bad != nil {
		return StatusSysErr
	}
	return status
}

// alerted hands an alert_notification on; one that cannot be read, or comes the
// wrong way, is counted, as nothing answers it.
func (s *Session) alerted(body []byte) {
	a, err := decodeAlert(body)
	switch {
	case err != nil, !s.esme, s.mode == TX:
		s.bad.Add(1)
	case s.onAlert != nil:
		s.onAlert(s, a)
	}
}
