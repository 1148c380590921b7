package load

import (
	"strings"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/menus"
	"mlango/simulator/operator"
)

// letter is one SMS of a test: to whom, which side's text, with what done to it.
type letter struct {
	to   string
	side int // 0 the payer's, 1 the payee's
	old  string
	new  string
}

// TestTextsOfATransfer holds the two SMS of one payment against everything that
// could be wrong with them.
func TestTextsOfATransfer(t *testing.T) {
	bundle, err := Words(menus.WalletName, string(menus.Wallet()))
	if err != nil {
		t.Fatal(err)
	}
	const payer, payee, third = "254722000001", "254722000002", "254722000003"
	const right, other = "UKMA1B2C3D", "UKMZ9Z9Z9Z"
	for _, c := range []struct {
		name                                     string
		screen                                   string
		letters                                  []letter
		missing, duplicate, contradicting, wrong int
	}{
		{"both", right, []letter{{to: payer}, {to: payee, side: 1}}, 0, 0, 0, 0},
		{"one twice", right, []letter{{to: payer}, {to: payee, side: 1}, {to: payer}}, 0, 1, 0, 0},
		{"the payee's is missing", right, []letter{{to: payer}}, 1, 0, 0, 1},
		{"to somebody else", right, []letter{{to: payer}, {to: third, side: 1}}, 1, 0, 1, 2},
		{"the sides are swapped", right, []letter{{to: payee}, {to: payer, side: 1}}, 2, 0, 2, 4},
		{"another amount", right, []letter{{to: payer, old: "Ksh500.00", new: "Ksh5,000.00"}, {to: payee, side: 1}}, 1, 0, 1, 2},
		{"another balance", right, []letter{{to: payer}, {to: payee, side: 1, old: "Ksh700.00", new: "Ksh800.00"}}, 1, 0, 1, 2},
		{"another fee", right, []letter{{to: payer, old: "cost, Ksh7.00", new: "cost, Ksh70.00"}, {to: payee, side: 1}}, 1, 0, 1, 2},
		{"two receipts", right, []letter{{to: payer}, {to: payee, side: 1, old: right, new: other}}, 1, 0, 1, 2},
		{"another receipt on the screen", other, []letter{{to: payer}, {to: payee, side: 1}}, 0, 0, 0, 1},
		{"twice with two receipts", right, []letter{{to: payer}, {to: payee, side: 1}, {to: payer, old: right, new: other}}, 0, 0, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := &Config{Bundle: bundle, Zone: 180, People: []Person{
				{MSISDN: payer, Name: "AMINA O", Account: 1}, {MSISDN: payee, Name: "JANE W", Account: 2}, {MSISDN: third, Name: "PETER M", Account: 3}}}
			now := time.Date(2026, 11, 22, 9, 14, 0, 0, time.UTC)
			d := deed{payer: 1, payee: 2, kind: ledger.KindSend, amount: 500_00, fee: 7_00, balance: 493_00, payeeHas: 700_00, at: now.UnixMilli()}
			a, mail, r := newAuditor(0, 180), newMailroom(), &Report{}
			a.entry(1, 0, [32]byte{}, nil)
			a.deeds[origin{1, "s1"}] = []*deed{&d}
			m := newMatcher(cfg, a, mail, r)
			for _, l := range c.letters {
				plain, err := m.expected(&d, m.sidesOf(&d)[l.side])
				if err != nil {
					t.Fatal(err)
				}
				whole := strings.Replace(plain, noReceipt, right, 1)
				if l.old != "" && !strings.Contains(whole, l.old) {
					t.Fatalf("%q has no %q", whole, l.old)
				}
				mail.put(operator.SMS{To: l.to, Text: strings.Replace(whole, l.old, l.new, 1), At: now})
			}
			v := visit{session: "s1", placed: true, pins: 1, ending: EndDone, at: now, ended: now, screen: c.screen + " Confirmed.",
				plan: Plan{Payee: 1, Amount: 500_00}}
			m.all([]*visit{&v}, now)
			if got := [4]int{r.SMS.Missing, r.SMS.Duplicate, r.SMS.Contradicting, r.Oracle.Anomalies}; got != [4]int{c.missing, c.duplicate, c.contradicting, c.wrong} {
				t.Errorf("missing, duplicate, contradicting, anomalies: %v; %v", got, r.Oracle.Findings)
			}
			if p := r.Payments; p.Placed != 1 || p.Committed != 1 || r.SMS.Expected != 2 || r.SMS.Received != len(c.letters) {
				t.Errorf("%+v %+v", p, r.SMS)
			}
		})
	}
}
