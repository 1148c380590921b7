package ledger

import (
	"testing"
)

// till is books in which jane can be asked to pay a till.
type till struct {
	*script
	jane, shop Account
}

func newTill(t *testing.T) till {
	s := runScript(t, `
		open jane wallet 100.00
		open shop till
	`)
	return till{s, s.names["jane"], s.names["shop"]}
}

// ask is a request of now for 20.00, under a number.
func (s till) ask(number string) AskPayment {
	return AskPayment{ID: NewID(s.now, [10]byte{byte(len(number)), number[0]}), Kind: KindTill, From: s.jane, To: s.shop, Amount: 2000, Currency: kes,
		Until: s.now + 3*minute, Number: number, Payee: "500001"}
}

// pay is its n-th order, by a right PIN.
func (s till) pay(c AskPayment, n uint8) *Move {
	_, _, epoch, _, _ := s.book.PIN(c.From)
	return &Move{Transfer: Transfer{ID: AskOrder(c.ID, n), Kind: c.Kind, From: c.From, To: c.To, Amount: c.Amount, Currency: kes, Expires: s.now + 2*minute},
		Epoch: epoch, Verdict: VerdictRight}
}

// says applies a command and holds its answer to a reject.
func (s till) says(cmd Command, want Reject) Result {
	s.t.Helper()
	res, again := s.apply(cmd)
	if res.Reject != want || again {
		s.t.Fatalf("%+v: %v %v, not %v", cmd, res.Reject, again, want)
	}
	return res
}

// stands holds what is shown of a request to a state.
func (s till) stands(c AskPayment, want AskState) *Asked {
	s.t.Helper()
	shown, _ := s.book.Show(c.ID)
	if shown.Asked == nil || shown.Asked.State != want {
		s.t.Fatalf("%+v, not %v", shown.Asked, want)
	}
	return shown.Asked
}

// TestAskedAndPaid: its payer is told, a wrong PIN ends nothing, the right one pays, once; no
// later order passes, and its end is answered with the payment.
func TestAskedAndPaid(t *testing.T) {
	s := newTill(t)
	c := s.ask("inv-1")
	first := s.says(c, OK)
	told := s.book.Notices(ConsumerSMS, LaneOf(0, s.jane), 0, 10)
	if len(told) == 0 {
		told = s.book.Notices(ConsumerSMS, LaneOf(1, s.jane), 0, 10)
	}
	if n := told[len(told)-1]; n.Act != ActAsk || n.ID != c.ID || n.Other != s.shop || n.Amount != 2000 || n.Until != c.Until || n.OtherAddr != "500001" || n.Balance != 0 || n.Receipt != (Receipt{}) {
		t.Fatalf("%+v", n)
	}
	if again := s.says(c, OK); again.Place != first.Place {
		t.Errorf("asked twice: %+v", again)
	}
	other := c
	other.Amount++
	s.says(other, OtherContent)
	s.now++
	s.says(s.ask("inv-1"), Busy)
	wrong := s.pay(c, 1)
	wrong.Verdict = VerdictWrong
	s.says(wrong, PINWrong)
	if a := s.stands(c, AskWaiting); a.Why != PINWrong || a.Number != "inv-1" {
		t.Errorf("%+v", a)
	}
	s.says(s.pay(c, 3), Expired) // before its turn
	other2 := s.pay(c, 2)
	other2.Amount = 1
	s.says(other2, CommandForbidden)
	paid := s.says(s.pay(c, 3), Expired) // the first answer of its id
	if paid.Receipt != (Receipt{}) {
		t.Error(paid)
	}
	done := s.says(s.pay(c, 4), OK)
	if a := s.stands(c, AskApproved); a.Payment.ID != done.ID {
		t.Errorf("%+v", a)
	}
	s.says(s.pay(c, 5), Expired)
	if end := s.says(EndAsk{ID: c.ID, How: AskDeclined}, OK); end.ID != done.ID || end.Receipt != done.Receipt {
		t.Errorf("%+v", end)
	}
	s.now += 5 * minute
	s.says(Tick{}, OK)
	s.stands(c, AskApproved)
}

// TestAskedAndNot: a no, time, and too many refused orders each end it for good.
func TestAskedAndNot(t *testing.T) {
	s := newTill(t)
	no := s.ask("a")
	s.says(no, OK)
	s.says(EndAsk{ID: no.ID, How: AskDeclined}, OK)
	s.says(EndAsk{ID: no.ID, How: AskAway}, OK)
	s.says(s.pay(no, 1), Expired)
	s.says(s.pay(no, 2), Expired)
	s.stands(no, AskDeclined)
	often := s.ask("bb")
	s.says(often, OK)
	for n := range uint8(MaxAskOrders) {
		m := s.pay(often, n+1)
		m.Fee = -1 // below what it costs
		s.says(m, FeeAboveQuote)
	}
	s.says(s.pay(often, MaxAskOrders+1), OK) // an id like any other's: it is no order of the request
	s.stands(often, AskRefused)
	late := s.ask("ccc")
	late.Until = s.now + 1
	s.says(late, OK)
	s.now += 2
	s.says(s.pay(late, 1), Expired) // before any tick
	s.stands(late, AskWaiting)
	s.says(Tick{}, OK)
	s.stands(late, AskExpired)
	if id, _, known := s.book.AskNumbered("ccc"); !known || id != late.ID {
		t.Error("its number is forgotten at once")
	}
	s.now += askKept
	s.says(Tick{}, OK)
	if _, _, known := s.book.AskNumbered("ccc"); known || s.book.asks.index.Len() != 4 { // the others are younger
		t.Errorf("%d are kept", s.book.asks.index.Len())
	}
	s.stands(late, AskExpired)
	s.says(s.ask("ccc"), OK)
	s.says(EndAsk{ID: s.pay(late, 1).ID, How: AskDeclined}, CommandForbidden)
}

// TestAskedWhileTheNodeWasDown: a tick hours late ends it too, also in books that were
// frozen and loaded, and no order passes.
func TestAskedWhileTheNodeWasDown(t *testing.T) {
	for _, hours := range []int64{2, 50} {
		s := newTill(t)
		c := s.ask("inv-1")
		s.says(c, OK)
		s.book = thaw(t, s.book.Freeze(), Options{ReceiptKey: [16]byte{7}, ZoneMinutes: 180})
		s.stands(c, AskWaiting)
		s.now += hours * 60 * minute
		s.says(Tick{}, OK)
		s.stands(c, AskExpired)
		s.says(s.pay(c, 1), IDTime)
		s.says(EndAsk{ID: c.ID, How: AskDeclined}, OK)
		s.stands(c, AskExpired)
	}
}

// TestAskedOfWhom: what is no request is refused, and leaves its number free.
func TestAskedOfWhom(t *testing.T) {
	s := newTill(t)
	for i, row := range []struct {
		bend func(c *AskPayment)
		want Reject
	}{
		{func(c *AskPayment) { c.Number = "" }, CommandForbidden},
		{func(c *AskPayment) { c.Payee = "" }, CommandForbidden},
		{func(c *AskPayment) { c.Payee = "mama" }, CommandForbidden},
		{func(c *AskPayment) { c.Number = "-a" }, CommandForbidden},
		{func(c *AskPayment) { c.Number = "a b" }, CommandForbidden},
		{func(c *AskPayment) { c.Kind = KindSend }, CommandForbidden},
		{func(c *AskPayment) { c.Until = c.ID.Time() + MaxAskLife + 1 }, CommandForbidden},
		{func(c *AskPayment) { c.ID[15] = 1 }, CommandForbidden},
		{func(c *AskPayment) { c.Ref = []byte{1} }, CommandForbidden},
		{func(c *AskPayment) { c.From = 99 }, UnknownPayer},
		{func(c *AskPayment) { c.To = c.From }, UnknownPayee},
		{func(c *AskPayment) { c.Currency = Currency{'U', 'S', 'D'} }, WrongCurrency},
		{func(c *AskPayment) { c.Amount = 0 }, BelowMinimum},
		{func(c *AskPayment) { c.Amount = MaxAmount + 1 }, AboveMaximum},
		{func(c *AskPayment) { c.Until = s.now - 1 }, Expired},
		{func(c *AskPayment) {}, OK},
	} {
		s.now++
		c := s.ask("inv-1")
		row.bend(&c)
		if res, _ := s.apply(c); res.Reject != row.want {
			t.Errorf("%d: %v, not %v", i, res.Reject, row.want)
		}
	}
	s.book.outbox.limit = 1
	s.now++
	s.says(s.ask("inv-2"), Overloaded)
}
