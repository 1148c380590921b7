package ledger

// Plan is transfers that are weighed one after the other, each as if those before it
// had been made. It books nothing. The zero value is an empty plan.
type Plan struct {
	out, in map[seat]Amount
	today   map[daySide]Amount
}

// daySide is what a day's limit is counted by.
type daySide struct {
	who  seat
	kind Kind
	side Side
}

// Quote tells what a transfer of a kind that asks no PIN would come to. What would be
// made counts for those that follow.
func (p *Plan) Quote(b *Book, t *Transfer, now int64) Quote {
	defer b.guard()
	o := offer{wish: t.wish(), currency: t.Currency, quoted: t.Fee, payer: b.seat(t.From), told: b.seat(t.To)}
	o.before = ahead{p.side(o.payer, o.kind, SidePayer)}
	if o.told != o.payer {
		o.before = append(o.before, p.side(o.told, o.kind, SidePayee))
	}
	w := b.weigh(&o, now)
	q := Quote{Reject: w.reject, From: t.From, To: t.To, Currency: t.Currency, Fee: w.fee}
	if payer := b.at(o.payer); payer != nil && o.kind.Asked() {
		l := b.limitsOf(o.kind, payer.tier, now)
		q.Min, q.Max = l.Min, l.Max
	}
	if w.reject == OK {
		p.count(&o, &w)
	}
	return q
}

// side is what the plan has for one side so far.
func (p *Plan) side(who seat, kind Kind, side Side) moved {
	return moved{who: who, kind: kind, side: side, out: p.out[who], in: p.in[who], amount: p.today[daySide{who, kind, side}]}
}

// count takes a transfer into the plan.
func (p *Plan) count(o *offer, w *terms) {
	if p.out == nil {
		p.out, p.in, p.today = map[seat]Amount{}, map[seat]Amount{}, map[daySide]Amount{}
	}
	p.out[o.payer] += o.amount + w.fee
	p.in[w.credited] += o.amount
	p.today[daySide{o.payer, o.kind, SidePayer}] += o.amount
	p.today[daySide{w.credited, o.kind, SidePayee}] += o.amount
}

// wish is what of a transfer makes it look like another.
func (t *Transfer) wish() wish {
	return wish{from: t.From, to: t.To, amount: t.Amount, kind: t.Kind}
}
