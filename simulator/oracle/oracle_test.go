package oracle

import (
	"fmt"
	"strings"
	"testing"
)

// The accounts of these tests.
const (
	amina  Account = 1
	jane   Account = 2
	agent  Account = 3
	trust  Account = 10
	fees   Account = 11
	tax    Account = 12
	earned Account = 13
	bought Account = 14
)

var kes = Currency{'K', 'E', 'S'}

// desk is a ledger that makes whatever it is told to, with the figures that the oracle
// itself has: all that can be wrong is that it was made.
type desk struct {
	*Books
	serial byte
	found  []string
}

func newDesk() *desk {
	d := &desk{}
	d.Books = New(func(w Wrong) { d.found = append(d.found, w.Session+": "+w.Text) })
	d.Begin(1000)
	for n, kind := range map[Account]AccountKind{amina: Wallet, jane: Wallet, agent: Agent, trust: Trust, fees: Fees, tax: Tax, earned: Commission, bought: AirtimeAccount} {
		d.Open(n, kind, kes)
	}
	for _, n := range []Account{amina, jane, agent, earned} {
		d.wish(Wish{Transfer: Transfer{Kind: Issue, From: trust, To: n, Amount: 1000_00}})
	}
	d.Tariff(Send, 0, []Band{{Upto: 100_00, Fee: 5_00, Tax: 1_00}, {Upto: 500_00, Fee: 10_00, Tax: 2_00}})
	d.Tariff(Send, 2000, []Band{{Upto: 100_00, Fee: 7_00}})
	d.Tariff(Withdraw, 0, []Band{{Upto: 500_00, Fee: 20_00, Tax: 4_00, Commission: 8_00}})
	return d
}

// id is a new one.
func (d *desk) id() ID {
	d.serial++
	return ID{15: d.serial}
}

// wish makes a transfer as the oracle would, and returns its id.
func (d *desk) wish(w Wish) ID {
	if w.ID == (ID{}) {
		w.ID = d.id()
	}
	w.Currency, w.Session = kes, "s"
	m := d.terms(&w)
	said := &Said{Made: true, Fee: m.charge.fee}
	if w.Until == 0 {
		said.Lines = d.lines(&m)
	}
	d.answer(said, w.From, w.To, w.To == m.credited)
	d.Transfer(w, said)
	return w.ID
}

// answer fills in the balances that the lines come to.
func (d *desk) answer(s *Said, from, to Account, toToo bool) {
	balance := map[Account]Amount{}
	has := func(n Account) Amount {
		if _, known := balance[n]; !known {
			h, _ := d.Balance(n)
			balance[n] = h.Posted
		}
		return balance[n]
	}
	for i := range s.Lines {
		l := &s.Lines[i]
		l.Balance = has(l.Account) + l.Moved
		balance[l.Account] = l.Balance
	}
	if s.Balance = has(from); toToo {
		s.PayeeBalance = has(to)
	}
}

// send is a send of Amina's to Jane with all that belongs to it.
func send(amount Amount) Wish {
	return Wish{Transfer: Transfer{Kind: Send, From: amina, To: jane, Amount: amount, Quoted: 50_00, PIN: true}}
}

// post ends a hold by a transfer of some of it.
func (d *desk) post(hold ID, amount Amount) ID {
	e := Ending{ID: d.id(), Of: hold, Amount: amount, Session: "s"}
	h := d.ids.of(hold)
	m := *h
	m.wish.Until = 0
	if m.wish.Amount = amount; amount == 0 {
		m.wish.Amount = h.wish.Amount
	} else if amount != h.wish.Amount {
		m.charge = d.part(h, amount)
	}
	s := &Said{Made: true, Fee: m.charge.fee, Lines: d.lines(&m)}
	d.answer(s, m.wish.From, m.wish.To, true)
	d.Post(e, s)
	return e.ID
}

// back brings a transfer back.
func (d *desk) back(of ID, amount Amount, fee bool) ID {
	e := Ending{ID: d.id(), Of: of, Amount: amount, Fee: fee, Session: "s"}
	was := d.ids.of(of)
	m := made{wish: Transfer{From: was.credited, To: was.wish.From, Amount: amount, Currency: kes}}
	if amount == 0 {
		m.wish.Amount = was.wish.Amount - was.back
	}
	if fee {
		m.charge = charge{fee: was.charge.fee, tax: was.charge.tax}
	}
	s := &Said{Made: true, Fee: m.charge.fee, Lines: d.backLines(&m)}
	d.answer(s, m.wish.From, m.wish.To, true)
	d.Reverse(e, s)
	return e.ID
}

func (d *desk) void(hold ID) {
	s := &Said{Made: true}
	d.answer(s, amina, jane, false)
	d.Void(Ending{ID: d.id(), Of: hold, Session: "s"}, s)
}

// TestWhatMayNotBeMade: a ledger that makes what it must not is found, though every
// figure of it is right; what may be made is not.
func TestWhatMayNotBeMade(t *testing.T) {
	held := func(d *desk, amount Amount) ID {
		w := send(amount)
		w.Until = 5000
		return d.wish(w)
	}
	for want, do := range map[string]func(d *desk){
		"": func(d *desk) {
			d.wish(send(100_00))
			d.post(held(d, 200_00), 50_00)
			d.void(held(d, 100_00))
			paid := d.wish(send(300_00))
			d.back(paid, 100_00, true)
			d.back(paid, 0, false)
			d.wish(Wish{Transfer: Transfer{Kind: Withdraw, From: jane, To: agent, Amount: 100_00, Quoted: 20_00, PIN: true}})
			d.wish(Wish{Transfer: Transfer{Kind: Airtime, From: jane, To: jane, Amount: 5_00, PIN: true}})
		},
		"had 1000.00 free, and 1003.00 went": func(d *desk) { d.wish(send(993_00)) },
		"had 490.00 free, and 510.00 went":   func(d *desk) { held(d, 500_00); d.wish(send(500_00)) },
		"nobody gave a right PIN":            func(d *desk) { w := send(1_00); w.PIN = false; d.wish(w) },
		"shown a fee of 4.00":                func(d *desk) { w := send(1_00); w.Quoted = 4_00; d.wish(w) },
		"frozen or closed":                   func(d *desk) { d.Freeze(jane, true); d.wish(send(1_00)) },
		"pays the payer":                     func(d *desk) { w := send(1_00); w.To = amina; d.wish(w) },
		"its amount is -1.00":                func(d *desk) { d.wish(send(-1_00)) },
		"never opened":                       func(d *desk) { w := send(1_00); w.To = 99; d.wish(w) },
		"there is no kind 11":                func(d *desk) { w := send(1_00); w.Kind = 11; d.wish(w) },
		"it takes two people": func(d *desk) {
			d.RequireTwo()
			d.wish(Wish{Transfer: Transfer{Kind: Issue, From: trust, To: jane, Amount: 1}})
		},
		"which had ended":         func(d *desk) { h := held(d, 10_00); d.post(h, 0); d.post(h, 0) },
		"whose time is over":      func(d *desk) { h := held(d, 10_00); d.Begin(5001); d.void(h) },
		"a hold that never was":   func(d *desk) { d.void(d.wish(send(1_00))) },
		"it posts 20.00 of 10.00": func(d *desk) { d.post(held(d, 10_00), 20_00) },
		"20.00 comes back of 30.00, of which 20.00 had come back": func(d *desk) {
			paid := d.wish(send(30_00))
			d.back(paid, 20_00, false)
			d.back(paid, 20_00, false)
		},
		"a fee comes back twice":  func(d *desk) { paid := d.wish(send(30_00)); d.back(paid, 1_00, true); d.back(paid, 1_00, true) },
		"which cannot come back":  func(d *desk) { d.back(d.back(d.wish(send(30_00)), 1_00, false), 1_00, false) },
		"nothing comes back":      func(d *desk) { paid := d.wish(send(30_00)); d.back(paid, 0, false); d.back(paid, 0, false) },
		"stood for another wish":  func(d *desk) { w := send(1_00); w.ID = d.wish(w); w.Amount = 2_00; d.wish(w) },
		"its id had been no":      func(d *desk) { w := send(1_00); w.ID = d.id(); d.Settled(w.ID); d.wish(w) },
		"with 1000.00 in it":      func(d *desk) { d.Close(jane) },
		"an id that ended a hold": func(d *desk) { d.void(held(d, 1_00)); w := send(1_00); w.ID = ID{15: d.serial}; d.wish(w) },
		"the house had no money": func(d *desk) {
			d.wish(Wish{Transfer: Transfer{Kind: Redeem, From: earned, To: trust, Amount: 995_00}})
			d.wish(Wish{Transfer: Transfer{Kind: Withdraw, From: jane, To: agent, Amount: 100_00, Quoted: 20_00, PIN: true}})
		},
		"for want of money, and the payer has 1000.00 free": func(d *desk) {
			w := send(1_00)
			w.ID = d.id()
			d.Transfer(w, &Said{Reject: refusedForMoney})
		},
	} {
		d := newDesk()
		do(d)
		if d.End(1); want == "" && (len(d.found) > 0 || !d.Conserved()) {
			t.Errorf("a sound ledger is called wrong: %q", d.found)
		} else if !strings.Contains(strings.Join(d.found, "\n"), want) {
			t.Errorf("%q: not found: %q", want, d.found)
		}
	}
}

// TestAHoldThatNothingEnds is overdue once its time is over, until a tick ends it.
func TestAHoldThatNothingEnds(t *testing.T) {
	d := newDesk()
	w := send(10_00)
	w.Until = 5000
	hold := d.wish(w)
	overdue := func(at int64) (n int) {
		d.Overdue(at, func(got ID, until int64) {
			if n++; got != hold || until != 5000 {
				t.Errorf("hold %s until %d", got, until)
			}
		})
		return n
	}
	if overdue(5000) != 0 || overdue(5001) != 1 {
		t.Error("its time is over after 5000")
	}
	d.Begin(5001)
	d.Tick(func(ID) bool { return false }, nil)
	if h, _ := d.Balance(amina); h.HeldOut != 15_00 || h.Posted != 1000_00 {
		t.Errorf("a tick that ended nothing: %+v", h)
	}
	d.Tick(func(id ID) bool { return id == hold }, func(_ ID, f Figures) {
		if f.Released != 15_00 || f.Free != 1000_00 {
			t.Errorf("%+v", f)
		}
	})
	if h, _ := d.Balance(amina); overdue(9000) != 0 || h.HeldOut != 0 || len(d.found) != 0 {
		t.Errorf("after the tick: %+v %q", h, d.found)
	}
}

// TestTheTariffInForce is the latest whose time has come.
func TestTheTariffInForce(t *testing.T) {
	d := newDesk()
	for _, c := range []struct {
		at     int64
		amount Amount
		want   charge
	}{
		{1000, 100_00, charge{5_00, 1_00, 0}}, {1000, 100_01, charge{10_00, 2_00, 0}}, {1000, 900_00, charge{10_00, 2_00, 0}},
		{1999, 1, charge{5_00, 1_00, 0}}, {2000, 1, charge{fee: 7_00}},
	} {
		d.Begin(c.at)
		if got := d.charge(Send, c.amount); got != c.want {
			t.Errorf("%s at %d: %v, want %v", c.amount, c.at, got, c.want)
		}
	}
	d.Tariff(Send, 0, nil)
	if got := d.charge(Send, 1); got != (charge{}) {
		t.Errorf("a tariff without bands asks %v", got)
	}
	if got := d.charge(Withdraw, 3_00); got != (charge{20_00, 4_00, 3_00}) {
		t.Errorf("an agent earns more than was moved: %v", got)
	}
}

// TestBalancesThatDoNotAddUp: lines of a sound transfer with a balance that is not.
func TestBalancesThatDoNotAddUp(t *testing.T) {
	d := newDesk()
	d.End(1)
	w := send(100_00)
	w.ID, w.Currency = d.id(), kes
	m := d.terms(&w)
	s := &Said{Made: true, Fee: m.charge.fee, Lines: d.lines(&m)}
	d.answer(s, amina, jane, true)
	s.Lines[1].Balance += 3
	s.PayeeBalance += 3
	d.Transfer(w, s)
	d.End(2)
	if said := fmt.Sprint(d.found); d.Conserved() || !strings.Contains(said, "after line 2 account 2 has 1100.00, the ledger says 1100.03") || !strings.Contains(said, "add up to 0.03, not to zero") || len(d.found) != 2 {
		t.Errorf("%q", d.found)
	}
}
