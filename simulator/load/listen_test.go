package load

import (
	"context"
	"strings"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/simulator/operator"
)

// resender is a village in which each payment is made once more some time later.
type resender struct {
	*village
	after time.Duration
}

// Press pays, and has the same payment made again.
func (f resender) Press(ctx context.Context, number, input string) (operator.Screen, error) {
	s, err := f.village.Press(ctx, number, input)
	if s.Open || err != nil {
		return s, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var from, to ledger.Account
	typed := f.payer[number].typed
	for _, p := range f.people {
		if p.MSISDN == number {
			from = p.Account
		}
		if p.MSISDN[3:] == typed[1][1:] {
			to = p.Account
		}
	}
	again := &ledger.Move{Verdict: ledger.VerdictRight, Epoch: f.epoch(), Transfer: ledger.Transfer{ID: f.id(), Kind: ledger.KindSend, From: from, To: to, Amount: 100_00,
		Currency: ledger.Currency{'K', 'E', 'S'}, Expires: f.clock + 100_000, Origin: ledger.Origin{Operator: "o", Session: s.Session}}}
	time.AfterFunc(f.after, func() { f.feed <- []ledger.Command{again} })
	return s, nil
}

// TestADoubleAfterTheLastPayment: a run listens on after everything is there, and hears
// what is made once too often.
func TestADoubleAfterTheLastPayment(t *testing.T) {
	v := resender{newVillage(40), 1500 * time.Millisecond}
	steady, _ := FindProfile("steady")
	rep, err := Run(t.Context(), Config{Profile: steady, Rate: 60, Duration: time.Second / 2, Drain: time.Minute, Speed: 200, Seed: 3, Code: "334", Keys: testKeys,
		People: v.people, Network: v, SMS: make(chan operator.SMS), Feed: v, OrderAge: 125 * time.Second, From: -1, Listen: 3 * time.Second}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if said := strings.Join(rep.Oracle.Findings, "\n"); rep.ExitCode() != 3 || !strings.Contains(said, "the journal got another wish of it") && !strings.Contains(said, "money moved 2 times") {
		t.Errorf("exit %d: %s", rep.ExitCode(), said)
	}
	if rep.Oracle.ListenedMS < 3000 {
		t.Errorf("it listened for %d ms", rep.Oracle.ListenedMS)
	}
}
