package wire

import "mlango/ledgerd/ledger"

// The extensions of the commands about holds, reversals and links, after those of
// a wish, and of an approval.
const (
	extLegs        = 7
	sizeLeg        = 40
	extFirstPerson = 1
	extSecond      = 2
	extInner       = 3
)

func (c *codec) setTier(v *ledger.SetTier) {
	num(c, &v.Account)
	num(c, &v.Maximum)
	tiny(c, &v.Tier)
}

func (c *codec) changePIN(v *ledger.ChangePIN) {
	c.check(&v.Check)
	c.u32(&v.Epoch)
	c.raw(v.PayerToken[:])
	tiny(c, &v.Verdict)
	c.flags(&v.Easy)
	c.raw(v.Salt[:])
	c.raw(v.MAC[:])
	c.fixed(sizeOf[KindChangePIN])
	c.origin(&v.Origin)
	if v.Receipt != (ledger.Receipt{}) {
		c.fail("a change of PIN is of no receipt")
	}
}

func (c *codec) post(v *ledger.Post) {
	c.raw(v.ID[:])
	c.raw(v.Hold[:])
	num(c, &v.Amount)
	num(c, &v.Expires)
	c.fixed(sizeOf[KindPost])
	c.origin(&v.Origin)
}

func (c *codec) void(v *ledger.Void) {
	c.raw(v.ID[:])
	c.raw(v.Hold[:])
	num(c, &v.Expires)
	c.fixed(sizeOf[KindVoid])
	c.origin(&v.Origin)
}

func (c *codec) reverse(v *ledger.Reverse) {
	c.raw(v.ID[:])
	c.raw(v.Of[:])
	num(c, &v.Amount)
	num(c, &v.Expires)
	c.flags(&v.Fee)
	c.fixed(sizeOf[KindReverse])
	c.origin(&v.Origin)
}

func (c *codec) linked(v *ledger.Linked) {
	c.raw(v.ID[:])
	num(c, &v.Expires)
	c.fixed(sizeOf[KindLinked])
	c.origin(&v.Origin)
	c.array(extBundle, v.Bundle[:])
	c.array(extLanguage, v.Language[:])
	n, ok := c.extension(extLegs, len(v.Legs) > 0, sizeLeg*len(v.Legs), sizeLeg*ledger.MaxLegs)
	if !ok {
		return
	}
	if !c.writing {
		if n%sizeLeg != 0 {
			c.fail("a list that ends inside a leg")
			return
		}
		v.Legs = make([]ledger.Leg, n/sizeLeg)
	}
	for i := range v.Legs {
		c.leg(&v.Legs[i])
	}
}

func (c *codec) leg(l *ledger.Leg) {
	num(c, &l.From)
	num(c, &l.To)
	num(c, &l.Amount)
	num(c, &l.Fee)
	tiny(c, &l.Kind)
	c.raw(l.Currency[:])
	c.zero(4)
}

// approved holds a whole record of another command, without a correlation.
func (c *codec) approved(v *ledger.Approved) {
	num(c, &v.At)
	c.fixed(sizeOf[KindApproved])
	c.text(extFirstPerson, &v.First, ledger.MaxPersonName)
	c.text(extSecond, &v.Second, ledger.MaxPersonName)
	var inner []byte
	if c.writing {
		if inner = c.inner(v.Cmd); c.err != nil {
			return
		}
	}
	if c.blob(extInner, &inner, maxInner); !c.writing && c.err == nil {
		v.Cmd = c.readInner(inner)
	}
}

// inner writes the command that was approved; an approval approves no other.
func (c *codec) inner(cmd ledger.Command) []byte {
	if _, nested := cmd.(ledger.Approved); nested {
		c.fail("an approval of an approval")
		return nil
	}
	b, err := AppendCommand(nil, 0, cmd)
	if err != nil {
		c.fail("a command that cannot be written")
	}
	return b
}

func (c *codec) readInner(b []byte) ledger.Command {
	r, rest, err := Next(b, 0)
	if err != nil || len(rest) > 0 || r.Correlation != 0 || r.Kind == KindApproved {
		c.fail("not one whole command")
		return nil
	}
	cmd, err := r.Command()
	if err != nil {
		c.fail("not one whole command")
		return nil
	}
	return cmd
}

// AppendStatement writes one line of an account's history.
func AppendStatement(dst []byte, correlation uint64, s *ledger.Statement) ([]byte, error) {
	c := begin(dst, KindStatement, correlation)
	c.line(s)
	return c.done()
}

// Statement reads one line of an account's history.
func (r Record) Statement() (ledger.Statement, error) {
	var s ledger.Statement
	c := r.open(KindStatement)
	c.line(&s)
	return s, c.close()
}

func (c *codec) line(s *ledger.Statement) {
	c.statement(s)
	c.fixed(sizeOf[KindStatement])
	c.text(extOtherName, &s.OtherName, ledger.MaxName)
	c.text(extOtherAddr, &s.OtherAddr, ledger.MaxMSISDN)
}

// AppendView writes an account as tools see it.
func AppendView(dst []byte, correlation uint64, v *ledger.View) ([]byte, error) {
	c := begin(dst, KindView, correlation)
	c.view(v)
	return c.done()
}

// View reads an account as tools see it.
func (r Record) View() (ledger.View, error) {
	var v ledger.View
	c := r.open(KindView)
	c.view(&v)
	return v, c.close()
}

func (c *codec) view(v *ledger.View) {
	num(c, &v.Account)
	num(c, &v.Debits)
	num(c, &v.Credits)
	num(c, &v.HeldDebits)
	num(c, &v.HeldCredits)
	num(c, &v.Balance)
	num(c, &v.Available)
	num(c, &v.Maximum)
	c.u32(&v.Epoch)
	c.u16(&v.Home)
	tiny(c, &v.Kind)
	tiny(c, &v.Tier)
	c.raw(v.Currency[:])
	c.raw(v.Language[:])
	c.u8(&v.TriesLeft)
	c.flags(&v.Frozen, &v.Closed, &v.PINSet, &v.Locked)
	c.fixed(sizeOf[KindView])
	c.blob(extPersonSealed, &v.Sealed, MaxPerson)
}
