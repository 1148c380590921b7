package smpp

import (
	"context"
	"fmt"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// call is one place in the window, and the request that has it. It is in
// Session.calls from the moment it is queued until it is answered or given up.
type call struct {
	done      chan outcome
	command   CommandID
	batch     uint64 // Session.batch when it was queued
	sweep     uint32 // sweeps.count then
	abandoned bool   // nobody waits any more, the place is still taken
}

type outcome struct {
	Response
	body []byte // of a query_sm_resp or submit_multi_resp
	err  error
}

// parcel is what a call sends: a message, or the body of a rarer request.
type parcel struct {
	command CommandID
	message *Message
	body    []byte
}

// request takes a place in the window, sends, and waits for the answer.
func (s *Session) request(ctx context.Context, m *Message, kind Kind) (Response, error) {
	msg := *m
	if msg.Kind != DataSM {
		msg.Kind = kind
	}
	if err := msg.check(); err != nil {
		return Response{}, err
	}
	if s.esme && s.mode == RX || !s.esme && s.mode == TX {
		return Response{}, ErrDirection
	}
	select {
	case c := <-s.free:
		o := s.exchange(ctx, c, parcel{command: commandOf(msg.Kind), message: &msg})
		return o.Response, o.err
	case <-s.leaving:
		return Response{}, ErrClosed
	case <-ctx.Done():
		return Response{}, fmt.Errorf("smpp: waiting for the window: %w", ctx.Err())
	}
}

func (s *Session) exchange(ctx context.Context, c *call, p parcel) outcome {
	if !s.post(c, p) {
		s.free <- c
		return outcome{err: ErrClosed}
	}
	if s.borrow() { // not before it is written: meanwhile nobody would read
		s.readFor(c)
	}
	select {
	case o := <-c.done:
		s.free <- c
		return o
	case <-ctx.Done():
		return s.abandon(c)
	}
}

// post queues p as the request of c. It wakes the writer, which lets other requests
// join before it writes; a request that is alone, as the one before it was, it writes
// itself.
func (s *Session) post(c *call, p parcel) bool {
	s.mu.Lock()
	if s.state == StateUnbound || s.state == StateClosed {
		s.mu.Unlock()
		return false
	}
	seq := s.nextSeq()
	c.command, c.batch, c.sweep, c.abandoned = p.command, s.batch, s.sweeps.count, false
	s.calls[seq] = c
	if p.command != pdu.EnquireLinkID {
		s.moved.Store(true)
	}
	alone := len(s.calls) == 1
	direct := alone && !s.together && len(s.out) == 0 && !s.final
	s.together = !alone
	s.out = p.append(s.out, seq)
	s.pdusOut.Add(1)
	s.mu.Unlock()
	if !direct || s.flush() {
		s.wakeWriter()
	}
	return true
}

func (p parcel) append(dst []byte, seq uint32) []byte {
	if p.message != nil {
		return appendMessage(dst, seq, p.message)
	}
	start := len(dst)
	dst = appendHeader(dst, header{id: p.command, seq: seq})
	return closeFrame(append(dst, p.body...), start)
}

// nextSeq is the next free sequence number; s.mu is held.
func (s *Session) nextSeq() uint32 {
	for {
		s.seq++
		if s.seq > lastSeq {
			s.seq = 1
			if !s.esme {
				s.seq = firstServerSeq
			}
		}
		if _, taken := s.calls[s.seq]; !taken {
			return s.seq
		}
	}
}

// abandon stops waiting. The place in the window stays taken until the peer
// answers or the response timer ends: the peer counts it too.
func (s *Session) abandon(c *call) outcome {
	s.mu.Lock()
	select {
	case o := <-c.done: // the answer came at the same moment
		s.mu.Unlock()
		s.free <- c
		return o
	default:
		c.abandoned = true
		s.mu.Unlock()
		return outcome{err: ErrUnknown}
	}
}

// finish gives c its outcome; s.mu is held and c is out of s.calls.
func (s *Session) finish(c *call, o outcome) {
	if c.abandoned {
		s.free <- c
		return
	}
	c.done <- o
}

// answered matches a response with our request, by number and by kind: the peer
// numbers its own requests as it likes.
func (s *Session) answered(h header, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.calls[h.seq]
	if !ok || !answers(h, c.command) {
		s.unsolicited.Add(1)
		return
	}
	delete(s.calls, h.seq)
	if s.lease.alone++; len(s.calls) > 0 {
		s.lease.amid()
	}
	o := outcome{Response: parseResponse(h, body)}
	if percent, said := congestionIn(body); said {
		s.peerBusy.Store(uint32(percent))
	}
	if h.id == pdu.QuerySMRespID || h.id == pdu.SubmitMultiRespID {
		o.body = append([]byte(nil), body...)
	}
	s.finish(c, o)
}
