package approval

import (
	"errors"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
)

// TestForgottenIsNotGuessed: the store lost everything while an order waits in a queue, the
// same request was shown once more, and the subscriber leaves it: the till hears that it is
// being settled until the ledger has answered, then that answer; nothing else is ordered.
func TestForgottenIsNotGuessed(t *testing.T) {
	ctx := t.Context()
	for name, c := range map[string]struct {
		leave func(s *street, d *Desk, q Request)
		ends  State
	}{
		"hung up":  {func(_ *street, d *Desk, q Request) { _, _ = d.Leave(ctx, q.Name(), Unanswered, "") }, Unanswered},
		"declined": {func(_ *street, d *Desk, q Request) { _, _ = d.Leave(ctx, q.Name(), Declined, "") }, Declined},
		"away":     {func(*street, *Desk, Request) {}, Unreachable},
	} {
		for _, paid := range []bool{true, false} {
			s, _ := newStreet(t)
			q := s.request("a")
			s.pass(time.Minute)
			f, err := OpenFile(t.TempDir(), s.now) // all is lost
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			s.slips = f
			if name == "away" {
				s.fails = errors.New("away")
			}
			d := s.desk()
			if _, err := d.Ask(ctx, q); err != nil {
				t.Fatal(err)
			}
			c.leave(s, d, q)
			r, err := d.Look(ctx, q.Name())
			if s.stands(r, err, Waiting); !r.Settling() || r.Final() {
				t.Fatalf("%s: %+v", name, r)
			}
			if err := d.Claim(ctx, q.Name(), anID(200), 1); !errors.Is(err, ErrOver) {
				t.Errorf("%s: an order was placed: %v", name, err)
			}
			if other := s.request("b"); true { // its subscriber may be asked for another thing
				s.fails = nil
				r, err := d.Ask(ctx, other)
				s.stands(r, err, Waiting)
			}
			want := c.ends
			if paid {
				want, s.books[anID(200)] = Approved, ledger.Result{ID: anID(200), Receipt: ledger.Receipt([]byte("TKM4K2X9QZ"))}
			} else {
				s.pass(doubtLife + time.Second)
			}
			r, err = d.Look(ctx, q.Name())
			if s.stands(r, err, want); paid != (r.Receipt != "") {
				t.Errorf("%s: %+v", name, r)
			}
		}
	}
}
