package dialog

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"mlango/gateway/order"
	"mlango/gateway/session"
	"mlango/internal/pin"
	"mlango/internal/trace"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
	"mlango/menus"
)

const (
	jane  = "254722000001"
	peter = "254722000002"
	thePI = "482915"
)

// fakeLedger answers like the ledger: the same id, the same answer. What goes
// wrong is set by the test.
type fakeLedger struct {
	mu       sync.Mutex
	tb       testing.TB
	delay    time.Duration // of a Do
	lag      time.Duration // of a profile or a quote
	down     bool          // nothing is sent
	silent   bool          // sent, done, not answered
	pin      string
	tries    uint8
	reject   ledger.Reject // of every transfer
	answers  map[ledger.ID]ledger.Result
	wishes   map[ledger.ID]ledger.Transfer
	commits  []ledger.Transfer
	quotes   int
	language string
	seal     ledgerclient.SealKey
	kind     ledger.AccountKind              // of whoever dials
	quoted   func(a ledger.Ask) ledger.Quote // nil: as everybody is
	requests []ledger.Request                // that were judged
}

func newFakeLedger(tb testing.TB) *fakeLedger {
	return &fakeLedger{tb: tb, pin: thePI, tries: 3, answers: map[ledger.ID]ledger.Result{}, wishes: map[ledger.ID]ledger.Transfer{},
		seal: ledgerclient.SealKey{ID: 7, Secret: [32]byte{1, 2, 3}, Expires: 1 << 60}}
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return errors.Join(ledgerclient.ErrUnknown, ctx.Err())
	}
}

func (f *fakeLedger) set(change func(*fakeLedger)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func (f *fakeLedger) out() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return ledgerclient.ErrUnavailable
	}
	return nil
}

func (f *fakeLedger) waits() (do, ask time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.delay, f.lag
}

func (f *fakeLedger) Profile(ctx context.Context, m string) (ledger.Profile, error) {
	_, lag := f.waits()
	if err := errors.Join(f.out(), pause(ctx, lag)); err != nil {
		return ledger.Profile{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return ledger.Profile{Known: m != "254799999999", Account: 1, Kind: f.kind, Language: language(f.language), Currency: ledger.Currency{'K', 'E', 'S'}}, nil
}

func (f *fakeLedger) Quote(ctx context.Context, a ledger.Ask) (ledger.Quote, error) {
	_, lag := f.waits()
	if err := errors.Join(f.out(), pause(ctx, lag)); err != nil {
		return ledger.Quote{}, err
	}
	f.set(func(f *fakeLedger) { f.quotes++ })
	if f.quoted != nil {
		return f.quoted(a), nil
	}
	return ledger.Quote{From: 1, To: 2, Name: "PETER K", Currency: ledger.Currency{'K', 'E', 'S'}, Fee: 1300}, nil
}

func (f *fakeLedger) SetLanguage(_ context.Context, _ ledger.Account, l ledger.Language) error {
	f.set(func(f *fakeLedger) { f.language = l.String() })
	return f.out()
}

func (f *fakeLedger) Keys(context.Context) (ledgerclient.Keys, error) {
	return ledgerclient.Keys{IDKey: [32]byte{9}, Seal: []ledgerclient.SealKey{f.seal}}, f.out()
}

func (f *fakeLedger) Open() bool { return f.out() != nil }

func (f *fakeLedger) Do(ctx context.Context, r *ledger.Request) (ledger.Result, error) {
	if err := f.out(); err != nil {
		return ledger.Result{}, err
	}
	delay, _ := f.waits()
	if err := pause(ctx, delay); err != nil {
		f.judge(r) // it arrived; only its answer is late
		return ledger.Result{}, err
	}
	res := f.judge(r)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.silent {
		return ledger.Result{}, ledgerclient.ErrUnknown
	}
	return res, nil
}

func (f *fakeLedger) judge(r *ledger.Request) ledger.Result {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := r.ID()
	if res, known := f.answers[id]; known {
		if r.Transfer != nil && f.wishes[id].Amount != r.Transfer.Amount {
			res.Reject = ledger.OtherContent
		}
		return res
	}
	res := f.verdict(r)
	f.answers[id] = res
	f.requests = append(f.requests, *r)
	if r.Transfer != nil {
		f.wishes[id] = *r.Transfer
		if res.Reject == ledger.OK {
			f.commits = append(f.commits, *r.Transfer)
		}
	}
	return res
}

func (f *fakeLedger) verdict(r *ledger.Request) ledger.Result {
	res := ledger.Result{ID: r.ID(), Receipt: ledger.Receipt([]byte("TKM4K2X9QZ")), Fee: 1300, Balance: 234000, PayeeBalance: 77700}
	p, err := pin.Open(pin.Key{ID: f.seal.ID, Secret: f.seal.Secret, Expires: f.seal.Expires}, r.Sealed, r.Payer, r.ID())
	if err != nil {
		f.tb.Errorf("the sealed PIN does not open: %v", err)
	}
	want, _ := pin.Parse(f.pin)
	if f.tries == 0 {
		res.Reject = ledger.PINLocked
		return res
	}
	if pin.MAC([32]byte{}, 1, [16]byte{}, p) != pin.MAC([32]byte{}, 1, [16]byte{}, want) {
		f.tries--
		res.Reject, res.TriesLeft = ledger.PINWrong, f.tries
		return res
	}
	if r.Transfer != nil {
		res.Reject = f.reject
	}
	return res
}

// EndAsk is the ledger's; it asks for nothing here.
func (f *fakeLedger) EndAsk(_ context.Context, id ledger.ID, _ ledger.AskState) (ledger.Result, error) {
	return ledger.Result{ID: id}, f.out()
}

func (f *fakeLedger) Resolve(ctx context.Context, id ledger.ID, expires int64) (ledger.Result, error) {
	if err := f.out(); err != nil {
		return ledger.Result{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if res, known := f.answers[id]; known {
		return res, nil
	}
	if time.Now().UnixMilli() < expires {
		return ledger.Result{ID: id, Reject: ledger.Busy}, nil
	}
	f.answers[id] = ledger.Result{ID: id, Reject: ledger.Expired}
	return f.answers[id], nil
}

// shaky is a session store that fails when told, before or after it did its work.
type shaky struct {
	session.Store
	mu     sync.Mutex
	before func(op string) error
	after  func(op string) error
	blobs  [][]byte
}

func (s *shaky) fail(hook *func(string) error, op string) error {
	s.mu.Lock()
	fn := *hook
	s.mu.Unlock()
	if fn == nil {
		return nil
	}
	return fn(op)
}

func (s *shaky) Load(ctx context.Context, k session.Key) (*session.Session, error) {
	if err := s.fail(&s.before, "load"); err != nil {
		return nil, err
	}
	return s.Store.Load(ctx, k)
}

func (s *shaky) Reload(ctx context.Context, k session.Key) (*session.Session, error) {
	if err := s.fail(&s.before, "load"); err != nil {
		return nil, err
	}
	return s.Store.Reload(ctx, k)
}

func (s *shaky) Save(ctx context.Context, k session.Key, expect uint64, fresh bool, x *session.Session, ttl time.Duration) (*session.Session, error) {
	op := "save"
	if !x.Pending.None() {
		op = "claim"
	}
	if b, err := session.Encode(x); err == nil {
		s.mu.Lock()
		s.blobs = append(s.blobs, b)
		s.mu.Unlock()
	}
	if err := s.fail(&s.before, op); err != nil {
		return nil, err
	}
	stored, err := s.Store.Save(ctx, k, expect, fresh, x, ttl)
	if lost := s.fail(&s.after, op); lost != nil {
		return nil, lost
	}
	return stored, err
}

func (s *shaky) Begin(ctx context.Context, k session.Key, x *session.Session, ttl time.Duration) (*session.Session, *session.Before, error) {
	if b, err := session.Encode(x); err == nil {
		s.mu.Lock()
		s.blobs = append(s.blobs, b)
		s.mu.Unlock()
	}
	if err := s.fail(&s.before, "save"); err != nil {
		return nil, nil, err
	}
	stored, before, err := s.Store.Begin(ctx, k, x, ttl)
	if lost := s.fail(&s.after, "save"); lost != nil {
		return nil, nil, lost
	}
	return stored, before, err
}

func (s *shaky) set(before, after func(op string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before, s.after = before, after
}

// told collects what payers were told by SMS because of a promise.
type told struct {
	mu   sync.Mutex
	tell []ledger.Reject
	ids  []ledger.ID
}

func (t *told) Tell(_ context.Context, p order.Promise, r ledger.Result) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tell, t.ids = append(t.tell, r.Reject), append(t.ids, p.ID)
	return nil
}

func (t *told) all() []ledger.Reject {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]ledger.Reject(nil), t.tell...)
}

type oneBundle struct {
	b   *menus.Bundle
	off string
}

func (o oneBundle) For(string) *menus.Bundle      { return o.b }
func (o oneBundle) Off(_ [32]byte, s string) bool { return o.off != "" && s == o.off }
func (o oneBundle) Get(hash [32]byte) *menus.Bundle {
	if o.b != nil && o.b.Hash() == hash {
		return o.b
	}
	return nil
}

// wallet is the real menu.
func wallet(tb testing.TB) *menus.Bundle {
	src, err := os.ReadFile("../../menus/scripts/wallet.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	b, err := menus.Parse("wallet.yaml", src, Catalogue())
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// world is one gateway with everything behind it.
type world struct {
	tb     testing.TB
	ledger *fakeLedger
	store  *shaky
	orders *order.Dispatcher
	told   *told
	trace  *trace.Recorder
	logs   *bytes.Buffer
	*Dialog
}

func newWorld(tb testing.TB) *world { return newWorldOf(tb, wallet(tb)) }

func newWorldOf(tb testing.TB, b *menus.Bundle) *world {
	w := &world{tb: tb, ledger: newFakeLedger(tb), told: &told{}, trace: trace.New(), logs: &bytes.Buffer{}}
	w.store = &shaky{Store: session.NewMemory(10_000, nil)}
	w.start(b)
	tb.Cleanup(func() { _ = w.orders.Close() })
	return w
}

// start is a gateway's start, also after a crash: its queue is empty.
func (w *world) start(b *menus.Bundle) {
	w.orders = order.NewDispatcher(&heap{}, w.ledger, w.told, order.Config{Limit: 1000})
	log := slog.New(slog.NewTextHandler(w.logs, nil))
	w.Dialog = New(Config{Gateway: "g1", Sessions: w.store, Bundles: oneBundle{b: b}, Ledger: w.ledger, Orders: w.orders,
		Zone: 180, Trace: w.trace, Log: log})
}

// heap is a store of orders without any memory.
type heap struct{}

func (*heap) Put(context.Context, *order.Order) error       { return nil }
func (*heap) Promise(context.Context, *order.Promise) error { return nil }
func (*heap) Done(ledger.ID)                                {}
func (*heap) Left(context.Context) (order.Left, error)      { return order.Left{}, nil }
func (*heap) Claim(context.Context) (order.Left, error)     { return order.Left{}, nil }
func (*heap) Close() error                                  { return nil }

// phone is one dialogue.
type phone struct {
	w        *world
	msisdn   string
	session  string
	position uint32
	lost     bool // no screen arrives
}

func (w *world) phone(session string) *phone { return &phone{w: w, msisdn: jane, session: session} }

func (p *phone) hop(op Op, code, text string) Hop {
	return Hop{Operator: "safari", Session: p.session, MSISDN: p.msisdn, Op: op, Code: code, Text: text, Position: p.position,
		Arrived: time.Now(), Units: Units{Septets: 160, UCS2: 80}}
}

func (p *phone) dial(code string) Reply {
	p.position = 0
	return p.send(p.hop(Begin, code, ""))
}

// send is what a door does with a hop; it returns what a handset sees of the
// reply.
func (p *phone) send(h Hop) Reply {
	r := p.w.Handle(context.Background(), h)
	p.w.Shown(r, !p.lost && !r.Silent)
	r.ends, r.Repeated = nil, false
	return r
}

func (p *phone) press(text string) Reply {
	p.position++
	return p.again(text)
}

// again sends the last hop once more.
func (p *phone) again(text string) Reply {
	return p.send(p.hop(Input, "", text))
}

// toPIN dials up to the screen that asks for the PIN.
func (p *phone) toPIN() *phone {
	if r := p.dial("*334*1*0722000002*500#"); !r.Secret || r.End {
		p.w.tb.Fatalf("the shortcut did not reach the PIN: %+v", r)
	}
	return p
}

func (w *world) commits() int {
	w.ledger.mu.Lock()
	defer w.ledger.mu.Unlock()
	return len(w.ledger.commits)
}

func has(tb testing.TB, r Reply, end bool, parts ...string) {
	tb.Helper()
	for _, part := range parts {
		if !strings.Contains(r.Text, part) {
			tb.Fatalf("screen %q lacks %q (%+v)", r.Text, part, r)
		}
	}
	if r.End != end {
		tb.Fatalf("screen %q: end is %v (%+v)", r.Text, r.End, r)
	}
}
