package ledger_test

import (
	"testing"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
)

// FuzzBooks: whatever an entry says, the books do not fall over, the balances add
// up to nothing, and every line of every answer is there to be read.
func FuzzBooks(f *testing.F) {
	const now = 1_800_000_000_000
	kes := ledger.Currency{'K', 'E', 'S'}
	id := func(n byte) ledger.ID { return ledger.NewID(now, [10]byte{n}) }
	open := []ledger.Command{ledger.RequireTwo{}, ledger.Tick{}}
	for n, kind := range []ledger.AccountKind{1, 2, 3, 4, 5, 6, 7, 8, 9, 1} {
		open = append(open, ledger.OpenAccount{Account: ledger.Account(n + 1), Kind: kind, Currency: kes},
			&ledger.Move{Transfer: ledger.Transfer{ID: id(byte(n)), Kind: ledger.KindIssue, From: 5, To: ledger.Account(n + 1), Amount: 1000, Currency: kes, Expires: now}},
			ledger.SetPIN{Account: ledger.Account(n + 1)})
	}
	for _, cmds := range [][]ledger.Command{
		{&ledger.Move{Transfer: ledger.Transfer{ID: id(20), Kind: ledger.KindSend, From: 1, To: 10, Amount: 5, Currency: kes, Expires: now, Until: now + 1000}, Verdict: 1, Epoch: 1},
			ledger.Post{ID: id(21), Hold: id(20), Amount: 3, Expires: now}, ledger.Reverse{ID: id(22), Of: id(21), Fee: true, Expires: now}},
		{&ledger.Move{Transfer: ledger.Transfer{ID: id(26), Kind: ledger.KindSend, From: 1, To: 10, Amount: 5, Currency: kes, Expires: now}, Verdict: 1, Epoch: 1},
			&ledger.Move{Transfer: ledger.Transfer{ID: id(27), Kind: ledger.KindReversal, From: 1, To: 10, Amount: 5, Currency: kes, Of: id(26), Expires: now}, Verdict: 1, Epoch: 1},
			&ledger.Move{Transfer: ledger.Transfer{ID: id(28), Kind: ledger.KindPaybill, From: 1, To: 4, Amount: 5, Currency: kes, Expires: now}, Ref: []byte("meter"), Verdict: 1, Epoch: 1}},
		{ledger.Linked{ID: id(23), Expires: now, Legs: []ledger.Leg{{Kind: ledger.KindPayout, From: 4, To: 1, Amount: 5, Currency: kes}, {Kind: ledger.KindPayout, From: 6, To: 1, Amount: 5, Currency: kes}}}},
		{ledger.SetRules{Tariffs: []ledger.SetTariff{{Kind: ledger.KindSend, Bands: []ledger.Band{{Upto: 1, Fee: 3}}}}, Limits: []ledger.SetLimits{{Kind: ledger.KindSend, Tier: 1, AsFirst: true}}}, ledger.SetTariff{Kind: ledger.KindWithdraw, Bands: []ledger.Band{{Upto: 1, Fee: 3, Tax: 1, Commission: 2}}},
			&ledger.Move{Transfer: ledger.Transfer{ID: id(24), Kind: ledger.KindWithdraw, From: 1, To: 2, Amount: 5, Fee: 3, Currency: kes, Expires: now}, Verdict: 1, Epoch: 1}},
		{ledger.SetConsumer{Consumer: ledger.ConsumerPartner, On: true}, ledger.Grant{Consumer: ledger.ConsumerPartner, Owner: "x", To: 1 << 24},
			&ledger.Move{Transfer: ledger.Transfer{ID: id(25), Kind: ledger.KindSend, From: 1, To: 10, Amount: 5, Currency: kes, Expires: now, Origin: ledger.Origin{Gateway: "g"}}, Verdict: 1, Epoch: 1},
			ledger.Ack{Consumer: ledger.ConsumerPartner, Lane: ledger.LaneOf(0, 1), Epoch: 1, Upto: 1, Except: []uint64{1}}, ledger.SetConsumer{Consumer: ledger.ConsumerPartner}},
		fuzzQuestions(id, now),
		{ledger.SetAlias{Token: ledger.Token{1}, Account: 1}, ledger.ErasePerson{Account: 1}, ledger.Close{Account: 3}},
	} {
		payload := wire.BeginEntry(nil, now)
		for _, cmd := range cmds {
			payload, _ = wire.AppendCommand(payload, 0, cmd)
		}
		wire.EndEntry(payload, len(cmds))
		f.Add(payload)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		e, err := wire.DecodeEntry(payload)
		if err != nil {
			return
		}
		b := ledger.New(ledger.Options{ZoneMinutes: 180})
		for i, cmd := range append(open[1:], e.Commands...) {
			b.Apply(cmd, ledger.Place{Offset: uint32(i)}, now)
		}
		b.Apply(ledger.Tick{}, ledger.Place{Index: 1}, now+ledger.MaxHold*24*3_600_000+1)
		for currency, sum := range b.Sum() {
			if sum != 0 {
				t.Fatalf("%s is off by %d", currency, sum)
			}
		}
		for n := ledger.Account(1); n <= 10; n++ {
			v, ok := b.Account(n)
			if !ok || v.HeldDebits != 0 || v.HeldCredits != 0 || v.Kind.Holder() && v.Balance < 0 {
				t.Fatalf("account %d: %+v", n, v)
			}
			if list := b.Statement(n, 1000); len(list) > 0 && list[0].Balance != v.Balance {
				t.Fatalf("account %d ends at %d, not at %d", n, list[0].Balance, v.Balance)
			}
		}
		for lane := range ledger.Lane(4 * ledger.LanesPerOperator) {
			for _, c := range b.Consumers() {
				if at, reads := b.Cursor(c.Name, lane); reads != c.On || len(b.Notices(c.Name, lane, 0, 1000)) != at.Open {
					t.Fatalf("%s in lane %d: %+v", c.Name, lane, at)
				}
			}
		}
		b.Digest()
	})
}

// fuzzQuestions set a first PIN and ask what only it opens, and about a receipt.
func fuzzQuestions(id func(byte) ledger.ID, now int64) []ledger.Command {
	check := func(n byte, account ledger.Account, q ledger.Query) ledger.Check {
		return ledger.Check{ID: id(n), Account: account, Query: q, Expires: now}
	}
	asked := check(32, 3, ledger.QueryReceipt)
	asked.Receipt = ledger.Receipt{'U'}
	return []ledger.Command{
		ledger.SetAlias{Token: ledger.Token{1}, Account: 1}, ledger.ClearPIN{Account: 1},
		&ledger.ChangePIN{Check: check(29, 1, ledger.QueryFirstPIN), PayerToken: ledger.Token{1}, Epoch: 2, MAC: [32]byte{1}},
		&ledger.Answer{Check: check(30, 1, ledger.QueryStatement), Verdict: 1, Epoch: 3},
		&ledger.Move{Transfer: ledger.Transfer{ID: id(31), Kind: ledger.KindTill, From: 1, To: 3, Amount: 5, Currency: ledger.Currency{'K', 'E', 'S'}, Expires: now, Until: now + 1000},
			Verdict: 1, Epoch: 3},
		&ledger.Answer{Check: asked, Paid: id(31)},
	}
}
