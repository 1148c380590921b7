package dialog

import (
	"context"
	"errors"
	"slices"

	"mlango/gateway/session"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// tableEffects are the catalogue's orders.
var tableEffects = map[string]struct {
	kind  ledger.Kind
	query ledger.Query
}{
	"send":       {kind: ledger.KindSend},
	"airtime":    {kind: ledger.KindAirtime},
	"approve":    {}, // of the kind that was asked for
	"withdraw":   {kind: ledger.KindWithdraw},
	"pay_bill":   {kind: ledger.KindPaybill},
	"buy_goods":  {kind: ledger.KindTill},
	"deposit":    {kind: ledger.KindDeposit},
	"reverse":    {kind: ledger.KindReversal},
	"balance":    {query: ledger.QueryBalance},
	"last":       {query: ledger.QueryLast},
	"statement":  {query: ledger.QueryStatement},
	"change_pin": {query: ledger.QueryChange},
	"first_pin":  {query: ledger.QueryFirstPIN},
	"receipt":    {query: ledger.QueryReceipt},
}

// answer does what a menu asks and brings it the outcome.
func (t *turn) answer(call *menus.Call) (menus.Event, error) {
	t.asked = true
	if call.Effects {
		return t.act(call)
	}
	waits := t.waits()
	if by := t.now().Add(call.Budget); call.Budget > 0 && by.Before(waits) {
		waits = by
	}
	ctx, cancel := context.WithDeadline(t.ctx, waits)
	defer cancel()
	if kind := tableQuotes[call.Fn]; kind != 0 {
		return t.quote(ctx, call, kind), nil
	}
	switch call.Fn {
	case "set_language":
		return t.setLanguage(ctx, call), nil
	case "quote_asked":
		return t.quoteAsked(ctx), nil
	case "decline":
		return t.decline(ctx), nil
	case "ask_withdraw":
		return t.askWithdraw(ctx, call), nil
	case "asked_last":
		return t.askedLast(ctx), nil
	}
	return menus.Event{}, errMenu
}

// quote asks to whom and at what fee, and keeps what the order must repeat.
func (t *turn) quote(ctx context.Context, call *menus.Call, kind ledger.Kind) menus.Event {
	ref := call.Args["account"].Text
	if len(ref) > session.MaxRef { // as few letters, but no order bears so many bytes
		t.s.Quote = session.Quote{}
		return menus.Event{Kind: menus.EventOutcome, Outcome: OutcomeTimeout}
	}
	ev := t.quoteOf(ctx, ledger.Ask{Kind: kind, Payer: t.hop.MSISDN, Payee: call.Args["to"].Text, Amount: ledger.Amount(call.Args["amount"].Int)})
	if t.s.Quote.Kind != 0 {
		t.s.Quote.Ref = ref
	}
	return ev
}

// quoteOf is the answer to an ask.
func (t *turn) quoteOf(ctx context.Context, ask ledger.Ask) menus.Event {
	t.s.Quote = session.Quote{}
	q, err := t.d.cfg.Ledger.Quote(ctx, ask)
	if err != nil || q.Reject != ledger.OK && !slices.Contains(quoteRejectsOf(ask.Kind), q.Reject) {
		return menus.Event{Kind: menus.EventOutcome, Outcome: OutcomeTimeout}
	}
	ev := said(q.Reject)
	ev.Values = map[string]menus.Value{
		"name": text(q.Name), "fee": number(int64(q.Fee)), "min": number(int64(q.Min)), "max": number(int64(q.Max)),
		"first_receipt": text(q.FirstReceipt.String()), "first_at": number(q.FirstAt),
	}
	if ask.Kind == ledger.KindReversal {
		ask.Payee, ask.Amount = q.Number, q.Amount
		ev.Values["to"], ev.Values["amount"] = text(q.Number), number(int64(q.Amount))
	}
	if q.Reject == ledger.OK || q.Reject == ledger.LooksRepeated {
		t.s.Quote = session.Quote{Kind: uint8(ask.Kind), To: uint64(q.To), Amount: int64(ask.Amount), Fee: int64(q.Fee),
			Payee: ask.Payee, Currency: q.Currency, First: q.First}
		if q.From != 0 { // the number may belong to another account since the dial
			t.s.Account = uint64(q.From)
		}
	}
	return ev
}

func (t *turn) setLanguage(ctx context.Context, call *menus.Call) menus.Event {
	err := t.d.cfg.Ledger.SetLanguage(ctx, ledger.Account(t.s.Account), language(call.Args["language"].Text))
	if err != nil {
		return menus.Event{Kind: menus.EventOutcome, Outcome: OutcomeTimeout}
	}
	return said(ledger.OK)
}

// outcome is an answer in the menu's words.
func (t *turn) outcome(res *ledger.Result) menus.Event {
	ev := said(res.Reject)
	ev.Values = map[string]menus.Value{
		"receipt": text(res.Receipt.String()), "fee": number(int64(res.Fee)), "balance": number(int64(res.Balance)),
		"tries_left": number(int64(res.TriesLeft)), "first_receipt": text(res.FirstReceipt.String()), "first_at": number(res.FirstAt),
	}
	switch {
	case res.Reject == ledger.PINWrong && res.TriesLeft == 0:
		ev.Outcome = ledger.PINLocked.String()
	case res.Reject == ledger.LooksRepeated:
		t.s.Quote.First = res.First
	case t.effect.check:
		t.found(&ev, res)
	case ledger.Kind(t.s.Quote.Kind) == ledger.KindReversal: // whoever dialled is whom the money came back to
		ev.Values["balance"] = number(int64(res.PayeeBalance))
	}
	return ev
}

func said(r ledger.Reject) menus.Event {
	return menus.Event{Kind: menus.EventOutcome, Outcome: r.String()}
}

func text(s string) menus.Value  { return menus.Value{Set: true, Text: s} }
func number(n int64) menus.Value { return menus.Value{Set: true, Int: n} }

// unsent tells that a request surely did not reach the ledger.
func unsent(err error) bool { return errors.Is(err, ledgerclient.ErrUnavailable) }
