package main

import (
	"context"
	"fmt"

	"mlango/internal/cli"
	"mlango/ledgerd/ledger"
)

// foretell tells of every line what would become of it, in its order, and what all
// comes to. Nobody is paid, and nothing is noted.
func (b *bulk) foretell(ctx context.Context) error {
	open := b.toPay()
	moves := make([]*ledger.Move, len(open))
	for i, l := range open {
		moves[i] = &ledger.Move{Transfer: b.transfer(l)}
	}
	quotes, err := b.client.Plan(ctx, moves)
	if err != nil {
		return explain(err)
	}
	of := map[*bulkLine]*ledger.Quote{}
	for i, l := range open {
		of[l] = &quotes[i]
	}
	p := &page{out: b.w.out}
	p.say("\n")
	rows := [][]string{{">line", "payee", "name", ">amount", ">fee", "would be"}}
	var paid, fees ledger.Amount
	refused := 0
	for i := range b.lines {
		l := &b.lines[i]
		row := []string{fmt.Sprint(l.line), l.shown(), "", figure(l.amount), "", ""}
		switch q := of[l]; {
		case l.known && l.result.Reject == ledger.OK:
			row[4], row[5] = figure(l.result.Fee), "nothing: it is paid, receipt "+l.result.Receipt.String()
		case l.known:
			row[5] = "nothing: it was refused, " + because(l.result.Reject)
		case q == nil:
			row[5] = "nothing: its time is over, say --again"
		case q.Reject != ledger.OK:
			row[2], row[4], row[5] = q.Name, figure(q.Fee), "REFUSED: "+because(q.Reject)
			refused++
		default:
			row[2], row[4], row[5] = q.Name, figure(q.Fee), "paid"
			paid, fees = paid+l.amount, fees+q.Fee
		}
		rows = append(rows, row)
	}
	p.rows(rows)
	p.say("\nwould be paid now: %d lines, %s; fees %s; together %s\n", len(open)-refused, money(paid, b.unit), money(fees, b.unit), money(paid+fees, b.unit))
	p.say("account %d has %s, and would have %s\n", b.c.Payer, money(b.has, b.unit), money(b.has-paid-fees, b.unit))
	p.say("a dry run: nobody was paid\n")
	if p.err == nil && refused > 0 {
		return cli.Fail(cli.Check, fmt.Errorf("%d of %d payments would be refused", refused, len(open)))
	}
	return p.err
}
