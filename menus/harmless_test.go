package menus

// otherCause is the reason of mutants that only transcripts can tell from the
// wallet: the test runs them.
const otherCause = "another cause is told, which the transcripts notice; nothing was taken, and both sentences say so"

// otherWords is the reason of those that change the words of two answers, which no
// proof can read.
const otherWords = "the words of two answers change places, with the same values in them: the transcripts notice"

// harmlessMutants are mutants that load, by the reason why nobody loses money or
// way by them.
var harmlessMutants = map[string][]string{
	"what is left out is the default, which the wallet writes for its readers": {
		"delete  region",
	},
	"leads to another screen, below the same words: whatever is confirmed there is quoted anew and named above the PIN, and nothing was taken before": {
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
	},
	"who comes back after a lost signal is offered nothing, or asked one question more; whatever is confirmed then is quoted anew": {
		"delete airtime_repeated resume",
		"retarget airtime_much resume",
		"retarget confirm resume",
	},
	otherCause: {
		"swap refused payer_closed",
		"swap refused payer_frozen",
		"swap quote below_minimum",
		"swap refused pin_not_set",
		"swap sending not_enough_funds",
		"swap quote payee_max_balance",
		"swap balance pin_key_gone",
		"swap confirm fee_above_quote",
		"swap confirm unknown_payee",
		"swap quote unknown_payee",
		"swap confirm payee_max_balance",
		"swap sending payer_daily",
		"swap airtime_confirm alias_moved",
		"swap airtime_confirm fee_above_quote",
	},
	otherWords: {
		"swap statement deposited",
		"swap statement sent",
		"swap statement bought",
		"swap statement paid",
		"swap statement withdrawn",
		"swap receipt_told done",
		"swap receipt_told partly_reversed",
		"swap receipt_told reversed",
		"swap receipt_told held",
	},
	"a PIN is asked for once more, or another screen comes first: nothing was placed, or the same is answered under the same id": {
		"retarget change_again pin_same",
		"retarget first_again pin_key_gone",
		"retarget statement pin_wrong",
		"swap first_again pin_key_gone",
		"swap first_again pin_too_easy",
		"swap first_again pin_set",
		"swap statement pin_key_gone",
	},
	"no receipt can be typed: the screen says so": {
		"type  checked",
	},
	"the SMS about an order that was not made names another cause; it says that nothing was taken": {
		"swap reasons pin_key_gone",
		"swap reasons expired, id_time",
		"swap reasons payer_frozen",
		"swap reasons payee_daily",
		"swap reasons above_maximum",
		"swap reasons below_minimum",
		"swap reasons payer_daily",
		"swap reasons not_enough_funds",
		"swap reasons busy, overloaded",
		"swap reasons pin_locked",
		"swap reasons wrong_currency",
	},
	"becomes pages: no word is cut, and an answer is taken on the last": {
		"lengthen airtime_repeated text",
		"lengthen last text",
		"lengthen  digits",
		"lengthen airtime_who text",
		"lengthen airtime_much text",
	},
}
