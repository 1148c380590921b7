package smpp

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// rawPDU is one PDU as a raw peer sees it.
type rawPDU struct {
	header
	body []byte
}

// raw is a peer that speaks octets. Everything it gets lands in pdus, which is
// closed when the link is.
type raw struct {
	t    *testing.T
	conn net.Conn
	pdus chan rawPDU
}

func newRaw(t *testing.T, conn net.Conn) *raw {
	r := &raw{t: t, conn: conn, pdus: make(chan rawPDU, 4096)}
	go func() {
		defer close(r.pdus)
		in := newFrames(conn, time.Hour)
		for {
			frame, err := in.next()
			if err != nil {
				return
			}
			r.pdus <- rawPDU{parseHeader(frame), append([]byte(nil), frame[headerLen:]...)}
		}
	}()
	return r
}

func (r *raw) send(b []byte) {
	r.t.Helper()
	if _, err := r.conn.Write(b); err != nil {
		r.t.Errorf("raw write: %v", err)
	}
}

func (r *raw) bare(id CommandID, status Status, seq uint32) {
	r.t.Helper()
	r.send(appendBare(nil, header{id, status, seq}))
}

// want takes the next PDU, which must be id.
func (r *raw) want(id CommandID) rawPDU {
	r.t.Helper()
	p, ok := <-r.pdus
	if !ok || p.id != id {
		r.t.Fatalf("got %v %v (link up: %v), want %v", p.id, p.status, ok, id)
	}
	return p
}

// inBubble binds an ESME session over a pipe to a raw SMSC, in a bubble of
// synctest whose clock jumps when everybody waits.
func inBubble(t *testing.T, change func(*Config), test func(t *testing.T, s *Session, r *raw)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		r := newRaw(t, theirs)
		cfg := Config{SystemID: "house", Password: secret}
		if change != nil {
			change(&cfg)
		}
		go func() {
			b := <-r.pdus
			r.send(appendBindResponse(nil, b.header, 0, "raw"))
		}()
		s, err := Bind(t.Context(), ours, cfg)
		if err != nil {
			t.Fatal(err)
		}
		test(t, s, r)
		s.Abort()
		theirs.Close()
	})
}

// submitting sends n messages at once; their outcomes arrive in the channel.
func submitting(ctx context.Context, s *Session, n int) <-chan outcome {
	all := make(chan outcome, n)
	for range n {
		go func() {
			r, err := s.Submit(ctx, sms("hello"))
			all <- outcome{Response: r, err: err}
		}()
	}
	return all
}

func TestNoAnswerIsUnknown(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, s *Session, r *raw) {
		began := time.Now()
		o := <-submitting(t.Context(), s, 1)
		took := time.Since(began)
		if o.err != ErrUnknown || took < 10*time.Second || took > 12*time.Second {
			t.Errorf("%v after %v", o.err, took)
		}
		late := r.want(pdu.SubmitSMID)
		r.send(appendResponse(nil, late.header, StatusOK, "late"))
		synctest.Wait()
		if st := s.Stats(); st.Unsolicited != 1 || st.InFlight != 0 || s.State() != StateBoundTRX {
			t.Errorf("%+v in state %d", st, s.State())
		}
	})
}

func TestLinkLossTellsSentFromUnsent(t *testing.T) {
	inBubble(t, func(c *Config) { c.Window = 2 }, func(t *testing.T, s *Session, r *raw) {
		all := submitting(t.Context(), s, 5)
		synctest.Wait()
		if st := s.Stats(); st.InFlight != 2 {
			t.Errorf("%d in flight, the window is 2", st.InFlight)
		}
		r.conn.Close()
		sent, unsent := 0, 0
		for range 5 {
			switch o := <-all; o.err {
			case ErrUnknown:
				sent++
			case ErrClosed:
				unsent++
			default:
				t.Error(o)
			}
		}
		if sent != 2 || unsent != 3 {
			t.Errorf("%d sent, %d not", sent, unsent)
		}
		if <-s.Done(); s.Err() == nil {
			t.Error("a lost link has no reason")
		}
	})
}

func TestWindowWaitsForContext(t *testing.T) {
	inBubble(t, func(c *Config) { c.Window = 1 }, func(t *testing.T, s *Session, r *raw) {
		first := submitting(t.Context(), s, 1)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if o := <-submitting(ctx, s, 1); !errors.Is(o.err, context.DeadlineExceeded) || errors.Is(o.err, ErrUnknown) {
			t.Errorf("waiting ended with %v", o.err)
		}
		p := r.want(pdu.SubmitSMID)
		r.send(appendResponse(nil, p.header, StatusOK, "1"))
		if o := <-first; o.err != nil || o.MessageID != "1" {
			t.Error(o)
		}
	})
}

// TestAbandonedRequestKeepsItsPlace: the peer still counts it.
func TestAbandonedRequestKeepsItsPlace(t *testing.T) {
	inBubble(t, func(c *Config) { c.Window = 1 }, func(t *testing.T, s *Session, r *raw) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if o := <-submitting(ctx, s, 1); o.err != ErrUnknown {
			t.Errorf("sent and given up: %v", o.err)
		}
		next := submitting(t.Context(), s, 1)
		synctest.Wait()
		p := r.want(pdu.SubmitSMID)
		if len(r.pdus) != 0 {
			t.Error("the place was given away")
		}
		r.send(appendResponse(nil, p.header, StatusOK, "1"))
		p = r.want(pdu.SubmitSMID)
		r.send(appendResponse(nil, p.header, StatusOK, "2"))
		if o := <-next; o.err != nil || o.MessageID != "2" {
			t.Error(o)
		}
	})
}

func TestSilentPeerIsAskedThenCut(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, s *Session, r *raw) {
		began := time.Now()
		p := r.want(pdu.EnquireLinkID)
		if asked := time.Since(began); asked < 30*time.Second || asked > 33*time.Second {
			t.Errorf("asked after %v", asked)
		}
		r.bare(pdu.EnquireLinkRespID, StatusOK, p.seq)
		r.want(pdu.EnquireLinkID)
		<-s.Done()
		if cut := time.Since(began); cut < 70*time.Second || cut > 76*time.Second || s.Err() != errSilent {
			t.Errorf("cut after %v: %v", cut, s.Err())
		}
	})
}

// TestIdleLinkIsUnbound: messages keep a link, signs of life do not; without the timer it
// stays for ever.
func TestIdleLinkIsUnbound(t *testing.T) {
	inBubble(t, func(c *Config) { c.Timers.Inactivity = 2 * time.Minute }, func(t *testing.T, s *Session, r *raw) {
		began := time.Now()
		time.Sleep(20 * time.Second)
		r.send(appendMessage(nil, 7, &Message{Kind: DeliverSM, Dest: Address{Addr: "334"}}))
		r.want(pdu.DeliverSMRespID)
		for {
			p := <-r.pdus
			if p.id == pdu.EnquireLinkID {
				r.bare(pdu.EnquireLinkRespID, StatusOK, p.seq)
				continue
			}
			if idle := time.Since(began); p.id != pdu.UnbindID || idle < 140*time.Second || idle > 145*time.Second {
				t.Errorf("%v after %v", p.id, idle)
			}
			r.bare(pdu.UnbindRespID, StatusOK, p.seq)
			break
		}
		<-s.Done()
		if s.Err() != nil {
			t.Error(s.Err())
		}
	})
}

func TestHalfPDUIsCut(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, s *Session, r *raw) {
		began := time.Now()
		r.send([]byte{0, 0, 0, 16, 0, 0})
		<-s.Done()
		if cut := time.Since(began); cut != 10*time.Second {
			t.Errorf("cut after %v: %v", cut, s.Err())
		}
	})
}

// TestDripIsCut: an octet every second is still a half PDU.
func TestDripIsCut(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, s *Session, r *raw) {
		began := time.Now()
		for range 16 {
			if _, err := r.conn.Write([]byte{0}); err != nil {
				break
			}
			time.Sleep(time.Second)
		}
		<-s.Done()
		if cut := time.Since(began); cut > 11*time.Second {
			t.Errorf("cut after %v: %v", cut, s.Err())
		}
	})
}

// TestSequenceNumbersAreEachSides: a peer's request with the number of ours, and
// an answer of the wrong kind, leave ours waiting for its own.
func TestSequenceNumbersAreEachSides(t *testing.T) {
	heard := make(chan string, 1)
	take := func(c *Config) {
		c.OnMessage = func(_ *Session, m *Message) Status { heard <- string(m.Text); return StatusOK }
	}
	inBubble(t, take, func(t *testing.T, s *Session, r *raw) {
		all := submitting(t.Context(), s, 1)
		p := r.want(pdu.SubmitSMID)
		clash := sms("clash")
		clash.Kind = DeliverSM
		r.send(appendMessage(nil, p.seq, clash))
		if a := r.want(pdu.DeliverSMRespID); a.seq != p.seq || <-heard != "clash" {
			t.Error("the peer's request was not served")
		}
		r.send(appendResponse(nil, header{id: pdu.DeliverSMID, seq: p.seq}, StatusOK, ""))
		r.send(appendResponse(nil, p.header, StatusMsgQueueFull, ""))
		if o := <-all; o.err != nil || o.Status != StatusMsgQueueFull {
			t.Error(o)
		}
		if n := s.Stats().Unsolicited; n != 1 {
			t.Errorf("%d unsolicited", n)
		}
	})
}

func TestNackAnswersOurRequest(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, s *Session, r *raw) {
		all := submitting(t.Context(), s, 1)
		p := r.want(pdu.SubmitSMID)
		r.bare(pdu.GenericNACKID, StatusInvCmdID, 0)
		r.bare(pdu.GenericNACKID, StatusInvCmdID, p.seq)
		if o := <-all; o.err != nil || o.Status != StatusInvCmdID {
			t.Error(o)
		}
	})
}

func TestUnbindOfThePeerIsAnswered(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, s *Session, r *raw) {
		all := submitting(t.Context(), s, 1)
		r.want(pdu.SubmitSMID)
		r.bare(pdu.UnbindID, StatusOK, 77)
		if p := r.want(pdu.UnbindRespID); p.seq != 77 {
			t.Error(p.seq)
		}
		<-s.Done()
		if o := <-all; o.err != ErrUnknown || s.Err() != nil {
			t.Error(o, s.Err())
		}
	})
}

func TestCloseWaitsForAnswersThenUnbinds(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, s *Session, r *raw) {
		all := submitting(t.Context(), s, 1)
		synctest.Wait()
		closed := make(chan error, 2)
		for range 2 { // twice does no harm
			go func() { closed <- s.Close(t.Context()) }()
		}
		synctest.Wait()
		if _, err := s.Submit(t.Context(), sms("late")); err != ErrClosed {
			t.Error(err)
		}
		p := r.want(pdu.SubmitSMID)
		if len(r.pdus) != 0 {
			t.Error("unbind came before the answer")
		}
		r.send(appendResponse(nil, p.header, StatusOK, "1"))
		if o := <-all; o.err != nil {
			t.Error(o)
		}
		r.bare(pdu.UnbindRespID, StatusOK, r.want(pdu.UnbindID).seq)
		if a, b := <-closed, <-closed; a != nil || b != nil || s.Err() != nil {
			t.Error(a, b, s.Err())
		}
	})
}

func TestCloseCutsWhenTheContextEnds(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, s *Session, r *raw) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if _, ok := <-s.Done(); ok || s.State() != StateClosed {
			t.Error("the link is still up")
		}
	})
}

func TestBindRefusedAndBindUnanswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		r := newRaw(t, theirs)
		go func() {
			r.bare(pdu.BindTransceiverRespID, StatusInvPassword, (<-r.pdus).seq)
		}()
		_, err := Bind(t.Context(), ours, Config{SystemID: "house"})
		if refused := (*BindError)(nil); !errors.As(err, &refused) || refused.Status != StatusInvPassword {
			t.Error(err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		r := newRaw(t, theirs)
		began := time.Now()
		go func() { // an answer with a foreign number is none
			r.bare(pdu.BindTransceiverRespID, StatusOK, (<-r.pdus).seq+5)
		}()
		_, err := Bind(t.Context(), ours, Config{SystemID: "house"})
		if took := time.Since(began); !errors.Is(err, errNoBind) || took != 5*time.Second {
			t.Errorf("%v after %v", err, took)
		}
	})
}

// TestPeerThatDoesNotReadIsCut by the write timer, or once what it does not read
// is more than the queue may hold.
func TestPeerThatDoesNotReadIsCut(t *testing.T) {
	bound := func(t *testing.T) (*Session, net.Conn) {
		ours, theirs := net.Pipe()
		go func() {
			var b [256]byte
			_, _ = theirs.Read(b[:])
			_, _ = theirs.Write(appendBindResponse(nil, header{id: pdu.BindTransceiverID, seq: 1}, 0, "raw"))
		}()
		s, err := Bind(t.Context(), ours, Config{SystemID: "house"})
		if err != nil {
			t.Fatal(err)
		}
		return s, theirs
	}
	synctest.Test(t, func(t *testing.T) {
		s, theirs := bound(t)
		began := time.Now()
		o := <-submitting(t.Context(), s, 1)
		if took := time.Since(began); o.err != ErrUnknown || took != 10*time.Second {
			t.Errorf("%v after %v", o.err, took)
		}
		theirs.Close()
	})
	synctest.Test(t, func(t *testing.T) {
		s, theirs := bound(t)
		ask := appendBare(nil, header{id: pdu.EnquireLinkID, seq: 1})
		sent := 0
		for ; sent < 10*maxOwed/headerLen; sent++ {
			if _, err := theirs.Write(ask); err != nil {
				break
			}
		}
		<-s.Done()
		if s.Err() != errSlow || sent > 3*maxOwed/headerLen {
			t.Errorf("%v after %d requests", s.Err(), sent)
		}
	})
}

// TestServerTimers: no bind in five seconds, and the server's own numbers.
func TestServerTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		v := NewServer(ServerConfig{})
		began := time.Now()
		go v.ServeConn(ours)
		if _, err := theirs.Read(make([]byte, 1)); err != io.EOF || time.Since(began) != 5*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		theirs.Close()
	})
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		v := NewServer(ServerConfig{Auth: func(string, string) Status { return StatusOK }})
		go v.ServeConn(ours)
		r := newRaw(t, theirs)
		r.send(appendBind(nil, TRX, 1, &bindPDU{systemID: "x"}))
		r.want(pdu.BindTransceiverRespID)
		synctest.Wait()
		s := v.Sessions()[0]
		go func() { _, _ = s.Deliver(t.Context(), sms("hello")) }()
		if p := r.want(pdu.DeliverSMID); p.seq != 0x40000000 {
			t.Errorf("numbered %#x", p.seq)
		}
		theirs.Close()
		<-s.Done()
	})
}

func TestSequenceWrapsPastThoseInFlight(t *testing.T) {
	s := newSession(nil, nil, true, TRX, 1, Timers{})
	s.seq = lastSeq - 1
	s.calls[1] = &call{}
	if a, b := s.nextSeq(), s.nextSeq(); a != lastSeq || b != 2 {
		t.Errorf("%#x then %#x", a, b)
	}
}

func TestDirectionOfABind(t *testing.T) {
	_, addr := listen(t, ServerConfig{})
	s := dial(t, addr, func(c *Config) { c.Mode = RX })
	if _, err := s.Submit(t.Context(), sms("no")); err != ErrDirection || s.State() != StateBoundRX {
		t.Error(err, s.State())
	}
}

// TestEnquire: who asks is answered; silence and a link that is down are told apart.
func TestEnquire(t *testing.T) {
	_, addr := listen(t, ServerConfig{})
	s := dial(t, addr)
	if err := s.Enquire(t.Context()); err != nil || s.Stats().Unsolicited != 0 || s.Enquired().IsZero() {
		t.Error(err, s.Stats())
	}
	s.Abort()
	if err := s.Enquire(t.Context()); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		r := newRaw(t, theirs)
		mute := newSession(ours, newFrames(ours, time.Hour), true, TRX, 1, Timers{Response: time.Second}.withDefaults())
		mute.start()
		go mute.read()
		if err := mute.Enquire(t.Context()); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
		mute.Abort()
		theirs.Close()
		for range r.pdus {
		}
	})
}
