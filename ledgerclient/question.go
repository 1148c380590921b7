package ledgerclient

import (
	"errors"
	"fmt"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
)

// question is what a call says. It is written straight into the frame that leaves next,
// and once more for each try.
type question interface {
	appendTo(dst []byte, correlation uint64) ([]byte, error)
}

// errUnsayable is of a request that no record can hold; dst is left as it was.
var errUnsayable = errors.New("ledgerclient: request")

// request is one that is not a record yet.
type request ledger.Request

func (r *request) appendTo(dst []byte, correlation uint64) ([]byte, error) {
	dst, err := wire.AppendRequest(dst, correlation, (*ledger.Request)(r))
	if err != nil {
		return dst, fmt.Errorf("%w: %w", errUnsayable, err)
	}
	return dst, nil
}

// said is a record, whatever its correlation.
type said []byte

func (r said) appendTo(dst []byte, correlation uint64) ([]byte, error) {
	at := len(dst)
	dst = append(dst, r...)
	wire.SetCorrelation(dst[at:], correlation)
	return dst, nil
}
