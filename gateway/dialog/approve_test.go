package dialog

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"mlango/gateway/approval"
	"mlango/gateway/session"
	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// Lookup is what the books know of an id.
func (f *fakeLedger) Lookup(_ context.Context, id ledger.ID) (ledger.Result, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	res, known := f.answers[id]
	return res, known, nil
}

// shop is a till that asks, two gateways, and the phone of the subscriber.
type shop struct {
	*pair
	desk   *approval.Desk
	slips  *notes
	tb     testing.TB
	calls  int
	absent bool
	screen Reply
	at     uint32
}

func newShop(t *testing.T, bundle *menus.Bundle, slow time.Duration) *shop {
	s := &shop{pair: newPair(t, bundle, slow), tb: t}
	s.open()
	if err := s.desk.Remember(t.Context(), time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	return s
}

// notes are slips in memory.
type notes struct {
	mu sync.Mutex
	m  map[string][]byte
}

// Put is session.Slips'.
func (n *notes) Put(_ context.Context, name string, expect uint64, b []byte, _ time.Duration) ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	old, known := n.m[name]
	switch {
	case known && binary.BigEndian.Uint64(old[1:]) != expect:
		return old, session.ErrConflict
	case !known && expect != 0:
		return nil, session.ErrNone
	}
	n.m[name] = b
	return nil, nil
}

// Get is session.Slips'.
func (n *notes) Get(_ context.Context, name string) ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if b, known := n.m[name]; known {
		return b, nil
	}
	return nil, session.ErrNone
}

// open gives both gateways a desk over new slips: what was kept before is forgotten.
func (s *shop) open() { s.over(map[string][]byte{}) }

// over gives both gateways a desk over these slips.
func (s *shop) over(slips map[string][]byte) {
	s.slips = &notes{m: slips}
	s.desk = approval.NewDesk(approval.Config{Slips: s.slips, Opener: s, Ledger: s.w.ledger, Operator: func(string) string { return "safari" }, Next: NextOrders(s.w.ledger)})
	for i, g := range s.gateways {
		cfg := g.cfg
		cfg.Approvals = s.desk
		s.gateways[i] = New(cfg)
	}
}

// Approve is the network: the phone shows the first screen, unless it is away.
func (s *shop) Approve(_ context.Context, _, _, name string) error {
	s.calls++
	if s.absent {
		return errors.New("absent")
	}
	s.at = 0
	s.screen = s.reply(Hop{Op: Begin, Code: "*334#", Opened: true, Approval: name})
	if s.screen.End {
		return ErrNoScreen
	}
	return nil
}

func (s *shop) reply(h Hop) Reply {
	h.Operator, h.Session, h.MSISDN, h.Position, h.Arrived, h.Units = "safari", fmt.Sprint("ask", s.calls), jane, s.at, time.Now(), Units{Septets: 160, UCS2: 80}
	g := s.gateways[s.n.Add(1)%2]
	r := g.Handle(context.Background(), h)
	g.Shown(r, !r.Silent)
	return r
}

func (s *shop) press(text string) Reply {
	s.at++
	s.screen = s.reply(Hop{Op: Input, Text: text})
	return s.screen
}

func (s *shop) request() approval.Request {
	return approval.Request{Asker: "mama", ID: "inv-1", At: time.Now().UnixMilli(), Kind: ledger.KindTill, Payer: jane, Payee: "500001", Amount: 50000, Currency: "KES"}
}

func (s *shop) stands(want approval.State) {
	s.tb.Helper()
	if r, err := s.desk.Look(context.Background(), "mama/inv-1"); err != nil || r.State != want {
		s.tb.Fatalf("%+v %v, not %s", r, err, want)
	}
}

func (s *shop) close() { _, _ = s.w.orders.Close(), s.second.Close() }

// TestApprove: the ways through the question, and what the till hears after each.
func TestApprove(t *testing.T) {
	for name, play := range map[string]func(s *shop) approval.State{
		"paid": func(s *shop) approval.State {
			has(s.tb, s.screen, false, "Pay Ksh500.00 to PETER K?", "0 Decline")
			has(s.tb, s.press(thePI), true, "Confirmed")
			return approval.Approved
		},
		"a wrong PIN before": func(s *shop) approval.State {
			has(s.tb, s.press("0000"), false, "Tries left: 2")
			s.stands(approval.Waiting)
			has(s.tb, s.press(thePI), true, "Confirmed")
			return approval.Approved
		},
		"declined": func(s *shop) approval.State {
			has(s.tb, s.press("0"), true, "Declined. Nothing was taken.")
			return approval.Declined
		},
		"hung up": func(s *shop) approval.State {
			s.reply(Hop{Op: Abort})
			return approval.Unanswered
		},
		"nothing is typed": func(s *shop) approval.State {
			time.Sleep(approval.Life + time.Second)
			has(s.tb, s.press(thePI), true, "Nothing was taken")
			return approval.Expired
		},
		"the ledger is late": func(s *shop) approval.State {
			s.w.ledger.set(func(f *fakeLedger) { f.delay = 30 * time.Second })
			has(s.tb, s.press(thePI), true, "SMS follows")
			s.stands(approval.Confirmed)
			time.Sleep(5 * time.Minute)
			return approval.Approved
		},
		"not enough money": func(s *shop) approval.State {
			s.w.ledger.set(func(f *fakeLedger) { f.reject = ledger.NotEnoughFunds })
			has(s.tb, s.press(thePI), true, "Nothing was taken")
			return approval.Failed
		},
		"three wrong": func(s *shop) approval.State {
			s.press("0000")
			s.press("0000")
			has(s.tb, s.press("0000"), true, "Your PIN is now locked")
			return approval.Failed
		},
	} {
		t.Run(name, func(t *testing.T) {
			bundle := wallet(t)
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t, bundle, 0)
				if _, err := s.desk.Ask(t.Context(), s.request()); err != nil {
					t.Fatal(err)
				}
				want := play(s)
				s.stands(want)
				if paid := s.w.commits() == 1; paid != (want == approval.Approved) {
					t.Errorf("%d payments", s.w.commits())
				}
				s.close()
			})
		})
	}
}

// TestApproveWhatAStoreTookBack: a store that loses its last writes has the request wait
// again: the till still hears that it was paid, and of one that was not paid nothing comes
// any more.
func TestApproveWhatAStoreTookBack(t *testing.T) {
	bundle := wallet(t)
	for typed, want := range map[string]approval.State{thePI: approval.Approved, "0000": approval.Expired} {
		synctest.Test(t, func(t *testing.T) {
			s := newShop(t, bundle, 0)
			if _, err := s.desk.Ask(t.Context(), s.request()); err != nil {
				t.Fatal(err)
			}
			before := maps.Clone(s.slips.m)
			s.press(typed)
			s.over(before)
			s.stands(approval.Waiting)
			time.Sleep(approval.Life + time.Second)
			s.w.ledger.set(func(f *fakeLedger) { f.down = true })
			if r, err := s.desk.Look(t.Context(), "mama/inv-1"); err == nil {
				t.Errorf("%s by a ledger that is away", r.State)
			}
			s.w.ledger.set(func(f *fakeLedger) { f.down = false })
			s.stands(want)
			if paid := s.w.commits() == 1; paid != (want == approval.Approved) {
				t.Errorf("%d payments", s.w.commits())
			}
			s.close()
		})
	}
}

// TestApproveWhatIsForgottenAndEnds: what was paid is not said to be declined, or broken
// off, because the desk forgot it and the subscriber does not pay once more.
func TestApproveWhatIsForgottenAndEnds(t *testing.T) {
	bundle := wallet(t)
	for name, end := range map[string]func(s *shop){
		"declined": func(s *shop) { s.press("0") },
		"hung up":  func(s *shop) { s.reply(Hop{Op: Abort}) },
		"ignored":  func(*shop) { time.Sleep(approval.Life + time.Second) },
		"away":     func(*shop) {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t, bundle, 0)
				q := s.request()
				if _, err := s.desk.Ask(t.Context(), q); err != nil {
					t.Fatal(err)
				}
				s.press("0000") // the second order pays
				has(t, s.press(thePI), true, "Confirmed")
				s.open()
				s.absent = name == "away"
				if _, err := s.desk.Ask(t.Context(), q); err != nil {
					t.Fatal(err)
				}
				end(s)
				s.stands(approval.Approved)
				s.close()
			})
		})
	}
}

// TestApproveWhatIsForgotten: what the desk remembers is lost after the payment, and the
// till sends the same request once more: the subscriber may be asked again, the PIN typed
// again – the ledger answers the first receipt, and money moves once.
func TestApproveWhatIsForgotten(t *testing.T) {
	bundle := wallet(t)
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, bundle, 0)
		q := s.request()
		if _, err := s.desk.Ask(t.Context(), q); err != nil {
			t.Fatal(err)
		}
		has(t, s.press(thePI), true, "Confirmed")
		s.open()
		time.Sleep(time.Minute)
		if r, err := s.desk.Ask(t.Context(), q); err != nil || r.State != approval.Waiting {
			t.Fatal(r, err)
		}
		has(t, s.press(thePI), true, "TKM4K2X9QZ Confirmed")
		s.stands(approval.Approved)
		if s.w.commits() != 1 || s.calls != 2 {
			t.Errorf("%d payments after %d calls", s.w.commits(), s.calls)
		}
		s.close()
	})
}

// TestApproveABill: the order bears the number of the bill that the biller asked for.
func TestApproveABill(t *testing.T) {
	bundle := wallet(t)
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, bundle, 0)
		q := s.request()
		q.Kind, q.Payee, q.Reference = ledger.KindPaybill, "400200", "MTR-77"
		if _, err := s.desk.Ask(t.Context(), q); err != nil {
			t.Fatal(err)
		}
		s.press("0000")
		has(t, s.press(thePI), true, "Confirmed")
		got := s.w.ledger.requests
		if len(got) != 2 || got[0].Ref != "MTR-77" || got[1].Ref != "MTR-77" || got[1].Payee != "400200" || got[1].Transfer.Kind != ledger.KindPaybill {
			t.Errorf("%+v", got)
		}
		s.close()
	})
}

// TestApproveAtAnotherFee: a fee or a payee that changed meanwhile is shown and confirmed
// anew, once.
func TestApproveAtAnotherFee(t *testing.T) {
	bundle := wallet(t)
	for _, reject := range []ledger.Reject{ledger.FeeAboveQuote, ledger.AliasMoved} {
		synctest.Test(t, func(t *testing.T) {
			s := newShop(t, bundle, 0)
			if _, err := s.desk.Ask(t.Context(), s.request()); err != nil {
				t.Fatal(err)
			}
			s.w.ledger.set(func(f *fakeLedger) { f.reject = reject })
			has(t, s.press(thePI), false, "The fee or the payee has changed.", "Pay Ksh500.00 to PETER K?")
			s.stands(approval.Waiting)
			s.w.ledger.set(func(f *fakeLedger) { f.reject = ledger.OK })
			has(t, s.press(thePI), true, "Confirmed")
			s.stands(approval.Approved)
			if s.w.commits() != 1 {
				t.Errorf("%d payments", s.w.commits())
			}
			s.close()
		})
	}
}

// TestApproveWhenTheSessionIsLost: the store loses what it took last, and the network
// brings the PIN once more: what was paid is not denied, nor paid twice.
func TestApproveWhenTheSessionIsLost(t *testing.T) {
	bundle := wallet(t)
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, bundle, 0)
		if _, err := s.desk.Ask(t.Context(), s.request()); err != nil {
			t.Fatal(err)
		}
		key := session.Key{Operator: "safari", MSISDN: jane, Session: "ask1"}
		before, err := s.w.store.Load(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		has(t, s.press(thePI), true, "TKM4K2X9QZ Confirmed")
		if _, err := s.w.store.Save(t.Context(), key, 0, true, before, session.TTL); err != nil {
			t.Fatal(err)
		}
		has(t, s.reply(Hop{Op: Input, Text: thePI}), true, "TKM4K2X9QZ Confirmed")
		s.stands(approval.Approved)
		if s.w.commits() != 1 {
			t.Errorf("%d payments", s.w.commits())
		}
		s.close()
	})
}

// TestApproveNeverTwice plays a request with everything between: hops repeated and out
// of order on two gateways, a slow ledger, a phone that hangs up, a desk that forgets, and
// the same request again and again.
func TestApproveNeverTwice(t *testing.T) {
	bundle := wallet(t)
	rapid.Check(t, func(rt *rapid.T) {
		slow := time.Duration(rapid.IntRange(0, 6).Draw(rt, "slow")) * time.Second
		acts := rapid.SliceOfN(rapid.SampledFrom([]string{"pin", "pin", "again", "wrong", "no", "ask", "hang up", "wait", "forget"}), 1, 12).Draw(rt, "acts")
		wrong := ""
		synctest.Test(t, func(t *testing.T) {
			s := newShop(t, bundle, slow)
			q := s.request()
			said := s.play(q, acts)
			time.Sleep(10 * time.Minute)
			r, err := s.desk.Look(t.Context(), q.Name())
			paid := s.w.commits()
			switch {
			case paid > 1:
				wrong = fmt.Sprintf("%d payments after %v", paid, acts)
			case err == nil && (r.State == approval.Approved) != (paid == 1):
				wrong = fmt.Sprintf("%d payments, and the till hears %s after %v", paid, r.State, acts)
			case err == nil && !r.Final():
				wrong = fmt.Sprintf("the till never hears how it ended: %s after %v", r.State, acts)
			case said && paid == 0:
				wrong = fmt.Sprintf("a screen confirmed what is not in the books after %v", acts)
			}
			s.close()
		})
		if wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

// play does what is drawn; it tells whether a screen confirmed a payment.
func (s *shop) play(q approval.Request, acts []string) (confirmed bool) {
	ask := func() { _, _ = s.desk.Ask(context.Background(), q) }
	ask()
	for _, act := range acts {
		switch act {
		case "pin":
			s.press(thePI)
		case "again":
			s.screen = s.reply(Hop{Op: Input, Text: thePI})
		case "wrong":
			s.press("0000")
		case "no":
			s.press("0")
		case "ask":
			ask()
		case "hang up":
			s.reply(Hop{Op: Abort})
		case "wait":
			time.Sleep(20 * time.Second)
		case "forget":
			s.open()
			ask()
		}
		confirmed = confirmed || strings.Contains(s.screen.Text, "Confirmed")
		time.Sleep(time.Second)
	}
	return confirmed
}

var _ approval.Opener = (*shop)(nil)
