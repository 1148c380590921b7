package server

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// first is a first PIN as a gateway brings it.
func (n *running) first(account ledger.Account, number, typed string) *ledger.Request {
	n.t.Helper()
	r := &ledger.Request{Payer: number, Check: &ledger.Check{ID: newID(), Account: account, Query: ledger.QueryFirstPIN, Expires: time.Now().Add(time.Minute).UnixMilli()}}
	r.SealKey, r.New = n.seal(number, ledger.NewPINID(r.Check.ID), typed)
	return r
}

// TestAStatementIsTheLastLines: the latest first, no more than fit an answer, nobody
// named; the same when it is asked again later.
func TestAStatementIsTheLastLines(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	for i := range ledger.Amount(6) {
		n.do(n.send(1, 2, 1_000+i, 0, rightPIN), ledger.OK)
	}
	asked := n.check(1, ledger.QueryStatement, rightPIN)
	res := n.do(asked, ledger.OK)
	if len(res.Lines) != ledger.MaxLines {
		t.Fatalf("%+v", res.Lines)
	}
	for i, l := range res.Lines {
		if l.In || l.Amount != 1_005-ledger.Amount(i) || l.Receipt == (ledger.Receipt{}) || l.OtherName+l.OtherAddr != "" {
			t.Fatalf("line %d: %+v", i, l)
		}
	}
	n.do(n.send(1, 2, 2_000, 0, rightPIN), ledger.OK)
	if again := n.do(asked, ledger.OK); !sameAnswer(again, res) {
		t.Fatalf("%+v, first %+v", again, res)
	}
	n.do(n.check(1, ledger.QueryStatement, wrongPIN), ledger.PINWrong)
}

// TestATillAsksAboutItsReceipts: to its payee a payment is told, to anybody else the
// receipt is unknown, and so it is after too many questions.
func TestATillAsksAboutItsReceipts(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	const till, other, phone = 60, 61, "254733000060"
	open := func(account ledger.Account, number, phone string) {
		n.ok(n.c.OpenPeople(n.ctx(), []ledgerclient.Person{{Account: account, Kind: ledger.AccountTill, Currency: tableKES, Home: homeNet, Name: "SHOP", MSISDN: number}}))
		n.ok(n.c.PointNumber(n.ctx(), ledgerclient.Number{Account: account, Kind: ledger.AccountWallet, Number: phone}))
	}
	open(till, "500001", phone)
	open(other, "500002", "254733000061")
	pay := n.send(1, till, 30_000, 0, rightPIN)
	pay.Transfer.Kind, pay.Payee = ledger.KindTill, "500001"
	receipt := n.do(pay, ledger.OK).Receipt
	ask := func(account ledger.Account, number string, receipt ledger.Receipt, want ledger.Reject) ledger.Result {
		t.Helper()
		return n.do(&ledger.Request{Payer: number, Check: &ledger.Check{ID: newID(), Account: account, Query: ledger.QueryReceipt, Receipt: receipt,
			Expires: time.Now().Add(time.Minute).UnixMilli()}}, want)
	}
	told := ask(till, phone, receipt, ledger.OK).Lines
	if len(told) != 1 || told[0].State != ledger.StateDone || told[0].Amount != 30_000 || told[0].OtherAddr != msisdn(1) || told[0].OtherName != "" || told[0].Balance != 0 {
		t.Fatalf("%+v", told)
	}
	ask(1, msisdn(1), receipt, ledger.CommandForbidden)
	ask(other, "254733000061", receipt, ledger.ReceiptUnknown)
	ask(other, "254733000061", ledger.Receipt([]byte("UKM0000000")), ledger.ReceiptUnknown)
	ask(till, msisdn(1), receipt, ledger.AliasMoved)
	for asked := 1; ; asked++ {
		res := n.asks(till, phone, receipt)
		if res.Reject == ledger.AskedTooOften && (asked == ledger.MaxReceiptsAsked || asked == 2*ledger.MaxReceiptsAsked) { // the clock's ten minutes may turn
			break
		}
		if res.Reject != ledger.OK || asked > 2*ledger.MaxReceiptsAsked {
			t.Fatalf("question %d: %v", asked+1, res.Reject)
		}
	}
}

// do2 asks about a receipt, whatever the answer.
func (n *running) asks(account ledger.Account, number string, receipt ledger.Receipt) ledger.Result {
	n.t.Helper()
	res, err := n.c.Do(n.ctx(), &ledger.Request{Payer: number, Check: &ledger.Check{ID: newID(), Account: account, Query: ledger.QueryReceipt, Receipt: receipt,
		Expires: time.Now().Add(time.Minute).UnixMilli()}})
	if err != nil {
		n.t.Fatal(err)
	}
	return res
}

// TestOneFirstPINOfMany: whoever tries to be first, one is, and it is the one that counts.
func TestOneFirstPINOfMany(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	n.ok(n.c.ResetPIN(n.ctx(), ledgerclient.PINReset{Account: 1, Number: msisdn(1)}))
	const tries = 32
	typed := func(i int) string { return fmt.Sprintf("73%04d", 1_000+i*37) }
	wishes, answers := make([]*ledger.Request, tries), make([]ledger.Reject, tries)
	var wg sync.WaitGroup
	for i := range tries {
		wishes[i] = n.first(1, msisdn(1), typed(i))
		wg.Go(func() {
			res, err := n.c.Do(n.ctx(), wishes[i])
			if answers[i] = res.Reject; err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	won := slices.Index(answers, ledger.OK)
	for i, r := range answers {
		if i != won && r != ledger.PINIsSet {
			t.Errorf("try %d: %v", i, r)
		}
		if got := n.do(wishes[i], r); got.Reject != r {
			t.Errorf("asked again, try %d: %v", i, got.Reject)
		}
	}
	if won < 0 {
		t.Fatal("nobody was first")
	}
	n.do(n.check(1, ledger.QueryBalance, typed(won)), ledger.OK)
	n.do(n.check(1, ledger.QueryBalance, typed((won+1)%tries)), ledger.PINWrong)
}
