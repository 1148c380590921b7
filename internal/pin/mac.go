package pin

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"hash"
	"sync"
)

// macDomain keeps a stored PIN apart from anything else under the same key.
const macDomain = "mlango/pin/mac/1"

// MACs makes MACs under one key, which costs half of it less than anew each time.
// Many goroutines may use it.
type MACs struct{ rooms sync.Pool }

// NewMACs makes a key ready.
func NewMACs(key [32]byte) *MACs {
	return &MACs{rooms: sync.Pool{New: func() any { return &macRoom{hash: hmac.New(sha256.New, key[:])} }}}
}

// macRoom is what one MAC is made in: neither a PIN nor its MAC is left in it.
type macRoom struct {
	hash hash.Hash
	msg  [len(macDomain) + 8 + 16 + 1 + MaxDigits]byte
	mac  [32]byte
}

// MAC is how a PIN is stored: HMAC-SHA256 under the vault's key, bound to the
// account and to a salt. Ten thousand PINs fall in minutes to any slow hash; a
// key that is not beside the record is what protects them.
func (m *MACs) MAC(account uint64, salt [16]byte, p PIN) (mac [32]byte) {
	r := m.rooms.Get().(*macRoom)
	defer m.rooms.Put(r)
	b := append(r.msg[:0], macDomain...)
	b = binary.BigEndian.AppendUint64(b, account)
	b = append(b, salt[:]...)
	if !p.IsZero() {
		b = append(b, p.digits().n)
		b = append(b, p.digits().typ[:]...)
	}
	r.hash.Reset()
	r.hash.Write(b)
	r.hash.Sum(r.mac[:0])
	mac = r.mac
	r.hash.Reset()
	clear(r.msg[:])
	clear(r.mac[:])
	return mac
}

// MAC is MACs.MAC for those who use a key once.
func MAC(key [32]byte, account uint64, salt [16]byte, p PIN) [32]byte {
	return NewMACs(key).MAC(account, salt, p)
}

// Equal compares two MACs in a time that does not depend on where they differ.
func Equal(a, b [32]byte) bool { return subtle.ConstantTimeCompare(a[:], b[:]) == 1 }
