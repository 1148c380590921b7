//go:build house

package main

import (
	"fmt"
	"testing"
	"time"

	"mlango/internal/stop"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// The crowd that comes to a limit.
const (
	limitCrowd = 64
	limitRoom  = ledger.Amount(400) // what a limit leaves; below proofFree
	limitOne   = ledger.Account(1)  // whose limit it is; the others are the crowd
)

// limitCase is one limit with the crowd that would break it.
type limitCase struct {
	name   string
	from   bool // the one pays; else the crowd pays the one
	reject ledger.Reject
	set    func(balance ledger.Amount) ledger.Command
	spend  bool // first the one spends all but the room
	daily  bool // what a day may bring
	hold   bool // the money is only held
}

func limitCases() []limitCase {
	send := func(l ledger.SetLimits) ledger.Command {
		l.Kind = ledger.KindSend
		return l
	}
	daily := func(ledger.Amount) ledger.Command { return send(ledger.SetLimits{PayerDaily: limitRoom}) }
	most := func(b ledger.Amount) ledger.Command { return send(ledger.SetLimits{PayeeBalance: b + limitRoom}) }
	none := func(ledger.Amount) ledger.Command { return send(ledger.SetLimits{}) }
	return []limitCase{
		{name: "what a payer may send in a day", from: true, reject: ledger.PayerDaily, daily: true, set: daily},
		{name: "what a payer may send in a day, in parts", from: true, reject: ledger.PayerDaily, daily: true, set: daily},
		{name: "what a payer may hold in a day", from: true, reject: ledger.PayerDaily, daily: true, hold: true, set: daily},
		{name: "what a payee may get in a day", reject: ledger.PayeeDaily, daily: true,
			set: func(ledger.Amount) ledger.Command { return send(ledger.SetLimits{PayeeDaily: limitRoom}) }},
		{name: "what a payee's balance may reach", reject: ledger.PayeeMaxBalance, set: most},
		{name: "what a payee's balance may reach, in parts", reject: ledger.PayeeMaxBalance, set: most},
		{name: "what a payee's balance may reach by holds", reject: ledger.PayeeMaxBalance, hold: true, set: most},
		{name: "what an account may reach of its own", reject: ledger.PayeeMaxBalance,
			set: func(b ledger.Amount) ledger.Command {
				return ledger.SetTier{Account: limitOne, Tier: 2, Maximum: b + limitRoom}
			}},
		{name: "what a payer has", from: true, reject: ledger.NotEnoughFunds, spend: true, set: none},
		{name: "what a payer has not held", from: true, reject: ledger.NotEnoughFunds, spend: true, hold: true, set: none},
	}
}

// TestProofLimits: 64 transfers at once, each one less than the room a limit
// leaves, over several connections, to a process that is killed among them: one
// fits, whatever is asked again after the restart, and then exactly the last cent.
func TestProofLimits(t *testing.T) {
	program := newRig(t, 0)
	for i, c := range limitCases() {
		point := fmt.Sprintf("%s:%d", []string{stop.AfterAppend, stop.AfterJudge, stop.AfterSync, stop.BeforeAnswer}[i%4], 1+i%2)
		amount := []ledger.Amount{limitRoom - 1, limitRoom / 3}[i%2]
		t.Run(fmt.Sprintf("%s, %d of %d", c.name, amount, limitRoom), func(t *testing.T) {
			program.beside(t, 1+limitCrowd).limit(c, amount, point)
		})
	}
}

// limit is one crowd against one limit.
func (r *rig) limit(c limitCase, amount ledger.Amount, point string) {
	r.t.Helper()
	first := r.start(1)[0]
	r.seed(first)
	balance := proofMoney
	if c.spend {
		r.must(first, r.send(limitOne, 2, proofMoney-proofFee-limitRoom), ledger.OK)
		balance = limitRoom
	}
	r.govern(first, c.set(balance))
	r.end()
	var list []*ask
	for n := range ledger.Account(limitCrowd) {
		list = append(list, r.wish(c, n+2, amount))
	}
	r.crowd(list, point)
	r.end()
	r.counts(c, list, int(limitRoom/amount))
	client := r.start(1)[0]
	r.fills(c, client, limitRoom%amount, list)
	want := balance + limitRoom
	switch {
	case c.hold:
		want = balance
	case c.from:
		want = balance - limitRoom
	}
	if got := r.balance(client, limitOne); got != want && r.oneDay(list) {
		r.t.Errorf("a balance of %d, want %d", got, want)
	}
	r.end()
}

// wish is a transfer between the one and one of the crowd.
func (r *rig) wish(c limitCase, n ledger.Account, amount ledger.Amount) *ask {
	q := r.send(n, limitOne, amount)
	if c.from {
		q = r.send(limitOne, n, amount)
	}
	if c.hold {
		q.req.Transfer.Until = time.Now().Add(time.Hour).UnixMilli()
	}
	return q
}

// counts holds the crowd's answers to what fits. A day that ends meanwhile brings
// a new one.
func (r *rig) counts(c limitCase, list []*ask, fit int) {
	r.t.Helper()
	made := map[int]int{}
	for _, q := range list {
		switch q.res.Reject {
		case ledger.OK:
			made[dayOf(c, q)]++
		case c.reject:
		default:
			r.t.Errorf("answered %s, want %s", q.res.Reject, c.reject)
		}
	}
	for day, n := range made {
		if n != fit && r.oneDay(list) || n > fit {
			r.t.Errorf("day %d: %d were made, %d fit", day, n, fit)
		}
	}
	if len(made) == 0 {
		r.t.Error("none was made")
	}
}

// dayOf is the operator's day of an answer, where days matter.
func dayOf(c limitCase, q *ask) int {
	if !c.daily {
		return 0
	}
	return time.UnixMilli(q.res.At).In(Zone(nairobi).location()).YearDay()
}

// oneDay tells whether the operator's day stayed the same since the first answer.
func (r *rig) oneDay(list []*ask) bool {
	daily := limitCase{daily: true}
	for _, q := range list {
		if dayOf(daily, q) != dayOf(daily, list[0]) {
			return false
		}
	}
	return time.Now().In(Zone(nairobi).location()).YearDay() == dayOf(daily, list[0])
}

// fills asks for the rest of the room, and then for one cent more.
func (r *rig) fills(c limitCase, client *ledgerclient.Client, rest ledger.Amount, list []*ask) {
	r.t.Helper()
	for _, step := range []struct {
		amount ledger.Amount
		want   ledger.Reject
	}{{rest + 1, c.reject}, {rest, ledger.OK}, {1, c.reject}} {
		q := r.wish(c, 2, step.amount)
		if err := q.settle(r.now, client); err != nil {
			r.t.Fatal(err)
		}
		if q.res.Reject != step.want && r.oneDay(list) {
			r.t.Errorf("%d into a room of %d was answered %s, want %s", step.amount, rest, q.res.Reject, step.want)
		}
	}
}
