package ledgerclient

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
)

// Times of these tests: how long a call may take that should end by itself, and
// one that should not.
const (
	plenty = 20 * time.Second
	little = 300 * time.Millisecond
)

func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func made(_ int, r *ledger.Request) (*ledger.Result, error) {
	return &ledger.Result{ID: r.ID(), Receipt: ledger.Receipt{'R'}}, nil
}

// TestNobodyThere: nothing was sent, whatever is tried; the breaker opens and
// then nobody is asked.
func TestNobodyThere(t *testing.T) {
	f := newFake(t, made)
	f.server.Stop()
	c := dial(t, f.addr)
	for !c.Open() {
		if _, err := c.Do(within(t, little), wish(1)); !errors.Is(err, ErrUnavailable) || errors.Is(err, ErrUnknown) {
			t.Fatalf("nobody there: %v", err)
		}
	}
	if _, err := c.Do(within(t, plenty), wish(1)); !errors.Is(err, errOpen) || !errors.Is(err, ErrUnavailable) {
		t.Fatalf("with the breaker open: %v", err)
	}
	if _, err := c.Profile(within(t, plenty), "254722000001"); !errors.Is(err, ErrUnavailable) {
		t.Fatalf("a profile: %v", err)
	}
	if _, err := c.Keys(within(t, plenty)); !errors.Is(err, ErrUnavailable) {
		t.Fatalf("keys: %v", err)
	}
}

// TestLostAnswerIsAskedForAgain: the same id, and the answer comes.
func TestLostAnswerIsAskedForAgain(t *testing.T) {
	f := newFake(t, func(n int, r *ledger.Request) (*ledger.Result, error) {
		if n == 1 {
			return nil, status.Error(codes.Unavailable, "killed")
		}
		return made(n, r)
	})
	res, err := dial(t, f.addr).Do(within(t, plenty), wish(7))
	if err != nil || res.Receipt[0] != 'R' {
		t.Fatalf("%+v, %v", res, err)
	}
	if seen := f.requests(); !reflect.DeepEqual(seen, []ledger.ID{{7}, {7}}) {
		t.Fatalf("the ledger saw %v", seen)
	}
}

// TestSentOnceIsUnknownForEver: the first try left; that the later ones could not
// does not make it "surely not".
func TestSentOnceIsUnknownForEver(t *testing.T) {
	var f *fake
	f = newFake(t, func(int, *ledger.Request) (*ledger.Result, error) {
		go f.server.Stop()
		return nil, nil
	})
	if _, err := dial(t, f.addr).Do(within(t, little), wish(1)); !errors.Is(err, ErrUnknown) {
		t.Fatalf("sent, then nobody there: %v", err)
	}
}

// TestARefusedCopySaysNothingOfTheFirst: the first copy left and was lost; that
// later ones were turned away at the door does not make it "nothing was taken".
func TestARefusedCopySaysNothingOfTheFirst(t *testing.T) {
	for _, word := range []ledger.Reject{ledger.Overloaded, ledger.Busy} {
		f := newFake(t, func(n int, r *ledger.Request) (*ledger.Result, error) {
			if n == 1 {
				return nil, status.Error(codes.Unavailable, "killed")
			}
			return &ledger.Result{ID: r.ID(), Reject: word}, nil
		})
		c := dial(t, f.addr)
		c.budget.thousandths.Store(3 * retryCost)
		if res, err := c.Do(within(t, plenty), wish(1)); !errors.Is(err, ErrUnknown) {
			t.Errorf("lost, then %s: %+v, %v", word, res, err)
		}
		if n := len(f.requests()); n < 2 {
			t.Errorf("the ledger saw %d copies", n)
		}
	}
}

// TestRefusalsInWordsAreAnswers: nothing came of it, and the ledger is well.
func TestRefusalsInWordsAreAnswers(t *testing.T) {
	c := dial(t, newFake(t, made).addr)
	for range 2 * breakerFailures {
		_, err := c.Admin(within(t, plenty), []ledger.Command{ledger.Tick{}})
		if !errors.Is(err, ErrRefused) || errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), "record 3 is nobody's") {
			t.Fatalf("a refusal: %v", err)
		}
	}
	for range breakerFailures {
		if _, err := c.Keys(within(t, plenty)); !errors.Is(err, ErrUnknown) {
			t.Fatalf("a call that broke: %v", err)
		}
	}
	if !c.Open() {
		t.Fatal("a ledger that breaks is asked on")
	}
}

func TestSilenceIsUnknown(t *testing.T) {
	f := newFake(t, func(int, *ledger.Request) (*ledger.Result, error) { return nil, nil })
	c := dial(t, f.addr)
	if _, err := c.Do(within(t, little), wish(1)); !errors.Is(err, ErrUnknown) || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("%v", err)
	}
	if seen := f.requests(); len(seen) != 1 {
		t.Fatalf("silence was asked %d times", len(seen))
	}
}

// TestRejectsAreAnswers: neither they nor a caller who leaves open the breaker.
func TestRejectsAreAnswers(t *testing.T) {
	f := newFake(t, func(n int, r *ledger.Request) (*ledger.Result, error) {
		if r.ID()[0] == 99 {
			return nil, nil
		}
		return &ledger.Result{ID: r.ID(), Reject: ledger.PINWrong}, nil
	})
	c := dial(t, f.addr)
	for range 3 * breakerFailures {
		if res, err := c.Do(within(t, plenty), wish(1)); err != nil || res.Reject != ledger.PINWrong {
			t.Fatalf("%+v, %v", res, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		if _, err := c.Do(ctx, wish(99)); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	if c.Open() {
		t.Fatal("rejects opened the breaker")
	}
}

// TestOverloaded is asked again while the budget lasts, then told.
func TestOverloaded(t *testing.T) {
	f := newFake(t, func(n int, r *ledger.Request) (*ledger.Result, error) {
		if n < 3 {
			return &ledger.Result{ID: r.ID(), Reject: ledger.Overloaded}, nil
		}
		return made(n, r)
	})
	c := dial(t, f.addr)
	if res, err := c.Do(within(t, plenty), wish(1)); err != nil || res.Reject != ledger.OK {
		t.Fatalf("%+v, %v", res, err)
	}
	f.mu.Lock()
	f.seen = nil
	f.mu.Unlock()
	c.budget.thousandths.Store(0)
	if res, err := c.Do(within(t, plenty), wish(1)); err != nil || res.Reject != ledger.Overloaded {
		t.Fatalf("without a budget: %+v, %v", res, err)
	}
	if seen := f.requests(); len(seen) != 1 {
		t.Fatalf("without a budget it was asked %d times", len(seen))
	}
	if n := c.Counts(); n != (Counts{Retries: 2, Spent: 1}) {
		t.Fatalf("counted %+v", n)
	}
}

// TestRefusalsThatPrevailOpenTheBreaker, and only those.
func TestRefusalsThatPrevailOpenTheBreaker(t *testing.T) {
	var s shed
	now := time.Unix(1000, 0)
	for i := range 1000 {
		if s.heavy(i%2 == 1, now) {
			t.Fatalf("half of %d answers refused is heavy", i)
		}
	}
	if !s.heavy(true, now) {
		t.Fatal("more than half is not heavy")
	}
	if s.heavy(true, now.Add(time.Second)) {
		t.Fatal("one refusal in a new second is heavy")
	}
}

// TestBudget: a tenth of the calls, and no more, may be retries.
func TestBudget(t *testing.T) {
	var b budget
	for range 1000 {
		b.earn()
	}
	spent := 0
	for b.spend() {
		spent++
	}
	if spent != 100 {
		t.Fatalf("%d retries for 1000 calls", spent)
	}
	for range 100_000 {
		b.earn()
	}
	if have := b.thousandths.Load(); have > retryMost+retryShare {
		t.Fatalf("quiet times save up %d", have)
	}
}

func TestReconnects(t *testing.T) {
	f := newFake(t, made)
	c := dial(t, f.addr)
	if _, err := c.Do(within(t, plenty), wish(1)); err != nil {
		t.Fatal(err)
	}
	f.server.Stop()
	f.listen(f.addr)
	if _, err := c.Do(within(t, plenty), wish(2)); err != nil {
		t.Fatalf("after the ledger came back: %v", err)
	}
}

func TestInFlightIsBounded(t *testing.T) {
	f := newFake(t, func(int, *ledger.Request) (*ledger.Result, error) { return nil, nil })
	c, err := Dial(Config{Node: f.addr, InFlight: 1})
	if err != nil {
		t.Fatal(err)
	}
	c.budget.thousandths.Store(0)
	first := make(chan error, 1)
	go func() {
		_, err := c.Do(within(t, plenty), wish(1))
		first <- err
	}()
	for len(f.requests()) == 0 {
		time.Sleep(time.Millisecond)
	}
	if _, err := c.Do(within(t, plenty), wish(2)); !errors.Is(err, ErrUnavailable) {
		t.Fatalf("one too many: %v", err)
	}
	c.Close()
	if err := <-first; !errors.Is(err, ErrUnknown) {
		t.Fatalf("a call that waited when the client closed: %v", err)
	}
	if _, err := c.Do(within(t, plenty), wish(3)); !errors.Is(err, ErrUnavailable) {
		t.Fatalf("a closed client: %v", err)
	}
}

// TestFramesAreBounded: while nothing leaves, callers who gave up must not heap up
// a frame that the ledger would refuse with everyone's wishes in it.
func TestFramesAreBounded(t *testing.T) {
	l := &link{most: MaxInFlight, wake: make(chan struct{}, 1), calls: map[uint64]*call{}}
	record, err := EncodeRequest(nil, wish(1))
	if err != nil {
		t.Fatal(err)
	}
	for len(l.out) <= wire.MaxFrame {
		id, _, err := l.put(time.Time{}, said(record))
		if errors.Is(err, ErrUnavailable) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		l.drop(id)
	}
	t.Fatalf("%d bytes wait in one frame", len(l.out))
}

func TestTooLongIsTheCallersFault(t *testing.T) {
	c := dial(t, "127.0.0.1:1")
	r := wish(1)
	r.Payer = "2547220000012547220000012547"
	if _, err := c.Do(within(t, plenty), r); err == nil || errors.Is(err, ErrUnavailable) {
		t.Fatalf("%v", err)
	}
	if c.Open() {
		t.Fatal("it opened the breaker")
	}
}

func TestQueueBytes(t *testing.T) {
	r := wish(3)
	r.Sealed, r.SealKey = []byte{1, 2, 3}, 4
	b, err := EncodeRequest(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeRequest(b)
	if err != nil || !reflect.DeepEqual(got, r) {
		t.Fatalf("%+v, %v", got, err)
	}
	for n := range b {
		if _, err := DecodeRequest(b[:n]); err == nil {
			t.Fatalf("%d of %d bytes were read", n, len(b))
		}
	}
	if _, err := DecodeRequest(append(b, 0)); err == nil {
		t.Fatal("a byte too many was read")
	}
}

func FuzzDecodeRequest(f *testing.F) {
	b, _ := EncodeRequest(nil, wish(3))
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := DecodeRequest(b); err == nil {
			if _, err := EncodeRequest(nil, r); err != nil {
				t.Fatalf("read %+v, which cannot be written: %v", r, err)
			}
		}
	})
}
