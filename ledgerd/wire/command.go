package wire

import "mlango/ledgerd/ledger"

// The extensions of commands that have but one or two.
const (
	extPersonSealed = 1 // of OpenAccount
	extBands        = 1 // of SetTariff
	extConsumer     = 1 // of Grant, Ack and SetConsumer
	extOwner        = 2
	extExcept       = 2
	sizeBand        = 32
)

// AppendCommand writes a command: into an entry, or on its way to the journal.
func AppendCommand(dst []byte, correlation uint64, cmd ledger.Command) ([]byte, error) {
	if m, ok := cmd.(*ledger.Move); ok && m != nil {
		return appendMove(dst, correlation, m)
	}
	kind := kindOf(cmd)
	if kind == 0 {
		return dst, &Error{What: "unknown command"}
	}
	c := begin(dst, kind, correlation)
	c.command(kind, cmd)
	return c.done()
}

// appendMove is AppendCommand for what entries are made of: its codec needs no memory of
// its own.
func appendMove(dst []byte, correlation uint64, m *ledger.Move) ([]byte, error) {
	c := begin(dst, KindMove, correlation)
	c.move(m)
	return c.done()
}

// Command reads a command.
func (r Record) Command() (ledger.Command, error) {
	c := r.open(r.Kind)
	cmd := c.command(r.Kind, nil)
	if cmd == nil && c.err == nil {
		c.at = 0
		c.fail("not a command")
	}
	return cmd, c.close()
}

// IsCommand tells whether a record of this kind is a command.
func (k Kind) IsCommand() bool { return k >= KindOpenAccount && sizeOf[k] != 0 }

func kindOf(cmd ledger.Command) Kind {
	switch cmd.(type) {
	case ledger.OpenAccount:
		return KindOpenAccount
	case ledger.SetAlias:
		return KindSetAlias
	case ledger.SetPIN:
		return KindSetPIN
	case ledger.UnlockPIN:
		return KindUnlockPIN
	case ledger.LockPIN:
		return KindLockPIN
	case ledger.Freeze:
		return KindFreeze
	case ledger.SetLanguage:
		return KindSetLanguage
	case ledger.SetTariff:
		return KindSetTariff
	case ledger.SetLimits:
		return KindSetLimits
	case ledger.SetRepeatWindow:
		return KindSetRepeatWindow
	case *ledger.Move:
		return KindMove
	case *ledger.Answer:
		return KindAnswer
	case *ledger.ChangePIN:
		return KindChangePIN
	case ledger.Resolve:
		return KindResolve
	case ledger.Grant:
		return KindGrant
	case ledger.Ack:
		return KindAck
	case ledger.Tick:
		return KindTick
	}
	return kindOfMore(cmd)
}

// kindOfMore goes on where kindOf, which has the frequent ones, ends.
func kindOfMore(cmd ledger.Command) Kind {
	switch cmd.(type) {
	case ledger.SetTier:
		return KindSetTier
	case ledger.Close:
		return KindClose
	case ledger.ErasePerson:
		return KindErasePerson
	case ledger.Post:
		return KindPost
	case ledger.Void:
		return KindVoid
	case ledger.Reverse:
		return KindReverse
	case ledger.Linked:
		return KindLinked
	case ledger.Approved:
		return KindApproved
	case ledger.RequireTwo:
		return KindRequireTwo
	case ledger.SetConsumer:
		return KindSetConsumer
	case ledger.ClearPIN:
		return KindClearPIN
	case ledger.SetRules:
		return KindSetRules
	case ledger.AskPayment:
		return KindAskPayment
	case ledger.EndAsk:
		return KindEndAsk
	}
	return 0
}

// command writes cmd, or reads one of the kind when cmd is nil.
func (c *codec) command(kind Kind, cmd ledger.Command) ledger.Command {
	switch kind {
	case KindOpenAccount:
		return both(c, kind, cmd, (*codec).openAccount)
	case KindSetAlias:
		return both(c, kind, cmd, (*codec).setAlias)
	case KindSetPIN:
		return both(c, kind, cmd, (*codec).setPIN)
	case KindUnlockPIN:
		return both(c, kind, cmd, func(c *codec, v *ledger.UnlockPIN) { num(c, &v.Account) })
	case KindLockPIN:
		return both(c, kind, cmd, func(c *codec, v *ledger.LockPIN) { num(c, &v.Account) })
	case KindFreeze:
		return both(c, kind, cmd, func(c *codec, v *ledger.Freeze) { num(c, &v.Account); c.flags(&v.On) })
	case KindSetLanguage:
		return both(c, kind, cmd, func(c *codec, v *ledger.SetLanguage) { num(c, &v.Account); c.raw(v.Language[:]) })
	case KindSetTariff:
		return both(c, kind, cmd, (*codec).setTariff)
	case KindSetLimits:
		return both(c, kind, cmd, (*codec).setLimits)
	case KindSetRepeatWindow:
		return both(c, kind, cmd, func(c *codec, v *ledger.SetRepeatWindow) { num(c, &v.Window) })
	case KindResolve:
		return both(c, kind, cmd, func(c *codec, v *ledger.Resolve) { c.raw(v.ID[:]); num(c, &v.Expires) })
	case KindGrant:
		return both(c, kind, cmd, (*codec).grant)
	case KindAck:
		return both(c, kind, cmd, (*codec).ack)
	case KindTick:
		return both(c, kind, cmd, func(*codec, *ledger.Tick) {})
	}
	return c.moreCommand(kind, cmd)
}

// moreCommand goes on where command ends.
func (c *codec) moreCommand(kind Kind, cmd ledger.Command) ledger.Command {
	switch kind {
	case KindSetTier:
		return both(c, kind, cmd, (*codec).setTier)
	case KindClose:
		return both(c, kind, cmd, func(c *codec, v *ledger.Close) { num(c, &v.Account) })
	case KindErasePerson:
		return both(c, kind, cmd, func(c *codec, v *ledger.ErasePerson) { num(c, &v.Account) })
	case KindPost:
		return both(c, kind, cmd, (*codec).post)
	case KindVoid:
		return both(c, kind, cmd, (*codec).void)
	case KindReverse:
		return both(c, kind, cmd, (*codec).reverse)
	case KindLinked:
		return both(c, kind, cmd, (*codec).linked)
	case KindApproved:
		return both(c, kind, cmd, (*codec).approved)
	case KindRequireTwo:
		return both(c, kind, cmd, func(*codec, *ledger.RequireTwo) {})
	case KindSetConsumer:
		return both(c, kind, cmd, (*codec).setConsumer)
	case KindClearPIN:
		return both(c, kind, cmd, func(c *codec, v *ledger.ClearPIN) { num(c, &v.Account) })
	case KindSetRules:
		return both(c, kind, cmd, (*codec).setRules)
	case KindAskPayment:
		return both(c, kind, cmd, (*codec).askPayment)
	case KindEndAsk:
		return both(c, kind, cmd, func(c *codec, v *ledger.EndAsk) { c.raw(v.ID[:]); tiny(c, &v.How) })
	}
	return c.judged(kind, cmd)
}

// judged is the commands that come from requests; they are pointers.
func (c *codec) judged(kind Kind, cmd ledger.Command) ledger.Command {
	switch kind {
	case KindMove:
		m, _ := cmd.(*ledger.Move)
		if m == nil {
			m = &ledger.Move{}
		}
		c.move(m)
		return m
	case KindAnswer:
		a, _ := cmd.(*ledger.Answer)
		if a == nil {
			a = &ledger.Answer{}
		}
		c.answer(a)
		return a
	case KindChangePIN:
		p, _ := cmd.(*ledger.ChangePIN)
		if p == nil {
			p = &ledger.ChangePIN{}
		}
		c.changePIN(p)
		return p
	}
	return nil
}

// both writes a command, or reads it when cmd is nil. A description that has
// extensions ends the fixed part itself.
func both[T ledger.Command](c *codec, kind Kind, cmd ledger.Command, describe func(*codec, *T)) ledger.Command {
	var v T
	if cmd != nil {
		v = cmd.(T)
	}
	describe(c, &v)
	c.settle(sizeOf[kind])
	return v
}

// settle ends the fixed part if the description did not.
func (c *codec) settle(size int) {
	if c.writing && c.ext == 0 || !c.writing && c.at < c.start+size {
		c.fixed(size)
	}
}
