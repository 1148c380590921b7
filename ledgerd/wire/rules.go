package wire

import "mlango/ledgerd/ledger"

// The extensions of SetRules. Its tariffs stand one behind the other, each with how many
// bands it has.
const (
	extRulesTariffs = 1
	extRulesLimits  = 2
	extRulesWhy     = 3
	sizeTariffHead  = 8
	sizeLimits      = 48
	maxRulesTariffs = 16
	maxRulesLimits  = 16 * (int(ledger.MaxTier) + 1)
	maxTariffs      = maxRulesTariffs*sizeTariffHead + ledger.MaxRulesBands*sizeBand
)

func (c *codec) setRules(v *ledger.SetRules) {
	num(c, &v.From)
	c.u32(&v.Version)
	c.u32(&v.Back)
	c.fixed(sizeOf[KindSetRules])
	c.rulesTariffs(v)
	c.rulesLimits(v)
	c.text(extRulesWhy, &v.Why, ledger.MaxWhy)
}

// rulesTariffs is each tariff's kind, the number of its bands, and those.
func (c *codec) rulesTariffs(v *ledger.SetRules) {
	size := 0
	for i := range v.Tariffs {
		size += sizeTariffHead + sizeBand*len(v.Tariffs[i].Bands)
	}
	n, ok := c.extension(extRulesTariffs, len(v.Tariffs) > 0, size, maxTariffs)
	if !ok {
		return
	}
	if c.writing {
		for i := range v.Tariffs {
			c.rulesTariff(&v.Tariffs[i])
		}
		return
	}
	for end := c.at + n; c.err == nil && c.at < end; {
		var t ledger.SetTariff
		if c.rulesTariff(&t); c.at > end {
			c.fail("a tariff that reaches past the others")
		}
		v.Tariffs = append(v.Tariffs, t)
	}
}

func (c *codec) rulesTariff(t *ledger.SetTariff) {
	n := uint8(min(len(t.Bands), MaxBands+1))
	tiny(c, &t.Kind)
	c.u8(&n)
	c.zero(sizeTariffHead - 2)
	if n > MaxBands {
		c.fail("a tariff of too many bands")
		return
	}
	if !c.writing && c.err == nil && n > 0 {
		t.Bands = make([]ledger.Band, n)
	}
	c.bands(t.Bands)
}

func (c *codec) rulesLimits(v *ledger.SetRules) {
	n, ok := c.extension(extRulesLimits, len(v.Limits) > 0, sizeLimits*len(v.Limits), sizeLimits*maxRulesLimits)
	if !ok {
		return
	}
	if !c.writing {
		if n%sizeLimits != 0 {
			c.fail("limits that end inside a tier's")
			return
		}
		v.Limits = make([]ledger.SetLimits, n/sizeLimits)
	}
	for i := range v.Limits {
		l := &v.Limits[i]
		tiny(c, &l.Kind)
		tiny(c, &l.Tier)
		c.flags(&l.AsFirst)
		c.zero(5)
		c.figures(l)
	}
}
