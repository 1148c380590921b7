package ledgerclient

import (
	"fmt"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
)

// EncodeRequest is a request as bytes that DecodeRequest reads: for queues. The
// PIN inside stays sealed.
func EncodeRequest(dst []byte, r *ledger.Request) ([]byte, error) {
	out, err := wire.AppendRequest(dst, 0, r)
	if err != nil {
		return dst, fmt.Errorf("ledgerclient: encode request: %w", err)
	}
	return out, nil
}

// DecodeRequest reads what EncodeRequest wrote, all of b; anything else is an
// error that names the offset.
func DecodeRequest(b []byte) (*ledger.Request, error) {
	rec, rest, err := wire.Next(b, 0)
	if err != nil {
		return nil, fmt.Errorf("ledgerclient: decode request: %w", err)
	}
	if len(rest) != 0 {
		return nil, fmt.Errorf("ledgerclient: decode request: %d bytes too many after byte %d", len(rest), len(b)-len(rest))
	}
	r, err := rec.Request()
	if err != nil {
		return nil, fmt.Errorf("ledgerclient: decode request: %w", err)
	}
	return r, nil
}
