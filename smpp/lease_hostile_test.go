package smpp

import (
	"bytes"
	"context"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// flood is an SMSC that answers so many requests and from then on says answers that
// nobody waits for, without end.
func flood(t *testing.T, requests int) (addr string) {
	one := appendResponse(nil, header{id: pdu.SubmitSMID, seq: 0x7000}, StatusOK, "of 37 octets, so that")
	return hear(t, func(conn net.Conn) {
		go func() {
			defer conn.Close()
			in := newFrames(conn, time.Hour)
			b, err := in.next()
			for answer := appendBindResponse(nil, parseHeader(b), 0, "raw"); err == nil && requests >= 0; requests-- {
				if _, err = conn.Write(answer); err != nil {
					return
				}
				if b, err = in.next(); err == nil {
					answer = appendResponse(nil, parseHeader(b), StatusOK, "id")
				}
			}
			go func() { _, _ = io.Copy(io.Discard, conn) }()
			for batch := bytes.Repeat(one, 1000); err == nil; {
				_, err = conn.Write(batch)
			}
		}()
	})
}

// TestFloodOfAnswersEndsTheLease: nearly every read of a flood ends inside a PDU, whose
// own deadline must not put off the one that calls the caller back.
func TestFloodOfAnswersEndsTheLease(t *testing.T) {
	s := dial(t, flood(t, 2*leaseAfter), func(c *Config) { c.Timers.Response = 20 * time.Second })
	for range 2 * leaseAfter {
		if _, err := s.Submit(t.Context(), sms("x")); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := s.Submit(ctx, sms("x")); err != ErrUnknown || time.Since(began) > 10*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}

// tardy is a connection on which a deadline that is lifted comes later than the one that
// calls a caller back: he was not served in between.
type tardy struct {
	net.Conn
	armed  atomic.Bool
	called chan struct{}
}

func (c *tardy) SetReadDeadline(at time.Time) error {
	switch {
	case at.Equal(time.Unix(1, 0)):
		defer close(c.called)
	case at.IsZero() && c.armed.Swap(false):
		<-c.called
	}
	return c.Conn.SetReadDeadline(at)
}

func TestCallBackIsNotOverwritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		conn := &tardy{Conn: ours, called: make(chan struct{})}
		r := newRaw(t, theirs)
		go func() { r.send(appendBindResponse(nil, (<-r.pdus).header, 0, "raw")) }()
		s, err := Bind(t.Context(), conn, Config{SystemID: "house", Password: secret})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Abort()
		r.oneByOne(s, 2*leaseAfter)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		defer cancel()
		conn.armed.Store(true)
		began := time.Now()
		sent := submitting(ctx, s, 1)
		r.want(pdu.SubmitSMID)
		late := appendResponse(nil, header{id: pdu.SubmitSMID, seq: 0x7000}, StatusOK, "late")
		r.send(late[:9])
		r.send(late[9:])
		if o := <-sent; o.err != ErrUnknown || time.Since(began) > 10*time.Millisecond {
			t.Errorf("%v after %v", o.err, time.Since(began))
		}
	})
}

// TestSomebodyReadsWhileACallerWrites: the peer says what it has to say before it takes
// more.
func TestSomebodyReadsWhileACallerWrites(t *testing.T) {
	inLease(t, func(t *testing.T, s *Session, r *raw, delivered chan *Message) {
		// The pipe takes nothing while newRaw waits for room in r.pdus.
		for range cap(r.pdus) {
			r.pdus <- rawPDU{}
		}
		first := submitting(t.Context(), s, 1) // read, and waits for room
		synctest.Wait()
		sent := submitting(t.Context(), s, 1) // not read
		synctest.Wait()
		r.send(delivery(7))
		time.Sleep(5 * leaseTick)
		if len(delivered) != 1 {
			t.Error("nobody reads while a caller writes")
		}
		s.Abort()
		<-first
		<-sent
		for len(r.pdus) > 0 {
			<-r.pdus
		}
	})
}

// TestWarinessIsOfLoneAnswers: what else comes says nothing of how fast the peer answers.
func TestWarinessIsOfLoneAnswers(t *testing.T) {
	inLease(t, func(t *testing.T, s *Session, r *raw, delivered chan *Message) {
		sent := submitting(t.Context(), s, 1)
		p := r.want(pdu.SubmitSMID)
		time.Sleep(5 * leaseTick)
		r.answer(p)
		<-sent
		for i := range leaseWary + leaseAfter {
			r.send(delivery(uint32(i + 1)))
			r.want(pdu.DeliverSMRespID)
			<-delivered
			r.bare(pdu.SubmitSMRespID, 0, 0x7000)
		}
		r.oneByOne(s, leaseAfter)
		if h := s.held(); h != heldByReader {
			t.Errorf("lent again: reading is with %d", h)
		}
	})
}

// TestTapThatPanicsKeepsNoLease: it runs on the goroutine of a caller, who may recover.
func TestTapThatPanicsKeepsNoLease(t *testing.T) {
	var harm atomic.Bool
	tap := func(c *Config) {
		c.Tap = func(_ *Session, in bool, _ []byte) {
			if in && harm.Swap(false) {
				panic("a tap")
			}
		}
	}
	inBubble(t, tap, func(t *testing.T, s *Session, r *raw) {
		r.oneByOne(s, 2*leaseAfter)
		harm.Store(true)
		over := make(chan any)
		go func() {
			defer func() { over <- recover() }()
			_, _ = s.Submit(t.Context(), sms("x"))
		}()
		r.answer(r.want(pdu.SubmitSMID))
		if <-over == nil {
			t.Fatal("the tap was not called by the caller")
		}
		r.oneByOne(s, 1)
	})
}
