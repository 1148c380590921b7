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
	"leads to another screen, below the same words: whatever is confirmed there is quoted anew and named above the PIN, and nothing was taken before": {
		"retarget confirm fee_above_quote",
		"retarget airtime_quote looks_repeated",
		"retarget airtime_quote above_maximum",
		"retarget withdraw_quote ok",
		"retarget withdraw_quote unknown_payee",
		"retarget withdraw_confirm fee_above_quote",
		"retarget withdraw_quote above_maximum",
		"retarget float pin_key_gone",
		"retarget goods_quote payee_frozen, payee_closed, same_account",
		"retarget deposit_confirm alias_moved",
		"retarget till {key",
	},
	"who comes back after a lost signal is offered nothing, or asked one question more; whatever is confirmed then is quoted anew": {
		"retarget airtime_much resume",
		"retarget withdraw_confirm resume",
	},
	otherCause: {
		"swap refused payer_closed",
		"swap refused payer_frozen",
		"swap quote below_minimum",
		"swap refused pin_not_set",
		"swap sending not_enough_funds",
		"swap quote payee_max_balance",
		"swap balance pin_key_gone",
		"delete paying payer_daily",
		"swap paying payer_daily",
		"swap reversal_confirm unknown_payee, payee_frozen, payee_close",
		"swap goods_quote below_minimum",
	},
	otherWords: {
		"swap cash_last none",
		"swap cash_last expired, unanswered",
		"swap cash_last waiting",
		"swap cash_ask away",
		"swap statement deposited",
		"swap receipt_told done",
	},
	"a PIN is asked for once more, or another screen comes first: nothing was placed, or the same is answered under the same id": {
		"retarget change_again pin_same",
		"swap first_again pin_key_gone",
		"swap statement pin_key_gone",
	},
	"a request is not answered, or another screen comes first: without a PIN below its amount and payee nothing is taken, and who asked hears that nobody answered": {
		"delete owed_again back",
		"retarget cash_confirm pin_wrong",
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
	},
	"becomes pages: no word is cut, and an answer is taken on the last": {
		"lengthen airtime_repeated text",
		"lengthen last text",
	},
}
