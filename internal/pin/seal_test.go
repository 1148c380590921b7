package pin

import (
	"bytes"
	"crypto/rand"
	"errors"
	"testing"
)

const number = "254722000001"

var (
	tableKey = Key{ID: 3, Secret: [32]byte{1, 2, 3}}
	tableID  = [16]byte{9, 8, 7}
)

// same tells whether two PINs are, the way anybody can.
func same(a, b PIN) bool {
	return Equal(MAC([32]byte{5}, 1, [16]byte{}, a), MAC([32]byte{5}, 1, [16]byte{}, b))
}

func TestSealedOpensAndLooksAlike(t *testing.T) {
	seen := map[string]bool{}
	for _, typed := range []string{"0000", "4826", "48260", "482600", "123456"} {
		for range 20 {
			p := mustPIN(t, typed)
			sealed, err := Seal(tableKey, p, number, tableID)
			if err != nil || len(sealed) != SealedSize || SealedSize > 64 || seen[string(sealed)] || bytes.Contains(sealed, []byte(typed)) {
				t.Fatalf("%d bytes, seen %v, %v", len(sealed), seen[string(sealed)], err)
			}
			seen[string(sealed)] = true
			got, err := Open(tableKey, sealed, number, tableID)
			if err != nil || !same(got, p) {
				t.Fatal(err)
			}
		}
	}
}

func TestSealedOpensOnlyWhereItBelongs(t *testing.T) {
	sealed, err := Seal(tableKey, mustPIN(t, secret), number, tableID)
	if err != nil {
		t.Fatal(err)
	}
	otherID, otherSecret := tableKey, tableKey
	otherID.ID++
	otherSecret.Secret[31] ^= 1
	for name, open := range map[string]func() (PIN, error){
		"other id":         func() (PIN, error) { return Open(tableKey, sealed, number, [16]byte{9, 8, 6}) },
		"other number":     func() (PIN, error) { return Open(tableKey, sealed, "254722000002", tableID) },
		"no number":        func() (PIN, error) { return Open(tableKey, sealed, "", tableID) },
		"long number":      func() (PIN, error) { return Open(tableKey, sealed, string(make([]byte, 300)), tableID) },
		"other key id":     func() (PIN, error) { return Open(otherID, sealed, number, tableID) },
		"other key":        func() (PIN, error) { return Open(otherSecret, sealed, number, tableID) },
		"nothing":          func() (PIN, error) { return Open(tableKey, nil, number, tableID) },
		"one byte less":    func() (PIN, error) { return Open(tableKey, sealed[1:], number, tableID) },
		"one byte more":    func() (PIN, error) { return Open(tableKey, append(bytes.Clone(sealed), 0), number, tableID) },
		"number and id, 1": func() (PIN, error) { return Open(tableKey, sealed, number+"\x09", tableID) },
	} {
		if p, err := open(); !errors.Is(err, ErrSealed) || !p.IsZero() {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 0x10
		if _, err := Open(tableKey, bad, number, tableID); !errors.Is(err, ErrSealed) {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
	if _, err := Seal(tableKey, mustPIN(t, secret), string(make([]byte, MaxNumber+1)), tableID); !errors.Is(err, ErrNumber) {
		t.Error(err)
	}
}

// TestWhatIsInsideMustBeAPIN: even a holder of the key cannot pass anything else.
func TestWhatIsInsideMustBeAPIN(t *testing.T) {
	for _, plain := range [][]byte{
		{3, '1', '2', '3', 0, 0, 0}, {7, '1', '2', '3', '4', '5', '6'}, {255, 0, 0, 0, 0, 0, 0},
		{4, '1', '2', '3', 'x', 0, 0}, {4, '1', '2', '3', '4', '5', 0}, {0, 0, 0, 0, 0, 0, 0},
	} {
		if p, err := unpack(plain); !errors.Is(err, ErrSealed) || !p.IsZero() {
			t.Errorf("%v: %v", plain, err)
		}
	}
}

func TestMACDependsOnEverything(t *testing.T) {
	base := func() [32]byte { return MAC([32]byte{1}, 2, [16]byte{3}, mustPIN(t, secret)) }
	for name, mac := range map[string][32]byte{
		"key":     MAC([32]byte{9}, 2, [16]byte{3}, mustPIN(t, secret)),
		"account": MAC([32]byte{1}, 9, [16]byte{3}, mustPIN(t, secret)),
		"salt":    MAC([32]byte{1}, 2, [16]byte{9}, mustPIN(t, secret)),
		"PIN":     MAC([32]byte{1}, 2, [16]byte{3}, mustPIN(t, "4827")),
		"length":  MAC([32]byte{1}, 2, [16]byte{3}, mustPIN(t, "48260")),
		"none":    MAC([32]byte{1}, 2, [16]byte{3}, PIN{}),
	} {
		if Equal(mac, base()) {
			t.Errorf("another %s, the same MAC", name)
		}
	}
	if !Equal(base(), base()) {
		t.Error("the same again is not equal")
	}
}

func FuzzOpen(f *testing.F) {
	sealed, err := Seal(tableKey, mustPIN(f, secret), number, tableID)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed, number)
	f.Add([]byte{}, "")
	// What opens is a PIN, and opens for nobody else and not with a bit changed.
	f.Fuzz(func(t *testing.T, b []byte, msisdn string) {
		p, err := Open(tableKey, b, msisdn, tableID)
		if err != nil {
			return
		}
		if _, err := Open(tableKey, b, msisdn+"0", tableID); p.IsZero() || err == nil {
			t.Errorf("%x opens to no PIN, or for another number", b)
		}
		for i := range b {
			bad := bytes.Clone(b)
			bad[i] ^= 1
			if _, err := Open(tableKey, bad, msisdn, tableID); err == nil {
				t.Errorf("%x opens with byte %d changed", b, i)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("4826")
	f.Fuzz(func(t *testing.T, typed string) {
		p, err := Parse(typed)
		if err != nil {
			return
		}
		sealed, err := Seal(tableKey, p, number, tableID)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Open(tableKey, sealed, number, tableID); err != nil || !same(got, p) {
			t.Fatal(err)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	p := mustPIN(b, secret)
	for b.Loop() {
		if _, err := Seal(tableKey, p, number, tableID); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	sealed, err := Seal(tableKey, mustPIN(b, secret), number, tableID)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Open(tableKey, sealed, number, tableID); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMAC(b *testing.B) {
	var salt [16]byte
	_, _ = rand.Read(salt[:])
	p := mustPIN(b, secret)
	for b.Loop() {
		_ = MAC(tableKey.Secret, 7, salt, p)
	}
}
