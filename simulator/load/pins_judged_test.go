package load

import (
	"context"
	"strings"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/simulator/operator"
)

// dialled lets a village's people dial at a network with a feed, and returns what was
// found.
func dialled(t *testing.T, v *village, network operator.Network, feed Feed, set func(*Profile)) *Report {
	t.Helper()
	steady, _ := FindProfile("steady")
	set(&steady)
	rep, err := Run(t.Context(), Config{Profile: steady, Rate: 60, Duration: time.Second / 2, Drain: 5 * time.Second, Speed: 200, Seed: 3, Code: "334", Keys: testKeys,
		People: v.people, Network: network, SMS: make(chan operator.SMS), Feed: feed, OrderAge: -10 * time.Second, From: -1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// says tells whether a finding has some words.
func says(t *testing.T, rep *Report, want string) {
	t.Helper()
	if rep.ExitCode() != 3 || !strings.Contains(strings.Join(rep.Oracle.Findings, "\n"), want) {
		t.Errorf("exit %d, no finding says %q: %q", rep.ExitCode(), want, rep.Oracle.Findings)
	}
}

// falseJudge is a feed in which every third payment's right PIN is called wrong, and
// whose last screens never come.
type falseJudge struct{ *village }

func (f falseJudge) Entries(ctx context.Context, from uint64, fn func(uint64, int64, [32]byte, []ledger.Command) error) error {
	n := 0
	return f.village.Entries(ctx, from, func(i uint64, at int64, h [32]byte, cmds []ledger.Command) error {
		for _, c := range cmds {
			if m, ok := c.(*ledger.Move); ok && m.Kind == ledger.KindSend {
				if n++; n%3 == 0 {
					m.Verdict = ledger.VerdictWrong
				}
			}
		}
		return fn(i, at, h, cmds)
	})
}

func (f falseJudge) Press(ctx context.Context, number, input string) (operator.Screen, error) {
	s, err := f.village.Press(ctx, number, input)
	if !s.Open && err == nil {
		return operator.Screen{}, errSilence
	}
	return s, err
}

// TestAVerdictIsHeldToThePINThatWasTyped: what was typed is known to the run, and the
// journal's word for it is held to that.
func TestAVerdictIsHeldToThePINThatWasTyped(t *testing.T) {
	v := newVillage(40)
	says(t, dialled(t, v, v, v, func(p *Profile) { p.WrongPIN = 1 }), "a wrong PIN was typed, and the ledger took it as right")
	f := falseJudge{newVillage(40)}
	says(t, dialled(t, f.village, f, f, func(p *Profile) { p.WrongPIN = 0 }), "the right PIN was typed, and the ledger called it wrong")
}

// TestADeedIsOfThePINThatMadeIt: one that was mistyped and then typed right is no lie,
// nor is one whose order never reached the ledger.
func TestADeedIsOfThePINThatMadeIt(t *testing.T) {
	at := time.UnixMilli(1_000_000)
	typed := []typedPIN{{at: at}, {at: at.Add(5 * time.Second), right: true}}
	of := func(v ledger.PINVerdict, after time.Duration) *deed {
		return &deed{kind: ledger.KindSend, verdict: v, at: at.Add(after).UnixMilli()}
	}
	for _, row := range []struct {
		name  string
		deeds []*deed
		wrong int
	}{
		{"wrong, then right", []*deed{of(ledger.VerdictWrong, time.Second), of(ledger.VerdictRight, 6*time.Second)}, 0},
		{"the first was lost", []*deed{of(ledger.VerdictRight, 6*time.Second)}, 0},
		{"the key was gone", []*deed{of(ledger.VerdictKeyGone, time.Second), of(ledger.VerdictRight, 6*time.Second)}, 0},
		{"the wrong one was taken before the right one was typed", []*deed{of(ledger.VerdictRight, time.Second)}, 1},
		{"both were called wrong", []*deed{of(ledger.VerdictWrong, time.Second), of(ledger.VerdictWrong, 6*time.Second)}, 1},
	} {
		m := newMatcher(&Config{People: []Person{{Account: 1}}}, newAuditor(0, 0), newMailroom(), &Report{})
		m.pins(&visit{session: "s", pins: 2, typed: typed}, row.deeds)
		if m.findings.count != row.wrong {
			t.Errorf("%s: %d findings, want %d", row.name, m.findings.count, row.wrong)
		}
	}
}

// feeHider shows another name and no fee where it asks for the PIN, and its ledger takes
// one.
type feeHider struct{ *village }

func (f feeHider) Press(ctx context.Context, number, input string) (operator.Screen, error) {
	s, err := f.village.Press(ctx, number, input)
	if s.Secret {
		s.Text = "Send to MALLORY 0799***999. Cost Ksh0.00. Enter PIN"
	}
	return s, err
}

func (f feeHider) Entries(ctx context.Context, from uint64, fn func(uint64, int64, [32]byte, []ledger.Command) error) error {
	return f.village.Entries(ctx, from, func(i uint64, at int64, h [32]byte, cmds []ledger.Command) error {
		for _, c := range cmds {
			if m, ok := c.(*ledger.Move); ok && m.Kind == ledger.KindSend {
				m.Fee = 57_00
			}
		}
		if i == 1 {
			cmds = append(cmds, ledger.SetTariff{Kind: ledger.KindSend, Bands: []ledger.Band{{Upto: 1_000_000_00, Fee: 57_00}}})
		}
		return fn(i, at, h, cmds)
	})
}

// TestAFeeIsHeldToTheScreenThatAskedForThePIN: also at a service whose menu nobody gave.
func TestAFeeIsHeldToTheScreenThatAskedForThePIN(t *testing.T) {
	f := feeHider{newVillage(40)}
	says(t, dialled(t, f.village, f, f, func(*Profile) {}), "showed a fee of 0.00, and the gateway says that it was 57.00")
}
