package main

import (
	"strings"
	"testing"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// TestWhatIsShownIsAll: the second person sees every figure they stand behind, and
// nobody's name or number.
func TestWhatIsShownIsAll(t *testing.T) {
	kes := ledger.Currency{'K', 'E', 'S'}
	for _, c := range []struct {
		item any
		want string
	}{
		{&ledger.Move{Transfer: ledger.Transfer{Kind: ledger.KindPayout, From: 1, To: 2, Amount: 123456789, Currency: kes, Fee: 700, Until: 1}},
			"payout KES 1,234,567.89 from account 1 to account 2, at most 7.00 of fee, held until 1970-01-01T03:00:00+03:00"},
		{ledger.Reverse{Of: ledger.ID{1}, Fee: true}, "bring back all that is left of transfer 0100"},
		{ledger.Reverse{Of: ledger.ID{1}, Amount: 5}, "bring back 0.05 of transfer 0100"},
		{ledger.Linked{Legs: []ledger.Leg{{Kind: ledger.KindPayout, From: 1, To: 2, Amount: 100, Currency: kes}, {From: 3, To: 4, Amount: 5, Currency: kes}}},
			"all or none of: payout KES 1.00 from account 1 to account 2"},
		{ledger.Post{Hold: ledger.ID{2}, Amount: 100}, "post 1.00 of hold 02"},
		{ledger.Void{Hold: ledger.ID{2}}, "void hold 02"},
		{ledger.Freeze{Account: 7, On: true}, "Freeze {Account:7 On:true}"},
		{ledger.SetPIN{Account: 7, MAC: [32]byte{99}}, "set the PIN of account 7"},
		{ledgerclient.Person{Account: 7, Kind: ledger.AccountWallet, Name: "JANE W", MSISDN: "254722000001"}, "open wallet account 7 2547*****001"},
		{ledgerclient.Number{Account: 7, Kind: ledger.AccountWallet, Number: "254722000001"}, "to account 7: 2547*****001"},
		{ledgerclient.PINReset{Account: 7, Number: "254722000001"}, "reset the PIN of account 7"},
	} {
		if got := describe(c.item, nairobi); !strings.Contains(got, c.want) || strings.Contains(got, "JANE") || strings.Contains(got, "254722000001") || strings.Contains(got, "99") && c.want == "set the PIN of account 7" {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	sum := sumOf([]any{ledger.Freeze{}, &ledger.Move{Transfer: ledger.Transfer{Amount: 100, Currency: kes}},
		ledger.Linked{Legs: []ledger.Leg{{Amount: 50, Currency: ledger.Currency{'U', 'S', 'D'}}}}})
	if sum != "KES 1.00 and USD 0.50" {
		t.Error(sum)
	}
	for amount, want := range map[ledger.Amount]string{0: "0.00", 7: "0.07", -7: "-0.07", 100_000: "1,000.00", -123_456_700: "-1,234,567.00"} {
		if got := figure(amount); got != want {
			t.Errorf("%d is %s, want %s", amount, got, want)
		}
	}
}
