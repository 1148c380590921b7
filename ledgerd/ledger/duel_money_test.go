package ledger

import (
	"slices"

	"pgregory.net/rapid"
)

// drawDone draws what a command is about: something that was made or held, or
// nothing.
func (d *duel) drawDone(t *rapid.T, holds bool) ID {
	var list []ID
	for _, h := range d.model.holds {
		list = append(list, h.id)
	}
	if !holds {
		for _, m := range d.model.made {
			list = append(list, m.id)
		}
	}
	if len(list) == 0 || often(t, 5, "of nothing") {
		return ID{1}
	}
	return rapid.SampledFrom(list[max(0, len(list)-8):]).Draw(t, "of")
}

func (d *duel) end(t *rapid.T) {
	id, hold := d.drawID(t), d.drawDone(t, true)
	expires := d.now
	if often(t, 5, "expired") {
		expires--
	}
	amount, post := Amount(0), often(t, 70, "post")
	if post {
		amount = rapid.SampledFrom([]Amount{0, 0, 1, 50, 100, 1_000, -1}).Draw(t, "amount")
	}
	approved := often(t, 50, "approved")
	d.model.said = Result{}
	want := d.model.end(id, hold, amount, post, approved, expires, d.now)
	var cmd Command = Void{ID: id, Hold: hold, Expires: expires}
	if post {
		cmd = Post{ID: id, Hold: hold, Amount: amount, Expires: expires}
	}
	res, again := d.sayAs(cmd, approved)
	d.agree(t, id, 0, 0, res, again, want, false)
}

func (d *duel) reverse(t *rapid.T) {
	c := Reverse{ID: d.drawID(t), Of: d.drawDone(t, false), Expires: d.now, Fee: often(t, 30, "fee"),
		Amount: rapid.SampledFrom([]Amount{0, 0, 1, 60, 100, 500, -1}).Draw(t, "amount")}
	approved := often(t, 50, "approved")
	d.model.said = Result{}
	want := d.model.reverse(&c, d.now, approved)
	res, again := d.sayAs(c, approved)
	d.agree(t, c.ID, 0, 0, res, again, want, false)
}

func (d *duel) linked(t *rapid.T) {
	c := Linked{ID: d.drawID(t), Expires: d.now}
	for range rapid.IntRange(1, 4).Draw(t, "legs") {
		c.Legs = append(c.Legs, Leg{Kind: KindPayout, Currency: kes,
			From:   rapid.SampledFrom([]Account{modelBusiness, modelBusiness, modelFees}).Draw(t, "from"),
			To:     rapid.SampledFrom([]Account{1, 2, 3, 4, 1, 2, 3, 4, modelBusiness}).Draw(t, "to"),
			Amount: rapid.SampledFrom([]Amount{1, 10, 500, 2_000, 3_000}).Draw(t, "amount")})
	}
	_, answered := d.model.answers[c.ID]
	approved := often(t, 50, "approved")
	d.model.said = Result{}
	want, leg := d.model.linked(&c, d.now, approved)
	res, again := d.sayAs(c, approved)
	if !answered && int(res.Leg) != leg {
		t.Fatalf("leg %d was refused, the model says %d", res.Leg, leg)
	}
	d.agree(t, c.ID, 0, 0, res, again, want, false)
}

func (d *duel) govern(t *rapid.T) {
	n := rapid.SampledFrom([]Account{1, 2, 3, 4, 1, 2, 3, 4, modelBusiness}).Draw(t, "account")
	m := d.model
	switch rapid.IntRange(0, 10).Draw(t, "command") {
	case 10:
		m.hasPIN[n], m.locked[n], m.wrong[n] = false, false, 0
		m.epoch[n]++
		d.say(ClearPIN{Account: n})
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
		m.fee = rapid.SampledFrom([]Amount{0, 7, 3}).Draw(t, "fee")
		m.tax = rapid.SampledFrom([]Amount{0, m.fee / 2, m.fee}).Draw(t, "tax")
		d.sayAs(SetTariff{Kind: KindSend, Bands: []Band{{Upto: 1, Fee: m.fee, Tax: m.tax}}}, m.two)
	case 6:
		d.drawLimits(t)
	case 7:
		m.maximum[n] = rapid.SampledFrom([]Amount{0, 6_000}).Draw(t, "maximum")
		d.say(SetTier{Account: n, Maximum: m.maximum[n]})
	case 8:
		d.close(t, n)
	case 9:
		if often(t, 10, "two") {
			m.two = true
			d.say(RequireTwo{})
		}
	}
}

func (d *duel) drawLimits(t *rapid.T) {
	l := SetLimits{Kind: rapid.SampledFrom([]Kind{KindSend, KindSend, KindPayout}).Draw(t, "kind"),
		Min: rapid.SampledFrom([]Amount{0, 100}).Draw(t, "min"), Max: rapid.SampledFrom([]Amount{0, 1_000}).Draw(t, "max"),
		PayerDaily: rapid.SampledFrom([]Amount{0, 2_000}).Draw(t, "daily"), PayeeDaily: rapid.SampledFrom([]Amount{0, 1_500}).Draw(t, "gets"),
		PayeeBalance: rapid.SampledFrom([]Amount{0, 4_000}).Draw(t, "balance")}
	if l.Kind == KindSend {
		d.model.limits = l
	} else {
		d.model.payout = l
	}
	d.sayAs(l, d.model.two)
}

func (d *duel) close(t *rapid.T, n Account) {
	out, in := d.model.held(n)
	want := OK
	if d.model.balance[n] != 0 || out != 0 || in != 0 {
		want = NotEmpty
	} else {
		d.model.closed[n] = true
	}
	if res, _ := d.say(Close{n}); res.Reject != want {
		t.Fatalf("closing %d: %v, the model says %v", n, res.Reject, want)
	}
}

// stand are the promises that hold after every command.
func (d *duel) stand(t *rapid.T) {
	if sum := d.book.Sum()[kes]; sum != 0 {
		t.Fatalf("the books are off by %d", sum)
	}
	m := d.model
	for _, n := range []Account{1, 2, 3, 4, modelBusiness, modelTrust, modelFees, modelAirtime, modelTax} {
		v, _ := d.book.Account(n)
		out, in := m.held(n)
		if v.Balance != m.balance[n] || v.HeldDebits != out || v.HeldCredits != in || v.Available != m.balance[n]-out {
			t.Fatalf("account %d has %+v, the model says %d, held %d and %d", n, v, m.balance[n], out, in)
		}
		if v.Available < 0 && v.Kind != AccountTrust {
			t.Fatalf("account %d is below zero", n)
		}
		if v.Epoch != m.epoch[n] || v.Locked != m.locked[n] || v.Closed != m.closed[n] {
			t.Fatalf("account %d: %+v, the model says epoch %d locked %v", n, v, m.epoch[n], m.locked[n])
		}
		d.remembers(t, n)
		d.hears(t, n)
	}
	if c := d.book.Counts(); c.Transfers != len(m.made) || c.IDs != len(m.answers) {
		t.Fatalf("counts %+v, the model made %d and answered %d", c, len(m.made), len(m.answers))
	}
	d.asksStand(t)
	for _, made := range m.made {
		if shown, ok := d.book.Show(made.id); !ok || shown.Reversed != made.back || lineSum(shown.Postings) != 0 {
			t.Fatalf("%+v is shown as %+v", made, shown)
		}
	}
}

func lineSum(list []Posting) (sum Amount) {
	for _, p := range list {
		sum += p.Credit - p.Debit
	}
	return sum
}

// hears holds what an account was told against the model's: each notice, in order.
func (d *duel) hears(t *rapid.T, n Account) {
	v, _ := d.book.Account(n)
	var got []Notice
	for _, one := range d.book.Notices(ConsumerSMS, LaneOf(v.Home, n), 0, 100_000) {
		if one.Account != n {
			continue // a neighbour in the lane
		}
		if (one.Act == ActAsk || one.Act == ActCheck) && one.Receipt == (Receipt{}) && one.Lane == LaneOf(v.Home, n) { // nothing moved
			one.Lane, one.Seq, one.Place = 0, 0, Place{}
			got = append(got, one)
			continue
		}
		receipt := d.receiptOf(one.ID)
		if one.Act == ActVoid || one.Act == ActExpire {
			shown, _ := d.book.Show(one.ID)
			receipt = d.receiptOf(shown.Of)
		}
		leg := one.Act == ActLeg && receipt == (Receipt{}) // its receipt is its own
		if one.Receipt == (Receipt{}) || one.Receipt != receipt && !leg || one.Lane != LaneOf(v.Home, n) {
			t.Fatalf("account %d was told %+v, its receipt is %q", n, one, receipt)
		}
		one.Lane, one.Seq, one.Place, one.Receipt = 0, 0, Place{}, Receipt{}
		got = append(got, one)
	}
	if want := d.model.told[n]; !slices.Equal(got, want) {
		t.Fatalf("account %d was told\n%+v, the model says\n%+v", n, got, want)
	}
}

// remembers holds an account's history against the model's.
func (d *duel) remembers(t *rapid.T, n Account) {
	lines := d.model.lines[n]
	list := d.book.Statement(n, 1000)
	if len(list) != len(lines) {
		t.Fatalf("account %d has %d lines, the model %d", n, len(list), len(lines))
	}
	for i, l := range list {
		want := lines[len(lines)-1-i]
		if l.At != want.at || l.Balance != want.balance || l.Kind != want.kind || l.In != (want.moved > 0) || l.Amount+l.Fee != max(want.moved, -want.moved) {
			t.Fatalf("account %d, line %d from the end: %+v, the model says %+v", n, i, l, want)
		}
	}
	for _, at := range []int64{d.now, d.now - 60_000, d.now - day, 0} {
		if got, ok := d.book.AsOf(n, at); !ok || got != d.model.asOf(n, at) {
			t.Fatalf("account %d had %d at %d, the model says %d", n, got, at, d.model.asOf(n, at))
		}
	}
}
