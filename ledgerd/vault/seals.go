package vault

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
)

// The life of a seal key, in milliseconds: it seals PINs for an hour, and is
// destroyed when the last order that was sealed under it has expired.
const (
	SealWindow = 60 * 60 * 1000
	OrderLife  = 120 * 1000 // longest life of an order after its PIN hop
	SealSlack  = 30 * 1000  // a gateway's clock may be behind ours by this much
	maxSeals   = 8          // on disk; two in use and those that wait for their orders
)

// The seals file: magic and version, the next id, a count, the keys, a checksum.
const (
	sealsMagic  = "MLVSEAL1"
	sealsHeader = len(sealsMagic) + 4 + 4
	sealSize    = 4 + 32 + 8 + 8 + 8
)

// ErrNoSeal says that a seal key was never made or is destroyed.
var ErrNoSeal = errors.New("vault: no such seal key")

// Seal is one key PINs are sealed under on their way to the judge. Instants are
// milliseconds since the Unix epoch.
type Seal struct {
	ID      uint32
	Secret  [32]byte
	From    int64 // gateways seal under it from here
	Until   int64 // to here
	Expires int64 // then it is destroyed, and what it sealed never opens
}

// Format tells the key's id and nothing else, for every verb.
func (k Seal) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "seal key %d", k.ID) }

// seals are the seal keys, oldest first; the last is the next one.
type seals struct {
	nextID uint32
	keys   []Seal
}

// Seals hands out the key in use at now and the one after it, so that a gateway
// can go on sealing for an hour while no ledger answers. Call Rotate first.
func (v *Vault) Seals(now int64) (current, next Seal, err error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	for i, k := range v.seals.keys {
		if i+1 < len(v.seals.keys) && now < k.Until { // a clock that went back still finds one
			return k, v.seals.keys[i+1], nil
		}
	}
	return Seal{}, Seal{}, fmt.Errorf("%w: none is in use; rotate first", ErrNoSeal)
}

// Seal finds the key with that id; ErrNoSeal once it has expired.
func (v *Vault) Seal(id uint32, now int64) (Seal, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	for _, k := range v.seals.keys {
		if k.ID == id && now < k.Expires {
			return k, nil
		}
	}
	return Seal{}, ErrNoSeal
}

// Rotate makes the keys that are due at now and destroys those whose last order
// has expired. It tells whether anything changed; gateways then ask again. Once
// it returns, a destroyed key is gone from memory and from its place on disk.
func (v *Vault) Rotate(now int64) (changed bool, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.people.err != nil {
		return false, v.people.err
	}
	after := v.seals.rotated(now)
	if after.nextID == v.seals.nextID && len(after.keys) == len(v.seals.keys) {
		return false, nil
	}
	if err := storeSeals(filepath.Join(v.dir, sealsFile), after); err != nil {
		return false, err
	}
	clear(v.seals.keys)
	v.seals = after
	return true, nil
}

// rotated is what Rotate leaves: every key that still lives, one in use at now,
// and one after it.
func (s seals) rotated(now int64) seals {
	after := seals{nextID: s.nextID}
	for _, k := range s.keys {
		if now < k.Expires {
			after.keys = append(after.keys, k)
		}
	}
	from, ahead := now, 0
	for _, k := range after.keys { // a new window begins where the last one ends
		from = k.Until
		if now < k.Until {
			ahead++
		}
	}
	for ; ahead < 2; ahead++ {
		after.keys = append(after.keys, newSeal(after.nextID, from))
		after.nextID++
		from += SealWindow
	}
	return after
}

func newSeal(id uint32, from int64) Seal {
	k := Seal{ID: id, From: from, Until: from + SealWindow}
	k.Expires = k.Until + OrderLife + SealSlack
	_, _ = rand.Read(k.Secret[:]) // never fails: see crypto/rand
	return k
}

// storeSeals replaces the file and wipes the place of the old one.
func storeSeals(path string, s seals) error {
	b := make([]byte, 0, sealsHeader+len(s.keys)*sealSize+sumSize)
	defer clear(b[:cap(b)])
	b = append(b, sealsMagic...)
	b = binary.LittleEndian.AppendUint32(b, s.nextID)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(s.keys)))
	for _, k := range s.keys {
		b = binary.LittleEndian.AppendUint32(b, k.ID)
		b = append(b, k.Secret[:]...)
		b = binary.LittleEndian.AppendUint64(b, uint64(k.From))
		b = binary.LittleEndian.AppendUint64(b, uint64(k.Until))
		b = binary.LittleEndian.AppendUint64(b, uint64(k.Expires))
	}
	return replaceFile(path, withSum(b))
}

// loadSeals reads what storeSeals wrote.
func loadSeals(path string) (seals, error) {
	b, err := readFile(path, sealsMagic)
	if err != nil {
		return seals{}, err
	}
	defer clear(b)
	if len(b) < sealsHeader {
		return seals{}, damaged(path, int64(len(b)), "it is too short")
	}
	s := seals{nextID: binary.LittleEndian.Uint32(b[8:])}
	n := binary.LittleEndian.Uint32(b[12:])
	if n > maxSeals || len(b) != sealsHeader+int(n)*sealSize {
		return seals{}, damaged(path, 12, "its count does not fit its length")
	}
	for r := b[sealsHeader:]; len(r) > 0; r = r[sealSize:] {
		s.keys = append(s.keys, Seal{
			ID: binary.LittleEndian.Uint32(r), Secret: [32]byte(r[4:36]),
			From:    int64(binary.LittleEndian.Uint64(r[36:])),
			Until:   int64(binary.LittleEndian.Uint64(r[44:])),
			Expires: int64(binary.LittleEndian.Uint64(r[52:])),
		})
	}
	return s, nil
}
