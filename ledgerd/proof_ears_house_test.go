//go:build house

package main

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"sync"
	"time"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// ears hear the outbox through all lives of the process: every committed transfer
// is told to both sides at least once, a hold and how it ended to its payer, nothing else is told, and what is told
// again is the same to the letter.
type ears struct {
	mu    sync.Mutex
	hash  maphash.Seed
	lanes map[ledger.Lane][]uint64 // what notice n+1 of a lane said
	owed  map[toldOf]toldWhat      // answered, not yet told
	early map[toldOf]toldWhat      // told, not yet answered
	told  int
	err   error // the first thing that must not be
}

// toldOf is one side of one transfer.
type toldOf struct {
	id   ledger.ID
	side ledger.Side
}

// toldWhat is what that side hears.
type toldWhat struct {
	account              ledger.Account
	amount, fee, balance ledger.Amount
	receipt              ledger.Receipt
	released, free       ledger.Amount // of a hold and its ends
}

func newEars() *ears {
	return &ears{hash: maphash.MakeSeed(), lanes: map[ledger.Lane][]uint64{}, owed: map[toldOf]toldWhat{}, early: map[toldOf]toldWhat{}}
}

// expect says what a side of a transfer must be told.
func (e *ears) expect(of toldOf, what toldWhat) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.match(e.early, e.owed, of, what)
}

// match takes the other half away, or keeps this one until it comes.
func (e *ears) match(other, own map[toldOf]toldWhat, of toldOf, what toldWhat) {
	was, there := other[of]
	if what.receipt == (ledger.Receipt{}) || was.receipt == (ledger.Receipt{}) { // a leg behind the first: its receipt is its own
		what.receipt, was.receipt = ledger.Receipt{}, ledger.Receipt{}
	}
	if there && was != what {
		e.fail(fmt.Errorf("%s, side %d: the answer and the notice differ: %+v and %+v", of.id, of.side, was, what))
	}
	if delete(other, of); !there {
		own[of] = what
	}
}

func (e *ears) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// hear takes what one frame of the feed says.
func (e *ears) hear(list []ledger.Notice) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, n := range list {
		lane, sum := e.lanes[n.Lane], maphash.Comparable(e.hash, n)
		switch {
		case n.Seq <= uint64(len(lane)):
			if lane[n.Seq-1] != sum {
				e.fail(fmt.Errorf("notice %d of lane %d was told twice and differs: %+v", n.Seq, n.Lane, n))
			}
			continue
		case n.Seq != uint64(len(lane))+1:
			e.fail(fmt.Errorf("notice %d of lane %d came after %d", n.Seq, n.Lane, len(lane)))
		case n.Addr != proofNumber(n.Account) || n.OtherName != proofName(n.Other) && n.Other != proofFees:
			e.fail(fmt.Errorf("notice %d of lane %d is for nobody we know", n.Seq, n.Lane))
		}
		e.lanes[n.Lane] = append(lane, sum)
		e.told++
		what := toldWhat{n.Account, n.Amount, n.Fee, n.Balance, n.Receipt, n.Released, n.Available}
		if n.Act == ledger.ActExpire {
			what.free = 0 // of several that expire at once it hangs on their order
		}
		e.match(e.owed, e.early, toldOf{n.ID, n.Side}, what)
	}
}

// listen hears one life of the process and acknowledges some of it.
func (e *ears) listen(l *life, c *ledgerclient.Client) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var over sync.WaitGroup
	over.Go(func() {
		for ctx.Err() == nil {
			_ = e.feed(ctx, c, func(epoch uint64, list []ledger.Notice) error { // it ends with the process; what is missing shows at the end
				e.hear(list)
				return e.acknowledge(ctx, c, epoch, list)
			})
			l.rest()
		}
	})
	return func() {
		cancel()
		over.Wait()
	}
}

func (e *ears) feed(ctx context.Context, c *ledgerclient.Client, fn func(uint64, []ledger.Notice) error) error {
	return c.Notices(ctx, ledger.ConsumerSMS, "proof", 0, (proofHome+1)*ledger.LanesPerOperator-1, fn)
}

// acknowledge says of two frames in three that they were told, now and then but
// for one notice.
func (e *ears) acknowledge(ctx context.Context, c *ledgerclient.Client, epoch uint64, list []ledger.Notice) error {
	upto := map[ledger.Lane]uint64{}
	for _, n := range list {
		upto[n.Lane] = n.Seq
	}
	for lane, seq := range upto {
		var but []uint64
		switch rand.IntN(6) {
		case 0, 1:
			continue
		case 2:
			but = []uint64{seq}
		}
		if err := c.Ack(ctx, ledger.ConsumerSMS, lane, epoch, seq, but); err != nil {
			return err
		}
	}
	return nil
}

// drained waits until everything that is owed was told.
func (e *ears) drained() error {
	for deadline := time.Now().Add(proofWait); ; time.Sleep(proofPause) {
		e.mu.Lock()
		owed, early, err := len(e.owed), len(e.early), e.err
		e.mu.Unlock()
		if err != nil || owed == 0 && early == 0 {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d notices never came, %d came for transfers nobody made", owed, early)
		}
	}
}

// tellAll acknowledges everything, and returns when the ledger holds it.
func (e *ears) tellAll(c *ledgerclient.Client) error {
	ctx, cancel := context.WithTimeout(context.Background(), proofWait)
	defer cancel()
	err := e.feed(ctx, c, func(epoch uint64, _ []ledger.Notice) error {
		for lane, said := range e.lanes {
			if err := c.Ack(ctx, ledger.ConsumerSMS, lane, epoch, uint64(len(said)), nil); err != nil {
				return err
			}
		}
		return errEnough
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// onlyNew hears a feed until the newest transfer was told to both sides, and
// demands that nothing older is told again.
func (e *ears) onlyNew(c *ledgerclient.Client, newest ledger.ID) error {
	ctx, cancel := context.WithTimeout(context.Background(), proofWait)
	defer cancel()
	sides := 0
	err := e.feed(ctx, c, func(_ uint64, list []ledger.Notice) error {
		for _, n := range list {
			if n.ID != newest {
				return fmt.Errorf("notice %d of lane %d was acknowledged and came again", n.Seq, n.Lane)
			}
			sides++
		}
		if sides == 2 {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}
