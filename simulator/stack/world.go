package stack

import (
	"time"

	"mlango/ledgerd/ledger"
)

// home is the operator's number in the ledger's lanes.
const home = 1

// PIN is everybody's PIN in the demo world, and nowhere else.
const PIN = "4826"

// The accounts that belong to the house.
const (
	AccountTrust   ledger.Account = 900001
	AccountFees    ledger.Account = 900002
	AccountAirtime ledger.Account = 900003
)

// shilling is a hundred cents.
const shilling ledger.Amount = 100

// tableCurrency is the demo world's.
var tableCurrency = ledger.Currency{'K', 'E', 'S'}

// zoneMinutes is the demo world's clock, east of UTC: the ledger and the menus have it
// unless they are told another.
const zoneMinutes = 180

// Zone is the clock of the demo world's operator.
func Zone() *time.Location { return time.FixedZone("EAT", zoneMinutes*60) }

// User is somebody to open an account for.
type User struct {
	Account  ledger.Account
	Kind     ledger.AccountKind
	MSISDN   string // empty: reached by no handset
	Sign     string // the number at the counter of an agent, a till or a business; empty: its MSISDN is
	Name     string
	Language string
	PIN      string // empty: none is set
	Balance  ledger.Amount
	Locked   bool // the PIN
}

// tablePeople are the ten who have a phone. Others see the first name and an
// initial. Of the last three one reads Swahili, one cannot pay for lack of money
// and one for a locked PIN.
var tablePeople = []User{
	{Account: 1, Name: "AMINA O", Balance: 25_000 * shilling},
	{Account: 2, Name: "JANE W", Balance: 12_000 * shilling},
	{Account: 3, Name: "PETER M", Balance: 8_500 * shilling},
	{Account: 4, Name: "GRACE A", Balance: 60_000 * shilling},
	{Account: 5, Name: "BRIAN K", Balance: 3_200 * shilling},
	{Account: 6, Name: "MARY C", Balance: 150 * shilling},
	{Account: 7, Name: "FAITH N", Balance: 410_000 * shilling},
	{Account: 8, Name: "JUMA H", Balance: 15_000 * shilling, Language: "sw"},
	{Account: 9, Name: "DANIEL M"},
	{Account: 10, Name: "RUTH A", Balance: 5_000 * shilling, Locked: true},
}

// tablePlaces are those who are paid at a counter. Their account is the number
// on their sign.
var tablePlaces = []User{
	{Account: 100001, Kind: ledger.AccountAgent, Name: "MWANGI AGENCIES", Balance: 200_000 * shilling},
	{Account: 100002, Kind: ledger.AccountAgent, Name: "AKINYI SHOP", Balance: 80_000 * shilling},
	{Account: 100003, Kind: ledger.AccountAgent, Name: "COAST AGENTS", Balance: 120_000 * shilling},
	{Account: 500001, Kind: ledger.AccountTill, Name: "MAMA MBOGA"},
	{Account: 500002, Kind: ledger.AccountTill, Name: "KAHAWA CAFE"},
	{Account: 500003, Kind: ledger.AccountTill, Name: "DUKA SUPERMARKET"},
	{Account: 400200, Kind: ledger.AccountPaybill, Name: "CITY WATER"},
	{Account: 400201, Kind: ledger.AccountPaybill, Name: "NURU POWER"},
	{Account: 600001, Kind: ledger.AccountPaybill, Name: "UZIMA TEA ESTATE", Balance: 5_000_000 * shilling},
}

// tableSendFees is what sending costs, up to and including an amount.
var tableSendFees = []ledger.Band{
	{Upto: 100 * shilling, Fee: 0},
	{Upto: 500 * shilling, Fee: 7 * shilling},
	{Upto: 1_000 * shilling, Fee: 13 * shilling},
	{Upto: 1_500 * shilling, Fee: 23 * shilling},
	{Upto: 2_500 * shilling, Fee: 33 * shilling},
	{Upto: 3_500 * shilling, Fee: 53 * shilling},
	{Upto: 5_000 * shilling, Fee: 57 * shilling},
	{Upto: 7_500 * shilling, Fee: 78 * shilling},
	{Upto: 10_000 * shilling, Fee: 90 * shilling},
	{Upto: 15_000 * shilling, Fee: 100 * shilling},
	{Upto: 20_000 * shilling, Fee: 105 * shilling},
	{Upto: 250_000 * shilling, Fee: 108 * shilling},
}

// tableWithdrawFees is what cash costs at an agent.
var tableWithdrawFees = []ledger.Band{
	{Upto: 100 * shilling, Fee: 11 * shilling},
	{Upto: 2_500 * shilling, Fee: 29 * shilling},
	{Upto: 3_500 * shilling, Fee: 52 * shilling},
	{Upto: 5_000 * shilling, Fee: 69 * shilling},
	{Upto: 7_500 * shilling, Fee: 87 * shilling},
	{Upto: 10_000 * shilling, Fee: 115 * shilling},
	{Upto: 15_000 * shilling, Fee: 167 * shilling},
	{Upto: 20_000 * shilling, Fee: 185 * shilling},
	{Upto: 35_000 * shilling, Fee: 197 * shilling},
	{Upto: 50_000 * shilling, Fee: 278 * shilling},
	{Upto: 250_000 * shilling, Fee: 309 * shilling},
}

// tableBillFees is what a bill costs who pays it; goods cost nothing more.
var tableBillFees = []ledger.Band{
	{Upto: 100 * shilling, Fee: 0},
	{Upto: 500 * shilling, Fee: 5 * shilling},
	{Upto: 1_000 * shilling, Fee: 10 * shilling},
	{Upto: 1_500 * shilling, Fee: 15 * shilling},
	{Upto: 2_500 * shilling, Fee: 20 * shilling},
	{Upto: 5_000 * shilling, Fee: 34 * shilling},
	{Upto: 250_000 * shilling, Fee: 48 * shilling},
}

// tableRules are the tariff and the limits of the demo world.
var tableRules = []ledger.Command{
	ledger.SetTariff{Kind: ledger.KindSend, Bands: tableSendFees},
	ledger.SetLimits{
		Kind: ledger.KindSend, Min: 1 * shilling, Max: 250_000 * shilling,
		PayerDaily: 500_000 * shilling, PayeeBalance: 500_000 * shilling,
	},
	ledger.SetLimits{
		Kind: ledger.KindAirtime, Min: 5 * shilling, Max: 10_000 * shilling, PayerDaily: 500_000 * shilling,
	},
	ledger.SetTariff{Kind: ledger.KindWithdraw, Bands: tableWithdrawFees},
	ledger.SetLimits{Kind: ledger.KindWithdraw, Min: 50 * shilling, Max: 250_000 * shilling, PayerDaily: 500_000 * shilling},
	ledger.SetLimits{Kind: ledger.KindDeposit, Min: 50 * shilling, Max: 250_000 * shilling, PayeeBalance: 500_000 * shilling},
	ledger.SetTariff{Kind: ledger.KindPaybill, Bands: tableBillFees},
	ledger.SetLimits{Kind: ledger.KindPaybill, Min: 1 * shilling, Max: 250_000 * shilling, PayerDaily: 500_000 * shilling},
	ledger.SetLimits{Kind: ledger.KindTill, Min: 1 * shilling, Max: 250_000 * shilling, PayerDaily: 500_000 * shilling},
}

// People are the ten named people of the demo world.
func People() []User {
	people := make([]User, len(tablePeople))
	for i, u := range tablePeople {
		u.Kind, u.PIN = ledger.AccountWallet, PIN
		u.MSISDN = peopleMSISDN(i)
		if u.Language == "" {
			u.Language = "en"
		}
		people[i] = u
	}
	return people
}

// peopleMSISDN is 254722000001 for the first.
func peopleMSISDN(i int) string {
	const stem = "2547220000"
	n := i + 1
	return stem + string([]byte{byte('0' + n/10), byte('0' + n%10)})
}
