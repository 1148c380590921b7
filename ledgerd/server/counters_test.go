package server

import (
	"encoding/json"
	"testing"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// counter opens an agent, a till or a business with a phone and a number on its sign.
func (n *running) counter(account ledger.Account, kind ledger.AccountKind, phone, sign string) {
	n.t.Helper()
	p := n.person(account, "SHOP", phone, rightPIN)
	p.Kind = kind
	n.ok(n.c.OpenPeople(n.ctx(), []ledgerclient.Person{p}))
	n.ok(n.c.PointNumber(n.ctx(), ledgerclient.Number{Account: account, Kind: kind, Number: sign}))
}

// TestACounterDialsByItsPhoneAndIsPaidByItsSign: and no other kind of counter has the sign.
func TestACounterDialsByItsPhoneAndIsPaidByItsSign(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	const agent, phone = 70, "254733000070"
	n.counter(agent, ledger.AccountAgent, phone, "100001")
	if p, err := n.c.Profile(n.ctx(), phone); err != nil || p.Account != agent || p.Kind != ledger.AccountAgent || p.NoPIN {
		t.Fatalf("%+v, %v", p, err)
	}
	for payee, want := range map[string]ledger.Reject{"100001": ledger.OK, "500001": ledger.UnknownPayee} {
		q, err := n.c.Quote(n.ctx(), ledger.Ask{Kind: ledger.KindWithdraw, Payer: msisdn(1), Payee: payee, Amount: 10_000})
		if err != nil || q.Reject != want || (q.Name == "SHOP") != (want == ledger.OK) {
			t.Errorf("cash at %s: %+v, %v", payee, q, err)
		}
	}
	if q, err := n.c.Quote(n.ctx(), ledger.Ask{Kind: ledger.KindTill, Payer: msisdn(1), Payee: "100001", Amount: 10_000}); err != nil || q.Reject != ledger.UnknownPayee {
		t.Errorf("an agent paid as a till: %+v, %v", q, err)
	}
}

// TestAReferenceIsToldToItsPayee: in the notices of both sides and to an administrator;
// the same id with another is another wish.
func TestAReferenceIsToldToItsPayee(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	const bills = 71
	n.counter(bills, ledger.AccountPaybill, "254733000071", "400200")
	pay := n.send(1, bills, 10_000, 0, rightPIN)
	pay.Transfer.Kind, pay.Payee, pay.Ref = ledger.KindPaybill, "400200", "MTR-77/2"
	res := n.do(pay, ledger.OK)
	n.do(pay, ledger.OK)
	other := *pay
	other.Ref = "MTR-78"
	n.do(&other, ledger.OtherContent)
	told := 0
	list, _ := n.srv.book.Audit(0, 1000)
	for _, one := range list {
		if one.ID != res.ID {
			continue
		}
		if told++; n.srv.ref(one.ID, one.Kind) != "MTR-77/2" {
			t.Errorf("%+v is told without its reference", one)
		}
	}
	if told != 2 {
		t.Errorf("%d are told", told)
	}
	b, known, err := n.c.Show(n.ctx(), res.ID.String())
	var sheet Sheet
	if err != nil || !known || json.Unmarshal(b, &sheet) != nil || sheet.Ref != "MTR-77/2" {
		t.Errorf("%+v, %v", sheet, err)
	}
}

// TestAPayerTakesTheLatestSendBack: as it was quoted, once, by PIN, whoever has the
// payee's number by now.
func TestAPayerTakesTheLatestSendBack(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	sent := n.do(n.send(1, 2, 10_000, 0, rightPIN), ledger.OK)
	q, err := n.c.Quote(n.ctx(), ledger.Ask{Kind: ledger.KindReversal, Payer: msisdn(1)})
	if err != nil || q.Reject != ledger.OK || q.To != 2 || q.Amount != 10_000 || q.First != sent.ID || q.FirstReceipt != sent.Receipt || q.Number != msisdn(2) || q.Name == "" {
		t.Fatalf("%+v, %v", q, err)
	}
	back := func(typed string) *ledger.Request {
		r := n.send(1, 2, 10_000, 0, typed)
		r.Transfer.Kind, r.Transfer.Of, r.Transfer.Fee, r.Payee = ledger.KindReversal, sent.ID, 0, ""
		return r
	}
	n.do(back(wrongPIN), ledger.PINWrong)
	again := back(rightPIN)
	res := n.do(again, ledger.OK)
	if repeat := n.do(again, ledger.OK); repeat.Receipt != res.Receipt || res.Receipt == sent.Receipt {
		t.Errorf("%+v, first %+v", repeat, res)
	}
	n.do(back(rightPIN), ledger.AlreadyReversed)
	if q, err := n.c.Quote(n.ctx(), ledger.Ask{Kind: ledger.KindReversal, Payer: msisdn(1)}); err != nil || q.Reject != ledger.AlreadyReversed {
		t.Errorf("%+v, %v", q, err)
	}
	if q, err := n.c.Quote(n.ctx(), ledger.Ask{Kind: ledger.KindReversal, Payer: msisdn(3)}); err != nil || q.Reject != ledger.NotReversible || q.Name != "" {
		t.Errorf("%+v, %v", q, err)
	}
}
