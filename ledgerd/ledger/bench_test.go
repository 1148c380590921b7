package ledger

import (
	"encoding/binary"
	"testing"
)

// benchAccounts is a town: big enough that no cache holds it.
const benchAccounts = 1_000_000

var kes = Currency{'K', 'E', 'S'}

// town is a book with n funded wallets 1…n whose PINs are set and whose tokens
// are their numbers.
func town(n int) *Book {
	b := New(Options{ReceiptKey: [16]byte{1}, ZoneMinutes: 180})
	b.Apply(OpenAccount{Account: 900001, Kind: AccountTrust, Currency: kes}, Place{}, 0)
	b.Apply(OpenAccount{Account: 900002, Kind: AccountFees, Currency: kes}, Place{}, 0)
	b.Apply(SetTariff{Kind: KindSend, Bands: []Band{{Upto: 100_00}, {Upto: 1_000_00, Fee: 13_00}, {Upto: 5_000_00, Fee: 57_00}}}, Place{}, 0)
	b.Apply(SetLimits{Kind: KindSend, Min: 1, Max: 250_000_00, PayerDaily: 1 << 60, PayeeBalance: 1 << 60}, Place{}, 0)
	for i := 1; i <= n; i++ {
		a := Account(i)
		if i >= 900001 {
			a += 100
		}
		b.Apply(OpenAccount{Account: a, Kind: AccountWallet, Currency: kes, Home: 1, Sealed: make([]byte, 80)}, Place{}, 0)
		b.Apply(SetAlias{Token: benchToken(a), Account: a}, Place{}, 0)
		b.Apply(SetPIN{Account: a}, Place{}, 0)
		b.account(a).credits = 1 << 50
	}
	return b
}

func benchToken(a Account) (t Token) {
	binary.BigEndian.PutUint64(t[:], uint64(a)*0x9e3779b97f4a7c15)
	return t
}

func benchMoves(b *testing.B, payee func(i uint64) Account) {
	book := town(benchAccounts)
	session := "254722000001-0123456789abcdef"
	now := int64(1_800_000_000_000)
	rnd := uint64(1)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range uint64(b.N) {
		rnd = rnd*6364136223846793005 + 1442695040888963407
		now += int64(i % 10 / 9) // 10,000 a second
		var mac [10]byte
		binary.BigEndian.PutUint64(mac[:], rnd)
		from, to := Account(1+rnd>>40%800_000), payee(rnd>>20)
		if from == to {
			to++
		}
		m := Move{Transfer: Transfer{
			ID: NewID(now, mac), Kind: KindSend, From: from, To: to, Amount: Amount(200_00 + i%20_000_000),
			Currency: kes, Fee: 57_00, Expires: now + 1000,
			Origin: Origin{Operator: "safari", Session: session, Gateway: "g1"},
		}, PayerToken: benchToken(from), PayeeToken: benchToken(to), Verdict: VerdictRight, Epoch: 1}
		if res, _ := book.Apply(&m, Place{Index: i}, now); res.Reject != OK {
			b.Fatal(res.Reject)
		}
		if i%4096 == 0 {
			ackAll(book)
		}
	}
}

// ackAll acknowledges everything, as a confirm room that keeps up does.
func ackAll(b *Book) {
	b.Apply(Grant{Consumer: ConsumerSMS, Owner: "g1", To: 1 << 20}, Place{}, 0)
	c, _ := b.Cursor(ConsumerSMS, 0)
	for at, l := range b.outbox.all() {
		b.Apply(Ack{Consumer: ConsumerSMS, Lane: at, Epoch: c.Epoch, Upto: l.count()}, Place{}, 0)
	}
}

func BenchmarkMoveRandom(b *testing.B) {
	benchMoves(b, func(r uint64) Account { return Account(1 + r%800_000) })
}

func BenchmarkMoveHot(b *testing.B) {
	benchMoves(b, func(uint64) Account { return 800_001 })
}

// The same id again: what a retry costs.
func BenchmarkMoveRepeated(b *testing.B) {
	book := town(2)
	m := Move{Transfer: Transfer{ID: NewID(1000, [10]byte{1}), Kind: KindSend, From: 1, To: 2, Amount: 1, Currency: kes, Expires: 2000},
		Verdict: VerdictRight, Epoch: 1}
	b.ReportAllocs()
	for range b.N {
		if res, _ := book.Apply(&m, Place{}, 1000); res.Reject != OK {
			b.Fatal(res.Reject)
		}
	}
}

func BenchmarkQuote(b *testing.B) {
	book := town(1000)
	b.ReportAllocs()
	for i := range b.N {
		if q := book.Quote(KindSend, Account(1+i%500), Account(501+i%500), 200_00, 1000); q.Reject != OK {
			b.Fatal(q.Reject)
		}
	}
}

func BenchmarkReceipt(b *testing.B) {
	p := newReceipts([16]byte{1})
	for i := range b.N {
		p.begin(1, uint64(i))
		p.of(uint64(i))
	}
}

// The digest of a million accounts: what comparing two replicas costs.
func BenchmarkDigest(b *testing.B) {
	book := town(benchAccounts)
	b.ResetTimer()
	for range b.N {
		book.Digest()
	}
}
