package smpp

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fiorix/go-smpp/smpp/pdu"
	"pgregory.net/rapid"
)

// answer is the submit_sm_resp to p.
func (r *raw) answer(p rawPDU) {
	r.t.Helper()
	r.send(appendResponse(nil, p.header, StatusOK, "id"))
}

// delivery is a deliver_sm.
func delivery(seq uint32) []byte {
	m := sms("hello")
	m.Kind = DeliverSM
	return appendMessage(nil, seq, m)
}

// oneByOne sends n messages, each after the answer to the one before.
func (r *raw) oneByOne(s *Session, n int) {
	r.t.Helper()
	for range n {
		sent := submitting(r.t.Context(), s, 1)
		r.answer(r.want(pdu.SubmitSMID))
		if o := <-sent; o.err != nil {
			r.t.Fatal(o.err)
		}
	}
}

// held is who reads once everybody waits.
func (s *Session) held() holder {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lease.holder
}

// inLease is inBubble with reading lent already; what the SMSC delivers is counted.
func inLease(t *testing.T, test func(t *testing.T, s *Session, r *raw, delivered chan *Message)) {
	t.Helper()
	delivered := make(chan *Message, 100)
	hear := func(c *Config) {
		c.OnMessage = func(_ *Session, m *Message) Status { delivered <- m; return StatusOK }
	}
	inBubble(t, hear, func(t *testing.T, s *Session, r *raw) {
		r.oneByOne(s, leaseAfter-1)
		if h := s.held(); h != heldByReader {
			t.Errorf("after %d answers reading is with %d", leaseAfter-1, h)
		}
		r.oneByOne(s, 1)
		if h := s.held(); h != heldByNobody {
			t.Fatalf("after %d answers reading is with %d", leaseAfter, h)
		}
		test(t, s, r, delivered)
	})
}

func TestWhoSendsAloneReads(t *testing.T) {
	inLease(t, func(t *testing.T, s *Session, r *raw, _ chan *Message) {
		for range 50 {
			sent := submitting(t.Context(), s, 1)
			p := r.want(pdu.SubmitSMID)
			if h := s.held(); h != heldByCaller {
				t.Fatalf("reading is with %d", h)
			}
			r.answer(p)
			if o := <-sent; o.err != nil || o.MessageID != "id" {
				t.Fatal(o)
			}
			if h := s.held(); h != heldByNobody {
				t.Fatalf("reading is with %d", h)
			}
		}
		time.Sleep(3 * leaseTick)
		if h := s.held(); h != heldByReader {
			t.Errorf("nobody sends, and reading is with %d", h)
		}
	})
}

func TestNobodyReadsForTwoTicksAtMost(t *testing.T) {
	inLease(t, func(t *testing.T, s *Session, r *raw, delivered chan *Message) {
		began := time.Now()
		r.send(delivery(7))
		r.want(pdu.DeliverSMRespID)
		if took := time.Since(began); len(delivered) != 1 || took > 2*leaseTick {
			t.Errorf("%d delivered after %v", len(delivered), took)
		}
	})
}

func TestReaderHasWhatIsNoAnswer(t *testing.T) {
	inLease(t, func(t *testing.T, s *Session, r *raw, delivered chan *Message) {
		sent := submitting(t.Context(), s, 1)
		p := r.want(pdu.SubmitSMID)
		r.send(delivery(7))
		r.want(pdu.DeliverSMRespID)
		if h := s.held(); h != heldByReader || len(delivered) != 1 {
			t.Errorf("%d delivered, reading is with %d", len(delivered), h)
		}
		r.answer(p)
		if o := <-sent; o.err != nil {
			t.Error(o.err)
		}
	})
}

// TestNobodyWaitsWithoutAReader: what is here, or in flight, when a caller has his answer
// needs somebody to read for it.
func TestNobodyWaitsWithoutAReader(t *testing.T) {
	t.Run("another is in flight", func(t *testing.T) {
		inLease(t, func(t *testing.T, s *Session, r *raw, _ chan *Message) {
			one := submitting(t.Context(), s, 1)
			p := r.want(pdu.SubmitSMID)
			if h := s.held(); h != heldByCaller {
				t.Errorf("reading is with %d", h)
			}
			other := submitting(t.Context(), s, 1)
			r.want(pdu.SubmitSMID)
			r.answer(p)
			<-one
			if h := s.held(); h != heldByReader {
				t.Errorf("reading is with %d", h)
			}
			s.Abort()
			<-other
		})
	})
	t.Run("more came with the answer", func(t *testing.T) {
		inLease(t, func(t *testing.T, s *Session, r *raw, delivered chan *Message) {
			sent := submitting(t.Context(), s, 1)
			p := r.want(pdu.SubmitSMID)
			r.send(append(appendResponse(nil, p.header, StatusOK, "id"), delivery(7)...))
			<-sent
			if h := s.held(); h != heldByReader || len(delivered) != 1 {
				t.Errorf("%d delivered, reading is with %d", len(delivered), h)
			}
		})
	})
	t.Run("another came before the offer", func(t *testing.T) {
		inBubble(t, nil, func(t *testing.T, s *Session, _ *raw) {
			s.mu.Lock()
			s.calls[99] = &call{done: make(chan outcome, 1)}
			s.mu.Unlock()
			s.offer()
			if h := s.held(); h != heldByReader || len(s.lease.back) != 1 {
				t.Errorf("reading is with %d", h)
			}
		})
	})
}

// TestSlowPeerEndsTheLease: whoever reads cannot hear his context, so he reads for two
// ticks at most; and reading is not lent again soon.
func TestSlowPeerEndsTheLease(t *testing.T) {
	inLease(t, func(t *testing.T, s *Session, r *raw, _ chan *Message) {
		ctx, cancel := context.WithTimeout(t.Context(), leaseTick/2)
		defer cancel()
		began := time.Now()
		sent := submitting(ctx, s, 1)
		p := r.want(pdu.SubmitSMID)
		if o := <-sent; o.err != ErrUnknown || time.Since(began) > 2*leaseTick {
			t.Errorf("%v after %v", o.err, time.Since(began))
		}
		if h := s.held(); h != heldByReader {
			t.Errorf("reading is with %d", h)
		}
		r.answer(p)
		r.oneByOne(s, 2*leaseAfter)
		if h := s.held(); h != heldByReader {
			t.Errorf("lent again to who kept it: reading is with %d", h)
		}
		r.oneByOne(s, leaseWary)
		if h := s.held(); h != heldByNobody {
			t.Errorf("never lent again: reading is with %d", h)
		}
	})
}

func TestAnswerInTwoHalves(t *testing.T) {
	inLease(t, func(t *testing.T, s *Session, r *raw, _ chan *Message) {
		sent := submitting(t.Context(), s, 1)
		whole := appendResponse(nil, r.want(pdu.SubmitSMID).header, StatusOK, "id")
		r.send(whole[:9])
		time.Sleep(5 * leaseTick)
		r.send(whole[9:])
		if o := <-sent; o.err != nil || o.MessageID != "id" {
			t.Error(o)
		}
		began := time.Now()
		r.send(whole[:9])
		if <-s.Done(); time.Since(began) > defaultHalfPDU+leaseTick {
			t.Errorf("half a PDU was waited for %v", time.Since(began))
		}
	})
}

func TestLinkEndsWhileACallerReads(t *testing.T) {
	for name, end := range map[string]func(r *raw, s *Session){
		"the peer hangs up":  func(r *raw, _ *Session) { r.conn.Close() },
		"the peer lies":      func(r *raw, _ *Session) { r.send(lying(5)) },
		"the peer unbinds":   func(r *raw, _ *Session) { r.bare(pdu.UnbindID, 0, 9) },
		"we cut":             func(_ *raw, s *Session) { s.Abort() },
		"an answer, and cut": func(r *raw, s *Session) { r.bare(pdu.SubmitSMRespID, 0, 0x7000); s.Abort() },
	} {
		t.Run(name, func(t *testing.T) {
			inLease(t, func(t *testing.T, s *Session, r *raw, _ chan *Message) {
				sent := submitting(t.Context(), s, 1)
				r.want(pdu.SubmitSMID)
				began := time.Now()
				end(r, s)
				if o := <-sent; o.err != ErrUnknown || time.Since(began) > 2*time.Second {
					t.Errorf("%v after %v", o.err, time.Since(began))
				}
				<-s.Done()
			})
		})
	}
}

// TestEverybodyIsAnsweredWhoeverReads lets callers come as they like and the SMSC answer
// and deliver as it likes: each has the answer to his own, and nothing delivered is lost.
func TestEverybodyIsAnsweredWhoeverReads(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seed, callers := rapid.Uint64().Draw(rt, "seed"), rapid.IntRange(1, 3).Draw(rt, "callers")
		slow := rapid.IntRange(0, 3).Draw(rt, "slow")
		var got, gone int
		inLease(t, func(t *testing.T, s *Session, r *raw, delivered chan *Message) {
			over := make(chan struct{})
			go func() { defer close(over); gone = r.serve(rand.New(rand.NewPCG(seed, 1)), slow) }()
			var wg sync.WaitGroup
			for i := range callers {
				wg.Go(func() {
					dice := rand.New(rand.NewPCG(seed, uint64(2+i)))
					for n := range 40 {
						text := fmt.Sprintf("%d-%d", i, n)
						if o, err := s.Submit(t.Context(), sms(text)); err != nil || o.MessageID != text {
							t.Errorf("%s: %v, %v", text, o, err)
						}
						time.Sleep(time.Duration(dice.IntN(1+slow)) * leaseTick / 2)
					}
				})
			}
			wg.Wait()
			synctest.Wait()
			time.Sleep(10 * time.Millisecond)
			s.Abort()
			<-over
			got = len(delivered)
		})
		if got != gone {
			rt.Errorf("%d of %d delivered", got, gone)
		}
	})
}

// serve answers each submit_sm by its text, some late and not in order, and delivers now
// and then; it counts those.
func (r *raw) serve(dice *rand.Rand, slow int) (delivered int) {
	var mu sync.Mutex
	send := func(b []byte) { mu.Lock(); defer mu.Unlock(); _, _ = r.conn.Write(b) }
	for p := range r.pdus {
		if p.id != pdu.SubmitSMID {
			continue
		}
		m, err := DecodeMessage(p.id, p.body)
		if err != nil {
			r.t.Error(err)
			continue
		}
		b := appendResponse(nil, p.header, StatusOK, string(m.Text))
		if delivered < 90 && dice.IntN(8) == 0 {
			delivered++
			send(delivery(uint32(delivered)))
		}
		if wait := time.Duration(dice.IntN(1+slow)) * leaseTick; wait > 0 {
			time.AfterFunc(wait, func() { send(b) })
		} else {
			send(b)
		}
	}
	return delivered
}
