package ledger

// Reject is a business answer: why a wish was not made. Zero means it was made.
// The order of the constants is the order of precedence in which apply asks
// (rule 3 of the house). Numbers are journaled and sent: add, never renumber.
type Reject uint8

// The closed list of rejects.
const (
	OK                Reject = 0
	OtherContent      Reject = 10 // this id was used for other content
	IDTime            Reject = 20 // the id's time is too old or too new
	Expired           Reject = 30 // came too late, or was resolved as not done
	Busy              Reject = 40 // judged three times and moved each time; ask again, leaves no trace
	Overloaded        Reject = 41 // refused at the door; leaves no trace
	NeedsSecondPerson Reject = 42 // one person is not enough for this; leaves no trace
	PINIsSet          Reject = 49 // a first PIN, where there is one
	PINKeyGone        Reject = 50 // the key that sealed the PIN was destroyed
	PINNotSet         Reject = 51
	PINLocked         Reject = 52
	PINWrong          Reject = 53
	PINTooEasy        Reject = 54 // the new PIN is one that everybody guesses
	HoldUnknown       Reject = 55
	HoldEnded         Reject = 56 // posted, voided or expired
	AboveHold         Reject = 57 // more than is held
	NotReversible     Reject = 58 // no transfer, or one of a kind that stays
	AlreadyReversed   Reject = 59 // so much of it is not left
	UnknownPayer      Reject = 60
	UnknownPayee      Reject = 61
	AliasMoved        Reject = 62 // a number points to another account since the quote
	PayerFrozen       Reject = 63
	PayeeFrozen       Reject = 64
	SameAccount       Reject = 65
	WrongCurrency     Reject = 66
	PayerClosed       Reject = 67
	PayeeClosed       Reject = 68
	NotEmpty          Reject = 69 // there is money or a hold in it
	FeeAboveQuote     Reject = 70
	BelowMinimum      Reject = 80
	AboveMaximum      Reject = 81
	PayerDaily        Reject = 82
	PayeeMaxBalance   Reject = 83
	PayeeDaily        Reject = 84
	AskedTooOften     Reject = 85 // too many receipts in a short while
	ReceiptUnknown    Reject = 86 // there is none, or it is of a payment to somebody else
	LooksRepeated     Reject = 90 // same payer, payee, amount a short while ago
	NotEnoughFunds    Reject = 100
	PayeeSpent        Reject = 101 // what is to come back is not there any more
	CommandForbidden  Reject = 110 // this connection may not say this
	StaleVersion      Reject = 111 // somebody else changed it meanwhile
)

// tableRejects is the closed list in order of precedence. A reject's name is the
// same in screens' outcomes, metrics and reports; an order is a subscriber's wish,
// the others answer the house.
var tableRejects = []struct {
	reject Reject
	name   string
	order  bool
}{
	{OK, "ok", true}, {OtherContent, "other_content", true}, {IDTime, "id_time", true}, {Expired, "expired", true},
	{Busy, "busy", true}, {Overloaded, "overloaded", true}, {NeedsSecondPerson, "needs_second_person", false},
	{PINIsSet, "pin_set", false}, {PINKeyGone, "pin_key_gone", true}, {PINNotSet, "pin_not_set", true}, {PINLocked, "pin_locked", true},
	{PINWrong, "pin_wrong", true}, {PINTooEasy, "pin_too_easy", false},
	{HoldUnknown, "hold_unknown", false}, {HoldEnded, "hold_ended", false}, {AboveHold, "above_hold", false},
	{NotReversible, "not_reversible", false}, {AlreadyReversed, "already_reversed", false},
	{UnknownPayer, "unknown_payer", true}, {UnknownPayee, "unknown_payee", true}, {AliasMoved, "alias_moved", true},
	{PayerFrozen, "payer_frozen", true}, {PayeeFrozen, "payee_frozen", true}, {SameAccount, "same_account", true},
	{WrongCurrency, "wrong_currency", true}, {PayerClosed, "payer_closed", true}, {PayeeClosed, "payee_closed", true},
	{NotEmpty, "not_empty", false}, {FeeAboveQuote, "fee_above_quote", true}, {BelowMinimum, "below_minimum", true},
	{AboveMaximum, "above_maximum", true}, {PayerDaily, "payer_daily", true}, {PayeeMaxBalance, "payee_max_balance", true},
	{PayeeDaily, "payee_daily", true}, {AskedTooOften, "asked_too_often", false}, {ReceiptUnknown, "receipt_unknown", false},
	{LooksRepeated, "looks_repeated", true}, {NotEnoughFunds, "not_enough_funds", true}, {PayeeSpent, "payee_spent", false},
	{CommandForbidden, "command_forbidden", true}, {StaleVersion, "stale_version", false},
}

// String is the reject's one word, the same in metrics, reports and menus'
// outcomes.
func (r Reject) String() string {
	for i := range tableRejects {
		if tableRejects[i].reject == r {
			return tableRejects[i].name
		}
	}
	return "unknown_reject"
}

// Transient tells whether the same id may be asked again: the answer left no
// trace in the books.
func (r Reject) Transient() bool { return r == Busy || r == Overloaded }

// traceless tells whether the answer left no trace: those that are asked again, and the
// one that another person's word makes good.
func (r Reject) traceless() bool { return r.Transient() || r == NeedsSecondPerson }

// Rejects is the closed list in order of precedence.
func Rejects() []Reject { return rejects(false) }

// OrderRejects are those in which a subscriber's order can end: what a menu has
// words for.
func OrderRejects() []Reject { return rejects(true) }

func rejects(ordersOnly bool) (list []Reject) {
	for _, row := range tableRejects {
		if row.order || !ordersOnly {
			list = append(list, row.reject)
		}
	}
	return list
}
