package pin

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
)

// macDomain keeps a stored PIN apart from anything else under the same key.
const macDomain = "mlango/pin/mac/1"

// MAC is how a PIN is stored: HMAC-SHA256 under the vault's key, bound to the
// account and to a salt. Ten thousand PINs fall in minutes to any slow hash; a
// key that is not beside the record is what protects them.
func MAC(key [32]byte, account uint64, salt [16]byte, p PIN) [32]byte {
	var msg [len(macDomain) + 8 + 16 + 1 + MaxDigits]byte
	b := append(msg[:0], macDomain...)
	b = binary.BigEndian.AppendUint64(b, account)
	b = append(b, salt[:]...)
	if !p.IsZero() {
		b = append(b, p.digits().n)
		b = append(b, p.digits().typ[:]...)
	}
	h := hmac.New(sha256.New, key[:])
	h.Write(b)
	clear(msg[:])
	var mac [32]byte
	h.Sum(mac[:0])
	return mac
}

// Equal compares two MACs in a time that does not depend on where they differ.
func Equal(a, b [32]byte) bool { return subtle.ConstantTimeCompare(a[:], b[:]) == 1 }
