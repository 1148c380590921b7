package ledger

// Reject is a business answer: why a wish was not made. Zero means it was made.
// The order of the constants is the order of precedence in which apply asks
// (rule 3 of the house). Numbers are journaled and sent: add, never renumber.
type Reject uint8

// The closed list of rejects.
const (
	OK               Reject = 0
	OtherContent     Reject = 10 // this id was used for other content
	IDTime           Reject = 20 // the id's time is too old or too new
	Expired          Reject = 30 // came too late, or was resolved as not done
	Busy             Reject = 40 // judged three times and moved each time; ask again, leaves no trace
	Overloaded       Reject = 41 // refused at the door; leaves no trace
	PINKeyGone       Reject = 50 // the key that sealed the PIN was destroyed
	PINNotSet        Reject = 51
	PINLocked        Reject = 52
	PINWrong         Reject = 53
	UnknownPayer     Reject = 60
	UnknownPayee     Reject = 61
	AliasMoved       Reject = 62 // a number points to another account since the quote
	PayerFrozen      Reject = 63
	PayeeFrozen      Reject = 64
	SameAccount      Reject = 65
	WrongCurrency    Reject = 66
	FeeAboveQuote    Reject = 70
	BelowMinimum     Reject = 80
	AboveMaximum     Reject = 81
	PayerDaily       Reject = 82
	PayeeMaxBalance  Reject = 83
	LooksRepeated    Reject = 90 // same payer, payee, amount a short while ago
	NotEnoughFunds   Reject = 100
	CommandForbidden Reject = 110 // this connection may not say this
)

// rejectWord is a reject's name in screens' outcomes, metrics and reports.
var rejectWord = map[Reject]string{
	OK: "ok", OtherContent: "other_content", IDTime: "id_time", Expired: "expired",
	Busy: "busy", Overloaded: "overloaded",
	PINKeyGone: "pin_key_gone", PINNotSet: "pin_not_set", PINLocked: "pin_locked", PINWrong: "pin_wrong",
	UnknownPayer: "unknown_payer", UnknownPayee: "unknown_payee", AliasMoved: "alias_moved",
	PayerFrozen: "payer_frozen", PayeeFrozen: "payee_frozen", SameAccount: "same_account",
	WrongCurrency: "wrong_currency", FeeAboveQuote: "fee_above_quote",
	BelowMinimum: "below_minimum", AboveMaximum: "above_maximum", PayerDaily: "payer_daily",
	PayeeMaxBalance: "payee_max_balance", LooksRepeated: "looks_repeated",
	NotEnoughFunds: "not_enough_funds", CommandForbidden: "command_forbidden",
}

// String is the reject's one word, the same in metrics, reports and menus'
// outcomes.
func (r Reject) String() string {
	if w, ok := rejectWord[r]; ok {
		return w
	}
	return "unknown_reject"
}

// Transient tells whether the same id may be asked again: the answer left no
// trace in the books.
func (r Reject) Transient() bool { return r == Busy || r == Overloaded }

// Rejects is the closed list in order of precedence.
func Rejects() []Reject {
	return []Reject{
		OK, OtherContent, IDTime, Expired, Busy, Overloaded, PINKeyGone, PINNotSet, PINLocked, PINWrong,
		UnknownPayer, UnknownPayee, AliasMoved, PayerFrozen, PayeeFrozen, SameAccount, WrongCurrency,
		FeeAboveQuote, BelowMinimum, AboveMaximum, PayerDaily, PayeeMaxBalance, LooksRepeated,
		NotEnoughFunds, CommandForbidden,
	}
}
