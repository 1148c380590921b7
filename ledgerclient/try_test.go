package ledgerclient

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire/pb"
)

// babble is the client's end of a stream on which the ledger says what is no answer,
// when the test lets it.
type babble struct {
	pb.Ledger_ExchangeClient
	sent      int
	let, talk chan struct{}
}

func (s *babble) Send(*pb.Frame) error {
	s.sent++
	<-s.let
	return nil
}

func (s *babble) Recv() (*pb.Frame, error) {
	<-s.talk
	return &pb.Frame{Records: []byte("this is no record at all")}, nil
}

// TestUnsentStaysUnsent: what waits when a link dies is called unavailable, which
// surely was not made, and so never leaves.
func TestUnsentStaysUnsent(t *testing.T) {
	for range 50 { // the writer may hear of the death or of the wish first
		synctest.Test(t, func(t *testing.T) {
			s := &babble{let: make(chan struct{}), talk: make(chan struct{})}
			l := newLink(s, func() {}, 10)
			ends := make(chan error, 2)
			for n := range byte(2) {
				go func() {
					_, err := l.ask(t.Context(), time.Time{}, (*request)(wish(n)))
					ends <- err
				}()
				synctest.Wait() // the first is with Send, the second waits
			}
			close(s.talk)
			unknown, unsent := <-ends, <-ends
			if !errors.Is(unknown, ErrUnknown) {
				unknown, unsent = unsent, unknown
			}
			close(s.let)
			synctest.Wait()
			if !errors.Is(unknown, ErrUnknown) || !errors.Is(unsent, ErrUnavailable) || s.sent != 1 {
				t.Fatalf("%v, %v, and %d frames left", unknown, unsent, s.sent)
			}
		})
	}
}

// TestAnUnsayableWishSaysNothingOfTheLedger: neither that it answers nor that it does not.
func TestAnUnsayableWishSaysNothingOfTheLedger(t *testing.T) {
	f := newFake(t, func(int, *ledger.Request) (*ledger.Result, error) { return nil, nil })
	c := dial(t, f.addr)
	c.cfg.Timeout = 20 * time.Millisecond
	for range breakerFailures {
		if c.Open() {
			t.Fatal("open too early")
		}
		if _, err := c.Do(t.Context(), wish(1)); !errors.Is(err, ErrUnknown) {
			t.Fatal(err)
		}
		bad := wish(2)
		bad.Payer = "2547220000012547220000012547"
		if _, err := c.Do(t.Context(), bad); err == nil || errors.Is(err, ErrUnknown) {
			t.Fatal(err)
		}
	}
	if !c.Open() {
		t.Error("closed after as many calls in silence as open it")
	}
}

// TestRefusalsPrevailWhateverTheWallClockDoes: a second is measured, not read.
func TestRefusalsPrevailWhateverTheWallClockDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s shed
		for range 1000 {
			s.heavy(false, time.Now())
		}
		earlier := time.Now()
		time.Sleep(time.Second)
		heavy := false
		for range breakerLeastAnswers {
			heavy = s.heavy(true, time.Now())
			s.heavy(true, earlier) // a call that began before the others begins no second
		}
		if !heavy {
			t.Error("nothing but refusals is not heavy")
		}
	})
}

// TestEverybodyHasHisOwnAnswer though calls are used again, some are given up, others
// cannot be said, and streams end.
func TestEverybodyHasHisOwnAnswer(t *testing.T) {
	f := newFake(t, func(n int, r *ledger.Request) (*ledger.Result, error) {
		switch {
		case n%997 == 0:
			return nil, errors.New("the stream ends")
		case n%17 == 0:
			return nil, nil
		}
		return &ledger.Result{ID: r.ID(), Fee: r.Transfer.Amount}, nil
	})
	c := dial(t, f.addr)
	c.cfg.Timeout = 100 * time.Millisecond
	var all sync.WaitGroup
	for g := range byte(32) {
		all.Go(func() {
			r := wish(g)
			for i := range 100 {
				r.Transfer.ID, r.Transfer.Amount, r.Payer = ledger.ID{g, byte(i)}, ledger.Amount(rand.Int64N(1<<40)), "254722000001"
				if i%13 == 0 {
					r.Payer = "2547220000012547220000012547"
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+rand.IntN(20))*time.Millisecond)
				res, err := c.Do(ctx, r)
				cancel()
				if err == nil && (res.ID != r.Transfer.ID || res.Fee != r.Transfer.Amount || i%13 == 0) {
					t.Errorf("%+v for %+v", res, r.Transfer)
				}
			}
		})
	}
	all.Wait()
}
