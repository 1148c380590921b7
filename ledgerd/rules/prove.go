package rules

import (
	"fmt"
	"strconv"

	"mlango/internal/conf"
	"mlango/ledgerd/ledger"
)

// maxBands is of one tariff: the ledger takes no more.
const maxBands = 64

// prover takes what is written into a set and says what is wrong with it.
type prover struct {
	doc *conf.Doc
	set *Set
}

// bands takes a tariff.
func (p *prover) bands(kind ledger.Kind, f *feesSource) []ledger.Band {
	list := []ledger.Band{}
	upto := amount(0)
	for i := range f.bands {
		b := &f.bands[i].Value
		switch at := f.bands[i].Pos; {
		case b.Upto.Pos == conf.Pos{} || b.Fee.Pos == conf.Pos{}:
			p.doc.FailAt(at, "a band says up to which amount, and the fee", "write {upto: 500, fee: 7.00}")
		case b.Upto.Value <= upto && i > 0:
			p.doc.FailAt(b.Upto.Pos, fmt.Sprintf("this band overlaps the one before it, which goes up to %s", plain(upto)), "bands rise: write the lower one first, each amount once")
		case b.Upto.Value == 0:
			p.doc.FailAt(b.Upto.Pos, "a band up to nothing", "write the highest amount that it is for")
		case b.Tax.Value > b.Fee.Value:
			p.doc.FailAt(b.Tax.Pos, fmt.Sprintf("the tax is above the fee of %s", plain(b.Fee.Value)), "the tax is a part of the fee: the payer is charged the fee and no more")
		case b.Agent.Value > 0 && kind != ledger.KindDeposit && kind != ledger.KindWithdraw:
			p.doc.FailAt(b.Agent.Pos, "no agent is part of such a transfer", "take `agent:` away; it stands in deposit and withdraw")
		}
		upto = b.Upto.Value
		list = append(list, ledger.Band{Upto: ledger.Amount(b.Upto.Value), Fee: ledger.Amount(b.Fee.Value), Tax: ledger.Amount(b.Tax.Value), Commission: ledger.Amount(b.Agent.Value)})
	}
	return list
}

// limits takes the limits of a kind.
func (p *prover) limits(kind ledger.Kind, l *limits) {
	p.set.Limits[kind][0] = p.tier(kind, 0, &l.first)
	for _, t := range l.tiers {
		n, err := strconv.ParseUint(t.Key, 10, 8)
		if err != nil || n == 0 || n > uint64(ledger.MaxTier) {
			p.doc.FailAt(t.Pos, fmt.Sprintf("there is no tier %.12q here", t.Key), fmt.Sprintf("tiers are 1 to %d; those of tier 0 stand beside `tiers:`", ledger.MaxTier))
			continue
		}
		if _, twice := p.set.Limits[kind][ledger.Tier(n)]; twice {
			p.doc.FailAt(t.Pos, fmt.Sprintf("tier %d stands here twice", n), "remove one of the two")
		}
		p.set.Limits[kind][ledger.Tier(n)] = p.tier(kind, ledger.Tier(n), &t.Value.Value)
	}
}

func (p *prover) tier(kind ledger.Kind, tier ledger.Tier, b *bounds) ledger.SetLimits {
	most := b.Most.Value
	for _, c := range []struct {
		wrong bool
		at    conf.Pos
		what  string
		mend  string
	}{
		{most > 0 && b.Least.Value > most, b.Least.Pos, "the least is above the most: nothing could be paid", "lower the one or raise the other"},
		{b.PayerDay.Pos != conf.Pos{} && b.PayerDay.Value > 0 && b.PayerDay.Value < max(most, b.Least.Value), b.PayerDay.Pos,
			"a payer may pay less in a day than in one transfer", "raise it, or lower `most`"},
		{b.PayeeDay.Value > 0 && b.PayeeDay.Value < b.Least.Value, b.PayeeDay.Pos, "a payee may get less in a day than the least transfer", "raise it, or lower `least`"},
		{b.PayeeHas.Value > 0 && b.PayeeHas.Value < b.Least.Value, b.PayeeHas.Pos, "a payee may have less than the least transfer", "raise it, or lower `least`"},
	} {
		if c.wrong {
			p.doc.FailAt(c.at, c.what, c.mend)
		}
	}
	for _, a := range []conf.At[amount]{b.Least, b.Most, b.PayerDay, b.PayeeDay, b.PayeeHas} {
		if a.Value == 0 && a.Pos != (conf.Pos{}) {
			p.doc.FailAt(a.Pos, "0 is no limit", "leave the line away where there is no limit")
		}
	}
	return ledger.SetLimits{Kind: kind, Tier: tier, Min: ledger.Amount(b.Least.Value), Max: ledger.Amount(most), PayerDaily: ledger.Amount(b.PayerDay.Value),
		PayeeDaily: ledger.Amount(b.PayeeDay.Value), PayeeBalance: ledger.Amount(b.PayeeHas.Value)}
}

// together holds each tariff to the limits of its kind.
func (p *prover) together(f *fileSource) {
	total := 0
	for _, t := range f.Tariffs {
		kind, _ := p.kind(t.Key, t.Pos)
		total += len(t.Value.bands)
		least, most := p.reach(kind)
		above := amount(0)
		for i := range t.Value.bands {
			b := &t.Value.bands[i].Value
			if lowest := max(above+1, least); b.Fee.Value > lowest && b.Upto.Value >= lowest {
				p.doc.FailAt(b.Fee.Pos, fmt.Sprintf("the fee is above the amount: %s of %s would cost %s", t.Key, plain(lowest), plain(b.Fee.Value)),
					fmt.Sprintf("lower it, or write `least: %s` into the limits of %s", plain(b.Fee.Value), t.Key))
			}
			if most > 0 && above >= most {
				p.doc.FailAt(b.Upto.Pos, fmt.Sprintf("nobody comes to this band: a %s is %s at most", t.Key, plain(most)), "take it away, or raise `most` in the limits")
			}
			if b.Upto.Value < least {
				p.doc.FailAt(b.Upto.Pos, fmt.Sprintf("nobody comes to this band: a %s is %s at least", t.Key, plain(least)), "take it away, or lower `least` in the limits")
			}
			above = b.Upto.Value
		}
		if above > 0 && most > above {
			p.doc.FailAt(t.Value.pos, fmt.Sprintf("a gap: no band says what %s above %s costs, and up to %s may be paid", t.Key, plain(above), plain(most)),
				fmt.Sprintf("write a band {upto: %s, fee: …}, or lower `most` in the limits", plain(most)))
		}
	}
	if total > ledger.MaxRulesBands {
		p.doc.Fail("tariffs", fmt.Sprintf("%d bands in all, more than %d", total, ledger.MaxRulesBands), "join those of one fee")
	}
}

// reach is the least and the most of one transfer that any tier allows; zero is no limit.
func (p *prover) reach(kind ledger.Kind) (least, most amount) {
	first := true
	for tier := range ledger.MaxTier + 1 {
		l, own := p.set.tier(kind, tier)
		if !own {
			continue
		}
		if low := amount(l.Min); first || low < least {
			least = low
		}
		if high := amount(l.Max); first || high == 0 || most != 0 && high > most {
			most = high
		}
		first = false
	}
	return least, most
}

// plain is an amount as a file has it.
func plain(a amount) string {
	if a%100 == 0 {
		return strconv.FormatInt(int64(a/100), 10)
	}
	return fmt.Sprintf("%d.%02d", a/100, a%100)
}
