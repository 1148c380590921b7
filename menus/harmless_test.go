package menus

// otherCause is the reason of mutants that only transcripts can tell from the
// wallet.
const otherCause = "another cause is told, which the transcripts notice; nothing was taken, and both sentences are true of that"

// harmlessMutants are mutants that load, by the reason why nobody loses money or
// way by them.
var harmlessMutants = map[string][]string{
	"what is left out is the default, which the wallet writes for its readers": {
		"delete  region",
	},
	"leads to another screen, below the same words: whatever is confirmed there is quoted anew, named above the PIN, and nothing was taken before": {
		"retarget confirm fee_above_quote",
		"retarget airtime_quote looks_repeated",
		"retarget airtime_quote above_maximum",
		"retarget confirm alias_moved",
		"retarget confirm pin_key_gone",
		"retarget to_amharic ok",
		"retarget airtime_confirm looks_repeated",
		"retarget airtime_quote unknown_payee",
		"retarget airtime_confirm pin_key_gone",
		"retarget airtime_quote ok",
		"retarget airtime_quote below_minimum",
		"retarget airtime_confirm alias_moved",
		"retarget airtime_quote payee_frozen, payee_closed",
		"retarget confirm pin_wrong",
		"retarget quote looks_repeated",
		"retarget airtime_confirm fee_above_quote",
		"retarget repeated Send again",
		"retarget airtime_confirm pin_wrong",
	},
	otherCause: {
		"swap last expired, id_time",
		"swap airtime_confirm payer_frozen",
		"swap quote below_minimum",
		"swap quote payer_daily",
		"swap confirm payer_daily",
		"swap airtime_quote not_enough_funds",
		"swap last unknown_payer, alias_moved",
		"swap quote payee_max_balance",
		"swap balance pin_key_gone",
		"swap airtime_confirm payer_daily",
		"swap last busy, overloaded",
		"swap quote not_enough_funds",
		"swap confirm pin_key_gone",
		"swap balance busy, overloaded",
		"swap confirm unknown_payer",
		"swap confirm fee_above_quote",
		"swap quote payer_closed",
		"swap confirm pin_locked",
		"swap quote unknown_payer",
		"swap confirm unknown_payee",
		"swap airtime_confirm payer_closed",
		"swap airtime_quote unknown_payer",
	},
	"the language is said to be what it is not; no money moves, and the next screen shows it": {
		"swap to_amharic ok",
	},
	"becomes pages: no word is cut, and an answer is taken on the last": {
		"lengthen airtime_repeated text",
		"lengthen last text",
		"lengthen  digits",
		"lengthen airtime_who text",
	},
}
