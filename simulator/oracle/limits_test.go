package oracle

import (
	"strings"
	"testing"
)

// shop is two wallets with money, and what is found.
func shop() (b *Books, found *[]string) {
	var list []string
	b = New(func(w Wrong) { list = append(list, w.Text) })
	b.Begin(1_795_000_000_000)
	for n := range Account(3) {
		b.Open(n+1, Wallet, kes)
		b.accounts[n+1].posted, b.accounts[n+1].said = 100_000, 100_000
	}
	return b, &list
}

// sends lets a ledger that minds no rule send.
func sends(b *Books, id byte, from, to Account, amount Amount) {
	payer, payee := b.accounts[from].posted-amount, b.accounts[to].posted+amount
	b.Transfer(Wish{Transfer{ID: ID{id}, Kind: Send, From: from, To: to, Amount: amount, Currency: kes, PIN: true}, "s1"},
		&Said{Made: true, Balance: payer, PayeeBalance: payee, Lines: []Line{{from, -amount, payer}, {to, amount, payee}}})
}

// TestLimitsAreJudgedAgain: what a ledger makes beyond a limit is found, each limit by
// itself, and what it makes within is not.
func TestLimitsAreJudgedAgain(t *testing.T) {
	for name, row := range map[string]struct {
		limit Limit
		do    func(b *Books)
		want  string
	}{
		"within":           {Limit{Min: 100, Max: 900, PayerDaily: 2_000, PayeeDaily: 2_000, PayeeBalance: 110_000}, func(b *Books) { sends(b, 1, 1, 2, 900); sends(b, 2, 1, 2, 900) }, ""},
		"below":            {Limit{Min: 100}, func(b *Books) { sends(b, 1, 1, 2, 99) }, "below the least"},
		"above":            {Limit{Max: 900}, func(b *Books) { sends(b, 1, 1, 2, 901) }, "above the most"},
		"the payer's day":  {Limit{PayerDaily: 1_000}, func(b *Books) { sends(b, 1, 1, 2, 600); sends(b, 2, 1, 3, 600) }, "the payer comes to 12.00 in this day"},
		"the payee's day":  {Limit{PayeeDaily: 1_000}, func(b *Books) { sends(b, 1, 1, 3, 600); sends(b, 2, 2, 3, 600) }, "the payee comes to 12.00 in this day"},
		"the next day":     {Limit{PayerDaily: 1_000}, func(b *Books) { sends(b, 1, 1, 2, 600); b.Begin(b.now + dayMS); sends(b, 2, 1, 3, 600) }, ""},
		"the balance":      {Limit{PayeeBalance: 100_500}, func(b *Books) { sends(b, 1, 1, 2, 600) }, "comes to hold 1006.00"},
		"an own maximum":   {Limit{}, func(b *Books) { b.Tier(2, 0, 100_500); sends(b, 1, 1, 2, 600) }, "comes to hold 1006.00"},
		"not yet":          {Limit{Since: 1_795_000_000_001, Max: 900}, func(b *Books) { sends(b, 1, 1, 2, 901) }, ""},
		"another tier's":   {Limit{Tier: 1, Max: 900}, func(b *Books) { sends(b, 1, 1, 2, 901) }, ""},
		"refused wrongly":  {Limit{PayerDaily: 1_000}, func(b *Books) { refused(b) }, "there is room for it"},
		"refused rightly":  {Limit{PayerDaily: 700}, func(b *Books) { sends(b, 1, 1, 2, 600); refused(b) }, ""},
		"the first tier's": {Limit{Max: 900}, func(b *Books) { b.Tier(1, 2, 0); sends(b, 1, 1, 2, 901) }, "above the most"},
	} {
		b, found := shop()
		row.limit.Kind = Send
		b.Limit(row.limit)
		row.do(b)
		if all := strings.Join(*found, "; "); row.want == "" && all != "" || !strings.Contains(all, row.want) {
			t.Errorf("%s: found %q, want %q", name, all, row.want)
		}
	}
}

func refused(b *Books) {
	b.Transfer(Wish{Transfer{ID: ID{9}, Kind: Send, From: 1, To: 2, Amount: 600, Currency: kes, PIN: true}, "s1"}, &Said{Reject: dailyWord})
}

// TestRecallsAreJudged: a payer takes back the own send, whole, once, in time and by PIN;
// a ledger that lets anything else come back is found.
func TestRecallsAreJudged(t *testing.T) {
	recall := func(b *Books, id byte, asker, from Account, of ID, amount Amount, pin bool) {
		giver, taker := b.accounts[from].posted-amount, b.accounts[asker].posted+amount
		b.Recall(Wish{Transfer{ID: ID{id}, Kind: Reversal, From: asker, To: from, Amount: amount, Currency: kes, PIN: pin}, "s2"}, of,
			&Said{Made: true, Balance: giver, PayeeBalance: taker, Lines: []Line{{from, -amount, giver}, {asker, amount, taker}}})
	}
	for name, row := range map[string]struct {
		do   func(b *Books)
		want string
	}{
		"sound":          {func(b *Books) { recall(b, 2, 1, 2, ID{1}, 500, true) }, ""},
		"twice":          {func(b *Books) { recall(b, 2, 1, 2, ID{1}, 500, true); recall(b, 3, 1, 2, ID{1}, 500, true) }, "had come back before"},
		"a part":         {func(b *Books) { recall(b, 2, 1, 2, ID{1}, 400, true) }, "not all of a send of its asker"},
		"another's":      {func(b *Books) { recall(b, 2, 3, 2, ID{1}, 500, true) }, "not all of a send of its asker"},
		"late":           {func(b *Books) { b.Begin(b.now + recallWithin + 1); recall(b, 2, 1, 2, ID{1}, 500, true) }, "too long ago"},
		"without PIN":    {func(b *Books) { recall(b, 2, 1, 2, ID{1}, 500, false) }, "nobody gave a right PIN"},
		"never made":     {func(b *Books) { recall(b, 2, 1, 2, ID{7}, 500, true) }, "was never made"},
		"spent":          {func(b *Books) { sends(b, 4, 2, 3, 100_400); recall(b, 2, 1, 2, ID{1}, 500, true) }, "had 1.00 free, and 5.00 went"},
		"not the latest": {func(b *Books) { sends(b, 4, 1, 3, 600); recall(b, 2, 1, 2, ID{1}, 500, true) }, "not the latest send"},
		"not spent": {func(b *Books) {
			b.Recall(Wish{Transfer{ID: ID{2}, Kind: Reversal, From: 1, To: 2, Amount: 500, Currency: kes, PIN: true}, "s2"}, ID{1}, &Said{Reject: refusedAsSpent})
		}, "it was refused as spent"},
		"frozen": {func(b *Books) { b.Freeze(2, true); recall(b, 2, 1, 2, ID{1}, 500, true) }, "no wallet that is open"},
	} {
		b, found := shop()
		sends(b, 1, 1, 2, 500)
		row.do(b)
		if all := strings.Join(*found, "; "); row.want == "" && all != "" || !strings.Contains(all, row.want) {
			t.Errorf("%s: found %q, want %q", name, all, row.want)
		}
	}
}
