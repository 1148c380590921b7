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

// noes is to how many payments no was told, by why, the commonest first.
func (p *Payments) noes() (b bar, seen bool) {
	whys := slices.SortedFunc(maps.Keys(p.ToldNo), func(a, b string) int { return cmp.Or(cmp.Compare(p.ToldNo[b], p.ToldNo[a]), strings.Compare(a, b)) })
	all, rest, parts := 0, 0, []share(nil)
	for _, why := range whys {
		n := max(p.ToldNo[why], 0)
		if all += n; len(parts) < maxWhys {
			parts = append(parts, share{part{Says: said(why), Class: "mute"}, n})
		} else {
			rest += n
		}
	}
	return newBar("Payments told no", all, append(parts, share{part{Says: "for other reasons", Class: "mute"}, rest})...), all > 0
}
