package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// bulkCmd pays a file of people out of one account.
type bulkCmd struct {
	File     string `arg:"" help:"CSV with the header payee,amount,reference: an MSISDN or an account's number, an amount with cents as 15000.00, and words of your own that stay in the file."`
	Payer    uint64 `required:"" placeholder:"ACCOUNT" name:"from" help:"The account that pays: a business's or the house's."`
	Currency string `default:"KES" help:"ISO 4217."`
	Fee      int64  `placeholder:"AMOUNT" help:"The most one payment may cost the payer, in minor units: 1000 is 10.00; --dry-run tells what each costs."`
	Period   string `placeholder:"WORD" help:"What the file is for, as 2026-12: the same file for another period is another wish."`
	Again    bool   `help:"Ask anew for those who were refused, or whose time ran out."`
	DryRun   bool   `help:"Read, look everybody up, ask for each line's fee and whether it would be refused, add up; pay nobody. Ends with 1 when a line would be refused."`
	nodeFlag `embed:""`
}

// bulkBatch is how many payments are asked for in one call: a second person
// approves so many at once.
const bulkBatch = 1000

// Run pays every line that was not paid yet. The same file twice pays once.
func (c *bulkCmd) Run(ctx context.Context, w *world) error {
	unit, err := currencyOf(c.Currency)
	if err != nil {
		return usage("--currency: %w", err)
	}
	file, err := readBulk(c.File)
	if err != nil {
		return err
	}
	client, err := c.dial()
	if err != nil {
		return err
	}
	defer client.Close()
	zone, err := zoneOf(ctx, client)
	if err != nil {
		return explain(err)
	}
	b := &bulk{c: c, w: w, client: client, zone: zone, unit: unit, lines: file.lines, hash: file.hash(c.Payer, unit, c.Period)}
	if err := b.look(ctx); err != nil {
		return explain(err)
	}
	b.say()
	if c.DryRun {
		return b.foretell(ctx)
	}
	if len(b.rounds) > 0 {
		if err := b.begin(); err != nil {
			return err
		}
		if err := b.pay(ctx); err != nil {
			return explain(err)
		}
	}
	return b.end()
}

// bulk is one file on its way.
type bulk struct {
	c       *bulkCmd
	w       *world
	client  *ledgerclient.Client
	unit    ledger.Currency
	lines   []bulkLine
	hash    [32]byte
	rounds  []int64       // ms: when it was asked for; the times inside the ids
	has     ledger.Amount // what the payer may spend
	over    bool          // the time of the last round is over: what is open will never be booked
	waiting []*ledgerclient.Waiting
	zone    Zone
}

// look finds everybody's account, when the file was begun, and what became of each
// line so far.
func (b *bulk) look(ctx context.Context) error {
	payer, known, err := b.client.Account(ctx, ledger.Account(b.c.Payer))
	switch {
	case err != nil:
		return err
	case !known:
		return usage("--from: there is no account %d", b.c.Payer)
	case payer.Currency != b.unit:
		return usage("account %d is in %s, not in %s", b.c.Payer, payer.Currency, b.unit)
	}
	if err := b.findPayees(ctx); err != nil {
		return err
	}
	if err := b.recall(ctx); err != nil {
		return err
	}
	sum := b.sum(b.toPay())
	if b.has = payer.Available; sum > b.has && !b.c.DryRun {
		return fmt.Errorf("account %d has %s, and what is to pay now comes to %s: nobody was paid (--dry-run tells of each line)", b.c.Payer,
			money(payer.Available, b.unit), money(sum, b.unit))
	}
	return nil
}

// recall finds what became of each line in every round so far, and begins another
// if that is called for.
func (b *bulk) recall(ctx context.Context) (err error) {
	if b.rounds, err = b.begun(ctx); err != nil {
		return err
	}
	for _, began := range b.rounds {
		for i := range b.lines {
			l := &b.lines[i]
			if l.paid() {
				continue
			}
			l.id = b.idOf(i, began)
			if l.result, l.known, err = b.client.Lookup(ctx, l.id); err != nil {
				return err
			}
		}
	}
	now := time.Now()
	if n := len(b.rounds); n > 0 {
		b.over = now.After(time.UnixMilli(b.rounds[n-1]).Add(expiresAfter + bulkSkew))
	}
	// What was asked for and not answered may still be booked, while its time lasts.
	if len(b.rounds) == 0 || b.c.Again && (b.over || len(b.open()) == 0) {
		b.rounds, b.over = append(b.rounds, now.UnixMilli()), false
		for i := range b.lines {
			if l := &b.lines[i]; !l.paid() {
				l.id, l.known = b.idOf(i, now.UnixMilli()), false
			}
		}
	}
	b.link()
	return nil
}

// link says yes to "again?" for lines that equal one before: the file means both.
func (b *bulk) link() {
	type same struct {
		account ledger.Account
		amount  ledger.Amount
	}
	last := map[same]ledger.ID{}
	for i := range b.lines {
		l := &b.lines[i]
		key := same{l.account, l.amount}
		l.again, last[key] = last[key], l.id
	}
}

// findPayees looks every number up; who is not there is said with the line.
func (b *bulk) findPayees(ctx context.Context) error {
	var wrong []error
	for i := range b.lines {
		l := &b.lines[i]
		var seen ledgerclient.Seen
		var known bool
		var err error
		if l.account != 0 {
			seen, known, err = b.client.Account(ctx, l.account)
		} else {
			seen, known, err = b.client.AccountOf(ctx, l.msisdn)
		}
		switch {
		case err != nil:
			return err
		case !known:
			wrong = append(wrong, fmt.Errorf("%s:%d: nobody has %s", b.c.File, l.line, l.shown()))
		case seen.Currency != b.unit:
			wrong = append(wrong, fmt.Errorf("%s:%d: %s is in %s", b.c.File, l.line, l.shown(), seen.Currency))
		}
		l.account = seen.Account
	}
	return complaints(wrong)
}

// toPay are the lines to ask for now.
func (b *bulk) toPay() []*bulkLine {
	if b.over {
		return nil
	}
	return b.open()
}

// open are the lines of which nothing is known.
func (b *bulk) open() (list []*bulkLine) {
	for i := range b.lines {
		if !b.lines[i].known {
			list = append(list, &b.lines[i])
		}
	}
	return list
}

func (b *bulk) sum(lines []*bulkLine) (sum ledger.Amount) {
	for _, l := range lines {
		sum += l.amount
	}
	return sum
}

// pay asks for what is open. With two people it only asks.
func (b *bulk) pay(ctx context.Context) error {
	open := b.toPay()
	for at := 0; at < len(open); at += bulkBatch {
		some := open[at:min(at+bulkBatch, len(open))]
		cmds := make([]ledger.Command, len(some))
		for i, l := range some {
			cmds[i] = &ledger.Move{Transfer: b.transfer(l)}
		}
		results, err := b.client.Admin(ctx, cmds)
		var waiting *ledgerclient.Waiting
		if errors.As(err, &waiting) {
			b.waiting = append(b.waiting, waiting)
			continue
		}
		if err != nil {
			return fmt.Errorf("%w\nsay the same again: what was paid is not paid twice", err)
		}
		for i, r := range results {
			some[i].result, some[i].known = r, true
		}
	}
	return nil
}

// transfer is one line as the ledger takes it. An equal line of the same file is
// meant: it says yes to "again?".
func (b *bulk) transfer(l *bulkLine) ledger.Transfer {
	return ledger.Transfer{ID: l.id, Kind: ledger.KindPayout, From: ledger.Account(b.c.Payer), To: l.account, Amount: l.amount,
		Currency: b.unit, Fee: ledger.Amount(b.c.Fee), Again: l.again, Expires: l.id.Time() + expiresAfter.Milliseconds(),
		Origin: ledger.Origin{Gateway: adminGateway, Session: b.mark()}}
}
