package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
)

// MaxRef is the longest reference that is sealed, in bytes.
const MaxRef = 20

const (
	refNonce    = 12
	refOverhead = refNonce + 16 // and the tag
)

// refDomain keeps the key of references apart from the person's own.
const refDomain = "mlango/vault/ref/1"

// ErrRef says that a sealed reference does not open: another's, or changed bytes; or
// that one is too long to seal.
var ErrRef = errors.New("vault: the reference cannot be sealed or opened")

// SealRef seals what names a payer at a payee under the payer's key, bound to the
// payment's id. The same reference of the same payment is sealed to the same bytes,
// whoever does it: they are a part of what the id stands for.
func (v *Vault) SealRef(account uint64, id [16]byte, ref string) ([]byte, error) {
	if ref == "" || len(ref) > MaxRef {
		return nil, ErrRef
	}
	aead, mac, err := v.refSealer(account)
	if err != nil {
		return nil, err
	}
	nonce := hmac.New(sha256.New, mac)
	nonce.Write(id[:])
	nonce.Write([]byte(ref))
	sealed := nonce.Sum(make([]byte, 0, sha256.Size+refOverhead+len(ref)))[:refNonce]
	return aead.Seal(sealed, sealed, []byte(ref), id[:]), nil
}

// OpenRef opens what SealRef sealed. ErrForgotten when the payer was erased.
func (v *Vault) OpenRef(account uint64, id [16]byte, sealed []byte) (string, error) {
	if len(sealed) <= refOverhead || len(sealed) > refOverhead+MaxRef {
		return "", ErrRef
	}
	aead, _, err := v.refSealer(account)
	if err != nil {
		return "", err
	}
	plain, err := aead.Open(nil, sealed[:refNonce], sealed[refNonce:], id[:])
	if err != nil {
		return "", ErrRef
	}
	return string(plain), nil
}

// refSealer is AES-256-GCM, and a key for its nonces, both made of the account's key.
func (v *Vault) refSealer(account uint64) (aead cipher.AEAD, mac []byte, err error) {
	v.mu.RLock()
	key, err := v.people.key(account)
	v.mu.RUnlock()
	if err != nil {
		return nil, nil, err
	}
	derive := func(what string) []byte {
		h := hmac.New(sha256.New, key[:])
		h.Write([]byte(refDomain + what))
		return h.Sum(nil)
	}
	seal, mac := derive("/seal"), derive("/nonce")
	clear(key[:])
	block, err := aes.NewCipher(seal)
	clear(seal)
	if err == nil {
		aead, err = cipher.NewGCM(block)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("vault: cipher: %w", err)
	}
	return aead, mac, nil
}
