package ledger

import (
	"fmt"
	"maps"
)

// The model's world: four wallets, a business, one account that does not exist,
// the house.
const (
	modelPeople   = 4
	modelNobody   = 5
	modelBusiness = 6
	modelTrust    = 10
	modelFees     = 11
	modelAirtime  = 12
	modelTax      = 13
)

// model is the books as a child would write them: maps and lists, walked through
// each time.
type model struct {
	balance map[Account]Amount
	frozen  map[Account]bool
	closed  map[Account]bool
	maximum map[Account]Amount
	epoch   map[Account]uint32
	wrong   map[Account]int
	locked  map[Account]bool
	hasPIN  map[Account]bool
	answers map[ID]modelAnswer
	wishes  []modelWish  // that were made or are held, and look like something
	holds   []modelHold  // all that ever were
	made    []modelMade  // transfers that moved money
	counted []modelCount // for a day
	lines   map[Account][]modelLine
	told    map[Account][]Notice // what each was told, without lane, number, place and receipt
	said    Result               // what the last command is answered, but for id, place, time and receipts
	places  int                  // of holds
	free    []int                // places that are free again; the last is taken first
	limits  SetLimits            // of a send
	payout  SetLimits
	fee     Amount // flat, of a send
	tax     Amount // of it
	two     bool
	asked   []int64 // when the business asked about a receipt
	asks    []modelAsk
}

type modelAnswer struct {
	content string
	reject  Reject
}

type modelWish struct {
	content string // without the fee
	id      ID
	at      int64
}

type modelHold struct {
	id       ID
	kind     Kind
	from, to Account // to is who is credited
	told     Account
	amount   Amount
	fee, tax Amount
	until    int64
	ended    bool
	count    int // in counted
	place    int
	how      Act // it ended; by and at when
	by       ID
	at       int64
}

type modelMade struct {
	id               ID
	kind             Kind
	act              Act
	from, to, told   Account // told is the payee's side
	amount, fee, tax Amount
	back             Amount
	feeBack          bool
	released         Amount // of what was held
	at               int64
}

type modelCount struct {
	kind     Kind
	from, to Account
	amount   Amount
	day      int64
}

type modelLine struct {
	at             int64
	kind           Kind
	moved, balance Amount
}

func newModel() *model {
	return &model{
		balance: map[Account]Amount{}, frozen: map[Account]bool{}, closed: map[Account]bool{}, maximum: map[Account]Amount{},
		epoch: map[Account]uint32{}, wrong: map[Account]int{}, locked: map[Account]bool{}, hasPIN: map[Account]bool{},
		answers: map[ID]modelAnswer{}, lines: map[Account][]modelLine{}, told: map[Account][]Notice{},
	}
}

// clone lets a Linked be tried and forgotten.
func (m *model) clone() *model {
	c := *m
	c.balance = maps.Clone(m.balance)
	c.lines = maps.Clone(m.lines)
	c.told = maps.Clone(m.told)
	c.made = append([]modelMade(nil), m.made...)
	c.counted = append([]modelCount(nil), m.counted...)
	return &c
}

func person(n Account) bool { return n >= 1 && n <= modelPeople }

func somebody(n Account) bool { return person(n) || n == modelBusiness }

func modelDay(at int64) int64 { return (at + 180*minute) / day }

// known answers an id that was seen before.
func (m *model) known(id ID, content string) (Reject, bool) {
	a, ok := m.answers[id]
	switch {
	case !ok:
		return OK, false
	case a.content != content && a.content != "tombstone":
		return OtherContent, true
	}
	return a.reject, true
}

func modelTimely(id ID, expires, now int64, approved bool) Reject {
	oldest := now - 600_000
	if approved { // two people have a quarter of an hour to agree
		oldest -= 900_000
	}
	switch {
	case id.Time() < oldest || id.Time() > now+5_000:
		return IDTime
	case now > expires:
		return Expired
	}
	return OK
}

func free(k Kind) bool { return k == KindIssue || k == KindRedeem || k == KindPayout }

// move predicts a transfer and books it.
func (m *model) move(c *Move, now int64, approved bool) (Reject, bool) {
	like := fmt.Sprint(c.Kind, c.From, c.To, c.Amount)
	content := fmt.Sprint(like, c.Currency, c.Fee, c.Until)
	if r, ok := m.known(c.ID, content); ok {
		return r, false
	}
	reject := modelTimely(c.ID, c.Expires, now, approved)
	if reject == OK {
		reject = m.ofAsked(c, now)
	}
	if reject == OK {
		switch {
		case !free(c.Kind) && c.From != modelNobody && m.epoch[c.From] != c.Epoch:
			return Busy, true
		case m.two && !approved && free(c.Kind):
			return NeedsSecondPerson, false
		case !free(c.Kind) && c.From != modelNobody:
			reject = m.pin(c.From, c.Verdict)
		}
	}
	if reject == OK {
		reject = m.ask(c, like, now, false)
	}
	if reject == OK {
		m.make(c, like, now, ActTransfer)
	}
	m.answers[c.ID] = modelAnswer{content, reject}
	return reject, false
}

func (m *model) pin(n Account, v PINVerdict) Reject {
	if v == VerdictKeyGone {
		return PINKeyGone
	}
	if !m.hasPIN[n] {
		return PINNotSet
	}
	if m.locked[n] {
		return PINLocked
	}
	if v == VerdictRight {
		if m.wrong[n] != 0 {
			m.wrong[n] = 0
			m.epoch[n]++
		}
		return OK
	}
	m.wrong[n]++
	m.said.TriesLeft = uint8(3 - m.wrong[n])
	if m.wrong[n] == 3 {
		m.wrong[n], m.locked[n] = 0, true
		m.epoch[n]++
	}
	return PINWrong
}

func (m *model) charge(kind Kind) (fee, tax Amount) {
	if kind == KindSend {
		return m.fee, m.tax
	}
	return 0, 0
}

func credited(c *Move) Account {
	if c.Kind == KindAirtime {
		return modelAirtime
	}
	return c.To
}

// today adds up what counts for one side.
func (m *model) today(n Account, kind Kind, payee bool, now int64) (sum Amount) {
	for _, c := range m.counted {
		if c.kind == kind && c.day == modelDay(now) && (!payee && c.from == n || payee && c.to == n) {
			sum += c.amount
		}
	}
	return sum
}

// held is what of an account's money is reserved, and what may come to it.
func (m *model) held(n Account) (out, in Amount) {
	for _, h := range m.holds {
		if h.ended {
			continue
		}
		if h.from == n {
			out += h.amount + h.fee
		}
		if h.to == n {
			in += h.amount
		}
	}
	return out, in
}

func (m *model) parties(c *Move, now int64) Reject {
	to := credited(c)
	mayPay := map[Kind]bool{KindIssue: c.From == modelTrust, KindPayout: c.From == modelBusiness || c.From == modelFees || c.From == modelAirtime || c.From == modelTax,
		KindRedeem: somebody(c.From) || c.From == modelFees || c.From == modelAirtime || c.From == modelTax,
		KindSend:   somebody(c.From), KindAirtime: somebody(c.From), KindTill: somebody(c.From)}
	mayGet := map[Kind]bool{KindIssue: c.To != modelNobody, KindRedeem: c.To == modelTrust, KindPayout: somebody(c.To),
		KindSend: somebody(c.To), KindAirtime: somebody(c.To), KindTill: c.To == modelBusiness}
	switch {
	case !mayPay[c.Kind]:
		return UnknownPayer
	case !mayGet[c.Kind]:
		return UnknownPayee
	case m.frozen[c.From]:
		return PayerFrozen
	case m.frozen[to]:
		return PayeeFrozen
	case c.From == c.To && c.Kind != KindAirtime:
		return SameAccount
	case c.Currency != kes:
		return WrongCurrency
	case m.closed[c.From]:
		return PayerClosed
	case m.closed[to]:
		return PayeeClosed
	}
	return OK
}

func (m *model) ask(c *Move, like string, now int64, leg bool) Reject {
	if r := m.parties(c, now); r != OK {
		return r
	}
	to := credited(c)
	fee, _ := m.charge(c.Kind)
	l := map[Kind]SetLimits{KindSend: m.limits, KindPayout: m.payout}[c.Kind]
	_, coming := m.held(to)
	switch {
	case fee > c.Fee:
		return FeeAboveQuote
	case c.Amount <= 0 || c.Amount < l.Min:
		return BelowMinimum
	case l.Max > 0 && c.Amount > l.Max:
		return AboveMaximum
	case l.PayerDaily > 0 && m.today(c.From, c.Kind, false, now)+c.Amount > l.PayerDaily:
		return PayerDaily
	case somebody(to) && l.PayeeBalance > 0 && m.balance[to]+coming+c.Amount > l.PayeeBalance,
		somebody(to) && m.maximum[to] > 0 && m.balance[to]+coming+c.Amount > m.maximum[to]:
		return PayeeMaxBalance
	case somebody(to) && l.PayeeDaily > 0 && m.today(to, c.Kind, true, now)+c.Amount > l.PayeeDaily:
		return PayeeDaily
	}
	for i := len(m.wishes) - 1; i >= 0 && !free(c.Kind); i-- {
		if p := m.wishes[i]; p.content == like {
			if now-p.at < 600_000 && c.Again != p.id {
				m.said.First, m.said.FirstAt = p.id, p.at
				return LooksRepeated
			}
			break
		}
	}
	if out, _ := m.held(c.From); c.From != modelTrust && m.balance[c.From]-out < c.Amount+fee {
		return NotEnoughFunds
	}
	if c.Until != 0 && (c.Until <= now || c.Kind == KindIssue || c.Kind == KindRedeem) {
		return CommandForbidden
	}
	return OK
}

// make books a transfer or a hold.
func (m *model) make(c *Move, like string, now int64, act Act) {
	if !free(c.Kind) {
		m.wishes = append(m.wishes, modelWish{like, c.ID, now})
	}
	fee, tax := m.charge(c.Kind)
	m.counted = append(m.counted, modelCount{c.Kind, c.From, credited(c), c.Amount, modelDay(now)})
	if c.Until == 0 {
		m.transfer(modelMade{id: c.ID, kind: c.Kind, act: act, from: c.From, to: credited(c), told: c.To, amount: c.Amount, fee: fee, tax: tax}, now)
		return
	}
	h := modelHold{id: c.ID, kind: c.Kind, from: c.From, to: credited(c), told: c.To, amount: c.Amount, fee: fee, tax: tax,
		until: c.Until, count: len(m.counted) - 1, place: m.places}
	if last := len(m.free) - 1; last >= 0 {
		h.place, m.free = m.free[last], m.free[:last]
	} else {
		m.places++
	}
	m.holds = append(m.holds, h)
	m.said = Result{Held: true, Fee: fee, Balance: m.balance[c.From]}
	if c.To == credited(c) {
		m.said.PayeeBalance = m.balance[c.To]
	}
	m.tell(Notice{ID: c.ID, Side: SidePayer, Kind: c.Kind, Account: c.From, Other: c.To, Amount: c.Amount, Fee: fee, Balance: m.balance[c.From],
		Until: c.Until, Available: m.available(c.From), At: now})
}

func (m *model) available(n Account) Amount {
	out, _ := m.held(n)
	return m.balance[n] - out
}

// tell notes what somebody hears.
func (m *model) tell(n Notice) {
	if list := m.told[n.Account]; somebody(n.Account) {
		m.told[n.Account] = append(list[:len(list):len(list)], n)
	}
}

func (m *model) transfer(t modelMade, now int64) {
	t.at = now
	m.made = append(m.made, t)
	m.post(t.from, -t.amount-t.fee, t.kind, now)
	m.post(t.to, t.amount, t.kind, now)
	m.post(modelFees, t.fee-t.tax, t.kind, now)
	m.post(modelTax, t.tax, t.kind, now)
	m.said = Result{Fee: t.fee, Balance: m.balance[t.from]}
	if t.told == t.to {
		m.said.PayeeBalance = m.balance[t.told]
	}
	if t.kind == KindIssue {
		return
	}
	n := Notice{ID: t.id, Side: SidePayer, Kind: t.kind, Act: t.act, Account: t.from, Other: t.told, Amount: t.amount, Fee: t.fee,
		Balance: m.balance[t.from], Released: t.released, At: now}
	if m.tell(n); t.told == t.from {
		return
	}
	n.Side, n.Account, n.Other, n.Fee, n.Released = SidePayee, t.told, t.from, 0, 0
	n.Balance, n.NoBalance = m.said.PayeeBalance, t.kind == KindAirtime
	m.tell(n)
}

func (m *model) post(n Account, moved Amount, kind Kind, now int64) {
	if moved != 0 {
		m.line(n, moved, kind, now)
	}
}

func (m *model) line(n Account, moved Amount, kind Kind, now int64) {
	m.balance[n] += moved
	m.lines[n] = append(m.lines[n][:len(m.lines[n]):len(m.lines[n])], modelLine{now, kind, moved, m.balance[n]})
}
