package server

import (
	"fmt"

	"mlango/ledgerd/ledger"
)

// tableKinds are the words of kinds of transfer in tools.
var tableKinds = []struct {
	kind ledger.Kind
	word string
}{
	{ledger.KindSend, "send"}, {ledger.KindAirtime, "airtime"}, {ledger.KindIssue, "issue"}, {ledger.KindDeposit, "deposit"},
	{ledger.KindWithdraw, "withdraw"}, {ledger.KindPaybill, "paybill"}, {ledger.KindTill, "till"}, {ledger.KindRedeem, "redeem"},
	{ledger.KindReversal, "reversal"}, {ledger.KindPayout, "payout"},
}

// KindWord is a kind of transfer in a word.
func KindWord(k ledger.Kind) string {
	for _, t := range tableKinds {
		if t.kind == k {
			return t.word
		}
	}
	return fmt.Sprintf("kind-%d", k)
}

// ParseKind finds a kind of transfer by its word.
func ParseKind(word string) (ledger.Kind, bool) {
	for _, t := range tableKinds {
		if t.word == word {
			return t.kind, true
		}
	}
	return 0, false
}

// tableAccountKinds are the words of kinds of account in tools.
var tableAccountKinds = []struct {
	kind ledger.AccountKind
	word string
}{
	{ledger.AccountWallet, "wallet"}, {ledger.AccountAgent, "agent"}, {ledger.AccountTill, "till"}, {ledger.AccountPaybill, "paybill"},
	{ledger.AccountTrust, "trust"}, {ledger.AccountFees, "fees"}, {ledger.AccountAirtime, "airtime"}, {ledger.AccountTax, "tax"},
	{ledger.AccountCommission, "commission"},
}

// AccountWord is a kind of account in a word.
func AccountWord(k ledger.AccountKind) string {
	for _, t := range tableAccountKinds {
		if t.kind == k {
			return t.word
		}
	}
	return fmt.Sprintf("kind-%d", k)
}

// ParseAccountKind finds a kind of account by its word.
func ParseAccountKind(word string) (ledger.AccountKind, bool) {
	for _, t := range tableAccountKinds {
		if t.word == word {
			return t.kind, true
		}
	}
	return 0, false
}
