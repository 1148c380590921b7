package ledger

import (
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// duel is a book and a model that hear the same.
type duel struct {
	book  *Book
	model *model
	now   int64
	said  []func(*Book)
	first map[ID]Result
	wrong map[string]int // per account and epoch
	ids   []ID
	each  func() // before every command
}

func newDuel() *duel {
	d := &duel{
		book: New(Options{ReceiptKey: [16]byte{1}, ZoneMinutes: 180}), model: newModel(), now: scriptDay,
		first: map[ID]Result{}, wrong: map[string]int{},
	}
	for _, o := range []OpenAccount{{Account: modelTrust, Kind: AccountTrust}, {Account: modelFees, Kind: AccountFees},
		{Account: modelAirtime, Kind: AccountAirtime}, {Account: modelTax, Kind: AccountTax}, {Account: modelBusiness, Kind: AccountTill}} {
		o.Currency = kes
		d.say(o)
	}
	for n := range Account(modelPeople) {
		d.say(OpenAccount{Account: n + 1, Kind: AccountWallet, Currency: kes, Home: uint16(n % 2)})
		d.say(SetAlias{Token: tokenOf(n + 1), Account: n + 1})
		if n > 0 { // the first has neither PIN nor money
			d.model.hasPIN[n+1], d.model.epoch[n+1] = true, 1
			d.say(SetPIN{Account: n + 1})
			d.fund(n + 1)
		}
	}
	d.fund(modelBusiness)
	d.fund(modelFees)
	return d
}

func (d *duel) fund(n Account) {
	fund := &Move{Transfer: Transfer{ID: NewID(d.now, [10]byte{8: byte(n)}), Kind: KindIssue, From: modelTrust, To: n,
		Amount: 5_000, Currency: kes, Expires: d.now}}
	d.model.move(fund, d.now, false)
	d.say(fund)
}

func (d *duel) say(cmd Command) (Result, bool) {
	if d.each != nil {
		d.each()
	}
	at, now := Place{Index: uint64(len(d.said))}, d.now
	d.said = append(d.said, func(b *Book) { b.Apply(cmd, at, now) })
	return d.book.Apply(cmd, at, now)
}

// sayAs says a command, when approved with two people behind it.
func (d *duel) sayAs(cmd Command, approved bool) (Result, bool) {
	if approved {
		return d.say(Approved{Cmd: cmd, First: "amina", Second: "brian", At: d.now})
	}
	return d.say(cmd)
}

// agree compares an answer with the model's, and with the first of its id.
func (d *duel) agree(t *rapid.T, id ID, payer Account, epoch uint32, res Result, again bool, want Reject, wantAgain bool) {
	if res.Reject != want || again != wantAgain {
		t.Fatalf("%v %v, the model says %v %v", res.Reject, again, want, wantAgain)
	}
	first, known := d.first[id]
	if again || want == OtherContent || want.Transient() || want == NeedsSecondPerson {
		d.figures(t, id, res, Result{Reject: want})
		return
	}
	if off := id.Time() - d.now; !known && (off < -60*minute || off > 60*minute) { // leaves no trace
		delete(d.model.answers, id)
		d.figures(t, id, res, Result{Reject: want})
		return
	}
	if !known {
		said := d.model.said
		said.Reject = want
		d.figures(t, id, res, said)
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

// figures compares all that an answer says with what the model does.
func (d *duel) figures(t *rapid.T, id ID, res, want Result) {
	if res.ID != id || res.At != d.now || res.Place != (Place{Index: uint64(len(d.said) - 1)}) {
		t.Fatalf("%s is answered with %+v", id, res)
	}
	if receipted := res.Reject == OK && (res.Held || res.Fee != 0 || res.PayeeBalance != 0); receipted && res.Receipt == (Receipt{}) ||
		res.FirstReceipt != d.receiptOf(res.First) {
		t.Fatalf("%s has the receipt %q, and of the earlier one %q", id, res.Receipt, res.FirstReceipt)
	}
	res.ID, res.At, res.Place, res.Receipt, res.FirstReceipt, res.Lines = ID{}, 0, Place{}, Receipt{}, Receipt{}, nil
	if !reflect.DeepEqual(res, want) {
		t.Fatalf("%s is answered with\n%+v, the model says\n%+v", id, res, want)
	}
}

// receiptOf is what the answer of a transfer, a hold or a post carried.
func (d *duel) receiptOf(id ID) Receipt { return d.first[id].Receipt }

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
		From:   rapid.SampledFrom([]Account{2, 3, 4, 2, 3, 4, 2, 1, modelTrust, modelNobody, modelBusiness}).Draw(t, "from"),
		To:     rapid.SampledFrom([]Account{2, 3, 4, 2, 3, 4, 2, 1, modelFees, modelNobody, modelTrust, modelBusiness, modelBusiness}).Draw(t, "to"),
		Amount: rapid.SampledFrom([]Amount{100, 100, 500, 1_000, 2_000, 4_000, 1, 0}).Draw(t, "amount"),
		Fee:    d.model.fee,
	}, Verdict: VerdictRight}
	switch {
	case m.From == modelTrust:
		m.Kind = KindIssue
	case m.To == modelTrust:
		m.Kind = KindRedeem
	case m.From == modelBusiness:
		m.Kind = KindPayout
	case often(t, 5, "expired"):
		m.Expires--
	case often(t, 10, "fee"):
		m.Fee += rapid.SampledFrom([]Amount{1, -1}).Draw(t, "too much")
	case often(t, 25, "verdict"):
		m.Verdict = rapid.SampledFrom([]PINVerdict{VerdictWrong, VerdictNone, VerdictKeyGone}).Draw(t, "is")
	case often(t, 3, "kind of payer"):
		m.Kind = KindIssue
	}
	if often(t, 50, "hold") {
		m.Until = d.now + rapid.SampledFrom([]int64{60_000, 600_000, 24 * 3_600_000, 24 * 3_600_000, 0, -1}).Draw(t, "for")
	}
	if len(d.model.wishes) > 0 && often(t, 30, "again") {
		m.Again = rapid.SampledFrom(d.model.wishes[max(0, len(d.model.wishes)-5):]).Draw(t, "of").id
	}
	d.payAsk(t, m)
	m.Epoch = d.drawEpoch(t, m.From)
	d.quoteAgrees(t, m)
	approved := often(t, 50, "approved")
	d.model.said = Result{}
	want, wantAgain := d.model.move(m, d.now, approved)
	res, again := d.sayAs(m, approved)
	d.agree(t, m.ID, m.From, m.Epoch, res, again, want, wantAgain)
}

func (d *duel) moves(t *rapid.T) {
	for range 6 {
		d.move(t)
	}
}

// quoteAgrees: a quote says what apply would, were nothing wrong but what it is
// asked.
func (d *duel) quoteAgrees(t *rapid.T, m *Move) {
	if m.From == modelNobody {
		return // in no currency
	}
	fee, _ := d.model.charge(m.Kind)
	plain := Move{Transfer: Transfer{Kind: m.Kind, From: m.From, To: m.To, Amount: m.Amount, Currency: kes, Fee: fee}}
	want := d.model.ask(&plain, fmt.Sprint(m.Kind, m.From, m.To, m.Amount), d.now, false)
	if q := d.book.Quote(m.Kind, m.From, m.To, m.Amount, d.now); q.Reject != want || q.Fee != plain.Fee {
		t.Fatalf("quoted %v for %d, the model says %v for %d", q.Reject, q.Fee, want, plain.Fee)
	}
}

func (d *duel) resolve(t *rapid.T) {
	d.model.said = Result{}
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

func TestBooksAgreeWithModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDuel()
		t.Repeat(map[string]func(*rapid.T){
			"move": d.moves, "move more": d.moves, "move most": d.moves,
			"check": d.check, "receipt": d.receipt, "resolve": d.resolve, "govern": d.govern, "end": d.end, "end more": d.end,
			"ask": d.ask, "end ask": d.endAsk, "reverse": d.reverse, "reverse more": d.reverse, "recall": d.recall, "recall more": d.recall, "linked": d.linked,
			"wait": func(t *rapid.T) {
				d.now += rapid.SampledFrom([]int64{1, 1_000, 60_000, 60_001, 600_000, 5 * 3_600_000}).Draw(t, "ms")
			},
			"tick": func(*rapid.T) {
				d.model.tick(d.now)
				d.say(Tick{})
			},
			"": d.stand,
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
		if got, ok := d.book.Lookup(id); !ok || !reflect.DeepEqual(got, res) {
			t.Fatalf("%s: %+v, first %+v", id, got, res)
		}
		if res.Receipt != (Receipt{}) {
			if shown, ok := d.book.ShowReceipt(res.Receipt); !ok || shown.Result.ID != id {
				t.Fatalf("receipt %s does not lead back", res.Receipt)
			}
		}
	}
}
