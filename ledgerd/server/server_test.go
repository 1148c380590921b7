package server

import (
	"sync"
	"testing"
	"time"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

func TestPayment(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	p, err := n.c.Profile(n.ctx(), msisdn(1))
	if err != nil || !p.Known || p.Account != 1 || p.NoPIN || p.Currency != tableKES {
		t.Fatalf("profile %+v, %v", p, err)
	}
	if p, err = n.c.Profile(n.ctx(), "254799999999"); err != nil || p.Known {
		t.Fatalf("a stranger's profile %+v, %v", p, err)
	}
	q, err := n.c.Quote(n.ctx(), ledger.Ask{Kind: ledger.KindSend, Payer: msisdn(1), Payee: msisdn(2), Amount: 50_000})
	if err != nil || q.Reject != ledger.OK || q.To != 2 || q.Fee != 700 || q.Name != "PERSON 2" {
		t.Fatalf("quote %+v, %v", q, err)
	}
	r := n.send(1, 2, 50_000, q.Fee, rightPIN)
	res := n.do(r, ledger.OK)
	if res.Fee != 700 || res.Balance != startKES-50_700 || res.PayeeBalance != startKES+50_000 || res.Receipt == (ledger.Receipt{}) {
		t.Fatalf("result %+v", res)
	}
	if again := n.do(r, ledger.OK); !sameAnswer(again, res) {
		t.Fatalf("the same id was answered %+v, first %+v", again, res)
	}
	other := n.send(1, 2, 50_000, q.Fee, rightPIN)
	other.Transfer.ID = r.Transfer.ID
	other.Transfer.Amount++
	n.do(other, ledger.OtherContent)
	if got, known, err := n.c.Lookup(n.ctx(), r.Transfer.ID); err != nil || !known || !sameAnswer(got, res) {
		t.Fatalf("lookup %+v %v %v", got, known, err)
	}
	if _, known, err := n.c.Lookup(n.ctx(), newID()); err != nil || known {
		t.Fatalf("an unknown id is known: %v %v", known, err)
	}
	lines := n.do(n.check(2, ledger.QueryLast, rightPIN), ledger.OK).Lines
	if last := lines[0]; len(lines) != 1 || !last.In || last.Amount != 50_000 || last.OtherName != "PERSON 1" || last.OtherAddr != msisdn(1) {
		t.Fatalf("last %+v", lines)
	}
	if b := n.do(n.check(1, ledger.QueryBalance, rightPIN), ledger.OK).Balance; b != startKES-50_700 {
		t.Fatalf("balance %d", b)
	}
	if err := n.c.SetLanguage(n.ctx(), 1, ledger.Language{'s', 'w'}); err != nil {
		t.Fatal(err)
	}
	if p, _ := n.c.Profile(n.ctx(), msisdn(1)); p.Language.String() != "sw" {
		t.Fatalf("language %q", p.Language)
	}
}

// TestATillIsPaidByItsNumber: asked for and paid through the gateway's stream; the same
// digits are nobody's MSISDN.
func TestATillIsPaidByItsNumber(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	const till, number = ledger.Account(70), "600100"
	n.ok(n.c.OpenPeople(n.ctx(), []ledgerclient.Person{{Account: till, Kind: ledger.AccountTill, Currency: tableKES, Home: homeNet, Name: "DUKA"}}))
	n.ok(n.c.PointNumber(n.ctx(), ledgerclient.Number{Account: till, Kind: ledger.AccountTill, Number: number}))
	q, err := n.c.Quote(n.ctx(), ledger.Ask{Kind: ledger.KindTill, Payer: msisdn(1), Payee: number, Amount: 500})
	if err != nil || q.Reject != ledger.OK || q.To != till || q.Name != "DUKA" {
		t.Fatalf("%+v, %v", q, err)
	}
	r := n.send(1, till, 500, 0, rightPIN)
	r.Transfer.Kind, r.Payee = ledger.KindTill, number
	if res := n.do(r, ledger.OK); res.PayeeBalance != 500 {
		t.Fatalf("%+v", res)
	}
	if q, err = n.c.Quote(n.ctx(), ledger.Ask{Kind: ledger.KindSend, Payer: msisdn(1), Payee: number, Amount: 500}); err != nil || q.Reject != ledger.UnknownPayee {
		t.Fatalf("%+v, %v", q, err)
	}
}

func TestPINs(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	for _, left := range []uint8{2, 1} {
		if res := n.do(n.send(1, 2, 100, 0, wrongPIN), ledger.PINWrong); res.TriesLeft != left {
			t.Fatalf("%d tries left, want %d", res.TriesLeft, left)
		}
	}
	n.do(n.send(1, 2, 100, 0, rightPIN), ledger.OK)
	for range 3 {
		n.do(n.send(1, 2, 100, 0, wrongPIN), ledger.PINWrong)
	}
	n.do(n.send(1, 2, 100, 0, rightPIN), ledger.PINLocked)
	n.do(n.check(1, ledger.QueryBalance, rightPIN), ledger.PINLocked)
	n.ok(n.c.Admin(n.ctx(), []ledger.Command{ledger.UnlockPIN{Account: 1}}))
	n.do(n.send(1, 2, 100, 0, rightPIN), ledger.OK)

	gone := n.send(1, 2, 100, 0, rightPIN)
	gone.SealKey = 999
	n.do(gone, ledger.PINKeyGone)
	moved := n.send(1, 2, 100, 0, rightPIN)
	moved.Transfer.ID = newID() // the PIN was sealed to another wish
	n.do(moved, ledger.PINKeyGone)
	none := n.send(1, 2, 100, 0, rightPIN)
	none.Sealed = nil
	n.do(none, ledger.PINWrong)
}

// TestPINAttack tries 256 PINs at once: at most three are judged wrong, whatever
// the routes, and the right one among them does not help.
func TestPINAttack(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	second := client(t, n.addr)
	results := make(chan ledger.Reject, 256)
	var wg sync.WaitGroup
	for i := range 256 {
		r := n.send(3, 4, 100, 0, wrongPIN)
		c := n.c
		if i%2 == 0 {
			c = second
		}
		wg.Go(func() {
			for {
				res, err := c.Do(n.ctx(), r)
				if err != nil {
					t.Error(err)
				} else if res.Reject.Transient() {
					continue
				}
				results <- res.Reject
				return
			}
		})
	}
	wg.Wait()
	close(results)
	count := map[ledger.Reject]int{}
	for r := range results {
		count[r]++
	}
	if count[ledger.PINWrong] != 3 || count[ledger.PINLocked] != 253 {
		t.Fatalf("results %v, want 3 wrong and 253 locked", count)
	}
}

// TestEpochMoves: two wrong PINs, then many right ones in one batch. The first
// right one moves the epoch; the others are judged again, and all are made.
func TestEpochMoves(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	for range 2 {
		n.do(n.send(5, 6, 100, 0, wrongPIN), ledger.PINWrong)
	}
	var wg sync.WaitGroup
	for i := range 64 {
		r := n.send(5, 6, ledger.Amount(100+i), 0, rightPIN)
		wg.Go(func() { n.do(r, ledger.OK) })
	}
	wg.Wait()
}

func TestSameIDConcurrently(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	r := n.send(1, 2, 5000, 0, rightPIN)
	answers := make(chan ledger.Result, 64)
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() { answers <- n.do(r, ledger.OK) })
	}
	wg.Wait()
	first := <-answers
	for range 63 {
		if a := <-answers; !sameAnswer(a, first) {
			t.Fatalf("answers differ: %+v and %+v", a, first)
		}
	}
	if b := n.do(n.check(1, ledger.QueryBalance, rightPIN), ledger.OK).Balance; b != startKES-5000 {
		t.Fatalf("balance %d after one payment of 5000", b)
	}
}

func TestRestartReplays(t *testing.T) {
	dir := t.TempDir()
	n := start(t, dir).seed()
	r := n.send(1, 2, 50_000, 700, rightPIN)
	first := n.do(r, ledger.OK)
	n.do(n.send(3, 4, 100, 0, wrongPIN), ledger.PINWrong)
	digest, stats := n.srv.Digest(), n.srv.Stats()
	n.stop()

	n = start(t, dir)
	if n.srv.Digest() != digest {
		t.Fatal("the replayed books differ")
	}
	if s := n.srv.Stats(); s.Index < stats.Index || s.Transfers != stats.Transfers || s.Notices != stats.Notices {
		t.Fatalf("replayed %+v, was %+v", s, stats)
	}
	if again := n.do(r, ledger.OK); !sameAnswer(again, first) {
		t.Fatalf("after a restart the same id was answered %+v, first %+v", again, first)
	}
	n.do(n.send(2, 1, 100, 0, rightPIN), ledger.OK)
}

func TestResolve(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	done := n.send(1, 2, 100, 0, rightPIN)
	res := n.do(done, ledger.OK)
	if got, err := n.c.Resolve(n.ctx(), done.Transfer.ID, done.Transfer.Expires); err != nil || !sameAnswer(got, res) {
		t.Fatalf("resolve of a made one: %+v, %v", got, err)
	}
	late := n.send(1, 2, 200, 0, rightPIN)
	if got, err := n.c.Resolve(n.ctx(), late.Transfer.ID, time.Now().Add(time.Hour).UnixMilli()); err != nil || got.Reject != ledger.Busy {
		t.Fatalf("resolve before the time: %+v, %v", got, err)
	}
	if got, err := n.c.Resolve(n.ctx(), late.Transfer.ID, time.Now().Add(-time.Second).UnixMilli()); err != nil || got.Reject != ledger.Expired {
		t.Fatalf("resolve after the time: %+v, %v", got, err)
	}
	n.do(late, ledger.Expired)
}

func TestForbidden(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	issue := &ledger.Request{Transfer: &ledger.Transfer{ID: newID(), Kind: ledger.KindIssue, From: trust, To: 1, Amount: 1,
		Currency: tableKES, Expires: time.Now().Add(time.Minute).UnixMilli()}}
	n.do(issue, ledger.CommandForbidden)
	payout := n.send(1, 2, 100, 0, rightPIN)
	payout.Transfer.Kind = ledger.KindPayout
	n.do(payout, ledger.CommandForbidden)
	noNumber := n.send(1, 2, 100, 0, rightPIN)
	noNumber.Payee = ""
	n.do(noNumber, ledger.CommandForbidden)
	for _, cmd := range []ledger.Command{
		ledger.Tick{}, ledger.Grant{Consumer: "sms", Owner: "x"}, &ledger.Answer{},
		&ledger.Move{Transfer: ledger.Transfer{Kind: ledger.KindSend}, Verdict: ledger.VerdictRight},
	} {
		if _, err := n.c.Admin(n.ctx(), []ledger.Command{cmd}); err == nil {
			t.Errorf("%T was accepted from an administrator", cmd)
		}
	}
	results, err := n.c.Admin(n.ctx(), []ledger.Command{ledger.Freeze{Account: 1, On: true}, ledger.Freeze{Account: 77}})
	if err != nil || results[0].Reject != ledger.OK || results[1].Reject == ledger.OK {
		t.Fatalf("results %+v, %v", results, err)
	}
	n.do(n.send(1, 2, 100, 0, rightPIN), ledger.PayerFrozen)
}
