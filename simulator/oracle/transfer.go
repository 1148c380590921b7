package oracle

import "fmt"

// Wish is a transfer as somebody asked for it.
type Wish struct {
	Transfer
	Session string // where it came from
}

// Transfer is what is to move.
type Transfer struct {
	ID       ID
	Kind     Kind
	From, To Account
	Amount   Amount
	Quoted   Amount // the most it may cost
	Currency Currency
	Until    int64 // ms: when set it is only held until then
	Expires  int64 // ms: past it nothing may be made; zero: nobody knows
	PIN      bool  // the payer's, and right
	Two      bool  // two people stand behind it
}

// Said is what a ledger says came of a command.
type Said struct {
	Made         bool
	Reject       string // why not, in the ledger's word
	Again        bool   // nothing of it is remembered: it may be asked again
	Fee          Amount
	Balance      Amount // the payer's right after
	PayeeBalance Amount // the payee's, when that is who got the money
	Lines        []Line // in their order
}

// Line is one account's part of a transfer.
type Line struct {
	Account Account
	Moved   Amount
	Balance Amount // right after
}

// Figures are the oracle's own of a transfer.
type Figures struct {
	Fee, Balance, PayeeBalance Amount
	From, Told                 Account // whose money it was, and who is told beside them
	Amount                     Amount
	Free                       Amount // what the payer could spend right after
	Released                   Amount // of the end of a hold: what was held and is free again, fee and all
}

// made is what came of an id: a transfer or a hold that was made, or none.
type made struct {
	wish     Transfer
	credited Account // the payee, or who sells airtime
	charge   charge
	back     Amount // of a transfer, what came back
	feeBack  bool
	leg      bool
	answer   answer
	over     bool  // of a hold
	at       int64 // ms
	day      int64 // the operator's, for whose sums it counts
}

// find notes something wrong about a wish, or about none.
func (b *Books) find(w *Wish, format string, args ...any) {
	out := Wrong{At: b.now, Text: fmt.Sprintf(format, args...)}
	if w != nil {
		out.Payer, out.Session = w.From, w.Session
		out.Text = fmt.Sprintf("transfer %s: ", w.ID) + out.Text
	}
	b.wrong(out)
}

// Transfer books a wish, or a hold, and returns what the oracle makes of it.
func (b *Books) Transfer(w Wish, s *Said) Figures {
	if was := b.ids.of(w.ID); was != nil || !s.Made {
		return b.notMade(&w, was, s)
	}
	b.timely(&w)
	m := b.terms(&w)
	b.may(&w, &m)
	b.within(&w, &m)
	b.use(&m, w.Amount, 1)
	if w.Until != 0 {
		b.reserve(&m, 1)
		b.keep(&m)
		b.same(&w, s, nil)
	} else {
		b.keep(&m)
		b.same(&w, s, b.lines(&m))
		if payer := b.accounts[w.From]; payer != nil && w.Kind == Send {
			payer.sent = w.ID
		}
	}
	return b.figures(&m)
}

// terms are what a wish comes to by the tariff of now.
func (b *Books) terms(w *Wish) made {
	m := made{wish: w.Transfer, credited: w.To, charge: b.charge(w.Kind, w.Amount), at: b.now, day: b.today()}
	if w.Kind == Airtime {
		m.credited = b.house[AirtimeAccount][w.Currency]
	}
	return m
}

// notMade holds a wish that moves nothing: it was refused, or it was answered before.
func (b *Books) notMade(w *Wish, was *made, s *Said) Figures {
	if b.settled(w, s); was == b.ids.ended && s.Made {
		b.find(w, "it was made under an id that ended a hold")
	} else if was != nil && was.answer == answerMade && s.Made {
		return b.repeated(w, was, s)
	}
	if a := b.accounts[w.From]; s.Reject == refusedForMoney && a != nil && a.free() >= w.Amount+b.charge(w.Kind, w.Amount).fee {
		b.find(w, "it was refused for want of money, and the payer has %s free", a.free())
	}
	if a := b.accounts[w.From]; s.Reject == dailyWord && (was == nil || was == b.ids.no) && a != nil && int(w.Kind) < kinds && b.room(w, a) {
		b.find(w, "it was refused for the payer's limit of the day, and there is room for it")
	}
	return Figures{From: w.From, Told: w.To, Amount: w.Amount}
}

// repeated holds an id that comes again to what it stood for.
func (b *Books) repeated(w *Wish, first *made, s *Said) Figures {
	was := &first.wish
	if was.Kind != w.Kind || was.From != w.From || was.To != w.To || was.Amount != w.Amount || was.Until != w.Until {
		b.find(w, "its id stood for another wish, and it is answered as made")
	} else if s.Fee != first.charge.fee {
		b.find(w, "asked again it cost %s, the first time %s", s.Fee, first.charge.fee)
	}
	return Figures{From: w.From, Told: w.To, Amount: w.Amount, Fee: first.charge.fee}
}

// may asks whether what the ledger made may be made.
func (b *Books) may(w *Wish, m *made) {
	payer, payee := b.accounts[w.From], b.accounts[m.credited]
	switch {
	case payer == nil || payee == nil || b.accounts[w.To] == nil:
		b.find(w, "one of its accounts was never opened")
		return
	case int(w.Kind) >= kinds:
		b.find(w, "there is no kind %d", w.Kind)
	case w.Amount <= 0:
		b.find(w, "its amount is %s", w.Amount)
	case w.From == m.credited:
		b.find(w, "it pays the payer")
	case payer.currency != w.Currency || payee.currency != w.Currency:
		b.find(w, "it changes money of one currency into another")
	case payer.frozen || payee.frozen || payer.closed || payee.closed:
		b.find(w, "one of its accounts is frozen or closed")
	case w.Kind.asksPIN() && !m.leg && !w.PIN:
		b.find(w, "nobody gave a right PIN for it")
	case !w.Kind.asksPIN() && b.two && !w.Two:
		b.find(w, "it takes two people, and one stands behind it")
	}
	c := m.charge
	if c.fee > w.Quoted {
		b.find(w, "the payer was shown a fee of %s, and the tariff asks %s", w.Quoted, c.fee)
	}
	if payer.kind != Trust && payer.free() < w.Amount+c.fee {
		b.find(w, "the payer had %s free, and %s went", payer.free(), w.Amount+c.fee)
	}
	if n, known := b.house[Commission][w.Currency]; c.commission > 0 && (!known || b.accounts[n].free() < c.commission) {
		b.find(w, "the house had no money for the commission of %s", c.commission)
	}
}

// keep remembers what was made under its id.
func (b *Books) keep(m *made) {
	b.ids.now[m.wish.ID] = m
}

// lines are what a transfer moves, in their order.
func (b *Books) lines(m *made) []Line {
	w, c := &m.wish, m.charge
	out := make([]Line, 2, 6)
	out[0], out[1] = Line{Account: w.From, Moved: -w.Amount - c.fee}, Line{Account: m.credited, Moved: w.Amount}
	if c.fee > c.tax {
		out = append(out, Line{Account: b.house[Fees][w.Currency], Moved: c.fee - c.tax})
	}
	if c.tax > 0 {
		out = append(out, Line{Account: b.house[Tax][w.Currency], Moved: c.tax})
	}
	if c.commission > 0 {
		out = append(out, Line{Account: b.house[Commission][w.Currency], Moved: -c.commission}, Line{Account: m.agent(), Moved: c.commission})
	}
	return out
}

// agent is who earns the commission: who takes cash in, or pays it out.
func (m *made) agent() Account {
	if m.wish.Kind == Deposit {
		return m.wish.From
	}
	return m.wish.To
}

// figures are the oracle's own of what was just made.
func (b *Books) figures(m *made) Figures {
	f := Figures{Fee: m.charge.fee, From: m.wish.From, Told: m.wish.To, Amount: m.wish.Amount}
	if a := b.accounts[m.wish.From]; a != nil {
		f.Balance, f.Free = a.posted, a.free()
	}
	if a := b.accounts[m.wish.To]; a != nil && m.wish.To == m.credited {
		f.PayeeBalance = a.posted
	}
	return f
}

// same books lines and holds the ledger's to them, one by one. A balance that is
// off is found once, where it went off.
func (b *Books) same(w *Wish, s *Said, lines []Line) {
	if len(lines) != len(s.Lines) {
		b.find(w, "it has %d lines, and %d belong to it", len(s.Lines), len(lines))
	}
	moved := Amount(0)
	for i := range lines {
		l := &lines[i]
		a := b.accounts[l.Account]
		if a == nil {
			b.find(w, "line %d is of an account that was never opened", i+1)
			continue
		}
		a.posted += l.Moved
		a.marked = a.marked || b.marking
		if i < len(s.Lines) {
			b.line(w, i, a, l, &s.Lines[i])
		}
	}
	for i := range s.Lines {
		moved += s.Lines[i].Moved
		if a := b.accounts[s.Lines[i].Account]; a != nil {
			b.sum += s.Lines[i].Balance - a.said
			a.said = s.Lines[i].Balance
		}
	}
	if moved != 0 {
		b.find(w, "its lines add up to %s, not to zero", moved)
	}
	b.record(w, s)
}

// line holds one line of the ledger to the oracle's.
func (b *Books) line(w *Wish, i int, a *account, want, got *Line) {
	if got.Account != want.Account || got.Moved != want.Moved {
		b.find(w, "line %d moves %s of account %d, and must move %s of account %d", i+1, got.Moved, got.Account, want.Moved, want.Account)
		return
	}
	if off := got.Balance - a.posted; off != a.off {
		b.find(w, "after line %d account %d has %s, the ledger says %s", i+1, got.Account, a.posted, got.Balance)
		a.off = off
	}
}

// record holds the answer's own figures to the oracle's.
func (b *Books) record(w *Wish, s *Said) {
	m := b.ids.moved(w.ID)
	if m == nil {
		return
	}
	if s.Fee != m.charge.fee {
		b.find(w, "it cost %s, the tariff asks %s", s.Fee, m.charge.fee)
	}
	if payer := b.accounts[w.From]; payer != nil && s.Balance != payer.posted+payer.off {
		b.find(w, "the answer says that the payer has %s, and it is %s", s.Balance, payer.posted)
	}
	if payee := b.accounts[w.To]; payee != nil && w.To == m.credited && s.PayeeBalance != payee.posted+payee.off {
		b.find(w, "the answer says that the payee has %s, and it is %s", s.PayeeBalance, payee.posted)
	}
}

// Settled notes that an id was resolved as not done: no copy of it may be made.
func (b *Books) Settled(id ID) {
	if b.ids.of(id) == nil {
		b.ids.now[id] = b.ids.no
	}
}
