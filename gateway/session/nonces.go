package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Spend takes a nonce of an operator's signed call for as long as keep, for all
// gateways that share this Redis; false when one of them took it before. An error says
// that nobody knows: it may be taken now.
func (r *Redis) Spend(ctx context.Context, operator, nonce string, keep time.Duration) (fresh bool, err error) {
	var ours [16]byte // another spender of the same nonce writes something else
	_, _ = rand.Read(ours[:])
	sum := sha256.Sum256([]byte(nonce))
	key := r.prefix + "nonce:" + operator + ":" + hex.EncodeToString(sum[:16])
	_, err = r.pipes.do(ctx, &job{kind: jobSave, key: key, expect: expectation(0, false), b: ours[:], ttl: keep})
	switch {
	case errors.Is(err, ErrConflict):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("spend a nonce: %w", err)
	}
	return true, nil
}
