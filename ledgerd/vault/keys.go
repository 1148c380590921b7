package vault

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"hash"
	"sync"
)

// static are the keys that are made once and live as long as the vault.
type static struct {
	id      [32]byte // what gateways make transfer ids with
	pin     [32]byte // stored PINs are MACs under it
	token   [32]byte // what finds an alias without naming it
	receipt [16]byte // permutes the day's counter into receipt numbers
}

// The keys file: magic and version, the four keys, a checksum.
const (
	staticMagic = "MLVKEYS1"
	staticSize  = len(staticMagic) + 3*32 + 16 + sumSize
)

// markDomain keeps a vault's mark apart from anything else that is made of its keys.
const markDomain = "mlango/vault/mark/1"

// tokenDomain keeps tokens apart from anything else under the same key.
const tokenDomain = "mlango/vault/token/1"

// Kinds of alias, as part of a token: the same digits as an MSISDN and as a till
// number are two tokens. The numbers are for ever; tokens are journaled.
const (
	TokenMSISDN  uint8 = 1
	TokenAgent   uint8 = 2
	TokenTill    uint8 = 3
	TokenPaybill uint8 = 4
)

// IDKey is the key gateways make transfer ids with.
func (v *Vault) IDKey() [32]byte { return v.keys().id }

// PINKey is the key stored PINs are MACs under. It never leaves the ledger.
func (v *Vault) PINKey() [32]byte { return v.keys().pin }

// ReceiptKey permutes the day's commit counter into receipt numbers.
func (v *Vault) ReceiptKey() [16]byte { return v.keys().receipt }

// Mark tells this vault from every other and nothing about its keys. Every node of a
// cluster has the same.
func (v *Vault) Mark() [8]byte {
	k := v.keys()
	h := sha256.New()
	h.Write([]byte(markDomain))
	for _, key := range [][]byte{k.id[:], k.pin[:], k.token[:], k.receipt[:]} {
		h.Write(key)
	}
	return [8]byte(h.Sum(nil))
}

func (v *Vault) keys() static {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.static
}

// Token finds an alias without naming it: a MAC of kind and number, cut to 16
// bytes. The same number gives the same token as long as the vault lives.
func (v *Vault) Token(kind uint8, number string) [16]byte {
	v.mu.RLock()
	rooms := v.tokens
	v.mu.RUnlock()
	r := rooms.Get().(*tokenRoom)
	defer rooms.Put(r)
	r.msg = append(append(append(r.msg[:0], tokenDomain...), kind), number...)
	r.hash.Reset()
	r.hash.Write(r.msg)
	token := [16]byte(r.hash.Sum(r.sum[:0]))
	r.hash.Reset()
	clear(r.msg) // it is somebody's number
	return token
}

// tokenRoom is what one token is made in; its key was made ready once.
type tokenRoom struct {
	hash hash.Hash
	msg  []byte
	sum  [sha256.Size]byte
}

// newTokens makes tokens under one key.
func newTokens(key [32]byte) *sync.Pool {
	return &sync.Pool{New: func() any { return &tokenRoom{hash: hmac.New(sha256.New, key[:])} }}
}

// storeStatic makes the four keys and writes them.
func storeStatic(path string) error {
	b := make([]byte, staticSize-sumSize)
	copy(b, staticMagic)
	_, _ = rand.Read(b[len(staticMagic):]) // never fails: see crypto/rand
	defer clear(b)
	return replaceFile(path, withSum(b))
}

// loadStatic reads what storeStatic wrote.
func loadStatic(path string) (static, error) {
	b, err := readFile(path, staticMagic)
	if err != nil {
		return static{}, err
	}
	defer clear(b)
	if len(b) != staticSize-sumSize {
		return static{}, damaged(path, int64(len(b)), "its length is wrong")
	}
	b = b[len(staticMagic):]
	return static{
		id: [32]byte(b[0:32]), pin: [32]byte(b[32:64]),
		token: [32]byte(b[64:96]), receipt: [16]byte(b[96:112]),
	}, nil
}
