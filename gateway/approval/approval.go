// Package approval is what others ask a subscriber to approve: a partner that is to be
// paid, an agent who hands out cash, the ledger for whoever it is operated by. Each request is asked once, by its asker's own
// number of it, and what became of it is told from the ledger, never guessed.
package approval

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"mlango/gateway/session"
	"mlango/internal/msisdn"
	"mlango/ledgerd/ledger"
)

// Limits of requests.
const (
	Life         = 90 * time.Second // from the request to the PIN; a USSD dialogue lives no longer at most operators
	Kept         = 24 * time.Hour   // what became of a request is told so long
	MaxBehind    = 2 * time.Minute  // between the asker's own instant of a request and its arrival
	MaxAhead     = 2 * time.Second  // of the asker's clock: an order's id begins with that instant, and the ledger takes none from the future
	MaxID        = 40               // bytes of an asker's number of a request
	MaxAsker     = 26               // bytes of an asker's name
	MaxName      = MaxAsker + 1 + MaxID
	MaxReference = 20                  // characters
	MaxTries     = ledger.MaxAskOrders // orders of one request: PINs typed wrong, quotes that changed
	MaxNos       = 3                   // times that a subscriber says no to one asker, or hangs up, before it asks in vain
	NosKept      = time.Hour           // since the first of them; then the asker may ask again
	settleAfter  = 5 * time.Second
	form         = 1
)

// State says how a request stands.
type State string

// The states. Only waiting and confirmed change any more.
const (
	Waiting     State = "waiting"     // on the handset, or on its way there
	Confirmed   State = "confirmed"   // the PIN was typed; the ledger's answer is not known here yet
	Approved    State = "approved"    // the transfer is in the books
	Declined    State = "declined"    // the subscriber said no
	Expired     State = "expired"     // nobody answered in time, or the order came to nothing
	Unanswered  State = "unanswered"  // the dialogue broke off, or ended without an answer
	Unreachable State = "unreachable" // the handset was busy, absent or never asked
	Failed      State = "failed"      // the ledger said no
)

// Request is what is asked, for ever the same under its asker's number of it.
type Request struct {
	Asker     string      `json:"asker"` // a partner's name, agent.ACCOUNT, or Books
	ID        string      `json:"id"`    // the asker's own
	At        int64       `json:"at"`    // ms since the Unix epoch: when the asker made it; order ids begin with it
	Kind      ledger.Kind `json:"kind"`
	Payer     string      `json:"payer"` // MSISDN
	Payee     string      `json:"payee"` // the number on the sign: of a till, a paybill, an agent
	Amount    int64       `json:"amount"`
	Currency  string      `json:"currency"`
	Reference string      `json:"reference,omitempty"`
	From      uint64      `json:"from,omitempty"` // of the ledger's: the accounts, which alone may pay and be paid
	To        uint64      `json:"to,omitempty"`
}

// Record is a request and what became of it.
type Record struct {
	Request
	Version uint64    `json:"-"`
	Writer  uint64    `json:"writer"` // random: two writers never write the same bytes, which a store takes for one
	State   State     `json:"state"`
	Until   int64     `json:"until"`             // ms: no PIN is taken after it
	Tries   uint8     `json:"tries,omitempty"`   // orders so far
	Order   ledger.ID `json:"order,omitzero"`    // the latest
	Expires int64     `json:"expires,omitempty"` // ms, that order's
	Shown   bool      `json:"shown,omitempty"`   // it surely came to the handset
	Left    bool      `json:"left,omitempty"`    // its dialogue broke off before that was known
	Receipt string    `json:"receipt,omitempty"`
	Why     string    `json:"why,omitempty"`  // of failed and unreachable, in a word
	Ends    State     `json:"ends,omitempty"` // while it waits for nobody: how it ends if no payment comes of it
}

// Why a request is not taken. None of them is kept.
var (
	ErrOther   = errors.New("approval: another request stands under this number")
	ErrOld     = errors.New("approval: the request was made too long ago, or in the future")
	ErrInvalid = errors.New("approval: it is no request")
	ErrOver    = errors.New("approval: it is over")
	ErrUnknown = errors.New("approval: no such request")
	ErrOften   = errors.New("approval: the subscriber said no too often lately")
	errLost    = errors.New("approval: a request was made, and is not kept")
)

var (
	goodID        = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	goodReference = regexp.MustCompile(`^[A-Za-z0-9./-]+( [A-Za-z0-9./-]+)*$`) // what people may type of a bill
)

// Why an Opener put nothing on a handset that may well be there; any other error of it
// says that the handset was busy or absent.
var (
	ErrNoRoom = errors.New("approval: the gateway is full, or stopping")
	ErrNotNow = errors.New("approval: there is no screen to begin with now")
)

// Words of Record.Why, of unreachable and of failed.
const (
	whyBusy   = "busy" // with another request
	whyAway   = "busy_or_absent"
	whyNoHome = "no_operator"
	whyNoRoom = "no_room"
	whyNotNow = "not_now"
	whyNo     = "not_possible"
)

// Agent is the name under which an agent's account asks.
func Agent(account uint64) string { return fmt.Sprint("agent.", account) }

// Name is the name of a request in the whole house.
func (r *Request) Name() string { return r.Asker + "/" + r.ID }

// valid holds a request to what can be asked.
func (r *Request) valid() error {
	switch {
	case len(r.ID) > MaxID || !goodID.MatchString(r.ID):
		return fmt.Errorf("%w: request is 1 to %d of A-Z a-z 0-9 . _ -", ErrInvalid, MaxID)
	case !msisdn.Valid(r.Payer):
		return fmt.Errorf("%w: msisdn is E.164 digits, as 254722000001", ErrInvalid)
	case r.Amount <= 0 || r.Amount > 1<<53:
		return fmt.Errorf("%w: amount is whole cents above 0", ErrInvalid)
	case len(r.Currency) != 3 && r.Asker != Books:
		return fmt.Errorf("%w: currency is three letters, as KES", ErrInvalid)
	case r.Reference != "" && (r.Kind != ledger.KindPaybill || len(r.Reference) > MaxReference || !goodReference.MatchString(r.Reference)):
		return fmt.Errorf("%w: reference is of a paybill only, 1 to %d of A-Z a-z 0-9 . / - and blanks between", ErrInvalid, MaxReference)
	}
	return nil
}

// Final tells whether nothing changes any more.
func (r *Record) Final() bool { return r.State != Waiting && r.State != Confirmed }

// encode is a record as a slip.
func (r *Record) encode() ([]byte, error) {
	b := binary.BigEndian.AppendUint64([]byte{form}, r.Version)
	body, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("approval: encode: %w", err)
	}
	if b = append(b, body...); len(b) > session.MaxSlip {
		return nil, fmt.Errorf("approval: encode %d bytes: %w", len(b), session.ErrTooBig)
	}
	return b, nil
}

// decode reads what encode wrote.
func decode(b []byte) (*Record, error) {
	if len(b) < 9 || b[0] != form {
		return nil, errors.New("approval: a record of another form")
	}
	r := &Record{Version: binary.BigEndian.Uint64(b[1:])}
	if err := json.Unmarshal(b[9:], r); err != nil {
		return nil, fmt.Errorf("approval: decode: %w", err)
	}
	return r, nil
}
