package approval

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mlango/gateway/session"
	"mlango/ledgerd/ledger"
)

const amina = "254722000001"

// street is a desk with a clock, a handset and books of its own.
type street struct {
	t     *testing.T
	mu    sync.Mutex
	at    time.Time
	shown []string // names, each time a handset was called
	fails error    // of the handset
	while func()   // it is called
	books map[ledger.ID]ledger.Result
	dead  map[ledger.ID]bool            // resolved: nothing will come of it
	ended map[ledger.ID]ledger.AskState // the ledger's own requests
	down  bool
	slips session.Slips
}

func newStreet(t *testing.T) (*street, *Desk) {
	s := &street{t: t, at: time.Unix(1_800_000_000, 0), books: map[ledger.ID]ledger.Result{}, dead: map[ledger.ID]bool{}}
	f, err := OpenFile(t.TempDir(), s.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	s.slips = f
	if err := s.desk().Remember(t.Context(), s.at.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	return s, s.desk()
}

func (s *street) desk() *Desk {
	return NewDesk(Config{Slips: s.slips, Opener: s, Ledger: s, Operator: func(string) string { return "safari" }, Next: s.next, Now: s.now})
}

func (s *street) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

func (s *street) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = s.at.Add(d)
}

func (s *street) Approve(_ context.Context, _, _, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown = append(s.shown, name)
	if s.while != nil {
		s.mu.Unlock()
		s.while()
		s.mu.Lock()
	}
	return s.fails
}

// next is an id that nobody places an order under.
func (s *street) next(_ context.Context, r *Record) (ledger.ID, error) {
	return anID(200 + r.Tries), nil
}

func (s *street) Lookup(_ context.Context, id ledger.ID) (ledger.Result, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return ledger.Result{}, false, errors.New("down")
	}
	res, known := s.books[id]
	return res, known, nil
}

func (s *street) Resolve(_ context.Context, id ledger.ID, _ int64) (ledger.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dead[id] = true
	return ledger.Result{ID: id, Reject: ledger.Expired}, nil
}

func (s *street) request(id string) Request {
	return Request{Asker: "mama", ID: id, At: s.now().UnixMilli(), Kind: ledger.KindTill, Payer: amina, Payee: "500001", Amount: 50000, Currency: "KES"}
}

func (s *street) stands(r *Record, err error, want State) *Record {
	s.t.Helper()
	if err != nil || r.State != want {
		s.t.Fatalf("%+v %v, not %s", r, err, want)
	}
	return r
}

func anID(n byte) ledger.ID { return ledger.ID{n} }

// TestAskOnce: the same request, from any number of gateways at once and again later,
// also after a restart, calls the handset once.
func TestAskOnce(t *testing.T) {
	s, _ := newStreet(t)
	q := s.request("inv-1")
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if r, err := s.desk().Ask(t.Context(), q); err != nil || r.State != Waiting {
				t.Errorf("%+v %v", r, err)
			}
		})
	}
	all.Wait()
	s.pass(10 * time.Minute)
	again, err := OpenFile(filepath.Dir(s.slips.(*File).path), s.now)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	s.slips = again
	r, err := s.desk().Ask(t.Context(), q)
	s.stands(r, err, Expired)
	other := q
	other.Amount++
	if _, err := s.desk().Ask(t.Context(), other); !errors.Is(err, ErrOther) {
		t.Error(err)
	}
	if len(s.shown) != 1 {
		t.Errorf("the handset was called %d times", len(s.shown))
	}
}

// TestWhatBecomesOfIt: every way in which a request ends, and that nothing changes then.
func TestWhatBecomesOfIt(t *testing.T) {
	ok, ctx := ledger.Result{ID: anID(1), Receipt: ledger.Receipt([]byte("TKM4K2X9QZ"))}, t.Context()
	claim := func(t *testing.T, d *Desk, s *street) {
		t.Helper()
		if err := d.Claim(ctx, "mama/a", anID(1), s.now().Add(2*time.Minute).UnixMilli()); err != nil {
			t.Fatal(err)
		}
	}
	for _, row := range []struct {
		name string
		play func(t *testing.T, s *street, d *Desk)
		want State
		why  string
	}{
		{"paid, and told by its dialogue", func(t *testing.T, s *street, d *Desk) {
			claim(t, d, s)
			_, _ = d.Answered(ctx, "mama/a", ok, true)
		}, Approved, ""},
		{"paid, and its gateway died", func(t *testing.T, s *street, d *Desk) { claim(t, d, s); s.books[anID(1)] = ok }, Approved, ""},
		{"claimed, its gateway died, and never placed", func(t *testing.T, s *street, d *Desk) { claim(t, d, s); s.pass(3 * time.Minute) }, Expired, ""},
		{"claimed, and the ledger is away", func(t *testing.T, s *street, d *Desk) { claim(t, d, s); s.down = true; s.pass(time.Hour) }, Confirmed, ""},
		{"a wrong PIN, and another", func(t *testing.T, s *street, d *Desk) {
			claim(t, d, s)
			_, _ = d.Answered(ctx, "mama/a", ledger.Result{ID: anID(1), Reject: ledger.PINWrong}, false)
			if err := d.Claim(ctx, "mama/a", anID(2), 1); err != nil {
				t.Error(err)
			}
			_, _ = d.Answered(ctx, "mama/a", ledger.Result{ID: anID(2), Receipt: ok.Receipt}, true)
		}, Approved, ""},
		{"not enough money", func(t *testing.T, s *street, d *Desk) {
			claim(t, d, s)
			_, _ = d.Answered(ctx, "mama/a", ledger.Result{ID: anID(1), Reject: ledger.NotEnoughFunds}, true)
		}, Failed, "not_possible"},
		{"the till is frozen", func(t *testing.T, s *street, d *Desk) {
			claim(t, d, s)
			_, _ = d.Answered(ctx, "mama/a", ledger.Result{ID: anID(1), Reject: ledger.PayeeFrozen}, true)
		}, Failed, "payee_frozen"},
		{"paid before, and asked once more at another fee", func(t *testing.T, s *street, d *Desk) {
			claim(t, d, s)
			s.books[anID(1)] = ok
			_, _ = d.Answered(ctx, "mama/a", ledger.Result{ID: anID(1), Reject: ledger.OtherContent}, true)
		}, Approved, ""},
		{"declined", func(t *testing.T, s *street, d *Desk) { _, _ = d.Leave(ctx, "mama/a", Declined, "") }, Declined, ""},
		{"nobody answers", func(t *testing.T, s *street, d *Desk) { s.pass(Life + time.Second) }, Expired, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, d := newStreet(t)
			if _, err := d.Ask(ctx, s.request("a")); err != nil {
				t.Fatal(err)
			}
			row.play(t, s, d)
			r, err := d.Look(ctx, "mama/a")
			s.stands(r, err, row.want)
			if r.Why != row.why || (r.Receipt != "") != (row.want == Approved) {
				t.Errorf("%+v", r)
			}
			if !r.Final() {
				return
			}
			if err := d.Claim(ctx, "mama/a", anID(9), 1); !errors.Is(err, ErrOver) {
				t.Errorf("a second order: %v", err)
			}
			_, _ = d.Leave(ctx, "mama/a", Declined, "")
			if after, err := d.Look(ctx, "mama/a"); err != nil || after.State != row.want {
				t.Errorf("%+v %v", after, err)
			}
		})
	}
}

// TestClaimIsOneGateways: of many that hold the same request one places an order.
func TestClaimIsOneGateways(t *testing.T) {
	s, d := newStreet(t)
	if _, err := d.Ask(t.Context(), s.request("a")); err != nil {
		t.Fatal(err)
	}
	var won sync.Map
	var all sync.WaitGroup
	for n := range byte(16) {
		all.Go(func() {
			if s.desk().Claim(t.Context(), "mama/a", anID(n), 1) == nil {
				won.Store(n, true)
			}
		})
	}
	all.Wait()
	n := 0
	won.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("%d claimed it", n)
	}
}

// TestUnreachable: what the partner hears of a handset that is busy or away, of a
// subscriber who is asked for something else, and of a number at no operator.
func TestUnreachable(t *testing.T) {
	s, d := newStreet(t)
	s.fails = errors.New("busy")
	r, err := d.Ask(t.Context(), s.request("a"))
	if s.stands(r, err, Unreachable); r.Why != "busy_or_absent" {
		t.Errorf("%+v", r)
	}
	s.fails = nil
	r, err = d.Ask(t.Context(), s.request("b"))
	s.stands(r, err, Waiting)
	r, err = d.Ask(t.Context(), s.request("c"))
	if s.stands(r, err, Unreachable); r.Why != "busy" {
		t.Errorf("%+v", r)
	}
	_, _ = d.Leave(t.Context(), "mama/b", Declined, "")
	r, err = d.Ask(t.Context(), s.request("d"))
	s.stands(r, err, Waiting)
	d.cfg.Operator = func(string) string { return "" }
	q := s.request("e")
	q.Payer = "254722000002"
	r, err = d.Ask(t.Context(), q)
	if s.stands(r, err, Unreachable); r.Why != "no_operator" {
		t.Errorf("%+v", r)
	}
	for _, late := range []time.Duration{-MaxBehind - time.Second, MaxAhead + time.Second} {
		q := s.request("f")
		q.At += late.Milliseconds()
		if _, err := d.Ask(t.Context(), q); !errors.Is(err, ErrOld) {
			t.Errorf("%v: %v", late, err)
		}
	}
	if _, err := d.Look(t.Context(), "mama/none"); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

// TestDoor: what partners send, and are answered.
func TestDoor(t *testing.T) {
	s, d := newStreet(t)
	door := &Door{Desk: d, Partners: []Partner{{Name: "mama", Till: "500001", PerMinute: 100}},
		Proves: func(_ string, r *http.Request, _ []byte) bool { return r.Header.Get("proof") == "" }}
	mux := door.mux()
	call := func(method, path, body string) (int, map[string]string) {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		if path == "/approvals/thief" {
			r.Header.Set("proof", "none")
		}
		mux.ServeHTTP(w, r)
		var out map[string]string
		_ = json.Unmarshal(w.Body.Bytes(), &out)
		return w.Code, out
	}
	good := fmt.Sprintf(`{"request":"inv-1","at":%q,"msisdn":%q,"amount":50000,"currency":"KES"}`, s.now().UTC().Format(time.RFC3339), amina)
	for _, row := range []struct {
		method, path, body string
		status             int
		state              string
	}{
		{"GET", "/approvals/mama/inv-1", "", 404, "unknown"},
		{"POST", "/approvals/mama", good, 202, "waiting"},
		{"POST", "/approvals/mama", good, 202, "waiting"},
		{"GET", "/approvals/mama/inv-1", "", 202, "waiting"},
		{"POST", "/approvals/mama", strings.Replace(good, "50000", "60000", 1), 409, ""},
		{"POST", "/approvals/mama", strings.Replace(good, "inv-1", "inv 1", 1), 400, ""},
		{"POST", "/approvals/mama", strings.Replace(good, "inv-1", strings.Repeat("x", MaxID+1), 1), 400, ""},
		{"POST", "/approvals/mama", strings.NewReplacer("inv-1", "n", "50000", "-1").Replace(good), 400, ""},
		{"POST", "/approvals/mama", strings.NewReplacer("inv-1", "n", amina, "0722").Replace(good), 400, ""},
		{"POST", "/approvals/mama", strings.NewReplacer("inv-1", "n", "KES", "KSHS").Replace(good), 400, ""},
		{"POST", "/approvals/mama", strings.NewReplacer("inv-1", "n", "2027", "2020").Replace(good), 400, ""},
		{"POST", "/approvals/mama", strings.Replace(good, "amount", "pin", 1), 400, ""},
		{"POST", "/approvals/mama", good + good, 400, ""},
		{"POST", "/approvals/mama", "", 400, ""},
		{"POST", "/approvals/mama", good + strings.Repeat(" ", maxBody), 413, ""},
		{"POST", "/approvals/thief", good, 403, ""},
		{"DELETE", "/approvals/mama", "", 405, ""},
		{"GET", "/approvals/mama/a/b", "", 404, ""},
	} {
		status, out := call(row.method, row.path, row.body)
		if status != row.status || out["state"] != row.state || status == 400 && out["mend"] == "" {
			t.Errorf("%s %s %.90s: %d %v", row.method, row.path, row.body, status, out)
		}
	}
	if len(s.shown) != 1 {
		t.Errorf("the handset was called %d times", len(s.shown))
	}
	_, _ = d.Leave(t.Context(), "mama/inv-1", Declined, "")
	if status, out := call("GET", "/approvals/mama/inv-1", ""); status != 200 || out["state"] != "declined" {
		t.Errorf("%d %v", status, out)
	}
	for range 100 {
		if status, _ := call("GET", "/approvals/mama/inv-1", ""); status == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("a partner may call without end")
}

// FuzzDecode: nothing that stands in a slip makes us stumble.
func FuzzDecode(f *testing.F) {
	r := &Record{Version: 1, Request: Request{Asker: "mama", ID: "a"}, State: Waiting}
	b, _ := r.encode()
	f.Add(b)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := decode(b); err == nil {
			if again, err := r.encode(); err == nil {
				if twice, err := decode(again); err != nil || twice.Name() != r.Name() {
					t.Fatalf("%q %v", bytes.TrimSpace(b), err)
				}
			}
		}
	})
}

// TestLatestIsTheOneThatIsAsked: an agent whose request cannot be kept is not told of the
// one before as if it were this: cash would go out twice.
func TestLatestIsTheOneThatIsAsked(t *testing.T) {
	s, d := newStreet(t)
	first := s.request("a")
	if _, err := d.AskFor(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	_ = d.Claim(t.Context(), first.Name(), anID(1), 1)
	_, _ = d.Answered(t.Context(), first.Name(), ledger.Result{ID: anID(1)}, true)
	r, err := d.Latest(t.Context(), "mama")
	s.stands(r, err, Approved)
	d.cfg.Slips = but{s.slips, slipOf + "mama/b"}
	if _, err := d.AskFor(t.Context(), s.request("b")); err == nil {
		t.Fatal("kept by a store that is away")
	}
	if r, err := d.Latest(t.Context(), "mama"); !errors.Is(err, errLost) {
		t.Errorf("the latest is %+v %v", r, err)
	}
}

// but is slips of which one is not kept.
type but struct {
	session.Slips
	name string
}

// Put is session.Slips'.
func (b but) Put(ctx context.Context, name string, expect uint64, slip []byte, ttl time.Duration) ([]byte, error) {
	if name == b.name {
		return nil, session.ErrDown
	}
	return b.Slips.Put(ctx, name, expect, slip, ttl)
}

// TestReference: a bill's number is what people may type of one, and only of a bill.
func TestReference(t *testing.T) {
	s, d := newStreet(t)
	for text, good := range map[string]bool{"MTR-77/2": true, "A 1": true, "7": true, strings.Repeat("x", MaxReference+1): false, "a\nb": false, " a": false, "é": false} {
		q := s.request("a")
		q.Kind, q.Payee, q.Reference = ledger.KindPaybill, "400200", text
		if err := q.valid(); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
	q := s.request("a")
	q.Reference = "MTR-77"
	if _, err := d.Ask(t.Context(), q); !errors.Is(err, ErrInvalid) {
		t.Errorf("a till takes a reference: %v", err)
	}
}
