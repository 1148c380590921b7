package confirm

import (
	"context"
	"testing"

	"mlango/gateway/binds"
	"mlango/ledgerd/ledger"
	"mlango/smpp"
)

// TestReplace: an operator that comes is served, one that stays is not disturbed, and
// what belongs to one that goes stays at the ledger until it is back.
func TestReplace(t *testing.T) {
	first := notice(0, 1, "254722000001")
	s := newStand(t, newOutbox(first), nil)
	s.Replace([]Operator{{Name: "safari", Home: home}})
	s.during(t, func() {
		s.box.wait(t, lanes(1))
		kept := s.posts.list()[0]
		theirs := notice(0, 1, "254733000001")
		theirs.Lane = 2 * ledger.LanesPerOperator
		s.box.mu.Lock()
		s.box.notices = append(s.box.notices, theirs)
		s.box.mu.Unlock()
		s.Replace([]Operator{{Name: "other", Home: 2}, {Name: "safari", Home: home}})
		s.box.wait(t, map[ledger.Lane]uint64{theirs.Lane: 1})
		if s.posts.list()[1] != kept {
			t.Error("the one that stays was begun anew")
		}
		s.Replace([]Operator{{Name: "other", Home: 2}})
		second := notice(0, 2, "254722000001")
		s.box.mu.Lock()
		s.box.notices = append(s.box.notices, second)
		s.box.mu.Unlock()
		s.Replace([]Operator{{Name: "safari", Home: home}})
		s.box.wait(t, lanes(2))
	})
	if got := s.smsc.taken(); len(got) != 3 {
		t.Errorf("%q", got)
	}
}

// slowly takes an SMS when it is told to.
type slowly struct {
	Sender
	asked, free chan struct{}
}

func (s slowly) Send(ctx context.Context, operator string, set binds.Set, bind string, prio binds.Priority, m *smpp.Message) (binds.Response, error) {
	s.asked <- struct{}{}
	<-s.free
	return s.Sender.Send(ctx, operator, set, bind, prio, m)
}

// TestReplaceSendsNothingTwice: an operator gets another name, or goes and comes back,
// while an SMS to one of its subscribers is under way.
func TestReplaceSendsNothingTwice(t *testing.T) {
	s := newStand(t, newOutbox(notice(0, 1, "254722000001")), nil)
	held := slowly{s.cfg.Sender, make(chan struct{}, 8), make(chan struct{})}
	s.cfg.Sender = held
	s.Replace([]Operator{{Name: "safari", Home: home}})
	s.during(t, func() {
		<-held.asked
		s.Replace([]Operator{{Name: "savanna", Home: home}})
		s.Replace(nil)
		s.Replace([]Operator{{Name: "safari", Home: home}})
		later := notice(1, 1, "254722000002")
		s.box.mu.Lock()
		s.box.notices = append(s.box.notices, later)
		s.box.mu.Unlock()
		close(held.free)
		s.box.wait(t, lanes(1, 1))
	})
	if got := s.smsc.taken(); len(got) != 2 {
		t.Errorf("%q", got)
	}
}
