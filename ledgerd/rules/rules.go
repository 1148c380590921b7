// Package rules is tariffs and limits as people write them: one file of all of them,
// read strictly and proved, compared with others in words and figures. It is pure; who
// asks the books and journals a change is elsewhere.
package rules

import (
	"fmt"
	"slices"

	"mlango/ledgerd/ledger"
)

// Kind is a kind of transfer that rules are written for.
type Kind struct {
	Kind ledger.Kind
	Word string // in files
}

// tableKinds are the kinds in the order of a file.
var tableKinds = []Kind{
	{ledger.KindSend, "send"}, {ledger.KindAirtime, "airtime"}, {ledger.KindDeposit, "deposit"}, {ledger.KindWithdraw, "withdraw"},
	{ledger.KindPaybill, "paybill"}, {ledger.KindTill, "till"}, {ledger.KindPayout, "payout"},
}

// Kinds are the kinds of transfer that rules are written for.
func Kinds() []Kind { return slices.Clone(tableKinds) }

// Set is all rules at an instant. A kind without bands costs nothing.
type Set struct {
	Notes  []string // for who reads the file: what it is and from when it holds
	After  *uint32  // the version of the rules that it was written on, where it says so
	Fees   map[ledger.Kind][]ledger.Band
	Limits map[ledger.Kind]map[ledger.Tier]ledger.SetLimits // of tier 0, and of those that have their own
}

// NewSet is rules by which nothing costs anything and nothing is limited.
func NewSet() *Set {
	s := &Set{Fees: map[ledger.Kind][]ledger.Band{}, Limits: map[ledger.Kind]map[ledger.Tier]ledger.SetLimits{}}
	for _, k := range tableKinds {
		s.Limits[k.Kind] = map[ledger.Tier]ledger.SetLimits{}
	}
	return s
}

// tier are the limits of a kind for a tier; own tells that they are its own.
func (s *Set) tier(k ledger.Kind, tier ledger.Tier) (l ledger.SetLimits, own bool) {
	l, own = s.Limits[k][tier]
	return l, own || tier == 0
}

// charge is what a transfer of so much costs: the band's figures. Above the last band its
// figures stay.
func charge(bands []ledger.Band, amount ledger.Amount) (b ledger.Band) {
	for _, b = range bands {
		if amount <= b.Upto {
			break
		}
	}
	b.Upto = 0
	return b
}

// Figure is an amount as people read it: 1,234.50.
func Figure(a ledger.Amount) string {
	text := fmt.Sprint(int64(a / 100))
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return fmt.Sprintf("%s.%02d", text, a%100)
}
