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
				plain, err := m.expected(&d, &m.sidesOf(&d)[l.side])
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
				plan: Plan{Goal: GoalSend, Payee: 1, Amount: 500_00}}
			m.roll.begin(&cfg.People[0], &v)
			m.roll.end(&v)
			m.all(now)
			if got := [4]int{r.SMS.Missing, r.SMS.Duplicate, r.SMS.Contradicting, r.Oracle.Anomalies}; got != [4]int{c.missing, c.duplicate, c.contradicting, c.wrong} {
				t.Errorf("missing, duplicate, contradicting, anomalies: %v; %v", got, r.Oracle.Findings)
			}
			if p := r.Payments; p.Placed != 1 || p.Committed != 1 || r.SMS.Expected != 2 || r.SMS.Received != len(c.letters) {
				t.Errorf("%+v %+v", p, r.SMS)
			}
		})
	}
}

// TestEveryDeedHasItsTexts: whatever moves, is held or is free again is told in the
// words of the bundle, to whom it is told.
func TestEveryDeedHasItsTexts(t *testing.T) {
	bundle, err := Words(menus.WalletName, string(menus.Wallet()))
	if err != nil {
		t.Fatal(err)
	}
	cfg := &Config{Bundle: bundle, Zone: 180, People: []Person{{MSISDN: "254722000001", Name: "AMINA O", Account: 1}, {MSISDN: "254722000002", Name: "JANE W", Account: 2}},
		Others: []Person{{Name: "UZIMA TEA", Account: 3}}}
	m := newMatcher(cfg, newAuditor(0, 180), newMailroom(), &Report{})
	const until = 1_795_000_000_000
	for _, c := range []struct {
		name string
		deed deed
		want []string // of the payer, then the payee
	}{
		{"hold", deed{until: until}, []string{"Reserved. Ksh500.00 is set aside for JANE W 0722***002"}},
		{"post", deed{act: ledger.ActPost}, []string{"Ksh500.00 sent to JANE W", "received Ksh500.00 from AMINA O"}},
		{"part", deed{act: ledger.ActPost, released: 9_00}, []string{"The rest, Ksh9.00, is released", "received Ksh500.00 from AMINA O"}},
		{"void", deed{act: ledger.ActVoid, released: 507_00}, []string{"Released. Ksh507.00 that was reserved"}},
		{"expiry", deed{act: ledger.ActExpire, released: 507_00}, []string{"The time of Ksh507.00 reserved for"}},
		{"reversal", deed{act: ledger.ActReverse, kind: ledger.KindReversal}, []string{"Ksh500.00 that came from JANE W 0722***002 was taken back", "Ksh507.00 from AMINA O 0722***001 is back"}},
		{"leg", deed{act: ledger.ActLeg, kind: ledger.KindPayout, payer: 3}, []string{"received Ksh500.00 from UZIMA TEA"}},
		{"withdrawal at a place without a phone", deed{kind: ledger.KindWithdraw, payee: 3}, []string{"Ksh500.00 withdrawn at UZIMA TEA"}},
		{"deposit", deed{kind: ledger.KindDeposit}, []string{"JANE W", "AMINA O"}},
		{"bill with a reference", deed{kind: ledger.KindPaybill, payee: 3, ref: true}, []string{"for account 12345"}},
		{"bill without", deed{kind: ledger.KindPaybill, payee: 3}, []string{"Ksh500.00 paid to UZIMA TEA"}},
		{"goods", deed{kind: ledger.KindTill}, []string{"Ksh500.00 paid to JANE W", "received Ksh500.00 from AMINA O"}},
		{"redeemed", deed{kind: ledger.KindRedeem, payee: 9}, []string{"Ksh500.00 was paid out of your account"}},
	} {
		d := c.deed
		d.amount, d.fee, d.at = 500_00, 7_00, until
		if d.payer == 0 {
			d.payer = 1
		}
		if d.payee == 0 {
			d.payee = 2
		}
		if d.kind == 0 {
			d.kind = ledger.KindSend
		}
		sides := m.sidesOf(&d)
		if len(sides) != len(c.want) {
			t.Errorf("%s: %d are told, want %d", c.name, len(sides), len(c.want))
			continue
		}
		for i, s := range sides {
			if plain, err := m.expected(&d, &s); err != nil || !strings.Contains(plain, c.want[i]) {
				t.Errorf("%s: %q, want %q: %v", c.name, plain, c.want[i], err)
			}
		}
	}
}
