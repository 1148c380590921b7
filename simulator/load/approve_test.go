package load

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/simulator/operator"
)

// shop asks the people of a village for money.
type shop struct {
	*village
	mu     sync.Mutex
	pushes chan Pushed
	states map[string]string // by number
	asked  map[string]string // numbers, by handset
	sums   map[string]ledger.Amount
	never  bool   // it says that nobody paid
	deaf   bool   // no handset shows a request
	busy   bool   // all are
	broken bool   // it does not answer
	wrong  string // a receipt of nothing
}

const (
	shopSign    = "500001"
	shopAccount = ledger.Account(777)
)

func (s *shop) Payee() string { return shopSign }

func (s *shop) Ask(_ context.Context, number, msisdn string, amount ledger.Amount) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.broken:
		return "", errors.New("no answer")
	case s.busy:
		return "busy_or_absent", nil
	}
	s.states[number] = "waiting"
	if !s.deaf {
		s.asked[msisdn], s.sums[msisdn] = number, amount
		s.pushes <- Pushed{msisdn, operator.Screen{Session: "p" + number, Text: "Pay?", Open: true, Secret: true}}
	}
	return "", nil
}

func (s *shop) State(_ context.Context, number string) (string, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.states[number] == "approved" {
		if s.wrong != "" {
			return "approved", s.wrong, nil
		}
		if s.never {
			return "unanswered", "", nil
		}
		return "approved", dateCode(time.Now()) + "A1B2C3D", nil
	}
	return s.states[number], "", nil
}

// Hangup ends a request that nobody answered.
func (s *shop) Hangup(_ context.Context, number string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.asked, number)
	return nil
}

// Press answers a request, if one is shown.
func (s *shop) Press(ctx context.Context, number, input string) (operator.Screen, error) {
	s.mu.Lock()
	id := s.asked[number]
	delete(s.asked, number)
	if id == "" {
		s.mu.Unlock()
		return s.village.Press(ctx, number, input)
	}
	defer s.mu.Unlock()
	if input == declineKey {
		s.states[id] = "declined"
		return operator.Screen{Session: "p" + id, Text: "Declined. Nothing was taken."}, nil
	}
	s.states[id] = "approved"
	s.village.mu.Lock()
	defer s.village.mu.Unlock()
	for _, p := range s.people {
		if p.MSISDN == number {
			s.feed <- []ledger.Command{&ledger.Move{Verdict: ledger.VerdictRight, Epoch: s.epoch(), Transfer: ledger.Transfer{ID: s.id(), Kind: ledger.KindTill,
				From: p.Account, To: shopAccount, Amount: s.sums[number], Currency: testCurrency, Expires: s.clock + 100_000, Origin: ledger.Origin{Operator: "o", Session: "p" + id}}}}
		}
	}
	return operator.Screen{Session: "p" + id, Text: dateCode(time.Now()) + "A1B2C3D Confirmed."}, nil
}

// TestPeopleAnswerRequests of a shop: some pay, some decline, some let it be; what the
// shop hears is held to what handsets saw.
func TestPeopleAnswerRequests(t *testing.T) {
	for name, row := range map[string]struct {
		set  func(*shop)
		want string // a finding
		ok   func(r *Report) bool
	}{
		"all is well": {func(*shop) {}, "", func(r *Report) bool {
			a := r.Approvals
			return a.Paid > 20 && a.Declined > 3 && a.Ignored > 3 && a.Asked == a.Paid+a.Declined+a.Ignored && len(a.RefusedFor) == 0
		}},
		"the shop never hears":  {func(s *shop) { s.never = true }, `and the asker hears "unanswered"`, nil},
		"of another payment":    {func(s *shop) { s.wrong = "UKMZ9Z9Z9Z" }, "the asker hears UKMZ9Z9Z9Z", nil},
		"no handset shows it":   {func(s *shop) { s.deaf = true }, "", func(r *Report) bool { return r.Approvals.Unseen > 10 && r.Approvals.Unseen == r.Approvals.Asked }},
		"everybody is busy":     {func(s *shop) { s.busy = true }, "", func(r *Report) bool { return r.Approvals.RefusedFor["busy_or_absent"] == r.Approvals.Asked }},
		"the door is shut":      {func(s *shop) { s.broken = true }, "", func(r *Report) bool { return r.Approvals.RefusedFor[noDoor] == r.Approvals.Asked }},
		"the ledger pays twice": {func(s *shop) { s.phantom = true }, "that no handset made", nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVillage(90)
				s := &shop{village: v, pushes: make(chan Pushed, 100), states: map[string]string{}, asked: map[string]string{}, sums: map[string]ledger.Amount{}}
				v.feed <- []ledger.Command{ledger.OpenAccount{Account: shopAccount, Kind: ledger.AccountTill, Currency: testCurrency}}
				row.set(s)
				rep := s.run(t)
				said := strings.Join(rep.Oracle.Findings, "\n")
				if row.want == "" && (rep.Oracle.Anomalies > 0 || !row.ok(rep)) || !strings.Contains(said, row.want) {
					t.Errorf("%+v, %+v: %q", rep.Approvals, rep.Payments, said)
				}
				if fmt.Sprint(rep.Approvals) == "<nil>" || rep.Payments.Unresolved > 0 {
					t.Errorf("%+v", rep.Payments)
				}
			})
		})
	}
}

func (s *shop) run(t *testing.T) *Report {
	steady, err := FindProfile("steady")
	if err != nil {
		t.Fatal(err)
	}
	steady.Trouble, steady.WrongPIN = Trouble{}, 0
	steady.Approvals = Approvals{Share: 0.5, Approve: 0.6, Decline: 0.2}
	steady.Amounts = map[string]Amounts{"": {Median: 2, Sigma: 0.3, Most: 5, Step: 1}}
	rep, err := Run(t.Context(), Config{Profile: steady, Rate: 2, Duration: time.Minute, Drain: 30 * time.Second, Speed: 5, Seed: 3, Code: "334", Keys: testKeys,
		People: s.people, Others: []Person{{Account: shopAccount, Kind: ledger.AccountTill, Number: shopSign}}, Network: s, SMS: make(chan operator.SMS), Feed: s,
		OrderAge: time.Minute, From: -1, Idle: 5 * time.Second, Asker: s, Pushes: s.pushes}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}
