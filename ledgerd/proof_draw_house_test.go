//go:build house

package main

import (
	"math/rand/v2"
	"time"

	"mlango/ledgerd/ledger"
)

// draw makes the next thing to ask.
func (g *tortureRun) draw(rng *rand.Rand) *ask {
	from := ledger.Account(1 + rng.IntN(torturePeople))
	to := 1 + (from+ledger.Account(rng.IntN(torturePeople-1)))%torturePeople
	amount := ledger.Amount(1 + rng.IntN(2*int(proofFree)))
	switch n := rng.IntN(32); {
	case n == 0:
		return g.check(from, ledger.QueryBalance)
	case n == 1:
		return g.check(from, ledger.QueryLast)
	case n == 2:
		amount = proofMoney // more than anybody has
	case n <= 4 && from == forgetful:
		return g.sendWith(from, to, amount, g.wrongPIN(from))
	case n <= 7:
		q := g.send(from, to, amount)
		q.brief, q.until = true, time.Now().Add(tortureBrief).UnixMilli()
		q.req.Transfer.Expires = q.until
		return q
	case n <= 10:
		q := g.send(from, to, amount)
		q.req.Transfer.Until = time.Now().Add(time.Duration(rng.Int64N(int64(tortureHold)))).UnixMilli()
		g.remember(&g.holds, q.id)
		return q
	case n <= 14:
		return g.endsHold(rng)
	case n == 15:
		return g.bringsBack(rng)
	case n == 16:
		return pays(from, to, 1+amount%50, rng.IntN(4) == 0)
	}
	q := g.send(from, to, amount)
	if comesBack(q.id) {
		g.remember(&g.sent, q.id)
	}
	return q
}

// remember keeps the last ids that another ask may be about.
func (g *tortureRun) remember(list *[]ledger.ID, id ledger.ID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if *list = append(*list, id); len(*list) > tortureIDs {
		*list = (*list)[1:]
	}
}

// of is one of them, or one that nobody ever had.
func (g *tortureRun) of(list *[]ledger.ID, rng *rand.Rand) ledger.ID {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(*list) == 0 {
		return proofID()
	}
	return (*list)[rng.IntN(len(*list))]
}

// endsHold posts a hold, whole or in part, or voids it; perhaps it has ended, or
// was never made.
func (g *tortureRun) endsHold(rng *rand.Rand) *ask {
	id, hold, until := proofID(), g.of(&g.holds, rng), inTime()
	q := &ask{id: id, until: until, cmd: ledger.Void{ID: id, Hold: hold, Expires: until}}
	if rng.IntN(3) > 0 {
		q.cmd = ledger.Post{ID: id, Hold: hold, Amount: ledger.Amount(rng.IntN(3) * rng.IntN(int(proofFree))), Expires: until}
	}
	return q
}

// bringsBack reverses a transfer, whole or in part; perhaps it came back before.
func (g *tortureRun) bringsBack(rng *rand.Rand) *ask {
	id, until := proofID(), inTime()
	return &ask{id: id, until: until, cmd: ledger.Reverse{ID: id, Of: g.of(&g.sent, rng), Fee: rng.IntN(2) == 0, Expires: until,
		Amount: ledger.Amount(rng.IntN(2) * rng.IntN(int(proofFree)))}}
}

// pays has the house pay two people and one of them again, all or nothing.
func pays(one, other ledger.Account, amount ledger.Amount, nothing bool) *ask {
	id, until := proofID(), inTime()
	id[15] = 0 // room for the legs' own ids
	c := ledger.Linked{ID: id, Expires: until}
	for _, to := range []ledger.Account{one, other, one} {
		c.Legs = append(c.Legs, ledger.Leg{Kind: ledger.KindPayout, From: proofFees, To: to, Amount: amount, Currency: benchKES()})
	}
	if nothing {
		c.Legs[2].Amount = legMost + 1
	}
	return &ask{id: id, until: until, cmd: c}
}
