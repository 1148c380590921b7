package load

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/menus"
	"mlango/simulator/operator"
)

// BenchmarkAuditOfAPayment is all that the audit does about one payment: its entry
// booked, its notices compared, its SMS kept, its session matched. It holds the making of
// them too, some 6 µs. B/payment is what stays in memory.
func BenchmarkAuditOfAPayment(b *testing.B) {
	bundle, err := Words(menus.WalletName, string(menus.Wallet()))
	if err != nil {
		b.Fatal(err)
	}
	const people = 5000
	v := newVillage(0)
	opening := <-v.feed
	cfg := &Config{Bundle: bundle, Zone: 180, OrderAge: time.Minute}
	for i := range people {
		n := ledger.Account(10_000 + i)
		cfg.People = append(cfg.People, Person{MSISDN: fmt.Sprintf("2547220%05d", i), Name: "JANE W", Language: "en", Account: n})
		opening = append(opening, ledger.OpenAccount{Account: n, Kind: ledger.AccountWallet, Currency: testCurrency}, ledger.SetPIN{Account: n},
			&ledger.Move{Transfer: ledger.Transfer{ID: v.id(), Kind: ledger.KindIssue, From: system, To: n, Amount: 1 << 40, Currency: testCurrency, Expires: v.clock + 100_000}})
	}
	opening = append(opening, ledger.SetTariff{Kind: ledger.KindSend, Bands: []ledger.Band{{Upto: 1 << 40, Fee: 700}}})
	a, mail, r := newAuditor(0, 180), newMailroom(), &Report{}
	a.entry(1, v.clock, [32]byte{}, opening)
	m := newMatcher(cfg, a, mail, r)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	b.ReportAllocs()
	cpu := cpuTime()
	visits, epoch := make([]*visit, 0, b.N), v.epoch()
	for i := 0; b.Loop(); i++ {
		payer, payee := i%people, (i*7+1)%people
		session := fmt.Sprintf("*334#/%d", i)
		move := &ledger.Move{Verdict: ledger.VerdictRight, Epoch: epoch, Transfer: ledger.Transfer{ID: v.id(), Kind: ledger.KindSend, From: cfg.People[payer].Account,
			To: cfg.People[payee].Account, Amount: 50_000, Fee: 700, Currency: testCurrency, Expires: v.clock + 100_000, Origin: ledger.Origin{Operator: "o", Session: session}}}
		a.entry(uint64(i+2), v.clock, [32]byte{}, []ledger.Command{move})
		one := &visit{session: session, placed: true, pins: 1, ending: EndPromised, at: time.UnixMilli(v.clock), plan: Plan{Goal: GoalSend, Payer: payer, Payee: payee, Amount: 50_000}}
		deeds := a.of(move.From, session)
		for i, s := range m.sidesOf(deeds[0]) {
			d := deeds[0]
			n := ledger.Notice{ID: d.id, Side: ledger.Side(i + 1), Account: s.to.Account, Other: s.other.Account, Amount: d.amount, Fee: s.fee, Balance: s.balance, At: d.at}
			copy(n.Receipt[:], fmt.Sprintf("UKM%07d", len(visits)))
			a.told.hear(&n, 0, a.about)
			plain, err := m.expected(deeds[0], &s)
			if err != nil {
				b.Fatal(err)
			}
			mail.put(operator.SMS{To: s.to.MSISDN, Text: signed(plain, n.Receipt.String()), At: time.UnixMilli(v.clock)})
		}
		m.visit(one, time.UnixMilli(v.clock))
		visits = append(visits, one)
	}
	b.StopTimer()
	b.ReportMetric(float64((cpuTime()-cpu).Nanoseconds())/float64(max(b.N, 1))/1000, "cpu-µs/payment")
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(max(b.N, 1)), "B/payment")
	if m.findings.count+a.findings.count != 0 || r.Payments.Committed != len(visits) {
		b.Fatalf("%d of %d, %+v %+v", r.Payments.Committed, len(visits), a.findings, m.findings)
	}
}
