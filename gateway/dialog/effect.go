package dialog

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"mlango/gateway/order"
	"mlango/gateway/session"
	"mlango/internal/msisdn"
	"mlango/internal/stop"
	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// act claims the hop, does the one thing a menu may do with a secret, and comes back
// with its outcome. Nothing is done before the claim stands.
func (t *turn) act(call *menus.Call) (menus.Event, error) {
	if t.effect != nil || t.expect == 0 {
		return menus.Event{}, errMenu // one effect a hop, and none on a dial
	}
	if !t.now().Before(t.waits()) {
		return menus.Event{}, errLate // nobody would wait for it
	}
	all, there, err := t.secrets(call)
	if err != nil {
		return menus.Event{}, err
	}
	defer all.wipe()
	if !there {
		return said(ledger.PINKeyGone), nil
	}
	if why := all.judged(t.hop.MSISDN); why != "" {
		return menus.Event{Kind: menus.EventOutcome, Outcome: why}, nil
	}
	visit := call.Visit
	if len(call.Takes) > 0 {
		visit = t.s.Kept.Visit
	}
	id := t.ring.order(t.hop, t.s.Started, visit)
	if call.Fn == "approve" {
		if id, err = t.approvalID(); err != nil {
			return said(ledger.Expired), nil // nobody waits for it any more, or nobody knows
		}
	}
	return t.claimed(call, all, id)
}

// claimed seals what an order takes, claims its hop and acts.
func (t *turn) claimed(call *menus.Call, all secrets, id ledger.ID) (menus.Event, error) {
	expires := t.hop.Arrived.Add(t.d.cfg.OrderLife).UnixMilli()
	req, err := t.request(call, id, expires)
	if err != nil {
		return menus.Event{}, err
	}
	if err := t.seal(all, req); err != nil {
		return menus.Event{}, err
	}
	t.s.Kept = session.Kept{} // used
	if err := t.claim(session.Pending{Order: id, Expires: expires, Check: req.Check != nil}); err != nil {
		return menus.Event{}, err
	}
	stop.At(stop.AfterClaim)
	t.effect = &effect{check: req.Check != nil, fn: call.Fn, promise: t.pendingPromise(t.s)}
	waits := t.waits()
	if by := t.now().Add(call.Budget); call.Budget > 0 && by.Before(waits) {
		waits = by
	}
	if t.effect.check {
		return t.question(req, waits), nil
	}
	if call.Fn == "approve" {
		if why := t.claimApproval(id, expires); why != ledger.OK {
			t.effect.result = &ledger.Result{ID: id, Reject: why}
			return said(why), nil
		}
	}
	return t.place(req, waits), nil
}

// request is the wish: a transfer as it was quoted, or a question.
func (t *turn) request(call *menus.Call, id ledger.ID, expires int64) (*ledger.Request, error) {
	origin := ledger.Origin{Operator: t.hop.Operator, Session: t.hop.Session, Gateway: t.d.cfg.Gateway}
	fn, known := tableEffects[call.Fn]
	if !known || t.s.Account == 0 {
		return nil, errMenu
	}
	req := &ledger.Request{Payer: t.hop.MSISDN}
	if fn.query != 0 {
		req.Check = &ledger.Check{ID: id, Account: ledger.Account(t.s.Account), Query: fn.query, Expires: expires, Origin: origin}
		if fn.query == ledger.QueryReceipt {
			copy(req.Check.Receipt[:], strings.ToUpper(call.Args["receipt"].Text))
		}
		return req, nil
	}
	q := &t.s.Quote
	kind := fn.kind
	if call.Fn == "approve" {
		kind = ledger.Kind(q.Kind)
	}
	if kind == 0 || ledger.Kind(q.Kind) != kind {
		return nil, errMenu // what was quoted is not what is ordered
	}
	if req.Payee, req.Ref = q.Payee, q.Ref; fn.kind == ledger.KindReversal {
		req.Payee = "" // whoever has the number now: it comes back from the account
	}
	req.Transfer = &ledger.Transfer{
		ID: id, Kind: kind, From: ledger.Account(t.s.Account), To: ledger.Account(q.To), Amount: ledger.Amount(q.Amount),
		Currency: q.Currency, Fee: ledger.Amount(q.Fee), Expires: expires, Origin: origin, Bundle: t.s.Bundle, Language: language(t.lang()),
	}
	switch {
	case fn.kind == ledger.KindReversal:
		req.Transfer.Of = q.First
	case call.Args["again"].Int != 0:
		req.Transfer.Again = q.First
	}
	return req, nil
}

// claim marks the hop as pending, with a token that is ours alone. A lost answer
// is asked for once more: saving the same bytes again is a success.
func (t *turn) claim(p session.Pending) error {
	_, _ = rand.Read(p.Token[:]) // never fails
	t.s.Hop, t.s.Position, t.s.Repeat = t.expect+1, t.hop.Position, t.mac
	t.s.Pending = p
	err := t.put(session.Resumable) // whoever dials next is told of it
	if errors.Is(err, session.ErrDown) && t.ctx.Err() == nil {
		err = t.put(session.Resumable)
	}
	if errors.Is(err, errAgain) && t.s.Pending.Token == p.Token {
		t.expect, err = t.s.Hop, nil
	}
	return err
}

// place puts the order into the queue and waits for its outcome.
func (t *turn) place(req *ledger.Request, waits time.Time) menus.Event {
	o := order.Order{Request: *req, Payer: t.hop.MSISDN, Bundle: t.s.Bundle, Lang: language(t.lang()),
		Shown: t.effect.promise.Payee, Arrived: t.hop.Arrived}
	ctx, cancel := context.WithDeadline(t.ctx, waits)
	defer cancel()
	outcome, err := t.d.cfg.Orders.Place(ctx, o)
	if err != nil {
		t.note("order", req.ID().String()+" refused by the queue")
		t.effect.result = &ledger.Result{ID: req.ID(), Reject: ledger.Busy}
		return said(ledger.Busy)
	}
	stop.At(stop.AfterPlace)
	t.note("order", req.ID().String()+" placed")
	select {
	case out := <-outcome:
		return t.ended(&out.Result)
	case <-ctx.Done():
	case <-t.fl.gone:
		t.effect.gone = true
	}
	return t.promise()
}

// promise says that an SMS will follow, once that is written down. An outcome
// that came meanwhile is better.
func (t *turn) promise() menus.Event {
	ctx, cancel := context.WithDeadline(t.ctx, t.due.Add(-SaveReserve))
	defer cancel()
	early, err := t.d.cfg.Orders.Promise(ctx, t.effect.promise)
	switch {
	case early != nil:
		return t.ended(&early.Result)
	case err != nil:
		t.d.cfg.Log.Error("a promise could not be written down", "id", t.effect.promise.ID, "err", err)
		t.effect.unsure = true
	}
	t.effect.promised = true
	t.note("order", t.effect.promise.ID.String()+" promised by SMS")
	return menus.Event{Kind: menus.EventOutcome, Outcome: OutcomeUnknown}
}

// ended takes the definite answer.
func (t *turn) ended(res *ledger.Result) menus.Event {
	stop.At(stop.AfterCommitBeforeReply)
	t.effect.result = res
	t.note("order", res.ID.String()+" "+res.Reject.String()+" "+res.Receipt.String())
	return t.outcome(res)
}

// question asks the ledger what only a PIN opens.
func (t *turn) question(req *ledger.Request, waits time.Time) menus.Event {
	ctx, cancel := context.WithDeadline(t.ctx, waits)
	defer cancel()
	res, err := t.d.cfg.Ledger.Do(ctx, req)
	switch {
	case err == nil:
		return t.ended(&res)
	case unsent(err):
		return said(ledger.Busy)
	}
	return menus.Event{Kind: menus.EventOutcome, Outcome: OutcomeUnknown}
}

// pendingPromise is what is owed to the payer of a pending order.
func (t *turn) pendingPromise(s *session.Session) order.Promise {
	return order.Promise{
		ID: s.Pending.Order, Payer: t.hop.MSISDN, Operator: t.hop.Operator, Bundle: s.Bundle, Lang: language(s.State.Language),
		Expires: s.Pending.Expires, Kind: ledger.Kind(s.Quote.Kind), Amount: s.Quote.Amount, Payee: shownPayee(&s.Quote),
	}
}

// shownPayee is whom an SMS names: a person's number masked, and what stands on a sign.
func shownPayee(q *session.Quote) string {
	if msisdn.Valid(q.Payee) {
		return msisdn.Show(q.Payee)
	}
	return q.Payee
}

func language(s string) (l ledger.Language) {
	copy(l[:], s)
	return l
}
