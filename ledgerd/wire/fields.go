package wire

import "mlango/ledgerd/ledger"

func (c *codec) openAccount(v *ledger.OpenAccount) {
	num(c, &v.Account)
	tiny(c, &v.Kind)
	c.raw(v.Currency[:])
	c.u16(&v.Home)
	c.raw(v.Language[:])
	num(c, &v.Maximum)
	tiny(c, &v.Tier)
	c.fixed(sizeOf[KindOpenAccount])
	c.blob(extPersonSealed, &v.Sealed, MaxPerson)
}

func (c *codec) setAlias(v *ledger.SetAlias) {
	num(c, &v.Account)
	c.raw(v.Token[:])
}

func (c *codec) setPIN(v *ledger.SetPIN) {
	num(c, &v.Account)
	c.raw(v.Salt[:])
	c.raw(v.MAC[:])
}

func (c *codec) setTariff(v *ledger.SetTariff) {
	num(c, &v.From)
	c.u32(&v.Version)
	tiny(c, &v.Kind)
	c.fixed(sizeOf[KindSetTariff])
	n, ok := c.extension(extBands, len(v.Bands) > 0, sizeBand*len(v.Bands), sizeBand*MaxBands)
	if !ok {
		return
	}
	if !c.writing {
		if n%sizeBand != 0 {
			c.fail("a tariff that ends inside a band")
			return
		}
		v.Bands = make([]ledger.Band, n/sizeBand)
	}
	c.bands(v.Bands)
}

func (c *codec) bands(list []ledger.Band) {
	for i := range list {
		num(c, &list[i].Upto)
		num(c, &list[i].Fee)
		num(c, &list[i].Tax)
		num(c, &list[i].Commission)
	}
}

func (c *codec) setLimits(v *ledger.SetLimits) {
	tiny(c, &v.Kind)
	tiny(c, &v.Tier)
	c.flags(&v.AsFirst)
	c.zero(1)
	c.u32(&v.Version)
	num(c, &v.From)
	c.figures(v)
}

func (c *codec) figures(v *ledger.SetLimits) {
	num(c, &v.Min)
	num(c, &v.Max)
	num(c, &v.PayerDaily)
	num(c, &v.PayeeDaily)
	num(c, &v.PayeeBalance)
}

func (c *codec) move(m *ledger.Move) {
	c.transfer(&m.Transfer)
	c.u32(&m.Epoch)
	c.raw(m.PayerToken[:])
	c.raw(m.PayeeToken[:])
	tiny(c, &m.Verdict)
	c.fixed(sizeOf[KindMove])
	c.transferContext(&m.Transfer)
	c.array(extOf, m.Of[:])
	c.blob(extRef, &m.Ref, ledger.MaxRefSealed)
}

func (c *codec) answer(a *ledger.Answer) {
	c.check(&a.Check)
	c.u32(&a.Epoch)
	c.raw(a.PayerToken[:])
	tiny(c, &a.Verdict)
	c.fixed(sizeOf[KindAnswer])
	c.origin(&a.Origin)
	c.array(extReceipt, a.Receipt[:])
	c.array(extPaid, a.Paid[:])
}

func (c *codec) grant(v *ledger.Grant) {
	c.lane(&v.From)
	c.lane(&v.To)
	c.fixed(sizeOf[KindGrant])
	c.text(extConsumer, &v.Consumer, MaxOwner)
	c.text(extOwner, &v.Owner, MaxOwner)
}

func (c *codec) setConsumer(v *ledger.SetConsumer) {
	c.flags(&v.On)
	c.fixed(sizeOf[KindSetConsumer])
	c.text(extConsumer, &v.Consumer, MaxOwner)
}

func (c *codec) ack(v *ledger.Ack) {
	num(c, &v.Epoch)
	num(c, &v.Upto)
	c.lane(&v.Lane)
	c.fixed(sizeOf[KindAck])
	c.text(extConsumer, &v.Consumer, MaxOwner)
	c.numbers(extExcept, &v.Except, ledger.MaxExceptions)
}

func (c *codec) lane(v *ledger.Lane) {
	n := uint32(*v)
	if c.u32(&n); !c.writing {
		*v = ledger.Lane(n)
	}
}
