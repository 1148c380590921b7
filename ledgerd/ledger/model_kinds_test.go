package ledger

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// recall predicts that a payer takes a send back.
func (m *model) recall(c *Move, now int64) (Reject, bool) {
	content := fmt.Sprint("recall", c.Of, c.From, c.To, c.Amount, c.Fee, c.Currency)
	if r, ok := m.known(c.ID, content); ok {
		return r, false
	}
	reject := modelTimely(c.ID, c.Expires, now, false)
	if reject == OK && c.From != modelNobody {
		if m.epoch[c.From] != c.Epoch {
			return Busy, true
		}
		reject = m.pin(c.From, c.Verdict)
	}
	if reject == OK {
		reject = m.mayRecall(c, now)
	}
	if reject == OK {
		m.bringBack(&Reverse{ID: c.ID, Of: c.Of}, now)
	}
	m.answers[c.ID] = modelAnswer{content, reject}
	return reject, false
}

func (m *model) mayRecall(c *Move, now int64) Reject {
	if !person(c.From) {
		return UnknownPayer
	}
	var latest *modelMade
	for i := range m.made {
		if one := &m.made[i]; one.kind == KindSend && one.act == ActTransfer && one.from == c.From && now-one.at <= 600_000 {
			latest = one
		}
	}
	switch {
	case latest == nil, latest.id != c.Of, latest.told != c.To, latest.amount != c.Amount, c.Currency != kes, !person(c.To):
		return NotReversible
	case latest.back != 0 || latest.feeBack:
		return AlreadyReversed
	case m.frozen[c.From]:
		return PayerFrozen
	case m.frozen[c.To]:
		return PayeeFrozen
	case m.closed[c.From]:
		return PayerClosed
	case m.closed[c.To]:
		return PayeeClosed
	case m.available(c.To) < c.Amount:
		return PayeeSpent
	}
	return OK
}

// recall draws a wish to take back, most often one that was just made.
func (d *duel) recall(t *rapid.T) {
	c := &Move{Transfer: Transfer{ID: d.drawID(t), Kind: KindReversal, Currency: kes, Expires: d.now}, Verdict: VerdictRight}
	var sends []modelMade
	for _, one := range d.model.made {
		if one.kind == KindSend {
			sends = append(sends, one)
		}
	}
	of := modelMade{id: ID{1}, from: 2, told: 3, amount: 100}
	if len(sends) > 0 {
		of = rapid.SampledFrom(sends[max(0, len(sends)-3):]).Draw(t, "of")
	}
	c.Of, c.From, c.To, c.Amount = of.id, of.from, of.told, of.amount
	switch {
	case often(t, 5, "expired"):
		c.Expires--
	case often(t, 10, "somebody else's"):
		c.From = rapid.SampledFrom([]Account{1, 2, 3, 4, modelNobody, modelBusiness}).Draw(t, "from")
	case often(t, 5, "another"):
		c.To = rapid.SampledFrom([]Account{1, 2, 3, modelNobody}).Draw(t, "to")
	case often(t, 5, "less"):
		c.Amount--
	case often(t, 10, "verdict"):
		c.Verdict = VerdictWrong
	case often(t, 5, "fee"):
		c.Fee = 7
	}
	c.Epoch = d.drawEpoch(t, c.From)
	d.recallQuoteAgrees(t, c)
	d.model.said = Result{}
	want, wantAgain := d.model.recall(c, d.now)
	res, again := d.say(c)
	d.agree(t, c.ID, c.From, c.Epoch, res, again, want, wantAgain)
}

// recallQuoteAgrees: what is quoted is what would be made.
func (d *duel) recallQuoteAgrees(t *rapid.T, c *Move) {
	q := d.book.Quote(KindReversal, c.From, 0, 0, d.now)
	m := Move{Transfer: Transfer{From: c.From, To: q.To, Amount: q.Amount, Of: q.First, Currency: kes}}
	if want := d.model.mayRecall(&m, d.now); q.Reject != want {
		t.Fatalf("quoted %v of %+v, the model says %v", q.Reject, q, want)
	}
}

// recallable is a send that could be taken back, if there is money.
func (s *script) recallable(label string) *Move {
	return s.transfer("send", []string{label, "jane", "paul", "3.00", "epoch", "3", "fee", "1.00"})
}

// recalled takes it back.
func (s *script) recalled(label, of string) *Move {
	m := s.recallable(label)
	m.Kind, m.Of, m.PayeeToken, m.Fee = KindReversal, s.id(of), Token{}, 0
	return m
}

// refers is a payment with a reference.
func (s *script) refers(label, ref string) *Move {
	s.open([]string{label + "-water", "paybill"})
	return s.transfer("paybill", []string{label, "jane", label + "-water", "1.00", "epoch", "3", "ref", ref})
}

// A reference is kept with what was paid, also by the post of a hold, in what is
// written and loaded, and of nothing that was refused.
func TestReferencesAreKept(t *testing.T) {
	s := runScript(t, `
		open jane wallet 100.00
		open water paybill
		two
		paybill b1 jane water 10.00 ref meter-7            → ok
		paybill b2 jane water 1,000.00 ref meter-8         → not_enough_funds
		paybill b3 jane water 11.00                        → ok
		paybill h1 jane water 20.00 ref meter-9 until 60000 → ok
		both post e1 h1                                    → ok
	`)
	var written bytes.Buffer
	frozen := s.book.Freeze()
	if err := frozen.Write(&written); err != nil {
		t.Fatal(err)
	}
	frozen.Release()
	loaded, err := Load(&written, Options{ReceiptKey: [16]byte{7}, ZoneMinutes: 180})
	if err != nil {
		t.Fatal(err)
	}
	for label, want := range map[string][2]string{"b1": {"b1", "meter-7"}, "b2": {}, "b3": {}, "h1": {"h1", "meter-9"}, "e1": {"h1", "meter-9"}} {
		for _, b := range []*Book{s.book, loaded} {
			of, payer, sealed := b.Ref(s.ids[label])
			if string(sealed) != want[1] || want[1] != "" && (of != s.ids[want[0]] || payer != s.names["jane"]) {
				t.Errorf("%s: %s %d %q", label, of, payer, sealed)
			}
		}
	}
}

// The reversal's record leads to what it brought back and says which menu worded it.
func TestARecallIsAReversalOfItsOwn(t *testing.T) {
	s := runScript(t, `
		open jane wallet 100.00
		open paul wallet
		send p1 jane paul 10.00 → ok
		recall r1 p1            → ok
	`)
	shown, ok := s.book.Show(s.ids["r1"])
	if !ok || shown.Act != ActReverse || shown.Kind != KindReversal || shown.Of != s.ids["p1"] || shown.From != s.names["paul"] ||
		shown.To != s.names["jane"] || shown.Origin.Session != "s-r1" || shown.Bundle != [32]byte{9} {
		t.Fatalf("%+v", shown)
	}
	if sent, _ := s.book.Show(s.ids["p1"]); sent.Reversed != 1000 || len(sent.Backs) != 1 {
		t.Fatalf("%+v", sent)
	}
}
