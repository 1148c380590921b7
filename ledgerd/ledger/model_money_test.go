package ledger

import "fmt"

func (m *model) hold(id ID) *modelHold {
	for i := range m.holds {
		if m.holds[i].id == id {
			return &m.holds[i]
		}
	}
	return nil
}

// end predicts a post (with amount zero of all) or a void.
func (m *model) end(id, hold ID, amount Amount, post, approved bool, expires, now int64) Reject {
	content := fmt.Sprint("end", post, hold, amount)
	if r, ok := m.known(id, content); ok {
		return r
	}
	h := m.hold(hold)
	reject := modelTimely(id, expires, now, approved)
	if reject == OK && m.two && !approved {
		return NeedsSecondPerson
	}
	if h != nil && post && amount == 0 {
		amount = h.amount
	}
	switch {
	case reject != OK:
	case h == nil:
		reject = HoldUnknown
	case h.ended:
		reject = HoldEnded
		m.said.Ended, m.said.First, m.said.FirstAt = h.how, h.by, h.at
	case now > h.until: // and no tick came
		reject = HoldEnded
		m.said.Ended, m.said.FirstAt = ActExpire, h.until
	case !post:
		m.letGo(h, ActVoid, id, now)
	case amount > h.amount || amount < 0:
		reject = AboveHold
	case m.frozen[h.from]:
		reject = PayerFrozen
	case m.frozen[h.to]:
		reject = PayeeFrozen
	default:
		m.postHold(id, h, amount, now)
	}
	m.answers[id] = modelAnswer{content, reject}
	return reject
}

func (m *model) postHold(id ID, h *modelHold, amount Amount, now int64) {
	fee, tax := h.fee, h.tax
	if amount < h.amount {
		f, t := m.charge(h.kind)
		fee = min(f, h.fee)
		tax = min(t, h.tax, fee)
		if h.fee == h.tax {
			fee = tax
		}
	}
	m.release(h, amount, ActPost, id, now)
	m.transfer(modelMade{id: id, kind: h.kind, act: ActPost, from: h.from, to: h.to, told: h.told, amount: amount, fee: fee, tax: tax,
		released: h.amount + h.fee - amount - fee}, now)
}

// letGo ends a hold by which nothing moves, and tells its payer.
func (m *model) letGo(h *modelHold, how Act, by ID, now int64) {
	m.release(h, 0, how, by, now)
	m.said = Result{Balance: m.balance[h.from]}
	m.tell(Notice{ID: by, Side: SidePayer, Kind: h.kind, Act: how, Account: h.from, Other: h.told, Amount: h.amount, Balance: m.balance[h.from],
		Available: m.available(h.from), Released: h.amount + h.fee, At: now})
}

// release ends a hold; what is not posted does not count for its own day.
func (m *model) release(h *modelHold, posted Amount, how Act, by ID, now int64) {
	h.ended, h.how, h.by, h.at = true, how, by, now
	m.free = append(m.free[:len(m.free):len(m.free)], h.place)
	if posted == 0 {
		m.unlike(h)
	}
	if c := &m.counted[h.count]; c.day == modelDay(now) {
		c.amount = posted
	}
}

// unlike forgets that the payment of a hold was made, if it was the last of its like.
func (m *model) unlike(h *modelHold) {
	like := fmt.Sprint(h.kind, h.from, h.told, h.amount)
	rest := m.wishes[:0:0]
	last := ID{}
	for _, w := range m.wishes {
		if w.content == like {
			last = w.id
		}
	}
	for _, w := range m.wishes {
		if w.content != like || last != h.id {
			rest = append(rest, w)
		}
	}
	m.wishes = rest
}

// tick ends what is due.
func (m *model) tick(now int64) {
	m.tickAsks(now)
	for {
		var first *modelHold
		for i := range m.holds {
			if h := &m.holds[i]; !h.ended && h.until < now &&
				(first == nil || h.until < first.until || h.until == first.until && h.place < first.place) {
				first = h
			}
		}
		if first == nil {
			return
		}
		m.letGo(first, ActExpire, expiryID(first.id, now), now)
		m.answers[first.by] = modelAnswer{"expiry", OK}
		if now-first.until >= 3_600_000 { // an hour late: only that its time was over stays known
			first.by, first.at = ID{}, first.until
		}
	}
}

// reverse predicts a reversal.
func (m *model) reverse(c *Reverse, now int64, approved bool) Reject {
	content := fmt.Sprint("reverse", c.Of, c.Amount, c.Fee)
	if r, ok := m.known(c.ID, content); ok {
		return r
	}
	reject := modelTimely(c.ID, c.Expires, now, approved)
	if reject == OK && m.two && !approved {
		return NeedsSecondPerson
	}
	if reject == OK {
		reject = m.bringBack(c, now)
	}
	m.answers[c.ID] = modelAnswer{content, reject}
	return reject
}

func (m *model) bringBack(c *Reverse, now int64) Reject {
	var was *modelMade
	for i := range m.made {
		if m.made[i].id == c.Of {
			was = &m.made[i]
		}
	}
	if was == nil || was.kind == KindIssue || was.kind == KindRedeem || was.kind == KindReversal {
		return NotReversible
	}
	amount, rest := c.Amount, was.amount-was.back
	if amount == 0 {
		amount = rest
	}
	out, _ := m.held(was.to)
	switch {
	case amount > rest || c.Fee && was.feeBack, amount == 0 && (!c.Fee || was.fee == 0):
		return AlreadyReversed
	case m.closed[was.to]:
		return PayerClosed
	case m.closed[was.from]:
		return PayeeClosed
	case amount < 0:
		return BelowMinimum
	case m.balance[was.to]-out < amount, c.Fee && !m.has(modelFees, was.fee-was.tax), c.Fee && !m.has(modelTax, was.tax):
		return NotEnoughFunds
	}
	was.back += amount
	from, to, fee, tax := was.to, was.from, Amount(0), Amount(0)
	if c.Fee {
		was.feeBack, fee, tax = true, was.fee, was.tax
	}
	m.made = append(m.made, modelMade{id: c.ID, kind: KindReversal, from: from, to: to, amount: amount})
	m.line(from, -amount, KindReversal, now)
	m.post(to, amount+fee, KindReversal, now)
	m.post(modelFees, tax-fee, KindReversal, now)
	m.post(modelTax, -tax, KindReversal, now)
	m.said = Result{Fee: fee, Balance: m.balance[from], PayeeBalance: m.balance[to]}
	n := Notice{ID: c.ID, Side: SidePayer, Kind: KindReversal, Act: ActReverse, Account: from, Other: to, Amount: amount, Balance: m.balance[from], At: now}
	if amount > 0 {
		m.tell(n)
	}
	n.Side, n.Account, n.Other, n.Amount, n.Balance = SidePayee, to, from, amount+fee, m.balance[to]
	m.tell(n)
	return OK
}

func (m *model) has(n Account, amount Amount) bool {
	out, _ := m.held(n)
	return amount == 0 || m.balance[n]-out >= amount
}

// linked tries the legs one by one and forgets them all when one fails.
func (m *model) linked(c *Linked, now int64, approved bool) (reject Reject, leg int) {
	content := fmt.Sprint("linked", c.Legs)
	if r, ok := m.known(c.ID, content); ok {
		return r, -1
	}
	reject = modelTimely(c.ID, c.Expires, now, approved)
	if reject == OK && m.two && !approved {
		return NeedsSecondPerson, 0
	}
	if reject == OK {
		try := m.clone()
		for i, l := range c.Legs {
			move := &Move{Transfer: Transfer{ID: c.ID.Leg(uint8(i)), Kind: l.Kind, From: l.From, To: l.To, Amount: l.Amount, Currency: l.Currency, Fee: l.Fee}}
			if reject = try.ask(move, "", now, true); reject != OK {
				leg = i
				break
			}
			try.make(move, "", now, ActLeg)
		}
		if reject == OK {
			*m = *try
			for i := range c.Legs {
				m.answers[c.ID.Leg(uint8(i))] = modelAnswer{content, OK}
			}
		}
	}
	m.answers[c.ID] = modelAnswer{content, reject}
	if reject == OK {
		fee, _ := m.charge(c.Legs[0].Kind)
		m.said.Fee = fee // the first one's, as its receipt
	}
	m.said.Leg = uint8(leg)
	return reject, leg
}

// asOf is an account's balance at an instant.
func (m *model) asOf(n Account, ms int64) (sum Amount) {
	for _, l := range m.lines[n] {
		if l.at <= ms {
			sum = l.balance
		}
	}
	return sum
}
