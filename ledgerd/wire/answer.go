package wire

import "mlango/ledgerd/ledger"

// The extensions of a result.
const (
	extFirst     = 1
	extLines     = 2
	extOtherName = 3
	extOtherAddr = 4
	extEnded     = 5
	sizeFirst    = 34
	sizeLine     = 64
)

// AppendResult writes an answer to a request or a command.
func AppendResult(dst []byte, correlation uint64, r *ledger.Result) ([]byte, error) {
	c := begin(dst, KindResult, correlation)
	c.result(r)
	return c.done()
}

// Result reads an answer to a request or a command.
func (r Record) Result() (v ledger.Result, err error) {
	err = r.ReadResult(&v)
	return v, err
}

// ReadResult reads an answer into v, which must be zero.
func (r Record) ReadResult(v *ledger.Result) error {
	c := r.open(KindResult)
	c.result(v)
	return c.close()
}

// Reject is a result's reject, read without the rest; OK of any other record.
func (r Record) Reject() ledger.Reject {
	const at = HeadSize + len(ledger.ID{})
	if r.Kind != KindResult || len(r.bytes) <= at {
		return ledger.OK
	}
	return ledger.Reject(r.bytes[at])
}

func (c *codec) result(r *ledger.Result) {
	c.raw(r.ID[:])
	tiny(c, &r.Reject)
	c.u8(&r.TriesLeft)
	c.place(&r.Place)
	num(c, &r.At)
	num(c, &r.Fee)
	num(c, &r.Balance)
	num(c, &r.PayeeBalance)
	c.raw(r.Receipt[:])
	c.u8(&r.Leg)
	c.u32(&r.Version)
	c.flags(&r.Held)
	c.fixed(sizeOf[KindResult])
	c.first(extFirst, &r.First, &r.FirstReceipt, &r.FirstAt)
	c.lines(r)
	c.ended(&r.Ended)
}

// place is 14 bytes.
func (c *codec) place(p *ledger.Place) {
	c.u16(&p.Unit)
	c.u32(&p.Offset)
	num(c, &p.Index)
}

// first is the earlier transfer of one that looks repeated.
func (c *codec) first(tag uint8, id *ledger.ID, receipt *ledger.Receipt, at *int64) {
	there := !id.IsZero() || *receipt != (ledger.Receipt{}) || *at != 0
	if !c.part(tag, there, sizeFirst) {
		return
	}
	c.raw(id[:])
	c.raw(receipt[:])
	num(c, at)
	if id.IsZero() && *receipt == (ledger.Receipt{}) && *at == 0 {
		c.fail("an empty extension")
	}
}

// ended is how a hold did that a command came too late for.
func (c *codec) ended(how *ledger.Act) {
	if c.part(extEnded, *how != 0, 1) {
		if tiny(c, how); *how == 0 {
			c.fail("an empty extension")
		}
	}
}

// lines are what a question found; the name and number of the first follow on their
// own, the others have none.
func (c *codec) lines(r *ledger.Result) {
	n, ok := c.extension(extLines, len(r.Lines) > 0, sizeLine*len(r.Lines), sizeLine*ledger.MaxLines)
	if ok && !c.writing {
		if n%sizeLine != 0 {
			c.fail("a list that ends inside a line")
			return
		}
		r.Lines = make([]ledger.Statement, n/sizeLine)
	}
	for i := range r.Lines {
		c.statement(&r.Lines[i])
		if i > 0 && c.writing && r.Lines[i].OtherName+r.Lines[i].OtherAddr != "" {
			c.fail("a name of another line than the first")
		}
	}
	if len(r.Lines) > 0 {
		c.text(extOtherName, &r.Lines[0].OtherName, ledger.MaxName)
		c.text(extOtherAddr, &r.Lines[0].OtherAddr, ledger.MaxMSISDN)
	}
}

func (c *codec) statement(s *ledger.Statement) {
	tiny(c, &s.Kind)
	c.flags(&s.In)
	num(c, &s.Amount)
	num(c, &s.Fee)
	num(c, &s.Balance)
	num(c, &s.At)
	num(c, &s.Other)
	c.raw(s.Receipt[:])
	tiny(c, &s.Part)
	tiny(c, &s.State)
	c.zero(10)
}

// The extensions of questions and their answers.
const (
	extAskPayer   = 1
	extAskPayee   = 2
	extQuoteName  = 1
	extQuoteFirst = 2
	extQuoteBack  = 3
	extQuoteWho   = 4
	sizeQuoteBack = 8
)

// AppendWho asks for the profile of a number.
func AppendWho(dst []byte, correlation uint64, msisdn string) ([]byte, error) {
	c := begin(dst, KindWho, correlation)
	c.fixed(sizeOf[KindWho])
	c.text(extAskPayer, &msisdn, ledger.MaxMSISDN)
	return c.done()
}

// Who reads the number whose profile is asked for.
func (r Record) Who() (msisdn string, err error) {
	c := r.open(KindWho)
	c.fixed(sizeOf[KindWho])
	c.text(extAskPayer, &msisdn, ledger.MaxMSISDN)
	return msisdn, c.close()
}

// AppendProfile answers who is dialling.
func AppendProfile(dst []byte, correlation uint64, p *ledger.Profile) ([]byte, error) {
	c := begin(dst, KindProfile, correlation)
	c.profile(p)
	return c.done()
}

// Profile reads who is dialling.
func (r Record) Profile() (ledger.Profile, error) {
	var p ledger.Profile
	c := r.open(KindProfile)
	c.profile(&p)
	return p, c.close()
}

func (c *codec) profile(p *ledger.Profile) {
	num(c, &p.Account)
	c.flags(&p.Known, &p.Locked, &p.Frozen, &p.NoPIN)
	c.raw(p.Currency[:])
	c.raw(p.Language[:])
	tiny(c, &p.Kind)
	c.fixed(sizeOf[KindProfile])
}

// AppendAsk asks for a quote.
func AppendAsk(dst []byte, correlation uint64, a *ledger.Ask) ([]byte, error) {
	c := begin(dst, KindAsk, correlation)
	c.ask(a)
	return c.done()
}

// Ask reads what a quote is asked for.
func (r Record) Ask() (ledger.Ask, error) {
	var a ledger.Ask
	c := r.open(KindAsk)
	c.ask(&a)
	return a, c.close()
}

func (c *codec) ask(a *ledger.Ask) {
	num(c, &a.Amount)
	tiny(c, &a.Kind)
	c.fixed(sizeOf[KindAsk])
	c.text(extAskPayer, &a.Payer, ledger.MaxMSISDN)
	c.text(extAskPayee, &a.Payee, ledger.MaxMSISDN)
}

// AppendQuote answers an ask.
func AppendQuote(dst []byte, correlation uint64, q *ledger.Quote) ([]byte, error) {
	c := begin(dst, KindQuote, correlation)
	c.quote(q)
	return c.done()
}

// Quote reads the answer to an ask.
func (r Record) Quote() (ledger.Quote, error) {
	var q ledger.Quote
	c := r.open(KindQuote)
	c.quote(&q)
	return q, c.close()
}

func (c *codec) quote(q *ledger.Quote) {
	num(c, &q.From)
	num(c, &q.To)
	num(c, &q.Fee)
	num(c, &q.Min)
	num(c, &q.Max)
	tiny(c, &q.Reject)
	c.raw(q.Currency[:])
	c.fixed(sizeOf[KindQuote])
	c.text(extQuoteName, &q.Name, ledger.MaxName)
	c.first(extQuoteFirst, &q.First, &q.FirstReceipt, &q.FirstAt)
	if c.part(extQuoteBack, q.Amount != 0, sizeQuoteBack) {
		if num(c, &q.Amount); q.Amount == 0 {
			c.fail("an empty extension")
		}
	}
	c.text(extQuoteWho, &q.Number, ledger.MaxMSISDN)
}
