package order

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// script is a ledger that says, call after call, what it was told to say; the
// last word is repeated.
type script struct {
	mu       sync.Mutex
	says     []any // an error or a reject, for Do
	resolves []any // for Resolve
	does     map[ledger.ID]int
	resolved int
	most, at int // requests at once
	hold     time.Duration
}

func say(list *[]any) (ledger.Result, error) {
	if len(*list) == 0 {
		return ledger.Result{}, ledgerclient.ErrUnavailable
	}
	next := (*list)[0]
	if len(*list) > 1 {
		*list = (*list)[1:]
	}
	if err, is := next.(error); is {
		return ledger.Result{}, err
	}
	return ledger.Result{Reject: next.(ledger.Reject)}, nil
}

func (s *script) Do(ctx context.Context, r *ledger.Request) (ledger.Result, error) {
	s.mu.Lock()
	s.at++
	s.most = max(s.most, s.at)
	hold := s.hold
	s.mu.Unlock()
	time.Sleep(hold)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at--
	if s.does == nil {
		s.does = map[ledger.ID]int{}
	}
	s.does[r.ID()]++
	res, err := say(&s.says)
	res.ID = r.ID()
	return res, err
}

func (s *script) Resolve(context.Context, ledger.ID, int64) (ledger.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resolved++
	return say(&s.resolves)
}

// notebook is a store in memory that a test can read.
type notebook struct {
	mu       sync.Mutex
	left     Left
	claims   Left
	orders   map[ledger.ID]bool
	promises map[ledger.ID]bool
	err      error
}

func (n *notebook) Put(_ context.Context, o *Order) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.err == nil {
		n.orders[o.Request.ID()] = true
	}
	return n.err
}

func (n *notebook) Promise(_ context.Context, p *Promise) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.err == nil {
		n.promises[p.ID] = true
	}
	return n.err
}

func (n *notebook) Done(id ledger.ID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.orders, id)
	delete(n.promises, id)
}

func (n *notebook) open() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.orders) + len(n.promises)
}

func (n *notebook) Left(context.Context) (Left, error) { return n.left, nil }

func (n *notebook) Claim(context.Context) (Left, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := n.claims
	n.claims = Left{}
	return out, nil
}

func (n *notebook) Close() error { return nil }

// ears collect what payers were told; they fail so many times first.
type ears struct {
	mu    sync.Mutex
	deaf  int
	heard []ledger.Reject
	of    []Promise
}

func (e *ears) Tell(_ context.Context, p Promise, r ledger.Result) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.deaf > 0 {
		e.deaf--
		return errors.New("no bind is up")
	}
	e.heard, e.of = append(e.heard, r.Reject), append(e.of, p)
	return nil
}

func (e *ears) all() []ledger.Reject {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.heard)
}

// desk is a dispatcher with everything around it, inside a bubble of fake time.
type desk struct {
	*Dispatcher
	ledger *script
	store  *notebook
	ears   *ears
}

func inBubble(t *testing.T, s *script, fn func(t *testing.T, d *desk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{ledger: s, store: &notebook{orders: map[ledger.ID]bool{}, promises: map[ledger.ID]bool{}}, ears: &ears{}}
		d.Dispatcher = NewDispatcher(d.store, s, d.ears, Config{Limit: 10, Concurrency: 3})
		defer d.Close()
		fn(t, d)
	})
}

// run lets Run go on in the background until the bubble ends.
func (d *desk) run(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	go func() { _ = d.Run(ctx) }()
	t.Cleanup(stop)
}

func (d *desk) place(t *testing.T, n byte) <-chan Outcome {
	t.Helper()
	ch, err := d.Place(context.Background(), anOrder(n))
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

// rest lets time pass, and everything that it sets off come to rest.
func rest(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func rejects(r ...any) *script { return &script{says: r} }

func TestOutcomeReachesTheSession(t *testing.T) {
	for _, c := range []struct {
		name string
		says []any
		want ledger.Reject
		does int
	}{
		{"at once", []any{ledger.OK}, ledger.OK, 1},
		{"a reject", []any{ledger.NotEnoughFunds}, ledger.NotEnoughFunds, 1},
		{"not sent twice", []any{ledgerclient.ErrUnavailable, ledgerclient.ErrUnavailable, ledger.OK}, ledger.OK, 3},
		{"unknown", []any{ledgerclient.ErrUnknown, ledger.OK}, ledger.OK, 2},
		{"busy and overloaded", []any{ledger.Busy, ledger.Overloaded, ledger.PINWrong}, ledger.PINWrong, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, rejects(c.says...), func(t *testing.T, d *desk) {
				out := <-d.place(t, 1)
				if out.Result.Reject != c.want || d.ledger.does[idOf(1)] != c.does || out.Order.Request.ID() != idOf(1) {
					t.Fatalf("%+v after %v", out, d.ledger.does)
				}
				if d.Depth() != 0 || d.store.open() != 1 {
					t.Fatal("answered, not yet seen: it must stay in the store")
				}
				d.Forget(idOf(1))
				if d.store.open() != 0 {
					t.Fatal("seen, and still in the store")
				}
				rest(time.Minute)
				if len(d.ears.all()) != 0 {
					t.Fatal("a payer was told what the screen said")
				}
			})
		})
	}
}

func TestExpiredIsResolvedByTheLedgerOnly(t *testing.T) {
	s := &script{says: []any{ledgerclient.ErrUnknown}, resolves: []any{ledgerclient.ErrUnavailable, ledger.Busy, ledger.Busy, ledger.Expired}}
	inBubble(t, s, func(t *testing.T, d *desk) {
		d.place(t, 1)
		o := anOrder(1)
		if early, err := d.Promise(context.Background(), o.Promise()); early != nil || err != nil {
			t.Fatal(early, err)
		}
		rest(time.Minute)
		if d.Promised() != 1 || d.Oldest() < time.Minute {
			t.Fatal("concluded by our own clock")
		}
		rest(time.Minute)
		if !slices.Equal(d.ears.all(), []ledger.Reject{ledger.Expired}) || d.store.open() != 0 || d.Promised() != 0 {
			t.Fatalf("told %v, %d open", d.ears.all(), d.store.open())
		}
		if p := d.ears.of[0]; p.Payer != "254722000001" || p.Payee != "0722***002" || p.Amount != 50000 || p.Operator != "safari" || p.Kind != ledger.KindSend {
			t.Fatalf("%+v", p)
		}
	})
}

func TestPromiseOfACommitIsKeptByItsNotices(t *testing.T) {
	inBubble(t, rejects(ledgerclient.ErrUnavailable, ledger.OK), func(t *testing.T, d *desk) {
		d.place(t, 1)
		o := anOrder(1)
		if _, err := d.Promise(context.Background(), o.Promise()); err != nil {
			t.Fatal(err)
		}
		rest(time.Minute)
		if len(d.ears.all()) != 0 || d.store.open() != 0 {
			t.Fatalf("told %v, %d open", d.ears.all(), d.store.open())
		}
	})
}

func TestEarlyOutcomeInsteadOfAPromise(t *testing.T) {
	inBubble(t, rejects(ledger.NotEnoughFunds), func(t *testing.T, d *desk) {
		<-d.place(t, 1)
		o := anOrder(1)
		early, err := d.Promise(context.Background(), o.Promise())
		if err != nil || early == nil || early.Result.Reject != ledger.NotEnoughFunds {
			t.Fatal(early, err)
		}
		d.Forget(idOf(1))
		if len(d.ears.all()) != 0 || d.store.open() != 0 || d.Promised() != 0 {
			t.Fatal("something was promised")
		}
	})
}

func TestToldUntilItArrives(t *testing.T) {
	inBubble(t, rejects(ledger.PayerFrozen), func(t *testing.T, d *desk) {
		d.ears.deaf = 7
		<-d.place(t, 1)
		o := anOrder(1)
		d.Tell(o.Promise()) // the session cannot show it any more
		rest(TellLeast)
		if d.store.open() == 0 {
			t.Fatal("forgotten before it was told")
		}
		rest(10 * time.Minute)
		if !slices.Equal(d.ears.all(), []ledger.Reject{ledger.PayerFrozen}) || d.store.open() != 0 {
			t.Fatalf("told %v, %d open", d.ears.all(), d.store.open())
		}
	})
}

func TestUnseenOutcomeIsTold(t *testing.T) {
	inBubble(t, rejects(ledger.PINWrong), func(t *testing.T, d *desk) {
		d.run(t)
		<-d.place(t, 1) // and its session is never heard of again
		rest(Unseen - time.Second)
		if len(d.ears.all()) != 0 {
			t.Fatal("told too early")
		}
		rest(5 * time.Second)
		if len(d.ears.all()) != 1 {
			t.Fatal("not told")
		}
	})
}

func TestLeftAndClaimedAreSentUnderTheSameID(t *testing.T) {
	s := &script{says: []any{ledger.NotEnoughFunds}, resolves: []any{ledger.OK}}
	inBubble(t, s, func(t *testing.T, d *desk) {
		both, alone := anOrder(2), anOrder(3)
		d.store.left = Left{Orders: []Order{anOrder(1), anOrder(2)}, Promises: []Promise{both.Promise(), alone.Promise()}}
		d.store.claims = Left{Orders: []Order{anOrder(4)}}
		d.run(t)
		rest(time.Minute + 10*time.Second)
		for _, n := range []byte{1, 2, 4} {
			if d.ledger.does[idOf(n)] != 1 {
				t.Fatalf("order %d was sent %d times", n, d.ledger.does[idOf(n)])
			}
		}
		if len(d.ears.all()) != 3 || s.resolved != 1 {
			t.Fatalf("told %v, resolved %d", d.ears.all(), s.resolved)
		}
	})
}

func TestFullQueueTakesNothing(t *testing.T) {
	inBubble(t, rejects(ledgerclient.ErrUnavailable), func(t *testing.T, d *desk) {
		for n := range byte(10) {
			d.place(t, n)
		}
		if _, err := d.Place(context.Background(), anOrder(10)); err != ErrFull {
			t.Fatal(err)
		}
		if d.Depth() != 10 || d.store.orders[idOf(10)] {
			t.Fatalf("depth %d", d.Depth())
		}
	})
}

func TestStoreThatRefusesAndStoreThatIsSilent(t *testing.T) {
	inBubble(t, rejects(ledger.OK), func(t *testing.T, d *desk) {
		d.store.err = ErrFull
		if _, err := d.Place(context.Background(), anOrder(1)); !errors.Is(err, ErrFull) || d.Depth() != 0 {
			t.Fatal(err)
		}
		d.store.err = ErrUnknown // it may stand there: the ledger answers, not the store
		if out := <-d.place(t, 2); out.Result.Reject != ledger.OK {
			t.Fatalf("%+v", out)
		}
		if d.ledger.does[idOf(1)] != 0 {
			t.Fatal("a refused order was sent")
		}
	})
}

func TestConcurrencyIsBounded(t *testing.T) {
	s := rejects(ledger.OK)
	s.hold = time.Second
	inBubble(t, s, func(t *testing.T, d *desk) {
		for n := range byte(9) {
			d.place(t, n)
		}
		rest(time.Minute)
		if s.most != 3 || d.Depth() != 0 {
			t.Fatalf("%d at once, %d open", s.most, d.Depth())
		}
	})
}

func TestSameIDIsPlacedOnce(t *testing.T) {
	s := rejects(ledger.OK)
	s.hold = time.Second
	inBubble(t, s, func(t *testing.T, d *desk) {
		a, b := d.place(t, 1), d.place(t, 1)
		<-a
		<-b
		<-d.place(t, 1)
		if s.does[idOf(1)] != 1 {
			t.Fatalf("sent %d times", s.does[idOf(1)])
		}
	})
}

func TestDrainAndClose(t *testing.T) {
	s := rejects(ledger.OK)
	s.hold = 3 * time.Second
	inBubble(t, s, func(t *testing.T, d *desk) {
		ch := d.place(t, 1)
		go func() { <-ch; d.Forget(idOf(1)) }()
		short, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if d.Drain(short) == nil {
			t.Fatal("drained with an order open")
		}
		if err := d.Drain(context.Background()); err != nil {
			t.Fatal(err)
		}
		_ = d.Close()
		if _, err := d.Place(context.Background(), anOrder(2)); err != ErrFull {
			t.Fatal("a closed dispatcher took an order")
		}
	})
}
