package load

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/simulator/operator"
)

// village is a tiny whole system in memory: handsets, a menu of one screen, a
// ledger. Its faults are what the oracle must catch.
type village struct {
	mu      sync.Mutex
	people  []Person
	clock   int64
	index   uint64
	feed    chan []ledger.Command
	serial  int
	payer   map[string]*talk
	double  bool // every payment is journaled twice, under two ids
	lose    bool // the screen says done, nothing is journaled
	swap    bool // the journal holds another amount than was pressed
	deny    bool // the money moves, the screen says that nothing was taken
	phantom bool // money moves that nobody asked for
	unnamed bool // and bears no session
	airtime bool // a send is journaled as airtime
	silent  bool // the last screen never comes
	promise bool // the last screen says "in progress"
}

// talk is one handset's session.
type talk struct {
	session string
	typed   []string
}

var errSilence = fmt.Errorf("no screen: %w", operator.ErrNoAnswer)

const system = ledger.Account(900)

func newVillage(people int) *village {
	v := &village{feed: make(chan []ledger.Command, 10_000), payer: map[string]*talk{}, clock: time.Now().UnixMilli()}
	kes := ledger.Currency{'K', 'E', 'S'}
	var opening []ledger.Command
	for i, kind := range []ledger.AccountKind{ledger.AccountTrust, ledger.AccountFees, ledger.AccountAirtime} {
		opening = append(opening, ledger.OpenAccount{Account: system + ledger.Account(i), Kind: kind, Currency: kes})
	}
	for i := range people {
		n := ledger.Account(i + 1)
		v.people = append(v.people, Person{MSISDN: fmt.Sprintf("2547220000%02d", i), Name: "P", PIN: "2580", Language: "en", Account: n})
		opening = append(opening, ledger.OpenAccount{Account: n, Kind: ledger.AccountWallet, Currency: kes},
			ledger.SetPIN{Account: n},
			&ledger.Move{Transfer: ledger.Transfer{ID: v.id(), Kind: ledger.KindIssue, From: system, To: n, Amount: 50_000_00, Currency: kes, Expires: v.clock + 100_000}})
	}
	opening = append(opening, ledger.SetRepeatWindow{})
	v.feed <- opening
	return v
}

func (v *village) id() ledger.ID {
	v.serial++
	return ledger.NewID(v.clock, [10]byte{byte(v.serial), byte(v.serial >> 8), byte(v.serial >> 16)})
}

func (v *village) Dial(_ context.Context, number, _ string) (operator.Screen, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.serial++
	t := &talk{session: fmt.Sprintf("s%d", v.serial)}
	v.payer[number] = t
	return operator.Screen{Session: t.session, Text: "menu", Open: true}, nil
}

func (v *village) Press(_ context.Context, number, input string) (operator.Screen, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	t := v.payer[number]
	if t.typed = append(t.typed, input); len(t.typed) < 4 {
		return operator.Screen{Session: t.session, Text: "next", Open: true, Secret: len(t.typed) == 3}, nil
	}
	return v.pay(number, t)
}

func (v *village) pay(number string, t *talk) (operator.Screen, error) {
	var from, to ledger.Account
	for _, p := range v.people {
		if p.MSISDN == number {
			from = p.Account
		}
		if p.MSISDN[3:] == t.typed[1][1:] {
			to = p.Account
		}
	}
	var whole int64
	fmt.Sscan(t.typed[2], &whole)
	kind := ledger.KindSend
	if v.airtime {
		kind = ledger.KindAirtime
	}
	move := func(amount int64, session string) {
		v.feed <- []ledger.Command{&ledger.Move{Verdict: ledger.VerdictRight, Epoch: v.epoch(), Transfer: ledger.Transfer{ID: v.id(), Kind: kind,
			From: from, To: to, Amount: ledger.Amount(amount), Currency: ledger.Currency{'K', 'E', 'S'}, Expires: v.clock + 100_000,
			Origin: ledger.Origin{Operator: "o", Session: session}}}}
	}
	switch {
	case v.lose:
	case v.swap:
		move(whole*100+100, t.session)
	default:
		move(whole*100, t.session)
	}
	if v.double {
		move(whole*100, t.session)
	}
	if v.phantom {
		move(100, "nobody")
	}
	if v.unnamed {
		move(100, "")
	}
	switch {
	case v.silent:
		return operator.Screen{}, errSilence
	case v.promise:
		return operator.Screen{Session: t.session, Text: "In progress. Do not repeat; SMS follows"}, nil
	case v.deny:
		return operator.Screen{Session: t.session, Text: "Not enough money. Nothing was taken"}, nil
	}
	return operator.Screen{Session: t.session, Text: dateCode(time.Now()) + "A1B2C3D sent"}, nil
}

// epoch is the PIN epoch after the one SetPIN of the opening.
func (v *village) epoch() uint32 {
	b := ledger.New(ledger.Options{})
	b.Apply(ledger.OpenAccount{Account: 1, Kind: ledger.AccountWallet, Currency: ledger.Currency{'K', 'E', 'S'}}, ledger.Place{Index: 1}, 1)
	b.Apply(ledger.SetPIN{Account: 1}, ledger.Place{Index: 1, Offset: 1}, 1)
	_, _, epoch, _, _ := b.PIN(1)
	return epoch
}

func (v *village) Hangup(context.Context, string) error { return nil }
func (v *village) Inbox(string) []operator.SMS          { return nil }

// Entries is the feed as the daemon gives it.
func (v *village) Entries(ctx context.Context, _ uint64, fn func(uint64, int64, [32]byte, []ledger.Command) error) error {
	for {
		select {
		case cmds := <-v.feed:
			v.index++
			if err := fn(v.index, time.Now().UnixMilli(), [32]byte{}, cmds); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (v *village) run(t *testing.T) *Report {
	t.Helper()
	steady, _ := FindProfile("steady")
	rep, err := Run(t.Context(), Config{Profile: steady, Rate: 60, Duration: time.Second / 2, Drain: 5 * time.Second, Speed: 200, Seed: 3, Code: "334", Keys: testKeys,
		People: v.people, Network: v, SMS: make(chan operator.SMS), Feed: v, OrderAge: -10 * time.Second, From: -1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// TestOracleOnASoundSystem is the other half of the next test: a sound system
// has no anomaly, whatever its screens could say in time.
func TestOracleOnASoundSystem(t *testing.T) {
	for name, set := range map[string]func(*village){
		"plain": func(*village) {}, "silent": func(v *village) { v.silent = true }, "promised": func(v *village) { v.promise = true },
	} {
		v := newVillage(40)
		set(v)
		rep := v.run(t)
		p := rep.Payments
		if rep.Oracle.Anomalies != 0 || !rep.Oracle.MoneyConserved || p.Placed == 0 || p.Committed != p.Placed {
			t.Errorf("%s: %+v %+v", name, p, rep.Oracle)
		}
		if s := rep.Sessions; s.Offered != s.Started+s.Refused+rep.Generator.Skipped || s.Started != s.Completed+s.Abandoned+s.Failed {
			t.Errorf("%s: the sessions do not add up: %+v", name, s)
		}
	}
}

func TestOracleCatchesBrokenSystems(t *testing.T) {
	for _, row := range []struct {
		name string
		set  func(*village)
		want string
	}{
		{"doubles", func(v *village) { v.double = true }, "money moved 2 times"},
		{"loses", func(v *village) { v.lose = true }, "the screen said done, the journal holds no transfer"},
		{"swaps figures", func(v *village) { v.swap = true }, "the transfer is not what was pressed"},
		{"denies", func(v *village) { v.deny = true }, "money moved, and the screen did not take the order"},
		{"invents", func(v *village) { v.phantom = true }, "that no handset made"},
		{"invents in silence", func(v *village) { v.unnamed = true }, "that no handset made"},
		{"sells airtime instead", func(v *village) { v.airtime = true }, "the transfer is not what was pressed"},
	} {
		t.Run(row.name, func(t *testing.T) {
			v := newVillage(40)
			row.set(v)
			rep := v.run(t)
			if rep.Verdict != "oracle" || rep.ExitCode() != 3 || rep.Oracle.Anomalies == 0 {
				t.Fatalf("not caught: %s %+v", rep.Verdict, rep.Oracle)
			}
			for _, f := range rep.Oracle.Findings {
				if strings.Contains(f, row.want) {
					return
				}
			}
			t.Fatalf("no finding says %q: %v", row.want, rep.Oracle.Findings)
		})
	}
}

// testKeys is the village's menu.
var testKeys = Keys{GoalSend: {"1", "{to}", "{amount}", "{pin}"}}
