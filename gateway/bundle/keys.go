package bundle

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Approvals is how many persons sign a bundle before a gateway runs it.
const Approvals = 2

// How keys are written.
const (
	publicPrefix = "ed25519:"
	keyType      = "MLANGO APPROVER KEY"
	keyPerson    = "Person"
	maxKeyFile   = 4 << 10
)

// Why a key or a signature is none.
var (
	ErrNoKey   = errors.New("bundle: that is no approver's key")
	ErrNotHers = errors.New("bundle: the signature is not that of an approver this gateway knows")
)

// tablePerson is what a person's name looks like.
var tablePerson = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{0,31}$`)

// Approver is a person who may sign, by her public key.
type Approver struct {
	Person string
	Public ed25519.PublicKey
}

// Key is an approver with her private key.
type Key struct {
	Approver
	private ed25519.PrivateKey
}

// Signature is an approver's word for one bundle.
type Signature struct {
	Person string    `json:"person"`
	Sig    []byte    `json:"sig"`
	At     time.Time `json:"at"`
}

// NewApprover reads a person's public key as a configuration has it.
func NewApprover(person, public string) (Approver, error) {
	raw, isKey := strings.CutPrefix(public, publicPrefix)
	key, err := base64.StdEncoding.DecodeString(raw)
	if !isKey || err != nil || len(key) != ed25519.PublicKeySize || !tablePerson.MatchString(person) {
		return Approver{}, ErrNoKey
	}
	return Approver{person, key}, nil
}

// Text is the public key as a configuration has it.
func (a Approver) Text() string { return publicPrefix + base64.StdEncoding.EncodeToString(a.Public) }

// MakeKey makes a person's key at random and writes it into a file that only its
// owner reads. A file that is there is not touched.
func MakeKey(path, person string) (Key, error) {
	if !tablePerson.MatchString(person) {
		return Key{}, fmt.Errorf("%w: a person is 1 to 32 of a-z, 0-9, dot, - and _", ErrNoKey)
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return Key{}, fmt.Errorf("bundle: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return Key{}, fmt.Errorf("bundle: %w", err)
	}
	err = pem.Encode(f, &pem.Block{Type: keyType, Headers: map[string]string{keyPerson: person}, Bytes: private.Seed()})
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return Key{}, errors.Join(fmt.Errorf("bundle: %w", err), os.Remove(path))
	}
	return Key{Approver{person, public}, private}, nil
}

// ReadKey reads what MakeKey wrote.
func ReadKey(path string) (Key, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Key{}, fmt.Errorf("bundle: %w", err)
	}
	if info.Size() > maxKeyFile {
		return Key{}, fmt.Errorf("%w: %s", ErrNoKey, path)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return Key{}, fmt.Errorf("bundle: %w", err)
	}
	block, _ := pem.Decode(raw)
	if block == nil || block.Type != keyType || len(block.Bytes) != ed25519.SeedSize || !tablePerson.MatchString(block.Headers[keyPerson]) {
		return Key{}, fmt.Errorf("%w: %s", ErrNoKey, path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Key{}, fmt.Errorf("%w: %s can be read by others – chmod 600 it", ErrNoKey, path)
	}
	private := ed25519.NewKeyFromSeed(block.Bytes)
	return Key{Approver{block.Headers[keyPerson], private.Public().(ed25519.PublicKey)}, private}, nil
}

// Sign is the person's word for a bundle.
func (k Key) Sign(h Hash, at time.Time) Signature {
	return Signature{Person: k.Person, Sig: ed25519.Sign(k.private, signed(h, k.Person)), At: at}
}

// signed is what a signature is over: nothing else that such a key signs looks so.
func signed(h Hash, person string) []byte {
	return fmt.Appendf(nil, "mlango bundle 1\n%s\n%s\n", h, person)
}

// Approvers are those whose signatures a gateway takes.
type Approvers []Approver

// Holds tells whether a signature is an approver's, for that bundle.
func (all Approvers) Holds(h Hash, s Signature) bool {
	for _, a := range all {
		if a.Person == s.Person && len(a.Public) == ed25519.PublicKeySize {
			return ed25519.Verify(a.Public, signed(h, s.Person), s.Sig)
		}
	}
	return false
}

// Signed are the persons who signed a bundle, each once, each with a key of her own.
func (all Approvers) Signed(h Hash, sigs []Signature) (persons []string) {
	var keys [][]byte
	for _, a := range all {
		for _, s := range sigs {
			if s.Person == a.Person && all.Holds(h, s) && !has(keys, a.Public) {
				keys, persons = append(keys, a.Public), append(persons, a.Person)
				break
			}
		}
	}
	return persons
}

func has(keys [][]byte, key []byte) bool {
	for _, k := range keys {
		if bytes.Equal(k, key) {
			return true
		}
	}
	return false
}

// DemoKeys are two keys of a data folder's own, made when they are not there: they
// sign what is saved while a menu is tried out. Nobody stands behind them.
func DemoKeys(dir string) ([]Key, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	var out []Key
	for _, person := range []string{"demo-1", "demo-2"} {
		path := demoPath(dir, person)
		k, err := ReadKey(path)
		if errors.Is(err, fs.ErrNotExist) {
			k, err = MakeKey(path, person)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, nil
}

func demoPath(dir, person string) string { return filepath.Join(dir, person+".key") }

// IsDemo tells whether an approver is a data folder's own: production takes none.
func IsDemo(dir string, a Approver) bool {
	for _, person := range []string{"demo-1", "demo-2"} {
		if k, err := ReadKey(demoPath(dir, person)); err == nil && bytes.Equal(k.Public, a.Public) {
			return true
		}
	}
	return strings.HasPrefix(a.Person, "demo-")
}
