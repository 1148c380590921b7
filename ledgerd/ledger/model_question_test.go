package ledger

import "fmt"

// check predicts a question, or with change a new PIN.
func (m *model) check(c *Answer, change *ChangePIN, now int64) (Reject, bool) {
	content := fmt.Sprint("check", c.Query, c.Account)
	if r, ok := m.known(c.ID, content); ok {
		return r, false
	}
	reject := modelTimely(c.ID, c.Expires, now, false)
	if reject == OK && c.Account != modelNobody {
		if m.epoch[c.Account] != c.Epoch {
			return Busy, true
		}
		if c.Query != QueryFirstPIN {
			reject = m.pin(c.Account, c.Verdict)
		}
	}
	switch {
	case reject != OK:
	case c.Query == QueryFirstPIN:
		reject = m.firstPIN(change)
	case change != nil && change.Easy:
		reject = PINTooEasy
	case c.Account == modelNobody:
		reject = UnknownPayer
	case m.closed[c.Account]:
		reject = PayerClosed
	case change != nil:
		m.wrong[c.Account] = 0
		m.epoch[c.Account]++
	case c.Query != QueryVerify:
		m.said.Balance = m.balance[c.Account]
	}
	m.answers[c.ID] = modelAnswer{content, reject}
	if reject == OK && change != nil {
		m.tell(Notice{ID: c.ID, Side: SidePayer, Act: ActCheck, Account: c.Account, At: now})
	}
	return reject, false
}

// firstPIN predicts a PIN for an account that has none: the number that dials must
// be its own.
func (m *model) firstPIN(c *ChangePIN) Reject {
	n := c.Account
	switch {
	case m.hasPIN[n]:
		return PINIsSet
	case c.Verdict == VerdictKeyGone:
		return PINKeyGone
	case c.Easy:
		return PINTooEasy
	case n == modelNobody:
		return UnknownPayer
	case c.PayerToken != tokenOf(n):
		return AliasMoved
	case m.frozen[n]:
		return PayerFrozen
	case m.closed[n]:
		return PayerClosed
	}
	m.hasPIN[n], m.locked[n], m.wrong[n] = true, false, 0
	m.epoch[n]++
	return OK
}

// receipt predicts what a payee is told of a payment.
func (m *model) receipt(c *Answer, now int64) (reject Reject, line Statement) {
	content := fmt.Sprint("receipt", c.Account, c.Receipt)
	if r, ok := m.known(c.ID, content); ok {
		return r, line
	}
	reject = modelTimely(c.ID, c.Expires, now, false)
	switch {
	case reject != OK:
	case c.Account == modelNobody:
		reject = UnknownPayer
	case m.closed[c.Account]:
		reject = PayerClosed
	case c.Account != modelBusiness:
		reject = CommandForbidden
	case m.askedTooOften(now):
		reject = AskedTooOften
	default:
		m.asked = append(m.asked, now)
		if line = m.becameOf(c.Paid, now); line.State == 0 {
			reject = ReceiptUnknown
		}
	}
	m.answers[c.ID] = modelAnswer{content, reject}
	return reject, line
}

func (m *model) askedTooOften(now int64) bool {
	asked := 0
	for _, at := range m.asked {
		if at/600_000 == now/600_000 {
			asked++
		}
	}
	return asked == 10
}

// becameOf is what became of a payment to the business.
func (m *model) becameOf(id ID, now int64) (line Statement) {
	if h := m.hold(id); h != nil && h.told == modelBusiness {
		line = Statement{Kind: h.kind, Amount: h.amount, Other: h.from, State: StateReleased}
		switch {
		case !h.ended && now <= h.until:
			line.State = StateHeld
		case h.ended && h.how == ActPost:
			return m.becameOf(h.by, now)
		}
		return line
	}
	for _, t := range m.made {
		if t.id != id || t.told != modelBusiness || t.kind == KindReversal {
			continue
		}
		line = Statement{Kind: t.kind, Amount: t.amount, Other: t.from, State: StateDone}
		if t.back > 0 {
			line.State = StatePartly
		}
		if t.back == t.amount {
			line.State = StateReversed
		}
	}
	return line
}
