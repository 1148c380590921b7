package pin

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Bounds of a sealed PIN. Every sealed PIN has the same length, so that nobody
// learns from it how many digits there are.
const (
	SealedSize = gcmNonce + plainSize + gcmTag
	MaxNumber  = 32 // bytes of the MSISDN a PIN is bound to

	gcmNonce  = 12
	gcmTag    = 16
	plainSize = 1 + MaxDigits
)

// sealDomain keeps a sealed PIN apart from anything else under the same key.
const sealDomain = "mlango/pin/seal/1"

var (
	// ErrSealed says that a sealed PIN does not open: other key, other MSISDN,
	// other id, or changed bytes. It does not say which.
	ErrSealed = errors.New("pin: the sealed PIN does not open")
	// ErrNumber says that the MSISDN to bind to is too long.
	ErrNumber = errors.New("pin: the number to bind a PIN to is too long")
)

// Key is a seal key as the ledger's vault hands it out.
type Key struct {
	ID      uint32
	Secret  [32]byte
	Expires int64 // ms; nothing sealed under it opens after that
}

// Format tells the key's id and nothing else, for every verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// String tells the key's id and nothing else.
func (k Key) String() string { return fmt.Sprintf("seal key %d %s", k.ID, stars) }

// LogValue tells the key's id and nothing else.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText tells the key's id and nothing else: keys travel by name, field by
// field, never because somebody printed a struct.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Sealer seals and opens under one key, made ready once: that costs as much as a
// seal. Whoever destroys the key lets go of it. Many goroutines may use it.
type Sealer struct {
	key  uint32
	aead cipher.AEAD
}

// NewSealer makes a key ready: AES-256-GCM with a random nonce in front of what it
// seals. A key is used for an hour, far below the 2³² seals a random nonce is good
// for.
func NewSealer(k Key) (*Sealer, error) {
	block, err := aes.NewCipher(k.Secret[:])
	if err != nil {
		return nil, fmt.Errorf("pin: cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("pin: cipher: %w", err)
	}
	return &Sealer{key: k.ID, aead: aead}, nil
}

// Seal encrypts p, bound to the MSISDN that typed it and to the id of the wish it
// confirms: on any other wish it does not open.
func (s *Sealer) Seal(p PIN, msisdn string, id [16]byte) ([]byte, error) {
	if p.IsZero() {
		return nil, ErrNotPIN
	}
	var room [boundMost]byte
	bound, err := binding(room[:0], s.key, msisdn, id)
	if err != nil {
		return nil, err
	}
	var plain [plainSize]byte
	d := p.digits()
	plain[0] = d.n
	copy(plain[1:], d.typ[:])
	sealed := s.aead.Seal(make([]byte, 0, SealedSize), nil, plain[:], bound)
	clear(plain[:])
	return sealed, nil
}

// Open decrypts what Seal made. Every way in which it can fail is ErrSealed.
func (s *Sealer) Open(sealed []byte, msisdn string, id [16]byte) (PIN, error) {
	if len(sealed) != SealedSize {
		return PIN{}, ErrSealed
	}
	var room [boundMost]byte
	bound, err := binding(room[:0], s.key, msisdn, id)
	if err != nil {
		return PIN{}, ErrSealed
	}
	var opened [plainSize]byte
	plain, err := s.aead.Open(opened[:0], nil, sealed, bound)
	if err != nil {
		return PIN{}, ErrSealed
	}
	defer clear(plain)
	return unpack(plain)
}

// Seal is Sealer.Seal for those who use a key once.
func Seal(k Key, p PIN, msisdn string, id [16]byte) ([]byte, error) {
	s, err := NewSealer(k)
	if err != nil {
		return nil, err
	}
	return s.Seal(p, msisdn, id)
}

// Open is Sealer.Open for those who use a key once.
func Open(k Key, sealed []byte, msisdn string, id [16]byte) (PIN, error) {
	s, err := NewSealer(k)
	if err != nil {
		return PIN{}, err
	}
	return s.Open(sealed, msisdn, id)
}

// unpack trusts nobody, not even the holder of the key: what is inside must be a
// PIN that Parse could have made.
func unpack(plain []byte) (PIN, error) {
	n := int(plain[0])
	if n > MaxDigits {
		return PIN{}, ErrSealed
	}
	for _, b := range plain[1+n:] {
		if b != 0 {
			return PIN{}, ErrSealed
		}
	}
	p, err := Parse(string(plain[1 : 1+n]))
	if err != nil {
		return PIN{}, ErrSealed
	}
	return p, nil
}

// boundMost is the bytes of the longest binding.
const boundMost = len(sealDomain) + 4 + 1 + MaxNumber + 16

// binding is what a sealed PIN is bound to; each part is of known length or has
// its length before it, so no two bindings read the same.
func binding(b []byte, key uint32, msisdn string, id [16]byte) ([]byte, error) {
	if len(msisdn) > MaxNumber {
		return nil, ErrNumber
	}
	b = append(b, sealDomain...)
	b = binary.BigEndian.AppendUint32(b, key)
	b = append(b, byte(len(msisdn)))
	b = append(b, msisdn...)
	return append(b, id[:]...), nil
}
