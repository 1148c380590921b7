package ledger

import (
	"reflect"

	"pgregory.net/rapid"
)

// tokenOf is the number from which an account of the model's world is dialled.
func tokenOf(n Account) Token { return Token{1, byte(n)} }

func (d *duel) check(t *rapid.T) {
	c := &Answer{
		Check: Check{ID: d.drawID(t), Account: rapid.SampledFrom([]Account{1, 2, 3, 4, 1, modelNobody}).Draw(t, "account"), Expires: d.now + 1000,
			Query: rapid.SampledFrom([]Query{QueryBalance, QueryLast, QueryVerify, QueryChange, QueryStatement, QueryFirstPIN, QueryFirstPIN}).Draw(t, "query")},
		Verdict: rapid.SampledFrom([]PINVerdict{VerdictRight, VerdictRight, VerdictWrong, VerdictKeyGone}).Draw(t, "verdict"),
	}
	c.Epoch = d.drawEpoch(t, c.Account)
	var said Command = c
	var change *ChangePIN
	if c.Query.BringsPIN() {
		change = &ChangePIN{Check: c.Check, Verdict: c.Verdict, Epoch: c.Epoch, Easy: often(t, 20, "easy"), PayerToken: tokenOf(c.Account)}
		if c.Query == QueryFirstPIN && often(t, 20, "number") {
			change.PayerToken = rapid.SampledFrom([]Token{{}, tokenOf(2), {9}}).Draw(t, "of")
		}
		c.PayerToken = change.PayerToken
		said = change
	}
	d.model.said = Result{}
	want, wantAgain := d.model.check(c, change, d.now)
	var lines []Statement
	if want == OK && c.Query == QueryLast {
		lines = d.book.Statement(c.Account, 1)
	}
	if want == OK && c.Query == QueryStatement {
		lines = d.book.Statement(c.Account, MaxLines)
	}
	res, again := d.say(said)
	if _, known := d.first[c.ID]; !known && !reflect.DeepEqual(res.Lines, lines) {
		t.Fatalf("asked %d the lines are %+v, they were %+v", c.Query, res.Lines, lines)
	}
	d.agree(t, c.ID, c.Account, c.Epoch, res, again, want, wantAgain)
}

// receipt asks what became of a payment.
func (d *duel) receipt(t *rapid.T) {
	c := &Answer{Paid: d.drawDone(t, false), Check: Check{ID: d.drawID(t), Query: QueryReceipt, Expires: d.now,
		Account: rapid.SampledFrom([]Account{modelBusiness, modelBusiness, modelBusiness, 2, modelNobody}).Draw(t, "account")}}
	if often(t, 5, "of another") {
		c.Receipt[1] = 'X'
	}
	c.Receipt[0] = 'U'
	d.model.said = Result{}
	want, line := d.model.receipt(c, d.now)
	_, known := d.first[c.ID]
	res, again := d.say(c)
	switch {
	case known || want != OK:
	case len(res.Lines) != 1:
		t.Fatalf("a receipt comes to %+v", res.Lines)
	default:
		got := res.Lines[0]
		if got.Receipt == (Receipt{}) || got.At == 0 || !got.In {
			t.Fatalf("a receipt comes to %+v", got)
		}
		if got.Receipt, got.At, got.In = (Receipt{}), 0, false; got != line {
			t.Fatalf("a receipt comes to %+v, the model says %+v", got, line)
		}
	}
	d.agree(t, c.ID, c.Account, 0, res, again, want, false)
}
