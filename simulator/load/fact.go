package load

import (
	"time"

	"mlango/ledgerd/ledger"
	"mlango/simulator/oracle"
)

// fact is one command of the journal with what came of it, on its way to the oracle.
type fact struct {
	*auditor
	res   ledger.Result
	at    int64
	first bool           // it is answered for the first time
	again bool           // nothing of it is remembered
	two   bool           // two people stand behind it
	ref   bool           // it says whose bill it pays
	asker ledger.Account // who took a send back

	verdict ledger.PINVerdict // on the payer's PIN
	quoted  ledger.Amount     // the fee that the payer was shown, as the gateway says
}

// read tells the oracle a command.
func (f *fact) read(cmd ledger.Command) {
	switch c := cmd.(type) {
	case ledger.Approved:
		f.two = c.Second != ""
		f.read(c.Cmd)
	case *ledger.Move:
		if c.Kind == ledger.KindReversal {
			f.judged(c.From, c.Origin, c.Verdict, true)
			f.recall(c)
			return
		}
		f.judged(c.From, c.Origin, c.Verdict, c.Kind.ByPIN())
		f.move(c)
	case ledger.Linked:
		f.linked(&c)
	case ledger.Post:
		said, shown := f.said(c.ID)
		f.note(c.Origin, shown, f.books.Post(ending(c.ID, c.Hold, c.Amount, false, f.two, c.Expires, c.Origin), &said))
	case ledger.Void:
		said, shown := f.said(c.ID)
		f.note(c.Origin, shown, f.books.Void(ending(c.ID, c.Hold, 0, false, f.two, c.Expires, c.Origin), &said))
	case ledger.Reverse:
		said, shown := f.said(c.ID)
		f.note(c.Origin, shown, f.books.Reverse(ending(c.ID, c.Of, c.Amount, c.Fee, f.two, c.Expires, c.Origin), &said))
	case *ledger.Answer:
		f.judged(c.Account, c.Origin, c.Verdict, c.Query.AsksPIN())
		f.question(&c.Check)
	case *ledger.ChangePIN:
		f.judged(c.Account, c.Origin, c.Verdict, c.Query.AsksPIN())
		f.question(&c.Check)
	case ledger.AskPayment:
		f.asked(&c)
	case ledger.EndAsk:
		f.askEnded(&c)
	default:
		f.govern(cmd)
	}
}

// govern tells the oracle what is not about one wish.
func (f *fact) govern(cmd ledger.Command) {
	if r, ok := cmd.(ledger.Resolve); ok && f.res.Reject == ledger.Expired {
		f.books.Settled(oracle.ID(r.ID))
	}
	if f.res.Reject != ledger.OK {
		return
	}
	switch c := cmd.(type) {
	case ledger.OpenAccount:
		f.books.Open(oracle.Account(c.Account), oracle.AccountKind(c.Kind), oracle.Currency(c.Currency))
		f.books.Tier(oracle.Account(c.Account), uint8(c.Tier), 0)
	case ledger.SetTier:
		f.books.Tier(oracle.Account(c.Account), uint8(c.Tier), oracle.Amount(c.Maximum))
	case ledger.SetPIN:
		f.books.Lock(oracle.Account(c.Account), false)
	case ledger.ClearPIN:
		f.books.Lock(oracle.Account(c.Account), false)
	case ledger.UnlockPIN:
		f.books.Lock(oracle.Account(c.Account), false)
	case ledger.LockPIN:
		f.books.Lock(oracle.Account(c.Account), true)
	case ledger.ErasePerson:
		f.books.Lock(oracle.Account(c.Account), false)
	case ledger.Freeze:
		f.books.Freeze(oracle.Account(c.Account), c.On)
	case ledger.Close:
		f.books.Close(oracle.Account(c.Account))
	case ledger.SetTariff:
		f.tariff(&c, c.From)
	case ledger.SetLimits:
		f.limit(&c, c.From)
	case ledger.SetRules:
		for i := range c.Tariffs {
			f.tariff(&c.Tariffs[i], c.From)
		}
		for i := range c.Limits {
			f.limit(&c.Limits[i], c.From)
		}
	case ledger.RequireTwo:
		f.books.RequireTwo()
	case ledger.Tick:
		f.books.Tick(func(hold oracle.ID) bool {
			shown, known := f.replay.Show(ledger.ID(hold))
			return known && shown.Over
		}, f.expired)
	}
}

// tariff tells the oracle what a kind costs from an instant on.
func (f *fact) tariff(c *ledger.SetTariff, from int64) {
	bands := make([]oracle.Band, len(c.Bands))
	for i, b := range c.Bands {
		bands[i] = oracle.Band{Upto: oracle.Amount(b.Upto), Fee: oracle.Amount(b.Fee), Tax: oracle.Amount(b.Tax), Commission: oracle.Amount(b.Commission)}
	}
	f.books.Tariff(oracle.Kind(c.Kind), from, bands)
}

// limit tells it what transfers of a kind must keep.
func (f *fact) limit(c *ledger.SetLimits, from int64) {
	f.books.Limit(oracle.Limit{Kind: oracle.Kind(c.Kind), Tier: uint8(c.Tier), Since: from, Min: oracle.Amount(c.Min), Max: oracle.Amount(c.Max),
		PayerDaily: oracle.Amount(c.PayerDaily), PayeeDaily: oracle.Amount(c.PayeeDaily), PayeeBalance: oracle.Amount(c.PayeeBalance), AsFirst: c.AsFirst})
}

// expiryLeg is what an expiry's id has more in its last byte than its hold's; its time is
// when it happened (RULES.md of the books).
const expiryLeg = 255

// expired notes that a hold's time was over.
func (f *fact) expired(hold oracle.ID, own oracle.Figures) {
	end := ledger.ID(hold).Leg(expiryLeg)
	id := ledger.NewID(f.at, [10]byte(end[6:]))
	shown, _ := f.replay.Show(id)
	g := *f
	g.first, g.again, g.res = true, false, ledger.Result{ID: id, At: f.at}
	g.note(ledger.Origin{}, shown, own)
}

// move tells the oracle a transfer or a hold.
func (f *fact) move(m *ledger.Move) {
	said, shown := f.said(m.ID)
	wish := oracle.Wish{Session: m.Origin.Session, Transfer: oracle.Transfer{
		ID: oracle.ID(m.ID), Kind: oracle.Kind(m.Kind), From: oracle.Account(m.From), To: oracle.Account(m.To), Amount: oracle.Amount(m.Amount),
		Quoted: oracle.Amount(m.Fee), Currency: oracle.Currency(m.Currency), Until: m.Until, Expires: m.Expires, PIN: m.Verdict == ledger.VerdictRight, Two: f.two,
	}}
	if f.first && said.Made {
		f.books.PaysAsked(&wish)
	}
	own := f.books.Transfer(wish, &said)
	shown.Kind, shown.Language, shown.Until = m.Kind, m.Language, m.Until
	f.ref, f.quoted = len(m.Ref) > 0, m.Fee
	f.note(m.Origin, shown, own)
}

// recall tells the oracle that a payer takes a send back.
func (f *fact) recall(m *ledger.Move) {
	said, shown := f.said(m.ID)
	own := f.books.Recall(oracle.Wish{Session: m.Origin.Session, Transfer: oracle.Transfer{
		ID: oracle.ID(m.ID), Kind: oracle.Reversal, From: oracle.Account(m.From), To: oracle.Account(m.To), Amount: oracle.Amount(m.Amount),
		Currency: oracle.Currency(m.Currency), Expires: m.Expires, PIN: m.Verdict == ledger.VerdictRight,
	}}, oracle.ID(m.Of), &said)
	shown.Act, shown.Kind = ledger.ActReverse, m.Kind // whoever gives it back reads their own language
	f.asker = m.From
	f.note(m.Origin, shown, own)
}

// linked tells the oracle transfers that are made together.
func (f *fact) linked(c *ledger.Linked) {
	legs, said, shown := make([]oracle.Wish, len(c.Legs)), make([]oracle.Said, len(c.Legs)), make([]ledger.Shown, len(c.Legs))
	for i, l := range c.Legs {
		id := c.ID.Leg(uint8(i))
		legs[i] = oracle.Wish{Session: c.Origin.Session, Transfer: oracle.Transfer{
			ID: oracle.ID(id), Kind: oracle.Kind(l.Kind), From: oracle.Account(l.From), To: oracle.Account(l.To), Amount: oracle.Amount(l.Amount),
			Quoted: oracle.Amount(l.Fee), Currency: oracle.Currency(l.Currency), Expires: c.Expires, Two: f.two,
		}}
		said[i], shown[i] = f.said(id)
		said[i].Leg(i, len(c.Legs), oracle.Amount(shown[i].Result.Fee))
	}
	for i, own := range f.books.Linked(legs, said) {
		f.note(c.Origin, shown[i], own)
	}
}

// said is what the ledger says came of an id, each line of it.
func (f *fact) said(id ledger.ID) (oracle.Said, ledger.Shown) {
	r := &f.res
	s := oracle.Said{Made: r.Reject == ledger.OK, Again: f.again, Fee: oracle.Amount(r.Fee), Balance: oracle.Amount(r.Balance), PayeeBalance: oracle.Amount(r.PayeeBalance)}
	if !s.Made {
		s.Reject = r.Reject.String()
		return s, ledger.Shown{}
	}
	shown, _ := f.replay.Show(id)
	s.Lines = make([]oracle.Line, len(shown.Postings))
	for i, p := range shown.Postings {
		s.Lines[i] = oracle.Line{Account: oracle.Account(p.Account), Moved: oracle.Amount(p.Credit - p.Debit), Balance: oracle.Amount(p.Balance)}
	}
	return s, shown
}

// ending is a command that ends a hold or brings a transfer back.
func ending(id, of ledger.ID, amount ledger.Amount, fee, two bool, expires int64, o ledger.Origin) oracle.Ending {
	return oracle.Ending{ID: oracle.ID(id), Of: oracle.ID(of), Amount: oracle.Amount(amount), Fee: fee, Two: two, Expires: expires, Session: o.Session}
}

// note keeps what handsets will be asked about: the first answer to each wish but for
// issues, of which nobody is told.
func (f *fact) note(o ledger.Origin, shown ledger.Shown, own oracle.Figures) {
	if !f.first || f.again || f.res.Reject == ledger.OtherContent || shown.Kind == 0 || shown.Kind == ledger.KindIssue || !f.mine() {
		return
	}
	id := shown.Result.ID // of one leg, where there are several
	if id.IsZero() {
		id = f.res.ID
	}
	d := &deed{
		id: id, session: o.Session, act: shown.Act, payer: ledger.Account(own.From), payee: ledger.Account(own.Told), kind: shown.Kind, amount: ledger.Amount(own.Amount),
		fee: ledger.Amount(own.Fee), balance: ledger.Amount(own.Balance), payeeHas: ledger.Amount(own.PayeeBalance), at: f.at,
		free: ledger.Amount(own.Free), released: ledger.Amount(own.Released), until: shown.Until, reject: f.res.Reject, language: shown.Language, ref: f.ref, asker: f.asker, verdict: f.verdict, quoted: f.quoted,
	}
	payer, _ := f.replay.Account(d.payer)
	payee, _ := f.replay.Account(d.payee)
	if d.payeeIn = payee.Language; d.language == (ledger.Language{}) {
		d.language = payer.Language
	}
	if d.told() {
		d.tells[0] = payer.Kind.Holder() && d.amount > 0                   // of a fee that came back alone nothing is taken
		d.tells[1] = payee.Kind.Holder() && d.made() && d.payee != d.payer // who buys airtime for themselves is told once
	}
	d.ours = f.ordered.answer(d, f.about)
	f.keep(d)
	f.told.expect(d, f.about)
	if d.told() && !d.kind.Dialled() {
		f.undialled = append(f.undialled, d)
	}
	if d.act == ledger.ActTransfer && d.kind.ByPIN() { // wages are nobody's payment
		f.rec.answered(time.UnixMilli(f.at), d.made())
	}
}

// question keeps what a person asked about their account, and its id: no money may
// ever move under it.
func (f *fact) question(c *ledger.Check) {
	if f.again || !f.first {
		return
	}
	f.books.Settled(oracle.ID(c.ID))
	if f.res.Reject == ledger.OK && c.Query.BringsPIN() {
		f.books.Lock(oracle.Account(c.Account), false)
	}
	if !f.mine() {
		return
	}
	d := &deed{id: c.ID, session: c.Origin.Session, act: ledger.ActCheck, payer: c.Account, query: c.Query, at: f.at, reject: f.res.Reject, verdict: f.verdict}
	if own, known := f.books.Balance(oracle.Account(c.Account)); known {
		d.balance = ledger.Amount(own.Posted)
	}
	if len(f.res.Lines) > 0 {
		d.line = &line{f.res.Lines[0]}
	}
	if d.newPIN() {
		v, _ := f.replay.Account(c.Account)
		d.balance, d.language, d.tells[0] = 0, v.Language, v.Kind.Holder()
	}
	f.keep(d)
	f.told.expect(d, f.about)
}
