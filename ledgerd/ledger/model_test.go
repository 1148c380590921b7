package ledger

import (
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// The model's world: four wallets, one account that does not exist, the house.
const (
	modelPeople  = 4
	modelNobody  = 5
	modelTrust   = 10
	modelFees    = 11
	modelAirtime = 12
)

// model is the books as a child would write them: maps and lists, walked through
// each time.
type model struct {
	balance map[Account]Amount
	frozen  map[Account]bool
	epoch   map[Account]uint32
	wrong   map[Account]int
	locked  map[Account]bool
	hasPIN  map[Account]bool
	answers map[ID]modelAnswer
	made    []modelMade
	limits  SetLimits
	fee     Amount // flat, of a send
}

type modelAnswer struct {
	content string
	reject  Reject
}

type modelMade struct {
	content string // without the fee
	id      ID
	from    Account
	kind    Kind
	amount  Amount
	at      int64
}

func newModel() *model {
	return &model{
		balance: map[Account]Amount{}, frozen: map[Account]bool{}, epoch: map[Account]uint32{}, wrong: map[Account]int{},
		locked: map[Account]bool{}, hasPIN: map[Account]bool{}, answers: map[ID]modelAnswer{},
	}
}

func person(n Account) bool { return n >= 1 && n <= modelPeople }

// move predicts a transfer and books it.
func (m *model) move(c *Move, now int64) (Reject, bool) {
	like := fmt.Sprint(c.Kind, c.From, c.To, c.Amount)
	content := fmt.Sprint(like, c.Currency, c.Fee)
	if a, ok := m.answers[c.ID]; ok {
		if a.content != content && a.content != "tombstone" {
			return OtherContent, false
		}
		return a.reject, false
	}
	reject := OK
	switch {
	case c.ID.Time() < now-600_000 || c.ID.Time() > now+5_000:
		reject = IDTime
	case now > c.Expires:
		reject = Expired
	case c.Kind != KindIssue && c.From != modelNobody && m.epoch[c.From] != c.Epoch:
		return Busy, true
	case c.Kind != KindIssue && c.From != modelNobody:
		reject = m.pin(c.From, c.Verdict)
	}
	if reject == OK {
		reject = m.ask(c, like, now)
	}
	if reject == OK {
		m.post(c, like, now)
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
	if m.wrong[n] == 3 {
		m.wrong[n], m.locked[n] = 0, true
		m.epoch[n]++
	}
	return PINWrong
}

func (m *model) charge(kind Kind) Amount {
	if kind == KindSend {
		return m.fee
	}
	return 0
}

func (m *model) ask(c *Move, like string, now int64) Reject {
	credited := c.To
	if c.Kind == KindAirtime {
		credited = modelAirtime
	}
	sent := Amount(0)
	for _, p := range m.made {
		if p.from == c.From && p.kind == c.Kind && (p.at+180*minute)/day == (now+180*minute)/day {
			sent += p.amount
		}
	}
	l := m.limits
	if c.Kind != KindSend {
		l = SetLimits{}
	}
	switch {
	case c.Kind == KindIssue && c.From != modelTrust, c.Kind != KindIssue && !person(c.From):
		return UnknownPayer
	case c.To == modelNobody || c.Kind != KindIssue && !person(c.To):
		return UnknownPayee
	case m.frozen[c.From]:
		return PayerFrozen
	case m.frozen[credited]:
		return PayeeFrozen
	case c.From == c.To && c.Kind != KindAirtime:
		return SameAccount
	case c.Currency != kes:
		return WrongCurrency
	case m.charge(c.Kind) > c.Fee:
		return FeeAboveQuote
	case c.Amount <= 0 || c.Amount < l.Min:
		return BelowMinimum
	case l.Max > 0 && c.Amount > l.Max:
		return AboveMaximum
	case l.PayerDaily > 0 && sent+c.Amount > l.PayerDaily:
		return PayerDaily
	case l.PayeeBalance > 0 && m.balance[credited]+c.Amount > l.PayeeBalance:
		return PayeeMaxBalance
	}
	for i := len(m.made) - 1; i >= 0 && c.Kind != KindIssue; i-- {
		if p := m.made[i]; p.content == like {
			if now-p.at < 600_000 && c.Again != p.id {
				return LooksRepeated
			}
			break
		}
	}
	if c.Kind != KindIssue && m.balance[c.From] < c.Amount+m.charge(c.Kind) {
		return NotEnoughFunds
	}
	return OK
}

func (m *model) post(c *Move, like string, now int64) {
	m.made = append(m.made, modelMade{like, c.ID, c.From, c.Kind, c.Amount, now})
	m.balance[c.From] -= c.Amount + m.charge(c.Kind)
	m.balance[modelFees] += m.charge(c.Kind)
	if c.Kind == KindAirtime {
		m.balance[modelAirtime] += c.Amount
	} else {
		m.balance[c.To] += c.Amount
	}
}

func (m *model) check(c *Answer, now int64) (Reject, bool) {
	content := fmt.Sprint("check", c.Query, c.Account)
	if a, ok := m.answers[c.ID]; ok {
		if a.content != content && a.content != "tombstone" {
			return OtherContent, false
		}
		return a.reject, false
	}
	reject := OK
	switch {
	case c.ID.Time() < now-600_000 || c.ID.Time() > now+5_000:
		reject = IDTime
	case now > c.Expires:
		reject = Expired
	case c.Account == modelNobody:
		reject = UnknownPayer
	case m.epoch[c.Account] != c.Epoch:
		return Busy, true
	default:
		reject = m.pin(c.Account, c.Verdict)
	}
	m.answers[c.ID] = modelAnswer{content, reject}
	return reject, false
}

// duel is a book and a model that hear the same.
type duel struct {
	book  *Book
	model *model
	now   int64
	said  []func(*Book)
	first map[ID]Result
	wrong map[string]int // per account and epoch
	ids   []ID
}

func newDuel() *duel {
	d := &duel{
		book: New(Options{ReceiptKey: [16]byte{1}, ZoneMinutes: 180}), model: newModel(), now: scriptDay,
		first: map[ID]Result{}, wrong: map[string]int{},
	}
	for n, kind := range map[Account]AccountKind{modelTrust: AccountTrust, modelFees: AccountFees, modelAirtime: AccountAirtime} {
		d.say(OpenAccount{Account: n, Kind: kind, Currency: kes})
	}
	for n := range Account(modelPeople) {
		d.say(OpenAccount{Account: n + 1, Kind: AccountWallet, Currency: kes, Home: uint16(n % 2)})
		if n > 0 { // the first has neither PIN nor money
			d.model.hasPIN[n+1], d.model.epoch[n+1] = true, 1
			d.say(SetPIN{Account: n + 1})
			fund := &Move{Transfer: Transfer{ID: NewID(d.now, [10]byte{9: byte(n)}), Kind: KindIssue, From: modelTrust, To: n + 1,
				Amount: 5_000, Currency: kes, Expires: d.now}}
			d.model.move(fund, d.now)
			d.say(fund)
		}
	}
	return d
}

func (d *duel) say(cmd Command) (Result, bool) {
	at, now := Place{Index: uint64(len(d.said))}, d.now
	d.said = append(d.said, func(b *Book) { b.Apply(cmd, at, now) })
	return d.book.Apply(cmd, at, now)
}

// agree compares an answer with the model's, and with the first of its id.
func (d *duel) agree(t *rapid.T, id ID, payer Account, epoch uint32, res Result, again bool, want Reject, wantAgain bool) {
	if res.Reject != want || again != wantAgain {
		t.Fatalf("%v %v, the model says %v %v", res.Reject, again, want, wantAgain)
	}
	if again || want == OtherContent || want.Transient() {
		return
	}
	first, known := d.first[id]
	if !known {
		d.first[id] = res
		if res.Reject == PINWrong {
			key := fmt.Sprint(payer, epoch)
			if d.wrong[key]++; d.wrong[key] > MaxTries {
				t.Fatalf("%d wrong PINs in one epoch", d.wrong[key])
			}
		}
		return
	}
	if !reflect.DeepEqual(res, first) {
		t.Fatalf("another answer: %+v, first %+v", res, first)
	}
}

// drawID draws a new id, at times an old one or one out of bounds.
func (d *duel) drawID(t *rapid.T) ID {
	if len(d.ids) > 0 && often(t, 20, "known id") {
		return rapid.SampledFrom(d.ids).Draw(t, "id")
	}
	at := d.now
	if often(t, 5, "id out of bounds") {
		at += rapid.SampledFrom([]int64{-600_001, 5_001}).Draw(t, "by")
	}
	id := NewID(at, [10]byte{byte(len(d.ids)), byte(len(d.ids) >> 8)})
	d.ids = append(d.ids, id)
	return id
}

// often is true so many times out of a hundred.
func often(t *rapid.T, percent int, what string) bool {
	return rapid.IntRange(0, 99).Draw(t, what) >= 100-percent
}

func (d *duel) drawEpoch(t *rapid.T, n Account) uint32 {
	_, _, epoch, _, _ := d.book.PIN(n)
	if often(t, 5, "stale") {
		epoch--
	}
	return epoch
}

func (d *duel) move(t *rapid.T) {
	m := &Move{Transfer: Transfer{
		ID: d.drawID(t), Currency: kes, Expires: d.now,
		Kind:   rapid.SampledFrom([]Kind{KindSend, KindSend, KindSend, KindAirtime}).Draw(t, "kind"),
		From:   rapid.SampledFrom([]Account{2, 3, 4, 2, 3, 4, 2, 1, modelTrust, modelNobody}).Draw(t, "from"),
		To:     rapid.SampledFrom([]Account{2, 3, 4, 2, 3, 4, 2, 1, modelFees, modelNobody}).Draw(t, "to"),
		Amount: rapid.SampledFrom([]Amount{100, 100, 100, 500, 1_000, 2_000, 1, 0}).Draw(t, "amount"),
		Fee:    d.model.fee,
	}, Verdict: VerdictRight}
	switch {
	case m.From == modelTrust:
		m.Kind = KindIssue
	case often(t, 5, "expired"):
		m.Expires--
	case often(t, 10, "fee"):
		m.Fee += rapid.SampledFrom([]Amount{1, -1}).Draw(t, "too much")
	case often(t, 25, "verdict"):
		m.Verdict = rapid.SampledFrom([]PINVerdict{VerdictWrong, VerdictNone, VerdictKeyGone}).Draw(t, "is")
	case often(t, 3, "kind of payer"):
		m.Kind = KindIssue
	}
	if len(d.model.made) > 0 && often(t, 30, "again") {
		m.Again = rapid.SampledFrom(d.model.made[max(0, len(d.model.made)-5):]).Draw(t, "of").id
	}
	m.Epoch = d.drawEpoch(t, m.From)
	d.quoteAgrees(t, m)
	want, wantAgain := d.model.move(m, d.now)
	res, again := d.say(m)
	d.agree(t, m.ID, m.From, m.Epoch, res, again, want, wantAgain)
}

// quoteAgrees: a quote says what apply would, were nothing wrong but what it is
// asked.
func (d *duel) quoteAgrees(t *rapid.T, m *Move) {
	if m.From == modelNobody {
		return // in no currency
	}
	plain := Move{Transfer: Transfer{Kind: m.Kind, From: m.From, To: m.To, Amount: m.Amount, Currency: kes, Fee: d.model.charge(m.Kind)}}
	want := d.model.ask(&plain, fmt.Sprint(m.Kind, m.From, m.To, m.Amount), d.now)
	if q := d.book.Quote(m.Kind, m.From, m.To, m.Amount, d.now); q.Reject != want || q.Fee != plain.Fee {
		t.Fatalf("quoted %v for %d, the model says %v for %d", q.Reject, q.Fee, want, plain.Fee)
	}
}

func (d *duel) check(t *rapid.T) {
	c := &Answer{
		Check: Check{ID: d.drawID(t), Account: rapid.SampledFrom([]Account{1, 2, 3, 4, modelNobody}).Draw(t, "account"),
			Query: rapid.SampledFrom([]Query{QueryBalance, QueryLast}).Draw(t, "query"), Expires: d.now + 1000},
		Verdict: rapid.SampledFrom([]PINVerdict{VerdictRight, VerdictRight, VerdictWrong}).Draw(t, "verdict"),
	}
	c.Epoch = d.drawEpoch(t, c.Account)
	want, wantAgain := d.model.check(c, d.now)
	res, again := d.say(c)
	d.agree(t, c.ID, c.Account, c.Epoch, res, again, want, wantAgain)
}

func (d *duel) resolve(t *rapid.T) {
	c := Resolve{ID: d.drawID(t), Expires: d.now + rapid.SampledFrom([]int64{0, -1}).Draw(t, "expires")}
	want := Busy
	if a, known := d.model.answers[c.ID]; known {
		want = a.reject
	} else if d.now > c.Expires {
		want = Expired
		d.model.answers[c.ID] = modelAnswer{"tombstone", Expired}
	}
	res, again := d.say(c)
	d.agree(t, c.ID, 0, 0, res, again, want, false)
}

func (d *duel) govern(t *rapid.T) {
	n := Account(rapid.IntRange(1, modelPeople).Draw(t, "account"))
	m := d.model
	switch rapid.IntRange(0, 6).Draw(t, "command") {
	case 0, 1:
		m.hasPIN[n], m.locked[n], m.wrong[n] = true, false, 0
		m.epoch[n]++
		d.say(SetPIN{Account: n})
	case 2:
		m.locked[n], m.wrong[n] = false, 0
		m.epoch[n]++
		d.say(UnlockPIN{Account: n})
	case 3:
		m.locked[n], m.wrong[n] = true, 0
		m.epoch[n]++
		d.say(LockPIN{Account: n})
	case 4:
		m.frozen[n] = !m.frozen[n]
		d.say(Freeze{Account: n, On: m.frozen[n]})
	case 5:
		m.fee = rapid.SampledFrom([]Amount{0, 7}).Draw(t, "tariff")
		d.say(SetTariff{Kind: KindSend, Bands: []Band{{Upto: 1, Fee: m.fee}}})
	case 6:
		m.limits = SetLimits{Kind: KindSend,
			Min: rapid.SampledFrom([]Amount{0, 100}).Draw(t, "min"), Max: rapid.SampledFrom([]Amount{0, 1_000}).Draw(t, "max"),
			PayerDaily: rapid.SampledFrom([]Amount{0, 2_000}).Draw(t, "daily"), PayeeBalance: rapid.SampledFrom([]Amount{0, 4_000}).Draw(t, "balance")}
		d.say(m.limits)
	}
}

// hold are the promises that stand after every command.
func (d *duel) hold(t *rapid.T) {
	if sum := d.book.Sum()[kes]; sum != 0 {
		t.Fatalf("the books are off by %d", sum)
	}
	for _, n := range []Account{1, 2, 3, 4, modelTrust, modelFees, modelAirtime} {
		v, _ := d.book.Account(n)
		if v.Balance != d.model.balance[n] || v.Balance < 0 && v.Kind != AccountTrust {
			t.Fatalf("account %d has %d, the model says %d", n, v.Balance, d.model.balance[n])
		}
		if v.Epoch != d.model.epoch[n] || v.Locked != d.model.locked[n] {
			t.Fatalf("account %d: epoch %d locked %v, the model says %d %v", n, v.Epoch, v.Locked, d.model.epoch[n], d.model.locked[n])
		}
	}
	if c := d.book.Counts(); c.Transfers != len(d.model.made) || c.IDs != len(d.model.answers) {
		t.Fatalf("counts %+v, the model made %d and answered %d", c, len(d.model.made), len(d.model.answers))
	}
}

func TestBooksAgreeWithModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDuel()
		t.Repeat(map[string]func(*rapid.T){
			"move": func(t *rapid.T) {
				for range 5 {
					d.move(t)
				}
			},
			"check": d.check, "resolve": d.resolve, "govern": d.govern,
			"wait": func(t *rapid.T) {
				d.now += rapid.SampledFrom([]int64{1, 1_000, 60_000, 240_000, 5 * 3_600_000}).Draw(t, "ms")
			},
			"": d.hold,
		})
		d.replay(t)
	})
}

// replay: the same commands make the same state, whatever the receipt key.
func (d *duel) replay(t *rapid.T) {
	twin := New(Options{ReceiptKey: [16]byte{2}, ZoneMinutes: 180})
	for _, say := range d.said {
		say(twin)
	}
	if twin.Digest() != d.book.Digest() {
		t.Fatal("two books that heard the same differ")
	}
	for id, res := range d.first {
		if got, ok := d.book.Lookup(id); !ok || got.Reject != res.Reject || got.Place != res.Place || got.Receipt != res.Receipt {
			t.Fatalf("%s: %+v, first %+v", id, got, res)
		}
		if res.Receipt != (Receipt{}) {
			if shown, ok := d.book.ShowReceipt(res.Receipt); !ok || shown.Result.ID != id {
				t.Fatalf("receipt %s does not lead back", res.Receipt)
			}
		}
	}
}
