package report

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// tableWhys are the ledger's words for a no as people say them; another one is said as
// it is.
var tableWhys = map[string]string{
	"not_enough_funds": "too little money", "looks_repeated": "looks like the payment before", "pin_wrong": "wrong PIN", "pin_locked": "PIN locked",
	"pin_not_set": "no PIN set", "pin_key_gone": "the PIN came too late", "payer_daily": "above the payer's day", "payee_daily": "above the payee's day",
	"payee_max_balance": "the payee's account is full", "above_maximum": "above the most", "below_minimum": "below the least", "unknown_payer": "payer unknown",
	"unknown_payee": "payee unknown", "payer_frozen": "payer frozen", "payee_frozen": "payee frozen", "payer_closed": "payer's account closed",
	"payee_closed": "payee's account closed", "same_account": "to oneself", "fee_above_quote": "the fee rose", "alias_moved": "the number changed hands",
	"busy": "busy", "overloaded": "overloaded", "timeout": "no answer in time", "expired": "expired", "id_time": "too old",
	"not_reversible": "cannot be taken back", "other": "for other reasons",
}

// maxWhys bounds the reasons that a page parts a bar into.
const maxWhys = 12

// said is a word of the ledger as people say it.
func said(why string) string {
	if words := tableWhys[why]; words != "" {
		return words
	}
	return spoken(why)
}

// whys are the reasons of a no as parts of a bar, the commonest first, and how many they
// are in all.
func whys(of map[string]int, class string) (parts []share, all int) {
	names := slices.SortedFunc(maps.Keys(of), func(a, b string) int { return cmp.Or(cmp.Compare(of[b], of[a]), strings.Compare(a, b)) })
	rest := 0
	for _, why := range names {
		n := max(of[why], 0)
		if all += n; len(parts) < maxWhys {
			parts = append(parts, share{part{Says: said(why), Class: class}, n})
		} else {
			rest += n
		}
	}
	return append(parts, share{part{Says: "and more", Class: class}, rest}), all
}

// noes is to how many payments no was told, by why.
func (p *Payments) noes() (b bar, seen bool) {
	parts, all := whys(p.ToldNo, "mute")
	return newBar("Payments told no", all, parts...), all > 0
}

// bar is what became of the requests of businesses.
func (a *Approvals) bar() bar {
	parts := []share{{part{Says: "paid", Class: "good"}, a.Paid}, {part{Says: "declined", Class: "mute"}, a.Declined}, {part{Says: "not answered", Class: "mute"}, a.Ignored},
		{part{Says: "without a screen", Class: "bad"}, a.Unseen}, {part{Says: "without a screen after the PIN", Class: "bad"}, a.Silent}}
	refused, _ := whys(a.RefusedFor, "warn")
	for i := range refused {
		refused[i].Says = "refused: " + refused[i].Says
	}
	return newBar("Asked by a business", a.Asked, append(parts, refused...)...)
}
