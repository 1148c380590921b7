package dialog

import (
	"context"
	"errors"
	"strings"

	"mlango/gateway/approval"
	"mlango/gateway/session"
	"mlango/internal/msisdn"
	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// What a menu calls that which others ask subscribers to approve.
const (
	askedPay      = "pay"      // a partner's payment
	askedBill     = "bill"     // a payment with the number of a bill
	askedWithdraw = "withdraw" // cash, at an agent
)

// approvals are what a menu may call and order in a dialogue that somebody else asked for.
func approvals(quote, order menus.Function) menus.Catalogue {
	quote.In = nil
	quote.Out = map[string]string{"amount": "money", "payee": "digits=1..15", "account": "text<=20"}
	for name, kind := range namedOut {
		quote.Out[name] = kind
	}
	gives := map[string][]string{OutcomeOK: {"name", "fee", "amount", "payee", "account"}, "looks_repeated": {"name", "fee", "amount", "payee", "account", "first_receipt", "first_at"}}
	quote.Gives, quote.Shows = gives, []string{"amount", "name", "fee"}
	return menus.Catalogue{
		"quote_asked": quote, "approve": after(order, "quote_asked"),
		"decline":      {Outcomes: words(OutcomeOK, OutcomeTimeout)},
		"ask_withdraw": {In: map[string]string{"to": "msisdn", "amount": "money"}, Outcomes: words(OutcomeOK, askedAway, askedBusy, askedRefused, OutcomeTimeout)},
		"asked_last":   lastAsked(),
	}
}

// What an agent hears of the customer's phone.
const (
	askedAway    = "away"    // busy, switched off, or at no operator
	askedBusy    = "busy"    // with another request
	askedRefused = "refused" // this customer cannot withdraw that
	askedNone    = "none"    // the agent asked for nothing lately
)

// lastAsked tells an agent what became of the latest request.
func lastAsked() menus.Function {
	fn := menus.Function{Out: map[string]string{"to": "msisdn", "amount": "money", "receipt": "text<=10"}, Outcomes: words(), Gives: map[string][]string{}}
	for _, s := range tableStates {
		fn.Outcomes, fn.Gives[string(s)] = append(fn.Outcomes, string(s)), []string{"to", "amount"}
	}
	fn.Gives[string(approval.Approved)] = []string{"to", "amount", "receipt"}
	fn.Outcomes = append(fn.Outcomes, askedNone, OutcomeTimeout)
	return fn
}

// tableStates are the states of a request as outcomes.
var tableStates = []approval.State{approval.Approved, approval.Waiting, approval.Confirmed, approval.Declined, approval.Expired, approval.Unanswered, approval.Unreachable, approval.Failed}

// askWithdraw asks a customer's phone to approve cash from the agent who dials.
func (t *turn) askWithdraw(ctx context.Context, call *menus.Call) menus.Event {
	late := menus.Event{Kind: menus.EventOutcome, Outcome: OutcomeTimeout}
	if t.d.cfg.Approvals == nil || t.s.Kind != uint8(ledger.AccountAgent) {
		return late
	}
	me, err := t.d.cfg.Ledger.Profile(ctx, t.hop.MSISDN)
	if err != nil || uint64(me.Account) != t.s.Account {
		return late
	}
	id := t.ring.order(t.hop, t.s.Started, call.Visit) // the same for a hop that comes again
	q := approval.Request{Asker: approval.Agent(t.s.Account), ID: id.String(), At: t.hop.Arrived.UnixMilli(), Kind: ledger.KindWithdraw,
		Payer: call.Args["to"].Text, Payee: t.hop.MSISDN, Amount: call.Args["amount"].Int, Currency: string(me.Currency[:])}
	r, err := t.d.cfg.Approvals.AskFor(ctx, q)
	if errors.Is(err, approval.ErrOther) { // this very hop, at another instant
		r, err = t.d.cfg.Approvals.Look(ctx, q.Name())
	}
	if err != nil {
		return late
	}
	switch {
	case r.State == approval.Unreachable && r.Why == "busy":
		late.Outcome = askedBusy
	case r.State == approval.Unreachable:
		late.Outcome = askedAway
	case r.State == approval.Failed:
		late.Outcome = askedRefused
	default:
		late.Outcome = OutcomeOK
	}
	return late
}

// askedLast tells how the agent's latest request stands.
func (t *turn) askedLast(ctx context.Context) menus.Event {
	ev := menus.Event{Kind: menus.EventOutcome, Outcome: OutcomeTimeout}
	if t.d.cfg.Approvals == nil {
		return ev
	}
	r, err := t.d.cfg.Approvals.Latest(ctx, approval.Agent(t.s.Account))
	switch {
	case errors.Is(err, approval.ErrUnknown):
		ev.Outcome = askedNone
	case err == nil && r.Settling(): // nobody can say yet
	case err == nil:
		ev.Outcome = string(r.State)
		ev.Values = map[string]menus.Value{"to": text(r.Payer), "amount": number(r.Amount), "receipt": text(r.Receipt)}
	}
	return ev
}

// namedOut is what a quote gives, whoever asks.
var namedOut = map[string]string{"name": "text<=40", "fee": "money", "first_receipt": "text<=10", "first_at": "time"}

// opening is the event that a dialogue begins with.
func (t *turn) opening() menus.Event {
	if t.hop.Approval == "" || t.d.cfg.Approvals == nil {
		return menus.Event{Kind: menus.EventBegin, Text: shortcut(t.hop)}
	}
	t.s.Approval = t.hop.Approval
	ev := menus.Event{Kind: menus.EventAsked, Text: askedPay}
	r, err := t.d.cfg.Approvals.Look(t.ctx, t.s.Approval)
	switch {
	case err != nil:
	case r.Kind == ledger.KindWithdraw:
		ev.Text = askedWithdraw
	case r.Reference != "" && t.bundle.Asks(askedBill): // an older menu shows no account
		ev.Text = askedBill
	}
	return ev
}

// quoteAsked asks to whom and at what fee the money would go that somebody asks for.
func (t *turn) quoteAsked(ctx context.Context) menus.Event {
	late := menus.Event{Kind: menus.EventOutcome, Outcome: OutcomeTimeout}
	t.s.Quote = session.Quote{}
	r, err := t.wanted(ctx)
	if err != nil || r.State != approval.Waiting {
		return late
	}
	ev := t.quoteOf(ctx, ledger.Ask{Kind: r.Kind, Payer: t.hop.MSISDN, Payee: r.Payee, Amount: ledger.Amount(r.Amount)})
	if why := astray(r, t.s); why != ledger.OK {
		t.s.Quote = session.Quote{}
		return said(why)
	}
	if t.s.Quote.Kind != 0 {
		t.s.Quote.Ref = r.Reference
	}
	if ev.Values != nil {
		ev.Values["amount"], ev.Values["payee"] = number(r.Amount), text(strings.TrimPrefix(msisdn.Local(r.Payee), "+")) // an agent asks by a phone
		ev.Values["account"] = text(r.Reference)
	}
	return ev
}

// astray tells whether what was quoted is not what was asked for: in another currency, or,
// where the ledger asks, of other accounts than it named.
func astray(r *approval.Record, s *session.Session) ledger.Reject {
	q := &s.Quote
	switch {
	case q.Kind == 0:
		return ledger.OK
	case r.From != 0 && (r.From != s.Account || r.To != q.To):
		return ledger.AliasMoved
	case r.From == 0 && string(q.Currency[:]) != r.Currency:
		return ledger.WrongCurrency
	}
	return ledger.OK
}

// wanted is the request that this dialogue is about.
func (t *turn) wanted(ctx context.Context) (*approval.Record, error) {
	if t.s.Approval == "" || t.d.cfg.Approvals == nil {
		return nil, approval.ErrUnknown
	}
	if e := t.effect; e != nil && e.result != nil { // quoted anew after it: it waits again
		return t.d.cfg.Approvals.Answered(ctx, t.s.Approval, *e.result, false)
	}
	return t.d.cfg.Approvals.Look(ctx, t.s.Approval)
}

// decline takes the subscriber's no.
func (t *turn) decline(ctx context.Context) menus.Event {
	if t.s.Approval == "" || t.d.cfg.Approvals == nil {
		return menus.Event{Kind: menus.EventOutcome, Outcome: OutcomeTimeout}
	}
	r, err := t.d.cfg.Approvals.Leave(ctx, t.s.Approval, approval.Declined, "")
	if err == nil && (r.State == approval.Declined || r.State == approval.Expired) || errors.Is(err, approval.ErrUnknown) {
		return said(ledger.OK) // nothing will come of it
	}
	return menus.Event{Kind: menus.EventOutcome, Outcome: OutcomeTimeout}
}

// approvalID is the id of the next order of the request: made from its asker's number and
// instant, so that whoever asks again under them, on any gateway, orders the same. Of one
// that was confirmed, and whose session was lost with the answer, it is that order's.
func (t *turn) approvalID() (ledger.ID, error) {
	r, err := t.wanted(t.ctx)
	if err != nil {
		return ledger.ID{}, err
	}
	switch r.State {
	case approval.Waiting:
	case approval.Confirmed, approval.Approved:
		return r.Order, nil
	default:
		return ledger.ID{}, approval.ErrOver
	}
	return t.ring.approval(r), nil // as NextOrders tells
}

// claimApproval notes the order at the request before it is placed; only then it may be.
func (t *turn) claimApproval(id ledger.ID, expires int64) ledger.Reject {
	switch err := t.d.cfg.Approvals.Claim(t.ctx, t.s.Approval, id, expires); {
	case err == nil:
		return ledger.OK
	case errors.Is(err, approval.ErrOver), errors.Is(err, approval.ErrUnknown):
		return ledger.Expired
	}
	return ledger.Busy // whether it was noted is not known; it is not placed
}

// approvalShown tells the asker what this hop's screen means: the order's answer, or an
// end without one. An order without an answer yet is asked for when somebody looks.
func (t *turn) approvalShown(show *menus.Show) {
	if t.s == nil || t.s.Approval == "" || t.d.cfg.Approvals == nil {
		return
	}
	desk, err := t.d.cfg.Approvals, error(nil)
	switch e := t.effect; {
	case e != nil && e.result != nil:
		_, err = desk.Answered(t.ctx, t.s.Approval, *e.result, show.End)
		if show.End && err == nil { // it was never claimed
			_, err = desk.Leave(t.ctx, t.s.Approval, approval.Failed, "not_possible")
		}
	case e != nil || !show.End:
	case t.hop.Op == Begin:
		_, err = desk.Leave(t.ctx, t.s.Approval, approval.Failed, "not_possible")
	default:
		_, err = desk.Leave(t.ctx, t.s.Approval, approval.Unanswered, "")
	}
	if err != nil {
		t.d.cfg.Log.Warn("what became of a request could not be noted; it is settled when somebody looks", "err", err)
	}
}

// approvalLost is a dialogue whose subscriber hung up.
func (t *turn) approvalLost(s *session.Session) {
	if t.d.cfg.Approvals != nil {
		_, _ = t.d.cfg.Approvals.Leave(t.ctx, s.Approval, approval.Unanswered, "") // else it expires
	}
}
