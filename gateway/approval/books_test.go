package approval

import (
	"context"
	"errors"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
)

// EndAsk is as the ledger's: what was paid is answered with that.
func (s *street) EndAsk(_ context.Context, id ledger.ID, how ledger.AskState) (ledger.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return ledger.Result{}, errors.New("down")
	}
	for n := uint8(1); n <= MaxTries; n++ {
		if res, known := s.books[ledger.AskOrder(id, n)]; known && res.Reject == ledger.OK {
			return res, nil
		}
	}
	if s.ended == nil {
		s.ended = map[ledger.ID]ledger.AskState{}
	}
	if s.ended[id] == 0 {
		s.ended[id] = how
	}
	return ledger.Result{ID: id}, nil
}

// notice is the ledger's wish that amina is asked, made now.
func (s *street) notice() *ledger.Notice {
	at := s.now().UnixMilli()
	return &ledger.Notice{ID: ledger.NewID(at, [10]byte{7}), Act: ledger.ActAsk, Kind: ledger.KindTill, Account: 1, Other: 2, Amount: 50000,
		Until: at + 180_000, Addr: amina, OtherAddr: "500001"}
}

func nameOf(n *ledger.Notice) string { return Books + "/" + n.ID.String() }

// TestTheLedgerAsks: the notice that comes again calls the handset once; each end that is no
// payment is said to the ledger.
func TestTheLedgerAsks(t *testing.T) {
	ctx := t.Context()
	for _, row := range []struct {
		name string
		play func(s *street, d *Desk, n *ledger.Notice)
		want ledger.AskState
		is   State
	}{
		{"declined", func(_ *street, d *Desk, n *ledger.Notice) { _, _ = d.Leave(ctx, nameOf(n), Declined, "") }, ledger.AskDeclined, Declined},
		{"hung up", func(_ *street, d *Desk, n *ledger.Notice) { _, _ = d.Leave(ctx, nameOf(n), Unanswered, "") }, ledger.AskUnanswered, Unanswered},
		{"refused", func(_ *street, d *Desk, n *ledger.Notice) { _, _ = d.Leave(ctx, nameOf(n), Failed, whyNo) }, ledger.AskRefused, Failed},
		{"nobody answered", func(s *street, d *Desk, n *ledger.Notice) { s.pass(Life + time.Second); _, _ = d.Look(ctx, nameOf(n)) }, ledger.AskExpired, Expired},
		{"an order refused for good", func(s *street, d *Desk, n *ledger.Notice) {
			id := ledger.AskOrder(n.ID, 1)
			_ = d.Claim(ctx, nameOf(n), id, s.now().UnixMilli())
			_, _ = d.Answered(ctx, nameOf(n), ledger.Result{ID: id, Reject: ledger.NotEnoughFunds}, true)
		}, ledger.AskRefused, Failed},
		{"paid, and the store forgot it", func(s *street, d *Desk, n *ledger.Notice) {
			id := ledger.AskOrder(n.ID, 1)
			s.books[id] = ledger.Result{ID: id, Receipt: ledger.Receipt([]byte("TKM4K2X9QZ"))}
			_, _ = d.Leave(ctx, nameOf(n), Declined, "")
		}, 0, Approved},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, d := newStreet(t)
			n := s.notice()
			for range 3 {
				if err := d.AskForLedger(ctx, n); err != nil {
					t.Fatal(err)
				}
			}
			if len(s.shown) != 1 || s.shown[0] != nameOf(n) {
				t.Fatalf("the handset was called for %v", s.shown)
			}
			row.play(s, d, n)
			r, err := d.Look(ctx, nameOf(n))
			s.stands(r, err, row.is)
			if s.ended[n.ID] != row.want {
				t.Errorf("the ledger heard %v, not %v", s.ended[n.ID], row.want)
			}
		})
	}
}

// TestTheLedgerHearsWhyNobodyWasAsked in a word of its own for each reason.
func TestTheLedgerHearsWhyNobodyWasAsked(t *testing.T) {
	ctx := t.Context()
	for _, row := range []struct {
		fails error
		play  func(s *street, d *Desk, n *ledger.Notice)
		want  ledger.AskState
	}{
		{errors.New("busy"), nil, ledger.AskAway},
		{ErrNoRoom, nil, ledger.AskNoRoom},
		{ErrNotNow, nil, ledger.AskNotNow},
		{nil, func(_ *street, d *Desk, _ *ledger.Notice) { d.cfg.Operator = func(string) string { return "" } }, ledger.AskNowhere},
		{nil, func(_ *street, _ *Desk, n *ledger.Notice) { n.Addr = "" }, ledger.AskNowhere},
		{nil, func(s *street, d *Desk, _ *ledger.Notice) { _, _ = d.Ask(ctx, s.request("other")) }, ledger.AskBusy},
		{nil, func(s *street, d *Desk, n *ledger.Notice) {
			for i := range byte(MaxNos) {
				n := s.notice()
				n.ID[10] = i + 1
				_ = d.AskForLedger(ctx, n)
				_, _ = d.Leave(ctx, nameOf(n), Declined, "")
			}
		}, ledger.AskOften},
	} {
		s, d := newStreet(t)
		n := s.notice()
		if s.fails = row.fails; row.play != nil {
			row.play(s, d, n)
		}
		if err := d.AskForLedger(ctx, n); err != nil || s.ended[n.ID] != row.want {
			t.Errorf("%v: the ledger heard %v, not %v", err, s.ended[n.ID], row.want)
		}
	}
}

// TestTheLedgerAsksInVain: what is over is never shown; one that perhaps nobody saw, for its
// gateway died, is shown once more and keeps waiting if the handset is busy then; while the
// ledger is away the notice stays.
func TestTheLedgerAsksInVain(t *testing.T) {
	ctx := t.Context()
	s, d := newStreet(t)
	late := s.notice()
	s.pass(4 * time.Minute)
	if err := d.AskForLedger(ctx, late); err != nil || len(s.shown) != 0 {
		t.Errorf("%v, shown %v", err, s.shown)
	}
	n := s.notice()
	r := &Record{Request: Request{Asker: Books, ID: n.ID.String(), Kind: n.Kind, Payer: amina, From: 1, To: 2}, State: Waiting, Until: n.Until}
	if _, err := d.put(ctx, r); err != nil { // its gateway died here
		t.Fatal(err)
	}
	s.fails = errors.New("busy")
	if err := d.AskForLedger(ctx, n); err != nil || len(s.shown) != 1 || s.ended[n.ID] != 0 {
		t.Errorf("%v, shown %v, ended %v", err, s.shown, s.ended)
	}
	s.fails = nil
	for range 2 {
		if err := d.AskForLedger(ctx, n); err != nil || len(s.shown) != 2 {
			t.Errorf("%v, shown %v", err, s.shown)
		}
	}
	s.pass(Life)
	s.fails, s.down = errors.New("busy"), true
	other := s.notice()
	other.ID[9] = 9
	if err := d.AskForLedger(ctx, other); err == nil {
		t.Error("the ledger was away, and the notice is over")
	}
}

// TestNoIsNo: a partner to whom a subscriber said no so often is refused in words, others are
// not, and after the hour it may ask again.
func TestNoIsNo(t *testing.T) {
	ctx := t.Context()
	s, d := newStreet(t)
	for i := range MaxNos {
		q := s.request(string(rune('a' + i)))
		if _, err := d.Ask(ctx, q); err != nil {
			t.Fatal(err)
		}
		how := Declined
		if i == 1 {
			how = Unanswered
		}
		if _, err := d.Leave(ctx, q.Name(), how, ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Ask(ctx, s.request("z")); !errors.Is(err, ErrOften) {
		t.Error(err)
	}
	first := s.request("a")
	if r, err := d.Ask(ctx, first); err != nil || r.State != Declined { // what is known is still told
		t.Error(r, err)
	}
	other := s.request("z")
	other.Asker = "papa"
	r, err := d.Ask(ctx, other)
	s.stands(r, err, Waiting)
	s.pass(NosKept + time.Second)
	r, err = d.Ask(ctx, s.request("z"))
	s.stands(r, err, Waiting)
}

// TestBrokeOffBeforeItWasShown: a dialogue that ends while its screen is on its way is
// nobody's no when the handset never took it, and is one when it did.
func TestBrokeOffBeforeItWasShown(t *testing.T) {
	ctx := t.Context()
	for fails, want := range map[error]State{ErrNoRoom: Unreachable, nil: Unanswered} {
		s, d := newStreet(t)
		n := s.notice()
		s.fails, s.while = fails, func() { _, _ = d.Leave(ctx, nameOf(n), Unanswered, "") }
		if err := d.AskForLedger(ctx, n); err != nil {
			t.Fatal(err)
		}
		r, err := d.Look(ctx, nameOf(n))
		s.stands(r, err, want)
		if nos, _ := d.nos(ctx, &r.Request); (nos != nil) != (want == Unanswered) {
			t.Errorf("%s counts as %+v", want, nos)
		}
	}
}
