package load

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/menus"
	"mlango/simulator/operator"
)

// household is three people, a business and a ledger that holds their deeds.
type household struct {
	t    *testing.T
	m    *matcher
	mail *mailroom
	r    *Report
	now  time.Time
}

// aReceipt is one of today.
func aReceipt() string { return dateCode(time.Now()) + "A1B2C3D" }

func newHousehold(t *testing.T, deeds ...*deed) *household {
	t.Helper()
	bundle, err := Words(menus.WalletName, string(menus.Wallet()))
	if err != nil {
		t.Fatal(err)
	}
	cfg := &Config{Bundle: bundle, Zone: 180, OrderAge: 125 * time.Second, Alone: true, Others: []Person{{Name: "UZIMA TEA", Account: 9}}, People: []Person{
		{MSISDN: "254722000001", Name: "AMINA O", Account: 1}, {MSISDN: "254722000002", Name: "JANE W", Account: 2}, {MSISDN: "254722000003", Name: "PETER M", Account: 3}}}
	h := &household{t: t, mail: newMailroom(), r: &Report{}, now: time.Now()}
	a := newAuditor(0, 180)
	a.entry(1, 0, [32]byte{}, nil)
	h.m = newMatcher(cfg, a, h.mail, h.r)
	for _, d := range deeds {
		d.at = h.now.UnixMilli()
		a.keep(d)
		for _, s := range h.m.sidesOf(d) {
			if plain, err := h.m.expected(d, &s); err != nil {
				t.Fatal(err)
			} else if d.told() {
				h.mail.put(operator.SMS{To: s.to.MSISDN, Text: strings.Replace(plain, noReceipt, aReceipt(), 1), At: h.now})
			}
		}
	}
	return h
}

// finds judges everything, and wants one finding.
func (h *household) finds(want string, visits ...*visit) {
	h.t.Helper()
	for _, v := range visits {
		h.m.roll.begin(&h.m.cfg.People[v.plan.Payer], v)
		h.m.roll.end(v)
	}
	h.m.all(h.now)
	if said := strings.Join(h.r.Oracle.Findings, "\n"); want == "" && said != "" || !strings.Contains(said, want) {
		h.t.Errorf("no finding says %q: %s", want, said)
	}
}

// TestNobodyOrderedIt: in a house where nobody but the run moves money, what it did not
// order is found, however well people are told of it.
func TestNobodyOrderedIt(t *testing.T) {
	for name, row := range map[string]struct {
		d    deed
		want string
	}{
		"a reversal":            {deed{act: ledger.ActReverse, payer: 2, payee: 1, kind: ledger.KindReversal, amount: 500_00, balance: 200_00, payeeHas: 993_00}, "what nobody ordered"},
		"a payout":              {deed{act: ledger.ActTransfer, payer: 9, payee: 1, kind: ledger.KindPayout, amount: 900_000_00, payeeHas: 900_493_00}, "what nobody ordered"},
		"a redemption":          {deed{act: ledger.ActTransfer, payer: 1, payee: 10, kind: ledger.KindRedeem, amount: 400_00, balance: 93_00}, "what nobody ordered"},
		"a wage of the run":     {deed{act: ledger.ActTransfer, payer: 9, payee: 1, kind: ledger.KindPayout, amount: 900_000_00, payeeHas: 900_493_00, ours: true}, ""},
		"a hold's time is over": {deed{act: ledger.ActExpire, payer: 1, payee: 9, kind: ledger.KindTill, amount: 400_00, released: 400_00, balance: 93_00, free: 93_00}, ""},
	} {
		t.Run(name, func(t *testing.T) { newHousehold(t, &row.d).finds(row.want) })
	}
}

// TestHeldInsteadOfMade: a payment that is only held leaves its payer without the money and
// its payee as well.
func TestHeldInsteadOfMade(t *testing.T) {
	d := deed{session: "s1", payer: 1, payee: 2, kind: ledger.KindSend, amount: 500_00, fee: 7_00, until: time.Now().Add(24 * time.Hour).UnixMilli()}
	h := newHousehold(t, &d)
	h.finds("money is held, and not paid", &visit{session: "s1", placed: true, pins: 1, ending: EndSilent, at: h.now, ended: h.now, plan: Plan{Goal: GoalSend, Payee: 1, Amount: 500_00}})
}

// TestMadeAfterItsExpiry: an order of two minutes is not made after twenty.
func TestMadeAfterItsExpiry(t *testing.T) {
	for age, want := range map[time.Duration]string{20 * time.Minute: "it was made 20m0s after the PIN", 2 * time.Minute: ""} {
		d := deed{session: "s1", payer: 1, payee: 2, kind: ledger.KindSend, amount: 500_00, fee: 7_00, balance: 493_00, payeeHas: 700_00}
		h := newHousehold(t, &d)
		old := h.now.Add(-age)
		h.finds(want, &visit{session: "s1", placed: true, pins: 1, ending: EndSilent, due: old, at: old, ended: old, plan: Plan{Goal: GoalSend, Payee: 1, Amount: 500_00}})
	}
}

// wages pays some out of an employer's account.
func (v *village) wages(list []Wage) {
	const business = ledger.Account(800)
	kes := ledger.Currency{'K', 'E', 'S'}
	v.mu.Lock()
	defer v.mu.Unlock()
	cmds := []ledger.Command{ledger.OpenAccount{Account: business, Kind: ledger.AccountPaybill, Currency: kes},
		&ledger.Move{Transfer: ledger.Transfer{ID: v.id(), Kind: ledger.KindIssue, From: system, To: business, Amount: 1_000_000_000_00, Currency: kes, Expires: v.clock + 100_000}}}
	for _, w := range list {
		cmds = append(cmds, &ledger.Move{Transfer: ledger.Transfer{ID: w.ID, Kind: ledger.KindPayout, From: business, To: w.Account, Amount: w.Amount, Currency: kes, Expires: v.clock + 100_000}})
	}
	v.feed <- cmds
}

// TestWagesAreHeldToTheirBatch, one to one.
func TestWagesAreHeldToTheirBatch(t *testing.T) {
	errLost := errors.New("the ledger lost them all")
	for name, row := range map[string]struct {
		pay  func(v *village, list []Wage) error
		want string
	}{
		"all are paid":                {func(v *village, list []Wage) error { v.wages(list); return nil }, ""},
		"none is, and it is said":     {func(*village, []Wage) error { return errLost }, "holds no answer to it: the ledger lost them all"},
		"none is, and nobody says so": {func(*village, []Wage) error { return nil }, "the journal holds no answer to it"},
		"one gets another's": {func(v *village, list []Wage) error {
			list = slices.Clone(list)
			list[0].Amount += 100
			v.wages(list)
			return nil
		}, "was ordered for account"},
		"one is paid twice": {func(v *village, list []Wage) error {
			twice := list[0]
			twice.ID[len(twice.ID)-4] ^= 0x80 // nobody else's
			v.wages(append(slices.Clone(list), twice))
			return nil
		}, "what nobody ordered"},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVillage(95)
			p, _ := FindProfile("steady")
			salary, _ := FindProfile("salary-day")
			p.Batches = salary.Batches
			asked := 0
			rep, err := Run(t.Context(), Config{Profile: p, Rate: 60, Duration: time.Second, Drain: time.Second, Speed: 200, Seed: 3, Code: "334", Keys: testKeys, Alone: true,
				People: v.people, Network: v, SMS: make(chan operator.SMS), Feed: v, OrderAge: -10 * time.Second, From: 60,
				Payroll: func(_ context.Context, list []Wage) error { asked += len(list); return row.pay(v, list) }}, nil)
			if err != nil || asked == 0 {
				t.Fatalf("%d wages were asked for: %v", asked, err)
			}
			said := strings.Join(rep.Oracle.Findings, "\n")
			if row.want == "" && rep.Oracle.Anomalies > 0 || !strings.Contains(said, row.want) {
				t.Errorf("no finding says %q: %s", row.want, said)
			}
		})
	}
}
