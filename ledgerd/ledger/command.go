package ledger

// AccountKind says what an account is for.
type AccountKind uint8

// The kinds of account. Only trust and system accounts may go below zero.
const (
	AccountWallet  AccountKind = 1
	AccountAgent   AccountKind = 2
	AccountTill    AccountKind = 3
	AccountPaybill AccountKind = 4
	AccountTrust   AccountKind = 5 // mirror of real money at a bank
	AccountFees    AccountKind = 6
	AccountAirtime AccountKind = 7
)

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
	Sealed   []byte
}

// SetAlias points a number to an account; the latest command for a token wins.
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

// Band is one step of a tariff: amounts up to and including Upto cost Fee.
type Band struct{ Upto, Fee Amount }

// SetTariff replaces the fees of one kind; the bands rise.
type SetTariff struct {
	Kind  Kind
	Bands []Band
}

// SetLimits replaces the limits of one kind of transfer, in minor units; zero
// means no limit.
type SetLimits struct {
	Kind         Kind
	Min, Max     Amount // of one transfer
	PayerDaily   Amount // sum a payer may send in a day of the operator's zone
	PayeeBalance Amount // what the payee's balance may reach
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
}

// Answer is a judged Check.
type Answer struct {
	Check
	PayerToken Token
	Verdict    PINVerdict
	Epoch      uint32
}

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

// Tick carries nothing but the entry's time.
type Tick struct{}

// MaxExceptions bounds the notices a lane may leave open behind its cursor.
const MaxExceptions = 64

func (OpenAccount) command()     {}
func (SetAlias) command()        {}
func (SetPIN) command()          {}
func (UnlockPIN) command()       {}
func (LockPIN) command()         {}
func (Freeze) command()          {}
func (SetLanguage) command()     {}
func (SetTariff) command()       {}
func (SetLimits) command()       {}
func (SetRepeatWindow) command() {}
func (*Move) command()           {}
func (*Answer) command()         {}
func (Resolve) command()         {}
func (Grant) command()           {}
func (Ack) command()             {}
func (Tick) command()            {}
