package dialog

import (
	"context"
	"errors"
)

// Opener reaches subscribers who did not dial. The door of an operator that
// speaks USSD over SMPP is one.
type Opener interface {
	// Open begins a dialogue as if the subscriber had dialled code, and puts its
	// first screen on the handset (USSR). nil: the operator took the screen.
	Open(ctx context.Context, operator, msisdn, code string) error
	// Approve begins a dialogue about the request of that name, and puts its first screen
	// on the handset. On an error no such dialogue is left.
	Approve(ctx context.Context, operator, msisdn, name string) error
	// Notify puts a text on the handset that nobody answers (USSN). nil: the
	// operator took it.
	Notify(ctx context.Context, operator, msisdn, text string) error
}

// Why nothing was put on a handset.
var (
	ErrNoOpener = errors.New("dialog: this operator takes no dialogue that we open")
	ErrNotOurs  = errors.New("dialog: the code is none of ours, or the number is none")
	ErrLong     = errors.New("dialog: the text does not fit a handset of this operator")
	ErrFull     = errors.New("dialog: no room for one more dialogue now")
	ErrNoScreen = errors.New("dialog: the menu has no screen to begin with now")
)
