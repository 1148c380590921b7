package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
)

// Bounds of what is sealed about a person.
const (
	MaxName   = 40 // bytes
	MaxNumber = 15 // digits of an MSISDN

	personOverhead = 12 + 1 + 16 // nonce, length of the name, tag
	// MaxPersonSealed is the longest that SealPerson returns.
	MaxPersonSealed = personOverhead + MaxName + MaxNumber
)

// personDomain keeps a sealed person apart from anything else under the key.
const personDomain = "mlango/vault/person/1"

var (
	// ErrPerson says that a sealed person does not open: another account's, or
	// changed bytes.
	ErrPerson = errors.New("vault: the sealed person does not open")
	// ErrPersonLong says that a name or number is too long to seal.
	ErrPersonLong = errors.New("vault: name or number too long")
)

// AddPeople makes a key for each account that has none. They are durable when it
// returns, with one sync for all: nothing may be journaled under a key that a
// power cut could still take.
func (v *Vault) AddPeople(accounts ...uint64) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.people.grow(accounts)
}

// Knows tells whether the account ever had a key, forgotten since or not.
func (v *Vault) Knows(account uint64) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	e, _ := v.people.find(account)
	return e != nil
}

// Forgotten tells whether the account's key was destroyed.
func (v *Vault) Forgotten(account uint64) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	key, err := v.people.key(account)
	clear(key[:])
	return errors.Is(err, ErrForgotten)
}

// SealPerson seals name and number under the account's key. AddPeople comes
// first.
func (v *Vault) SealPerson(account uint64, name, number string) ([]byte, error) {
	if len(name) > MaxName || len(number) > MaxNumber {
		return nil, ErrPersonLong
	}
	aead, err := v.personSealer(account)
	if err != nil {
		return nil, err
	}
	plain := make([]byte, 0, 1+MaxName+MaxNumber)
	plain = append(plain, byte(len(name)))
	plain = append(plain, name...)
	plain = append(plain, number...)
	return aead.Seal(nil, nil, plain, personBinding(account)), nil
}

// OpenPerson opens what SealPerson sealed for the account. ErrForgotten when the
// person was erased.
func (v *Vault) OpenPerson(account uint64, sealed []byte) (name, number string, err error) {
	if len(sealed) < personOverhead || len(sealed) > MaxPersonSealed {
		return "", "", ErrPerson
	}
	aead, err := v.personSealer(account)
	if err != nil {
		return "", "", err
	}
	plain, err := aead.Open(nil, nil, sealed, personBinding(account))
	if err != nil {
		return "", "", ErrPerson
	}
	n := int(plain[0])
	if 1+n > len(plain) {
		return "", "", ErrPerson
	}
	return string(plain[1 : 1+n]), string(plain[1+n:]), nil
}

// Forget destroys the account's key, on disk before in memory. What was sealed
// under it never opens again, here or in any copy of the journal; the journal's
// chain still holds. Forgetting twice is no error.
func (v *Vault) Forget(account uint64) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.people.forget(account)
}

// personSealer is AES-256-GCM under the account's key.
func (v *Vault) personSealer(account uint64) (cipher.AEAD, error) {
	v.mu.RLock()
	key, err := v.people.key(account)
	v.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key[:])
	clear(key[:])
	if err != nil {
		return nil, fmt.Errorf("vault: cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("vault: cipher: %w", err)
	}
	return aead, nil
}

func personBinding(account uint64) []byte {
	b := append(make([]byte, 0, len(personDomain)+8), personDomain...)
	return binary.BigEndian.AppendUint64(b, account)
}
