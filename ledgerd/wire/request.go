package wire

import "mlango/ledgerd/ledger"

// The extensions of a wish, in their order.
const (
	extAgain    = 1
	extOperator = 2
	extSession  = 3
	extGateway  = 4
	extBundle   = 5
	extLanguage = 6
	extSealed   = 7
	extPayer    = 8
	extPayee    = 9
	extNew      = 10
	extReceipt  = 11
	extPaid     = 12
	extOf       = 11
	extRef      = 12
)

// AppendRequest writes a request of a gateway.
func AppendRequest(dst []byte, correlation uint64, r *ledger.Request) ([]byte, error) {
	if (r.Transfer == nil) == (r.Check == nil) {
		return dst, &Error{What: "a request is a transfer or a check"}
	}
	kind := KindTransfer
	if r.Check != nil {
		kind = KindCheck
	}
	c := begin(dst, kind, correlation)
	c.request(r)
	return c.done()
}

// Request reads a request of a gateway.
func (r Record) Request() (*ledger.Request, error) {
	if r.Kind == KindCheck {
		req := &ledger.Request{Check: &ledger.Check{}}
		c := r.open(KindCheck)
		c.request(req)
		return req, c.close()
	}
	var whole struct { // one piece of memory: there are many of them
		req      ledger.Request
		transfer ledger.Transfer
	}
	whole.req.Transfer = &whole.transfer
	c := r.open(KindTransfer)
	c.request(&whole.req)
	return &whole.req, c.close()
}

func (c *codec) request(r *ledger.Request) {
	if r.Transfer != nil {
		c.transfer(r.Transfer)
		c.u32(&r.SealKey)
		c.fixed(sizeOf[KindTransfer])
		c.transferContext(r.Transfer)
	} else {
		c.check(r.Check)
		c.u32(&r.SealKey)
		c.fixed(sizeOf[KindCheck])
		c.origin(&r.Check.Origin)
	}
	c.blob(extSealed, &r.Sealed, ledger.MaxSealed)
	c.text(extPayer, &r.Payer, ledger.MaxMSISDN)
	c.text(extPayee, &r.Payee, ledger.MaxMSISDN)
	if r.Check != nil {
		c.blob(extNew, &r.New, ledger.MaxSealed)
		c.array(extReceipt, r.Check.Receipt[:])
		return
	}
	c.array(extOf, r.Transfer.Of[:])
	c.text(extRef, &r.Ref, ledger.MaxRef)
}

// transfer is the fixed fields of a transfer, 68 bytes.
func (c *codec) transfer(t *ledger.Transfer) {
	c.raw(t.ID[:])
	num(c, &t.From)
	num(c, &t.To)
	num(c, &t.Amount)
	num(c, &t.Fee)
	num(c, &t.Expires)
	num(c, &t.Until)
	tiny(c, &t.Kind)
	c.raw(t.Currency[:])
}

// transferContext is a transfer's extensions.
func (c *codec) transferContext(t *ledger.Transfer) {
	c.array(extAgain, t.Again[:])
	c.origin(&t.Origin)
	c.array(extBundle, t.Bundle[:])
	c.array(extLanguage, t.Language[:])
}

// check is the fixed fields of a check, 36 bytes.
func (c *codec) check(k *ledger.Check) {
	c.raw(k.ID[:])
	num(c, &k.Account)
	num(c, &k.Expires)
	tiny(c, &k.Query)
	c.zero(3)
}

func (c *codec) origin(o *ledger.Origin) {
	c.text(extOperator, &o.Operator, ledger.MaxOperator)
	c.text(extSession, &o.Session, ledger.MaxSession)
	c.text(extGateway, &o.Gateway, ledger.MaxGateway)
}
