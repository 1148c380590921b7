package ledger

// AccountKind says what an account is for.
type AccountKind uint8

// The kinds of account. Only trust accounts may go below zero.
const (
	AccountWallet  AccountKind = 1
	AccountAgent   AccountKind = 2
	AccountTill    AccountKind = 3
	AccountPaybill AccountKind = 4
	AccountTrust   AccountKind = 5 // mirror of real money at a bank
	AccountFees    AccountKind = 6
	AccountAirtime AccountKind = 7

	AccountTax        AccountKind = 8 // the state's part of the fees
	AccountCommission AccountKind = 9 // what agents are paid from
)

// Tier is how well an account's holder is known, from 0; limits go by it.
type Tier uint8

// MaxTier is the highest tier.
const MaxTier Tier = 7

// PINVerdict is what a judge found when it looked at a sealed PIN.
type PINVerdict uint8

// The verdicts. PINNone means that no PIN was given.
const (
	VerdictNone    PINVerdict = 0
	VerdictRight   PINVerdict = 1
	VerdictWrong   PINVerdict = 2
	VerdictKeyGone PINVerdict = 3
)

// Command is one fact of an entry; Book.Apply knows each. The set is closed.
type Command interface{ command() }

// OpenAccount opens an account. Sealed is name and number under the person's
// key; the books never read it.
type OpenAccount struct {
	Account  Account
	Kind     AccountKind
	Currency Currency
	Home     uint16 // home operator's number
	Language Language
	Tier     Tier
	Maximum  Amount // what its balance may reach; zero leaves that to the limits
	Sealed   []byte
}

// SetTier changes what an account may: its tier and its own maximum.
type SetTier struct {
	Account Account
	Tier    Tier
	Maximum Amount
}

// Close ends an account for good. It must be empty: no balance and no holds.
type Close struct{ Account Account }

// ErasePerson forgets who an account is: what was sealed, its PIN and its
// numbers. The money and its history stay, as an account without a name. The key
// itself is the vault's to destroy.
type ErasePerson struct{ Account Account }

// SetAlias points a number to an account from the entry's time on, or with
// account zero to none; where it pointed before stays known.
type SetAlias struct {
	Token   Token
	Account Account
}

// SetPIN stores a PIN's keyed MAC and begins a new epoch.
type SetPIN struct {
	Account Account
	Salt    [16]byte
	MAC     [32]byte
}

// ClearPIN forgets a PIN and begins a new epoch: whoever dials from the account's
// number sets another (QueryFirstPIN), and nobody in the house ever knows one.
type ClearPIN struct{ Account Account }

// UnlockPIN begins a new epoch.
type UnlockPIN struct{ Account Account }

// LockPIN ends the epoch; no PIN is right until UnlockPIN or SetPIN.
type LockPIN struct{ Account Account }

// Freeze stops (or with On false lets go on) all movement of an account.
type Freeze struct {
	Account Account
	On      bool
}

// SetLanguage remembers a subscriber's language.
type SetLanguage struct {
	Account  Account
	Language Language
}

// Band is one step of a tariff: amounts up to and including Upto cost Fee. That
// is all the payer is charged; Tax is the part of it that is the state's, the rest
// goes to the fees account. Commission is what the agent earns, from the
// commission account; only transfers with an agent pay one.
type Band struct{ Upto, Fee, Tax, Commission Amount }

// SetTariff replaces the fees of one kind; the bands rise. The version must be
// the one after the last, so that two people do not overwrite each other; zero
// takes the next, whatever it is. It holds from an instant on, at once when that
// has passed; until then the one before it does.
type SetTariff struct {
	Kind    Kind
	Version uint32
	From    int64 // ms
	Bands   []Band
}

// SetLimits replaces the limits of one kind of transfer for accounts of one tier,
// in minor units; zero means no limit. A tier that was never given limits has
// those of tier zero. Version and From are as a tariff's.
type SetLimits struct {
	Kind         Kind
	Tier         Tier
	Version      uint32
	From         int64  // ms
	Min, Max     Amount // of one transfer; by the payer's tier
	PayerDaily   Amount // sum a payer may send in a day of the operator's zone
	PayeeDaily   Amount // sum a payee may receive in such a day
	PayeeBalance Amount // what the payee's balance may reach
	AsFirst      bool   // of a tier above zero: it has tier zero's again, and no figures of its own
}

// SetRules replaces tariffs and limits together, all that it names or none of them. The
// version is that of all rules, which every change of a table raises too: it must be the
// one after the last, or zero, which takes the next. Version and From inside are zero.
type SetRules struct {
	Version uint32
	Back    uint32 // the version that it brings back; zero when none, for the record only
	From    int64  // ms
	Why     string // for the record; at most MaxWhy bytes
	Tariffs []SetTariff
	Limits  []SetLimits
}

// SetRepeatWindow is how long, in ms, an equal payment looks repeated. Ten
// minutes until set; zero turns the rule off.
type SetRepeatWindow struct{ Window int64 }

// Move is a judged Transfer: facts only, no PIN.
type Move struct {
	Transfer
	PayerToken, PayeeToken Token // the numbers that were dialled; zero is not checked
	Verdict                PINVerdict
	Epoch                  uint32 // judged against
	Ref                    []byte // sealed under the payer's key, to the id; at most MaxRefSealed bytes
}

// Answer is a judged Check that brings no PIN to be set.
type Answer struct {
	Check
	PayerToken Token
	Verdict    PINVerdict
	Epoch      uint32
	Paid       ID // of QueryReceipt: what the receipt is of, as the leader found it; zero is nothing
}

// ChangePIN is a judged Check that brings a PIN to be set, beside the present one or
// as the first: facts only.
type ChangePIN struct {
	Check
	PayerToken Token
	Verdict    PINVerdict // on the present PIN; of a first one whether it opened
	Epoch      uint32
	Easy       bool // the new PIN is one that everybody guesses
	Salt       [16]byte
	MAC        [32]byte // of the new PIN
}

// Post ends a hold: the amount, or with zero all of it, moves as the transfer
// said, and the rest is free again. A part is charged no more than was held.
type Post struct {
	ID, Hold ID
	Amount   Amount
	Expires  int64 // ms
	Origin   Origin
}

// Void ends a hold: everything is free again.
type Void struct {
	ID, Hold ID
	Expires  int64 // ms
	Origin   Origin
}

// Reverse brings back a transfer's amount, or a part of it, from whom it went to:
// a new transfer beside the old one, which stays as it is. No amount comes back
// twice. With Fee the fee and its tax come back too, once; a commission stays with
// its agent.
type Reverse struct {
	ID, Of  ID
	Amount  Amount // zero is all that is left of it
	Fee     bool
	Expires int64 // ms
	Origin  Origin
}

// MaxLegs bounds the transfers that one Linked holds together.
const MaxLegs = 16

// Leg is one of some transfers that are made all together or not at all.
type Leg struct {
	Kind     Kind // one that asks no PIN
	From, To Account
	Amount   Amount
	Currency Currency
	Fee      Amount // the most it may cost
}

// Linked makes all of its legs, in their order, or none. The whole has one id, and
// each leg has its own made from it (ID.Leg): so every leg has an answer, a
// receipt and a notice of its own and can be reversed alone, while the caller keeps
// and repeats one id. The first leg's id is the whole's.
type Linked struct {
	ID       ID
	Legs     []Leg
	Expires  int64 // ms
	Origin   Origin
	Bundle   [32]byte
	Language Language
}

// Approved is a command with who stands behind it, by the name in their certificate:
// two people, or of what one may do alone that one. An id inside that two agreed to may
// be older than another's by ApproveWithin: it was made when the first person asked.
type Approved struct {
	Cmd           Command
	First, Second string // at most MaxPersonName bytes; the second is empty of one person's
	At            int64  // ms, when the last of them said so
}

// Bare is a command without who stands behind it.
func Bare(cmd Command) Command {
	if a, ok := cmd.(Approved); ok {
		return a.Cmd
	}
	return cmd
}

// RequireTwo begins, for ever, the rule that money is made, taken out or brought
// back by an Approved command only. It is a command and no setting: the journal
// tells since when, and a replay decides as the first time.
type RequireTwo struct{}

// ApproveWithin is how long, in ms, the second person has.
const ApproveWithin = 15 * minute

// MaxPersonName bounds the name of one who approves, in bytes.
const MaxPersonName = 64

// Resolve settles an unknown: the answer, or after Expires a tombstone that no
// late copy can pass.
type Resolve struct {
	ID      ID
	Expires int64 // ms
}

// Grant gives lanes [From, To] of a consumer to an owner with a new epoch.
type Grant struct {
	Consumer string
	Owner    string
	From, To Lane
}

// Ack acknowledges a lane up to and including Upto but for Except, at most
// MaxExceptions of them. An ack of an older epoch is refused.
type Ack struct {
	Consumer string
	Lane     Lane
	Epoch    uint64
	Upto     uint64
	Except   []uint64
}

// SetConsumer has a consumer read the outbox from its entry on, or retires it: what it
// has not acknowledged then is kept for it no more. The one for SMS is never retired.
type SetConsumer struct {
	Consumer string
	On       bool
}

// Tick carries nothing but the entry's time. Holds whose time is over expire by
// it, so many at once; Book.Due tells whether one is wanted.
type Tick struct{}

// MaxExceptions bounds the notices a lane may leave open behind its cursor.
const MaxExceptions = 64

func (OpenAccount) command()     {}
func (SetTier) command()         {}
func (Close) command()           {}
func (ErasePerson) command()     {}
func (SetAlias) command()        {}
func (SetPIN) command()          {}
func (ClearPIN) command()        {}
func (UnlockPIN) command()       {}
func (LockPIN) command()         {}
func (Freeze) command()          {}
func (SetLanguage) command()     {}
func (SetTariff) command()       {}
func (SetLimits) command()       {}
func (SetRules) command()        {}
func (SetRepeatWindow) command() {}
func (*Move) command()           {}
func (*Answer) command()         {}
func (*ChangePIN) command()      {}
func (Post) command()            {}
func (Void) command()            {}
func (Reverse) command()         {}
func (Linked) command()          {}
func (Approved) command()        {}
func (RequireTwo) command()      {}
func (Resolve) command()         {}
func (Grant) command()           {}
func (Ack) command()             {}
func (SetConsumer) command()     {}
func (Tick) command()            {}
