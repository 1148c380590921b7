package ledger

// Result is the answer to a command: the same for every repeat of its id.
type Result struct {
	ID           ID
	Reject       Reject // OK when it was made
	Place        Place  // of the first answer
	At           int64  // leader's time of the entry, ms
	Receipt      Receipt
	Fee          Amount // charged
	Balance      Amount // the payer's right after; for a Check the account's
	PayeeBalance Amount // the payee's right after; zero when it did not move (airtime)
	TriesLeft    uint8  // after PINWrong
	Leg          uint8  // of a Linked: the one that was refused
	Held         bool   // nothing moved yet: it waits for a post, a void or its time
	Version      uint32 // of a tariff or limits: the one that is last now
	Ended        Act    // after HoldEnded: how it did, by ActPost, ActVoid or ActExpire
	First        ID     // after LooksRepeated: the earlier transfer; after HoldEnded: what ended it, if that was recorded
	FirstReceipt Receipt
	FirstAt      int64       // ms, of the earlier transfer, or when the hold ended
	Lines        []Statement // what a question found, the latest first: at most MaxLines
}

// Statement is one line of an account's history as its holder sees it. It is
// plain figures: a person's name is added, opened by the vault, on its way out.
type Statement struct {
	Kind      Kind
	Part      Part
	In        bool   // money came in
	Amount    Amount // without the fee
	Fee       Amount // that came off or back with it
	Balance   Amount // right after
	Receipt   Receipt
	At        int64 // ms
	Other     Account
	State     State  // of a QueryReceipt: what became of it
	OtherName string // filled by the server, of a QueryLast: at most MaxName bytes
	OtherAddr string // filled by the server: MSISDN
}

// Part is which line of a transfer a statement shows.
type Part uint8

// The parts of a transfer. The amount's line is the payer's or the payee's, the
// payer's with the fee in it; the others are the house's, but for the commission
// that an agent earned.
const (
	PartAmount     Part = 0
	PartFee        Part = 1
	PartTax        Part = 2
	PartCommission Part = 3
)

// Profile answers "who is dialling?".
type Profile struct {
	Known    bool
	Account  Account
	Kind     AccountKind
	Language Language
	Currency Currency
	Locked   bool // PIN locked
	Frozen   bool
	NoPIN    bool // none was ever set, or it was cleared
}

// Ask is the question before a confirmation: to whom, for how much?
type Ask struct {
	Kind   Kind
	Payer  string // MSISDN that dialled
	Payee  string // number as typed, an MSISDN in E.164
	Amount Amount
}

// Quote answers an Ask. It promises nothing but the fee's ceiling: apply asks
// everything again. It does not speak of the PIN; Profile does.
type Quote struct {
	Reject       Reject // what a transfer would be refused for right now; LooksRepeated carries First
	From, To     Account
	Name         string // the payee's, as shown before the PIN
	Currency     Currency
	Fee          Amount
	Min, Max     Amount // of one transfer of this kind, for the refusal's text
	First        ID
	FirstReceipt Receipt
	FirstAt      int64
	Amount       Amount // of a KindReversal: what would come back, of First
	Number       string // of a KindReversal: MSISDN of whom it comes back from
}

// Side is whom a notice is for.
type Side uint8

// The two sides of a transfer.
const (
	SidePayer Side = 1
	SidePayee Side = 2
)

// LanesPerOperator is how many lanes the outbox of one home operator has.
const LanesPerOperator = 256

// Lane is a cut of the outbox: home operator (number given at account opening)
// × 256 + a hash of the recipient.
type Lane uint32

// Notice is one committed event that its recipient has not been told yet.
type Notice struct {
	Lane      Lane
	Seq       uint64 // in the lane, from 1
	Place     Place
	ID        ID
	Side      Side
	Kind      Kind
	Act       Act     // what happened; a transfer with Until is a hold, and nothing moved; ActCheck is that a PIN was set or changed
	Account   Account // the recipient
	Other     Account
	Amount    Amount
	Fee       Amount  // zero on the payee's side, and where nothing is taken; a hold's is what it would cost
	Balance   Amount  // the recipient's right after
	NoBalance bool    // the recipient's balance did not move (airtime)
	Receipt   Receipt // of a void and an expiry the hold's; none where no money is meant: a new PIN, a request to pay
	Until     int64   // ms, of a hold and of a request to approve a payment
	Available Amount  // of a hold, a void and an expiry: what the payer could spend right after
	Released  Amount  // of the end of a hold, to its payer: what was held and is free again, fee and all
	At        int64   // ms
	Language  Language
	Bundle    [32]byte
	// Filled on the way out, by the vault; never journaled in the clear.
	Addr      string // recipient's MSISDN
	OtherAddr string // the other side's MSISDN; of a request to approve a payment the number on its sign
	OtherName string // the other side's name
	Ref       string // what names the payer at the payee, of a paybill that has one
}
