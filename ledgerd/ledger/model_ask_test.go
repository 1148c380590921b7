package ledger

import (
	"fmt"

	"pgregory.net/rapid"
)

// modelAsk is a request to approve a payment.
type modelAsk struct {
	AskPayment
	tries int // orders that were refused
	state AskState
}

// request predicts an AskPayment.
func (m *model) request(c *AskPayment, now int64) Reject {
	content := fmt.Sprint("ask", c.Kind, c.From, c.To, c.Amount, c.Currency, c.Until, c.Number, c.Ref)
	if r, ok := m.known(c.ID, content); ok {
		return r
	}
	reject := modelTimely(c.ID, c.Until, now, false)
	if reject == OK && m.numbered(c.Number) != nil {
		return Busy
	}
	if reject == OK {
		reject = m.mayAsk(c)
	}
	m.answers[c.ID] = modelAnswer{content, reject}
	if reject == OK {
		m.asks = append(m.asks, modelAsk{AskPayment: *c, state: AskWaiting})
		m.tell(Notice{ID: c.ID, Side: SidePayer, Kind: c.Kind, Act: ActAsk, Account: c.From, Other: c.To, Amount: c.Amount, Until: c.Until, At: now, OtherAddr: c.Payee})
	}
	return reject
}

func (m *model) mayAsk(c *AskPayment) Reject {
	if c.Kind != KindTill || c.Number == "" || c.Until > c.ID.Time()+480_000 {
		return CommandForbidden
	}
	plain := Move{Transfer: Transfer{Kind: c.Kind, From: c.From, To: c.To, Currency: c.Currency}}
	if r := m.parties(&plain, 0); r != OK {
		return r
	}
	if c.Amount <= 0 {
		return BelowMinimum
	}
	return OK
}

// numbered is the request that has a number now.
func (m *model) numbered(number string) *modelAsk {
	for i := range m.asks {
		if a := &m.asks[i]; a.Number == number {
			return a
		}
	}
	return nil
}

// ofAsked predicts what an order's request says to it, and counts it.
func (m *model) ofAsked(c *Move, now int64) Reject {
	for i := range m.asks {
		a := &m.asks[i]
		for n := uint8(1); n <= 8; n++ {
			if AskOrder(a.ID, n) != c.ID {
				continue
			}
			switch {
			case a.state != AskWaiting || int(n) != a.tries+1 || now > a.Until:
				return Expired
			case c.From != a.From || c.To != a.To || c.Amount != a.Amount || c.Kind != a.Kind:
				return CommandForbidden
			}
			return OK
		}
	}
	return OK
}

// heed notes what came of the orders of requests.
func (m *model) heed() {
	for i := range m.asks {
		a := &m.asks[i]
		for a.state == AskWaiting {
			answer, known := m.answers[AskOrder(a.ID, uint8(a.tries+1))]
			if !known {
				break
			}
			if a.tries++; answer.reject == OK {
				a.state = AskApproved
			} else if a.tries == 8 {
				a.state = AskRefused
			}
		}
	}
}

// finish ends a request that waits, unless its ids are too old to be remembered.
func (m *model) finish(a *modelAsk, how AskState, now int64) {
	if a.state != AskWaiting || now-a.ID.Time() > 3_600_000 {
		return
	}
	a.state = how
	m.answers[AskOrder(a.ID, uint8(a.tries+1))] = modelAnswer{"tombstone", Expired}
}

func (m *model) tickAsks(now int64) {
	rest := m.asks[:0:0]
	for _, a := range m.asks {
		if a.Until < now {
			m.finish(&a, AskExpired, now)
			if a.state == AskWaiting {
				a.state = AskExpired
			}
		}
		if now <= a.Until+86_400_000 {
			rest = append(rest, a)
			continue
		}
		for i, n := range m.told[a.From] { // the sign was kept with its number
			if n.ID == a.ID {
				m.told[a.From][i].OtherAddr = ""
			}
		}
	}
	m.asks = rest
}

func (d *duel) ask(t *rapid.T) {
	c := AskPayment{ID: d.drawID(t), Kind: KindTill, Currency: kes, Until: d.now + 60_000, Payee: "500001",
		From:   rapid.SampledFrom([]Account{2, 3, 4, 1, modelBusiness, modelNobody, modelTrust}).Draw(t, "from"),
		To:     rapid.SampledFrom([]Account{modelBusiness, modelBusiness, modelBusiness, modelBusiness, 2, modelNobody}).Draw(t, "to"),
		Amount: rapid.SampledFrom([]Amount{100, 500, 100, 500, 0}).Draw(t, "amount"),
		Number: rapid.SampledFrom([]string{"a", "b", "c", "d-1", "e", "f", "g", ""}).Draw(t, "number")}
	if often(t, 10, "out of bounds") {
		c.Until = d.now + rapid.SampledFrom([]int64{-1, 480_001, 480_000}).Draw(t, "until")
	}
	d.model.said = Result{}
	want := d.model.request(&c, d.now)
	res, again := d.say(c)
	d.agree(t, c.ID, 0, 0, res, again, want, false)
	if want == Busy {
		if id, _, known := d.book.AskNumbered(c.Number); !known || id != d.model.numbered(c.Number).ID {
			t.Fatalf("%q is %s", c.Number, id)
		}
	}
}

// payAsk makes an order one of a request, at times of another one than comes next or with
// other content.
func (d *duel) payAsk(t *rapid.T, m *Move) {
	d.model.heed()
	if len(d.model.asks) == 0 || !often(t, 50, "of a request") {
		return
	}
	a := rapid.SampledFrom(d.model.asks).Draw(t, "request")
	m.Kind, m.From, m.To, m.Amount, m.Until, m.Fee = a.Kind, a.From, a.To, a.Amount, 0, 0
	n := a.tries + 1
	switch {
	case often(t, 5, "another"):
		n = rapid.IntRange(1, 8).Draw(t, "nth")
	case often(t, 5, "more"):
		m.Amount++
	case often(t, 5, "another payer"):
		m.From = 2
	}
	m.ID = AskOrder(a.ID, uint8(min(n, 8)))
}

func (d *duel) endAsk(t *rapid.T) {
	d.model.heed()
	how := rapid.SampledFrom([]AskState{AskDeclined, AskUnanswered, AskAway, AskRefused, AskExpired, AskWaiting, AskApproved, 0, 99}).Draw(t, "how")
	if len(d.model.asks) == 0 || often(t, 10, "of nothing") {
		if res, _ := d.say(EndAsk{ID: ID{9}, How: how}); res.Reject != CommandForbidden {
			t.Fatalf("the end of nothing: %v", res.Reject)
		}
		return
	}
	i := rapid.IntRange(0, len(d.model.asks)-1).Draw(t, "request")
	a := &d.model.asks[i]
	res, _ := d.say(EndAsk{ID: a.ID, How: how})
	switch {
	case how < AskDeclined || how > AskNotNow:
		if res.Reject != CommandForbidden {
			t.Fatalf("ended as %v: %v", how, res.Reject)
		}
	case a.state == AskApproved:
		if first := d.first[AskOrder(a.ID, uint8(a.tries))]; res.ID != first.ID || res.Receipt != first.Receipt || res.Reject != OK {
			t.Fatalf("the end of a paid one: %+v, paid by %+v", res, first)
		}
	default:
		if res.Reject != OK || res.ID != a.ID {
			t.Fatalf("the end of one: %+v", res)
		}
		d.model.finish(a, how, d.now)
	}
}

// asksStand: each request stands as the model says, and one of its orders at most paid.
func (d *duel) asksStand(t *rapid.T) {
	d.model.heed()
	for i := range d.model.asks {
		a := &d.model.asks[i]
		shown, known := d.book.Show(a.ID)
		if !known || shown.Asked == nil || shown.Asked.State != a.state || shown.Asked.Number != a.Number || (shown.Asked.Payment != nil) != (a.state == AskApproved) {
			t.Fatalf("%+v is shown as %+v", a, shown.Asked)
		}
		end := AskOrder(a.ID, uint8(min(a.tries+1, 8)))
		if res, there := d.book.Lookup(end); there && a.state > AskApproved && d.first[end].Reject == OK {
			if res.Reject != Expired || res.At != d.now {
				t.Fatalf("%+v ended with %+v", a, res)
			}
			d.first[end] = res
		}
		paid := 0
		for _, m := range d.model.made {
			if id := m.id; id.Time() == a.ID.Time() && id != a.ID {
				for n := uint8(1); n <= 8; n++ {
					if id == AskOrder(a.ID, n) {
						paid++
					}
				}
			}
		}
		if paid > 1 || paid == 1 != (a.state == AskApproved) {
			t.Fatalf("%+v was paid %d times", a, paid)
		}
	}
}
