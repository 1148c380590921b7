package dialog

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"mlango/gateway/session"
	"mlango/internal/pin"
	"mlango/internal/trace"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
	"mlango/menus"
)

const (
	freshPIN = "739128"
	slipPIN  = "739126"
)

// safeLedger sets PINs, as the ledger does.
type safeLedger struct {
	*fakeLedger
	noPIN bool
	asked []*ledger.Request
	lines []ledger.Statement
	says  ledger.Reject
	keys  *ledgerclient.Keys
}

func (s *safeLedger) Profile(ctx context.Context, m string) (ledger.Profile, error) {
	p, err := s.fakeLedger.Profile(ctx, m)
	p.NoPIN = s.noPIN
	return p, err
}

func (s *safeLedger) Keys(ctx context.Context) (ledgerclient.Keys, error) {
	if s.keys != nil {
		return *s.keys, nil
	}
	return s.fakeLedger.Keys(ctx)
}

func (s *safeLedger) Do(ctx context.Context, r *ledger.Request) (ledger.Result, error) {
	s.asked = append(s.asked, r)
	if r.Check == nil || !r.Check.Query.BringsPIN() {
		res, err := ledger.Result{ID: r.ID(), Reject: s.says}, error(nil)
		if r.Check == nil || r.Check.Query.AsksPIN() {
			res, err = s.fakeLedger.Do(ctx, r)
		}
		res.Lines = s.lines
		return res, err
	}
	if r.Check.Query == ledger.QueryChange {
		if res, err := s.fakeLedger.Do(ctx, r); err != nil || res.Reject != ledger.OK {
			return res, err
		}
	}
	fresh, err := pin.Open(pin.Key{ID: s.seal.ID, Secret: s.seal.Secret, Expires: s.seal.Expires}, r.New, r.Payer, ledger.NewPINID(r.ID()))
	if err != nil || s.silent {
		return ledger.Result{}, ledgerclient.ErrUnknown
	}
	for _, typed := range []string{freshPIN, slipPIN} {
		if p, _ := pin.Parse(typed); pin.Same(p, fresh) {
			s.pin, s.noPIN = typed, false
		}
	}
	return ledger.Result{ID: r.ID(), Reject: s.says}, nil
}

// newSafe is a world whose ledger sets PINs; again starts another gateway on it.
func newSafe(tb testing.TB) (w *world, s *safeLedger, again func()) {
	w = newWorld(tb)
	s = &safeLedger{fakeLedger: w.ledger}
	again = func() {
		w.Dialog = New(Config{Gateway: "g2", Sessions: w.store, Bundles: oneBundle{b: wallet(tb)}, Ledger: s, Orders: w.orders, Zone: 180, Trace: w.trace,
			Log: slog.New(slog.NewTextHandler(w.logs, nil))})
	}
	again()
	return w, s, again
}

// keys presses several in a row and returns the last reply.
func (p *phone) keys(list ...string) (r Reply) {
	for _, k := range list {
		r = p.press(k)
	}
	return r
}

// toChange dials up to the question for the present PIN.
func (p *phone) toChange() *phone {
	p.dial("*334#")
	has(p.w.tb, p.keys("3", "5"), false, "Enter your present PIN")
	return p
}

func (p *phone) session1() *session.Session {
	s, err := p.w.store.Load(context.Background(), session.Key{Operator: "safari", MSISDN: p.msisdn, Session: p.session})
	if err != nil {
		p.w.tb.Fatal(err)
	}
	return s
}

// TestAnotherPIN: a slip is asked again, the present PIN once; what is sent is sealed
// to one order, whose id is of the first question, and each hop may be on another
// gateway.
func TestAnotherPIN(t *testing.T) {
	w, s, again := newSafe(t)
	p := w.phone("s").toChange()
	visit := p.session1().State.Visit
	r := p.press(thePI)
	has(t, r, false, "Enter a new PIN")
	if !r.Secret {
		t.Fatal("the new PIN would be shown")
	}
	again()
	p.press(freshPIN)
	again()
	has(t, p.press(slipPIN), false, "The two new PINs differ", "Enter a new PIN")
	has(t, p.keys(thePI, thePI), false, "That is your present PIN")
	if len(s.asked) != 0 {
		t.Fatal("something was asked of the ledger before both were the same")
	}
	again()
	p.press(freshPIN)
	again()
	last := p.press(freshPIN)
	has(t, last, true, "Your PIN was changed")
	if len(s.asked) != 1 || s.pin != freshPIN || s.tries != 3 {
		t.Fatalf("asked %d times, PIN set: %v, %d tries", len(s.asked), s.pin == freshPIN, s.tries)
	}
	ring, _ := w.keys.get(context.Background(), time.Now())
	if hop := p.hop(Input, "", ""); s.asked[0].ID() != ring.order(&hop, s.asked[0].ID().Time(), visit) {
		t.Error("the order's id is not of the first question")
	}
	if copied := p.again(freshPIN); copied != last || len(s.asked) != 1 {
		t.Fatalf("a copy of the last hop: %+v", copied)
	}
	nothingTold(t, p)
}

// nothingTold looks for PINs in everything that was kept, logged or traced.
func nothingTold(t *testing.T, p *phone) {
	t.Helper()
	w := p.w
	if len(w.store.blobs) == 0 {
		t.Fatal("nothing was looked at")
	}
	said := w.logs.String()
	for _, e := range w.trace.Events(trace.Session("safari", p.msisdn, p.session)) {
		said += e.Text
	}
	for _, typed := range []string{thePI, freshPIN, slipPIN} {
		for _, b := range w.store.blobs {
			if bytes.Contains(b, []byte(typed)) {
				t.Fatalf("a session of %d bytes holds a PIN", len(b))
			}
		}
		if strings.Contains(said, typed) {
			t.Fatal("a PIN was logged or traced")
		}
	}
}

// TestKeptSecretsAreWiped: when they were used, at home, at the end, when they are too
// old and when the dialogue is lost. Nothing of them ever stands in a state.
func TestKeptSecretsAreWiped(t *testing.T) {
	for name, c := range map[string]struct {
		keys  []string
		boxes int
	}{
		"one":           {[]string{thePI}, 1},
		"two":           {[]string{thePI, freshPIN}, 2},
		"typed again":   {[]string{thePI, freshPIN, "0", slipPIN}, 2},
		"they differ":   {[]string{thePI, freshPIN, slipPIN}, 1},
		"easy":          {[]string{thePI, "111111", "111111"}, 1},
		"used":          {[]string{thePI, freshPIN, freshPIN}, 0},
		"a wrong one":   {[]string{slipPIN, freshPIN, freshPIN}, 0},
		"home":          {[]string{thePI, freshPIN, "00"}, 0},
		"back and home": {[]string{thePI, "0", "0", "00"}, 0},
		"no PIN":        {[]string{thePI, "12"}, 1},
		"too many":      {[]string{thePI, "1", "2", "3"}, 0},
	} {
		w, _, _ := newSafe(t)
		p := w.phone(name).toChange()
		p.keys(c.keys...)
		got := p.session1()
		if len(got.Kept.Boxes) != c.boxes || c.boxes == 0 && (got.Kept.Visit != 0 || got.Kept.Until != 0) {
			t.Errorf("%s: %d secrets are kept, want %d (%q)", name, len(got.Kept.Boxes), c.boxes, got.Screen)
		}
		for _, b := range got.Kept.Boxes {
			if len(b.Sealed) != pin.SealedSize || b.Key != 7 {
				t.Errorf("%s: %+v", name, b)
			}
		}
		nothingTold(t, p)
	}
}

// TestOldSecretsAreAskedForAgain: two minutes after the first, or when its seal key is
// gone, nothing is sent and nothing counted.
func TestOldSecretsAreAskedForAgain(t *testing.T) {
	later := func(p *phone, d time.Duration) Reply {
		p.position++
		h := p.hop(Input, "", freshPIN)
		h.Arrived = h.Arrived.Add(d)
		h.Deadline = h.Arrived.Add(DefaultDeadline)
		return p.send(h)
	}
	for name, spoil := range map[string]func(w *world, s *safeLedger, p *phone) Reply{
		"too late": func(w *world, s *safeLedger, p *phone) Reply {
			w.cfg.Now = func() time.Time { return time.Now().Add(KeepSecret) }
			return later(p, KeepSecret)
		},
		"the key is gone": func(w *world, s *safeLedger, p *phone) Reply {
			s.keys = &ledgerclient.Keys{IDKey: [32]byte{9}, Seal: []ledgerclient.SealKey{{ID: 8, Expires: 1 << 60}}}
			w.keys.last.Store(nil)
			return p.press(freshPIN)
		},
		"another's box": func(w *world, s *safeLedger, p *phone) Reply {
			k := session.Key{Operator: "safari", MSISDN: p.msisdn, Session: p.session}
			got := p.session1()
			got.Kept.Boxes[0].Sealed, got.Kept.Boxes[1].Sealed = got.Kept.Boxes[1].Sealed, got.Kept.Boxes[0].Sealed
			if _, err := w.store.Store.Save(context.Background(), k, got.Hop, true, got, session.TTL); err != nil {
				t.Fatal(err)
			}
			return p.press(freshPIN)
		},
	} {
		w, s, again := newSafe(t)
		p := w.phone(name).toChange()
		p.keys(thePI, freshPIN)
		if again(); name != "the key is gone" {
			w.keys.last.Store(nil)
		}
		r := spoil(w, s, p)
		if has(t, r, false, "Please begin again", "Enter your present PIN"); len(s.asked) != 0 || len(p.session1().Kept.Boxes) != 0 {
			t.Errorf("%s: asked %d times", name, len(s.asked))
		}
	}
}

// TestAFirstPIN: who has none sets one and goes on; no answer is told truly, and one that
// somebody set meanwhile too.
func TestAFirstPIN(t *testing.T) {
	w, s, _ := newSafe(t)
	s.noPIN = true
	p := w.phone("s")
	if r := p.dial("*334#"); !r.Secret {
		t.Fatalf("%+v", r)
	}
	has(t, p.keys("1234", "1234"), false, "easy to guess")
	has(t, p.keys(freshPIN, slipPIN), false, "The two PINs differ")
	has(t, p.keys(freshPIN, freshPIN), false, "Your PIN is set", "1 Send money")
	if r := s.asked[0]; len(s.asked) != 1 || len(r.Sealed) != 0 || r.Check.Query != ledger.QueryFirstPIN || p.session1().NoPIN {
		t.Fatalf("%+v", s.asked)
	}
	has(t, p.keys("3", "1", freshPIN), true, "Your balance is")
	nothingTold(t, p)

	s.noPIN, s.silent = true, true
	p = w.phone("late")
	p.dial("*334#")
	has(t, p.keys(freshPIN, freshPIN), true, "No answer in time. Your PIN may be set or not")
	s.silent, s.says = false, ledger.PINIsSet
	p = w.phone("set")
	s.noPIN = true
	p.dial("*334#")
	has(t, p.keys(freshPIN, freshPIN), true, "This number has a PIN already")
}

// TestAWrongPresentPIN: counted by the ledger, three times over all; then it is locked.
func TestAWrongPresentPIN(t *testing.T) {
	w, s, _ := newSafe(t)
	p := w.phone("s").toChange()
	has(t, p.keys(slipPIN, freshPIN, freshPIN), false, "Tries left: 2", "Enter your present PIN")
	has(t, p.keys(slipPIN, freshPIN, freshPIN), false, "Tries left: 1")
	has(t, p.keys(slipPIN, freshPIN, freshPIN), true, "Your PIN is now locked and was not changed")
	if s.pin != thePI || len(s.asked) != 3 || s.asked[0].ID() == s.asked[1].ID() || s.asked[1].ID() == s.asked[2].ID() {
		t.Fatalf("asked %d times", len(s.asked))
	}
}

// TestStatementsAndReceipts in the menu's words.
func TestStatementsAndReceipts(t *testing.T) {
	w, s, _ := newSafe(t)
	at := time.Date(2026, 11, 22, 6, 14, 0, 0, time.UTC).UnixMilli()
	receipt := ledger.Receipt([]byte("UKM4K2X9QZ"))
	s.lines = []ledger.Statement{{Kind: ledger.KindSend, Amount: 50_000, Fee: 1_300, Balance: 448_700, At: at, Receipt: receipt},
		{Kind: ledger.KindWithdraw, Part: ledger.PartCommission, In: true, Amount: 1_500, Balance: 500_000, At: at}}
	p := w.phone("s")
	p.dial("*334#")
	has(t, p.keys("3", "4", thePI), true, "22/11 Sent -513.00, 4,487.00\n22/11 Earned +15.00, 5,000.00")
	s.lines = nil
	p = w.phone("none")
	p.dial("*334#")
	has(t, p.keys("3", "4", thePI), true, "There is no transaction yet")

	told := menus.Event{}
	for state, word := range map[ledger.State]string{ledger.StateDone: "done", ledger.StatePartly: "partly_reversed", ledger.StateHeld: "held"} {
		x := turn{effect: &effect{check: true, fn: "receipt"}}
		x.found(&told, &ledger.Result{Lines: []ledger.Statement{{State: state, Amount: 500, Receipt: receipt, OtherAddr: peter, At: at}}})
		if told.Outcome != word || told.Values["payer"].Text != peter || told.Values["receipt"].Text != "UKM4K2X9QZ" {
			t.Errorf("%+v", told)
		}
	}
}

// TestNoScreenDeniesANewPIN: when the last screen cannot be drawn or saved, what is shown
// instead does not say that nothing happened.
func TestNoScreenDeniesANewPIN(t *testing.T) {
	for _, c := range []struct {
		fn   string
		res  *ledger.Result
		want string
	}{
		{"change_pin", nil, textPIN}, {"first_pin", &ledger.Result{}, textPIN}, {"change_pin", &ledger.Result{Reject: ledger.PINWrong}, textNotDone},
		{"balance", nil, textNotDone}, {"balance", &ledger.Result{}, textNotDone}, {"receipt", &ledger.Result{}, textNotDone},
	} {
		e := effect{check: true, fn: c.fn, result: c.res}
		if got := e.plainly(); got != c.want || plain(got, "sw") == plain(got, "en") {
			t.Errorf("%s, %+v: %s", c.fn, c.res, got)
		}
	}
}
