package ledger

// Kind is what a transfer is for. Its number is journaled: never reuse one.
type Kind uint8

// The kinds of transfer. Airtime credits the operator's airtime account; its To
// is the subscriber who is topped up and who is told.
const (
	KindSend     Kind = 1
	KindAirtime  Kind = 2
	KindIssue    Kind = 3 // real money arrived: trust account to anyone
	KindDeposit  Kind = 4 // cash in: agent to wallet, the agent earns
	KindWithdraw Kind = 5 // cash out: wallet to agent, the agent earns
	KindPaybill  Kind = 6
	KindTill     Kind = 7  // goods
	KindRedeem   Kind = 8  // real money leaves: anyone to trust account
	KindReversal Kind = 9  // a transfer comes back: asked for by Reverse, or by whoever sent it
	KindPayout   Kind = 10 // from a business or the house to anyone: salaries, sweeps
)

// ByPIN tells whether a transfer of the kind is its payer's own wish. The others
// are the house's, and no number that dials can ask for them.
func (k Kind) ByPIN() bool {
	return k.known() && k != KindIssue && k != KindRedeem && k != KindReversal && k != KindPayout
}

// Bounds of what a request carries. A longer field is refused by the wire.
const (
	MaxOperator = 16  // bytes of an operator's name
	MaxSession  = 48  // bytes of an operator's session key
	MaxGateway  = 16  // bytes of a gateway's name
	MaxMSISDN   = 15  // digits, E.164
	MaxSealed   = 64  // bytes of a sealed PIN
	MaxName     = 40  // bytes of a person's name
	MaxHop      = 120 // seconds an order lives after its PIN hop unless configured
	MaxHold     = 30  // days a hold may stand
)

// Origin says where a wish came from; it is journaled with the transfer.
type Origin struct {
	Operator string // configured name, at most MaxOperator bytes
	Session  string // the operator's session key, at most MaxSession bytes
	Gateway  string // which gateway took it, at most MaxGateway bytes
}

// Transfer is a wish to move money, as the payer confirmed it. Kind, From, To,
// Amount, Currency, Fee, Until, Of and a reference are its content: the same id with other content
// is rejected.
type Transfer struct {
	ID       ID
	Kind     Kind
	From, To Account
	Amount   Amount
	Currency Currency
	Fee      Amount // the fee that was shown; a higher charge is a reject
	Again    ID     // the first transfer's id, after an explicit yes to "again?"
	Of       ID     // of a KindReversal: the payer's latest send, which went to To and is to come back whole
	Expires  int64  // ms; after it the wish is dead
	Until    int64  // ms; when set the money is only held until then: Post, Void or time ends it
	Origin   Origin
	Bundle   [32]byte // the menu bundle that words the confirmation
	Language Language // the payer's
}

// Check is a question about an account. It has an id because its answer, like a
// transfer's, is given once. Account, Query and Receipt are its content.
type Check struct {
	ID      ID
	Account Account
	Query   Query
	Receipt Receipt // of QueryReceipt: what is asked about
	Expires int64   // ms
	Origin  Origin
}

// Request is what crosses the network: a wish, the PIN sealed for the judge, and
// the numbers that were dialled. Exactly one of Transfer and Check is set.
type Request struct {
	Transfer *Transfer
	Check    *Check
	SealKey  uint32 // id of the seal key; zero when there is no PIN
	Sealed   []byte // the PIN, sealed to MSISDN and id; at most MaxSealed bytes
	New      []byte // of QueryChange and QueryFirstPIN: the new PIN, sealed by the same key to MSISDN and NewPINID
	Payer    string // MSISDN that dialled; must still be an alias of the account
	Payee    string // number that was typed; must still be an alias of To
	Ref      string // of a KindPaybill: what names the payer at the payee; at most MaxRef bytes
}

// ID is the id of the wish inside.
func (r *Request) ID() ID {
	if r.Transfer != nil {
		return r.Transfer.ID
	}
	return r.Check.ID
}

// Origin is where the wish inside came from.
func (r *Request) Origin() *Origin {
	if r.Transfer != nil {
		return &r.Transfer.Origin
	}
	return &r.Check.Origin
}

// NewPINID is what the new PIN of a change is sealed to, so that it cannot be put
// in place of the present one.
func NewPINID(change ID) ID { return change.Leg(newPINLeg) }

// Expires is the instant, in ms, after which the wish inside is dead.
func (r *Request) Expires() int64 {
	if r.Transfer != nil {
		return r.Transfer.Expires
	}
	return r.Check.Expires
}
